import type { GuardedFetch } from '../net/guarded-fetch.ts'
import { canonicalResource } from '../oauth/resource-uri.ts'
import type { Clock } from '../runtime/clock.ts'
import { type Finding, judge, type Light, worst } from './judge.ts'
import { lookAt } from './look.ts'
import { type Proposal, propose } from './propose.ts'
import type { Resource } from './resource.ts'

/** The outcome of one test of an MCP server. */
export interface TestLight {
  readonly light: Light
  readonly findings: readonly Finding[]
  readonly at: Date
}

/** What a look at an address brought, before anything is registered. */
export interface Discovery extends Proposal {
  /** Where the document was found; undefined when there is none. */
  readonly documentUrl: string | undefined
  readonly findings: readonly Finding[]
}

/** Looks at MCP servers from outside, on an administrator's own act and never for a stranger. */
export interface ResourceInspector {
  /** Reads what a server says of itself. @returns null when the text is no acceptable address */
  discover(address: string): Promise<Discovery | null>
  /** Tests a registered server and remembers the outcome in this process. */
  test(resource: Resource): Promise<TestLight>
  /** The last outcome in this process, or undefined; one of before the last change does not count. */
  last(resource: Resource): TestLight | undefined
}

// Ours: more servers than anyone has; a test costs one click.
const mostRemembered = 500

/**
 * Makes the inspector.
 *
 * @param fetch guarded; it alone decides which hosts are contacted (threats F01–F08)
 */
export function createResourceInspector({
  fetch,
  issuer,
  clock,
}: {
  readonly fetch: GuardedFetch
  readonly issuer: string
  readonly clock: Clock
}): ResourceInspector {
  const remembered = new Map<string, TestLight>()
  return {
    async discover(address) {
      const canonical = canonicalResource(address)
      if (canonical === null) return null
      const seen = await lookAt(fetch, canonical)
      const claims = 'claims' in seen.document ? seen.document.claims : undefined
      const proposal = propose(canonical, claims)
      const { identifier, aliases = [], scopes = [] } = proposal.draft
      const unsaid = { description: '', risk: 'write', isDefault: false, tools: [] } as const
      const known = scopes.map(({ name }) => ({ ...unsaid, name }))
      return {
        ...proposal,
        documentUrl: claims === undefined ? undefined : seen.document.url,
        findings: judge({ identifier, aliases, scopes: known }, seen, issuer),
      }
    },

    async test(resource) {
      const findings = judge(resource, await lookAt(fetch, resource.identifier), issuer)
      const outcome = { light: worst(findings), findings, at: clock.now() }
      remembered.delete(resource.id)
      remembered.set(resource.id, outcome)
      const [oldest] = remembered.keys()
      if (remembered.size > mostRemembered && oldest !== undefined) remembered.delete(oldest)
      return outcome
    },

    last(resource) {
      const outcome = remembered.get(resource.id)
      return outcome !== undefined && outcome.at >= resource.updatedAt ? outcome : undefined
    },
  }
}
