// A server with a consent page of every sort.
import { startApp, type TestApp, type TestPerson } from '../support/app.ts'
import {
  askOfEachSort,
  cursorRedirect,
  documentRedirect,
  documentUrl,
  strangersWebsite,
  withDocument,
} from '../support/clients-on-show.ts'
import { connect, register } from '../support/flow.ts'

/** The server, an administrator who has connected a few clients, and addresses of consent pages of every sort. */
export interface Gallery {
  readonly app: TestApp
  readonly admin: TestPerson
  /** Title of the picture → authorization request of a client that nobody has allowed yet, or that has to ask again. */
  readonly consents: Readonly<Record<string, string>>
}

/** Starts it; close `app` in `afterAll`. */
export async function openGallery(): Promise<Gallery> {
  const app = await startApp({ adjust: withDocument })
  const admin = await app.person('ada', 'admin')
  const local = await register(app, { client_name: 'My script' })
  const known = await register(app, { client_name: 'Inspector' })
  await connect(app, admin, {}, local)
  await connect(app, admin, { scope: 'notes:read notes:write' }, local)
  await connect(app, admin, { scope: 'notes:read' }, known)
  await connect(app, admin, { redirect_uri: documentRedirect }, { ...local, client_id: documentUrl })
  const consents = await askOfEachSort(app, {
    website: { client_name: 'Claude', redirect_uris: [strangersWebsite] },
    native: { client_name: 'Cursor', redirect_uris: [cursorRedirect] },
    known,
  })
  return { app, admin, consents }
}
