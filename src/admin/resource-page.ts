import type { Client } from '../clients/client.ts'
import type { Format, Moment } from '../messages/format.ts'
import type { Messages } from '../messages/messages.ts'
import { fill } from '../messages/places.ts'
import type { Discovery, TestLight } from '../resources/inspector.ts'
import type { Finding, Light } from '../resources/judge.ts'
import { type Protection, protectionOf } from '../resources/protection.ts'
import type { Resource } from '../resources/resource.ts'
import type { PageLocals } from '../web/render.ts'
import { clientPath } from './client-list.ts'
import { type ResourceFields, resourceChoices } from './resource-form.ts'

/** A test light in words. */
export interface ShownLight {
  readonly light: Light
  readonly tone: string
  readonly at: Moment
  readonly findings: readonly ShownFinding[]
}

/** One finding in words. */
export interface ShownFinding {
  readonly code: string
  readonly tone: string
  readonly icon: 'check' | 'alert' | 'x'
  readonly words: string
}

/** A line of the list. */
export interface ResourceRow {
  readonly resource: Resource
  readonly destructive: number
  readonly light: ShownLight | undefined
  readonly lastToken: Moment | undefined
}

/** The list of MCP servers. */
export interface ResourcesPage extends PageLocals {
  readonly rows: readonly ResourceRow[]
  readonly text: string
  readonly total: number
  /** Query of the next page. */
  readonly next: string | undefined
  readonly isFirst: boolean
}

/** The first step of adding: an address. */
export interface AddPage extends PageLocals {
  readonly address: string
  readonly faults: readonly string[]
}

/** The form of one MCP server, and for a stored one everything that is known of it. */
export interface ResourcePage extends PageLocals {
  /** Undefined for a new one. */
  readonly resource: Resource | undefined
  readonly readOnly: boolean
  readonly fields: ResourceFields
  readonly choices: typeof resourceChoices
  readonly faults: readonly string[]
  readonly notice: string | undefined
  readonly found: ShownDiscovery | undefined
  readonly known: ShownFacts | undefined
}

/** What a look brought, above the form of a new server. */
export interface ShownDiscovery {
  readonly words: string
  readonly foreign: string | undefined
  readonly leftOut: string | undefined
  readonly findings: readonly ShownFinding[]
}

interface ShownFacts {
  readonly light: ShownLight | undefined
  readonly lastToken: Moment | undefined
  readonly added: Moment
  readonly changed: Moment
  readonly protection: Protection
  readonly lifetime: string
  readonly introspectors: readonly ShownIntrospector[]
}

/** A client that may ask about the server's tokens. */
interface ShownIntrospector {
  readonly claimedName: string
  readonly path: string
  readonly isBlocked: boolean
}

const tones: Readonly<Record<Light, string>> = { green: 'good', amber: 'care', red: 'stop' }
const icons = { green: 'check', amber: 'alert', red: 'x' } as const

/** Findings in the reader's language. */
export function findingWords(messages: Messages, findings: readonly Finding[]): readonly ShownFinding[] {
  return findings.map(({ code, light, values }) => ({
    code,
    tone: tones[light],
    icon: icons[light],
    words: fill(messages.adminResources.findings[code], values),
  }))
}

/** A light in the reader's language. */
export function shownLight(
  messages: Messages,
  format: Format,
  outcome: TestLight | undefined,
  now: Date,
): ShownLight | undefined {
  if (outcome === undefined) return undefined
  const { light, findings, at } = outcome
  return { light, tone: tones[light], at: format.relative(at, now), findings: findingWords(messages, findings) }
}

/** What was found at an address, in words. */
export function discoveryWords(messages: Messages, found: Discovery): ShownDiscovery {
  const { add } = messages.adminResources
  return {
    words: found.documentUrl === undefined ? add.notFound : fill(add.found, { address: found.documentUrl }),
    foreign: found.foreign === undefined ? undefined : fill(add.foreign, { resource: found.foreign }),
    leftOut:
      found.leftOut.length === 0 ? undefined : fill(add.leftOut, { scopes: found.leftOut.slice(0, 20).join(' ') }),
    findings: findingWords(messages, found.findings),
  }
}

/** The page of one server, new or stored. */
export function resourcePage(
  { messages, format }: { readonly messages: Messages; readonly format: Format },
  given: {
    readonly resource?: Resource
    readonly fields: ResourceFields
    readonly faults?: readonly string[]
    readonly notice?: string
    readonly found?: Discovery
    readonly light?: TestLight
    readonly lastToken?: Date
    readonly introspectors?: readonly Client[]
    readonly issuer: string
    readonly now: Date
  },
): ResourcePage {
  const { resource, fields, faults = [], notice, found, light, lastToken, introspectors = [], issuer, now } = given
  return {
    title: resource === undefined ? messages.adminResources.add.heading : resource.name,
    page: 'resource',
    area: 'admin',
    resource,
    readOnly: resource?.origin === 'file',
    fields,
    choices: resourceChoices,
    faults,
    notice,
    found: found && discoveryWords(messages, found),
    known: resource && {
      light: shownLight(messages, format, light, now),
      lastToken: lastToken && format.relative(lastToken, now),
      added: format.date(resource.createdAt),
      changed: format.date(resource.updatedAt),
      protection: protectionOf(resource, issuer),
      lifetime: format.duration(resource.tokenLifetimeSeconds),
      introspectors: introspectors.map(({ claimedName, id, state }) => ({
        ...{ claimedName, path: clientPath(id) },
        isBlocked: state === 'blocked',
      })),
    },
  }
}
