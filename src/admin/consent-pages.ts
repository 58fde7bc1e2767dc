import type Router from '@koa/router'
import type { AccountStore } from '../accounts/store.ts'
import type { ClientStore } from '../clients/store.ts'
import type { ConsentDirectory, ConsentSearch } from '../consent/directory/store.ts'
import { type RevocationDesk, revokeConsent } from '../consent/revoke.ts'
import type { ConsentStore } from '../consent/store.ts'
import type { ResourceStore } from '../resources/store.ts'
import { AppError } from '../runtime/app-error.ts'
import { readForm } from '../web/body.ts'
import { seeOther } from '../web/context.ts'
import { type ConsentQuery, consentDetailPage, consentsPage, readConsentQuery } from './consent-page.ts'
import { authorOf } from './console.ts'
import { personOf } from './names/person.ts'

/** What the pages about consents need. */
export interface AdminConsentsDeps {
  readonly consentDirectory: ConsentDirectory
  readonly consents: Pick<ConsentStore, 'find' | 'grantIdsOf'>
  readonly revocation: RevocationDesk
  readonly accounts: Pick<AccountStore, 'find' | 'findByEmail'>
  readonly clients: Pick<ClientStore, 'find'>
  readonly resources: { readonly store: Pick<ResourceStore, 'list'> }
}

const pageSize = 50
/** Ours: how long a page may look for what few consents fit. */
const searchMilliseconds = 400

/** Serves `/admin/consents`: who allowed what, and taking it back. A member gets 404, also on posts (G21). */
export function consentPages(router: Router, deps: AdminConsentsDeps): void {
  router.get('/consents', async (ctx) => {
    const query = readConsentQuery(ctx.URL.searchParams)
    const search = await searchOf(deps, query)
    const nothing = { consents: [], next: undefined, isCut: false }
    const [found, count, resources] = await Promise.all([
      search === null
        ? nothing
        : deps.consentDirectory.list({ ...search, after: query.after }, pageSize, searchMilliseconds),
      search === null ? 0 : deps.consentDirectory.count(search),
      deps.resources.store.list(),
    ])
    const done = (['revoked', 'revoked-before'] as const).find((one) => one === ctx.URL.searchParams.get('done'))
    const { format, messages, render } = ctx.state
    const facts = { query, found, count, resources, noPerson: search === null, done }
    render(ctx, 'admin/consents', consentsPage(messages, format, facts))
  })

  router.get('/consents/:id', async (ctx) => {
    const consent = await found(deps, ctx.params.id ?? '')
    const [person, client, resources, grantIds] = await Promise.all([
      deps.accounts.find(consent.accountId),
      deps.clients.find(consent.clientId),
      deps.resources.store.list(),
      deps.consents.grantIdsOf(consent.id),
    ])
    const resource = resources.find(({ id }) => id === consent.resourceId)
    const entry = {
      ...consent,
      email: person?.email,
      claimedName: client?.claimedName,
      resourceName: resource?.name,
      resourceIdentifier: resource?.identifier,
    }
    const facts = { consent: entry, client, resource, connections: grantIds.length }
    ctx.state.render(ctx, 'admin/consents-one', consentDetailPage(ctx.state.messages, ctx.state.format, facts))
  })

  router.post('/consents/revoke', async (ctx) => {
    const consent = await found(deps, (await readForm(ctx)).get('consent') ?? '')
    const revoked = await revokeConsent(deps.revocation, consent, authorOf(ctx))
    seeOther(ctx, `/admin/consents?done=${revoked ? 'revoked' : 'revoked-before'}`)
  })
}

async function found(deps: AdminConsentsDeps, id: string) {
  const consent = await deps.consents.find(id)
  if (consent !== null) return consent
  throw new AppError('not_found', 404, 'There is no such consent. It may have ended already.', {
    words: 'consent_not_found',
  })
}

/** The search behind a filter; null when it names a person who is not there. */
async function searchOf(deps: AdminConsentsDeps, query: ConsentQuery): Promise<ConsentSearch | null> {
  const accountId = query.account === '' ? undefined : await personOf(deps.accounts, query.account)
  if (accountId === null) return null
  return {
    accountId,
    clientId: query.client || undefined,
    resourceId: query.server || undefined,
    scope: query.scope || undefined,
    withRevoked: query.withRevoked,
  }
}
