import { AppError } from '../../runtime/app-error.ts'
import { type ClientAuthor, type ClientDesk, changeable } from '../change.ts'
import type { Client } from '../client.ts'
import { introspectedOf } from './introspects.ts'
import { introspectsStatement } from './store.ts'

/**
 * Says about the tokens of which MCP servers a client may ask, instead of those so far. What it may have itself stays as it is.
 *
 * @param texts identifiers of MCP servers; none: it may ask about its own tokens alone
 * @returns the client as it is now
 * Writes the client and the event `client.introspection_changed`; nothing when it says the same.
 * @throws AppError `not_found` (404), `set_by_file`, `client_state` (409), `invalid_client` (400)
 */
export async function setIntrospects(
  desk: Pick<ClientDesk, 'store' | 'auditStatement' | 'clock'>,
  id: string,
  texts: readonly string[],
  author: ClientAuthor,
): Promise<Client> {
  const client = await changeable(desk, id)
  if (client.origin !== 'operator') {
    throw new AppError('client_state', 409, 'Only a client that was added here may ask about tokens of others.', {
      words: 'client_introspects_origin',
    })
  }
  const introspects = introspectedOf(
    texts,
    client.metadata,
    (reason) => new AppError('invalid_client', 400, `client ${id}: ${reason}`, { words: 'client_introspects_invalid' }),
  )
  const added = introspects.filter((one) => !client.introspects.includes(one))
  const removed = client.introspects.filter((one) => !introspects.includes(one))
  if (added.length + removed.length === 0) return client
  const event = desk.auditStatement({
    ...author,
    type: 'client.introspection_changed',
    clientId: client.id,
    detail: { clientName: client.claimedName, added, removed },
  })
  if (await desk.store.decide(client.id, introspectsStatement(client, introspects, desk.clock.now()), [event])) {
    return { ...client, introspects }
  }
  throw new AppError('client_state', 409, 'This client was changed at the same moment.', {
    words: 'client_introspects_race',
  })
}
