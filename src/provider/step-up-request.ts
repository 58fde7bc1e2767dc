import type { KoaContextWithOIDC } from 'oidc-provider'
import { parseScope } from '../oauth/scope.ts'

// RFC 9470 §4 gives `acr_values` and `max_age` to every authorization request, and clients of MCP servers ask for no ID token.
// The library takes them with `openid` alone: without it they travel past its check under names of ours.
const carriers = { acr_values: 'sallyport_acr_values', max_age: 'sallyport_max_age' } as const
const shapes = { acr_values: /^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/, max_age: /^\d{1,9}$/ } as const

/** The parameters that carry them; for the library's `extraParams`, which calls `takeBack` when the others are checked. */
export const stepUpParams = { [carriers.acr_values]: takeBack, [carriers.max_age]: takeBack }

/**
 * Takes both out of a query without `openid`. What is doubled or misshapen stays, for the library to refuse.
 *
 * @returns whether the query was changed
 */
export function carryStepUp(query: URLSearchParams): boolean {
  let isChanged = false
  const withOpenid = parseScope(query.get('scope') ?? '').includes('openid')
  for (const [name, carrier] of Object.entries(carriers)) {
    // Nobody else's to send.
    isChanged = query.has(carrier) || isChanged
    query.delete(carrier)
    const [value, ...more] = query.getAll(name)
    if (withOpenid || value === undefined || more.length > 0) continue
    if (!shapes[name === 'max_age' ? 'max_age' : 'acr_values'].test(value)) continue
    query.delete(name)
    query.set(carrier, value)
    isChanged = true
  }
  return isChanged
}

/** Puts both back where the library looks for them from here on. */
function takeBack({ oidc }: KoaContextWithOIDC): void {
  const { params } = oidc
  if (params === undefined) return
  const acrValues = params[carriers.acr_values]
  const maxAge = params[carriers.max_age]
  if (typeof acrValues === 'string') params.acr_values = acrValues
  if (typeof maxAge === 'string') params.max_age = Number(maxAge)
  for (const carrier of Object.values(carriers)) params[carrier] = undefined
}
