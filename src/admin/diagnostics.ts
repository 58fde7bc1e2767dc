import type Router from '@koa/router'
import type { Context } from 'koa'
import type { AccountStore } from '../accounts/store.ts'
import type { Audit } from '../audit/record.ts'
import type { ClientStore } from '../clients/store.ts'
import type { KeyRing } from '../keys/ring.ts'
import { canonicalResource } from '../oauth/resource-uri.ts'
import type { ResourceStore } from '../resources/store.ts'
import type { Clock } from '../runtime/clock.ts'
import { field, readForm } from '../web/body.ts'
import { namesOf } from './audit-sentence.ts'
import { eventsOfRequest, recentFailures } from './diagnostics-failures.ts'
import { diagnosticsPage, type ExplainedCode, explainedCodes, tokenPage } from './diagnostics-page.ts'
import { readToken, type TokenLookups } from './diagnostics-token.ts'
import type { NameStore } from './names/store.ts'

/** What the pages of diagnostics need. */
export interface AdminDiagnosticsDeps {
  readonly issuer: string
  readonly keys: Pick<KeyRing, 'keys' | 'keyset'>
  readonly accounts: Pick<AccountStore, 'find'>
  readonly clients: Pick<ClientStore, 'find'>
  readonly grantOf: TokenLookups['grantOf']
  readonly audit: Pick<Audit, 'list' | 'search'>
  readonly names: NameStore
  readonly resources: { readonly store: Pick<ResourceStore, 'list'> }
  readonly clock: Clock
}

const perKind = 15
/** Ours: how long a page may look for the id of a request, which no index holds. */
const searchMilliseconds = 800

/** Serves `/admin/diagnostics`: read a token, explain a code, what failed lately. A member gets 404 (G21). */
export function diagnosticsPages(router: Router, deps: AdminDiagnosticsDeps): void {
  router.get('/diagnostics', async (ctx) => {
    const query = ctx.URL.searchParams
    const request = (query.get('request') ?? '')
      .replaceAll(/\p{Cc}/gu, '')
      .trim()
      .slice(0, 100)
    const found =
      request === ''
        ? { events: await recentFailures(deps.audit, deps.clock.now(), perKind), next: undefined, isCut: false }
        : await eventsOfRequest(
            deps.audit,
            request,
            query.get('before')?.replaceAll(/\p{Cc}/gu, ''),
            searchMilliseconds,
          )
    const names = await namesOf(deps.names, found.events, await deps.resources.store.list())
    const { format, messages, render } = ctx.state
    render(ctx, 'admin/diagnostics', diagnosticsPage(messages, format, { ...names, found, request }))
  })

  router.post('/diagnostics/token', async (ctx) => {
    // Not kept, not logged, not put back into the form: whoever holds it is its bearer (K12).
    const now = deps.clock.now()
    const reading = await readToken(field(await readForm(ctx), 'token'), lookupsOf(deps), now)
    ctx.state.render(ctx, 'admin/diagnostics-token', tokenPage(ctx.state.messages, ctx.state.format, reading, now))
  })

  router.get('/diagnostics/codes', (ctx) => {
    const code = (ctx.URL.searchParams.get('code') ?? '').trim().toLowerCase().slice(0, 100)
    showCodes(ctx, explainedCodes(ctx.state.messages), code)
  })
}

function lookupsOf({ issuer, keys, accounts, clients, resources, grantOf }: AdminDiagnosticsDeps): TokenLookups {
  return {
    issuer,
    publicKeys: () => keys.keyset().published.keys,
    keys: keys.keys,
    async findResource(identifier) {
      // As the registry finds it: by the canonical spelling, aliases included.
      const spelling = canonicalResource(identifier)
      const all = await resources.store.list()
      return all.find((one) => spelling !== null && [one.identifier, ...one.aliases].includes(spelling)) ?? null
    },
    findClient: clients.find,
    findAccount: accounts.find,
    grantOf,
  }
}

function showCodes(ctx: Context, all: readonly ExplainedCode[], code: string): void {
  const found = all.find((one) => one.code === code)
  ctx.state.render(ctx, 'admin/diagnostics-codes', {
    title: ctx.state.messages.diagnostics.codes.heading,
    page: 'diagnostics-codes',
    area: 'admin',
    codes: found === undefined ? all : [found],
    code,
    isOne: found !== undefined,
    isUnknown: code !== '' && found === undefined,
  })
}
