import type Router from '@koa/router'
import { type Doctor, serverAddress, withoutCredentials } from '../doctor/doctor.ts'
import type { ResourceStore } from '../resources/store.ts'
import { field, readForm } from '../web/body.ts'
import { doctorPage } from './doctor-page.ts'

/** What the page of the doctor needs. */
export interface AdminDoctorDeps {
  readonly doctor: Doctor
  readonly resources: { readonly store: Pick<ResourceStore, 'list'> }
}

/** Serves `/admin/diagnostics/doctor`. Nothing is fetched but on a post: a link that somebody sends must not make this server go out. */
export function doctorPages(router: Router, { doctor, resources }: AdminDoctorDeps): void {
  const known = async () => (await resources.store.list()).map(({ identifier }) => identifier)

  router.get('/diagnostics/doctor', async (ctx) => {
    const address = serverAddress(ctx.URL.searchParams.get('address') ?? '') ?? ''
    const { messages, render } = ctx.state
    render(ctx, 'admin/doctor', doctorPage(messages, { address, isRegistering: false, known: await known() }))
  })

  router.post('/diagnostics/doctor', async (ctx) => {
    const form = await readForm(ctx)
    const given = field(form, 'address').slice(0, 2048)
    const isRegistering = form.get('register') === 'yes'
    const address = serverAddress(given)
    const report = address === null ? undefined : await doctor.examine({ address, mayLeaveBehind: isRegistering })
    const facts = {
      address: address ?? withoutCredentials(given),
      isRegistering,
      known: await known(),
      isRefused: address === null,
    }
    const { messages, render } = ctx.state
    const page = doctorPage(messages, report === undefined ? facts : { ...facts, report })
    render(ctx, 'admin/doctor', page, address === null ? 400 : 200)
  })
}
