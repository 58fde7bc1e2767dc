import type { AuditPage, AuditRecord } from '../audit/record.ts'
import type { Format, Moment } from '../messages/format.ts'
import type { Messages } from '../messages/messages.ts'
import { fill } from '../messages/places.ts'
import type { PageLocals } from '../web/render.ts'
import { factsOf } from './audit-page.ts'
import { type AuditNames, type AuditSentence, sentenceOf } from './audit-sentence.ts'
import type { TokenMembers } from './diagnostics-compact.ts'
import { type Finding, type FindingValue, isAcceptable, type TokenReading } from './diagnostics-token.ts'

/** Cause and cure of an error code. */
export interface ExplainedCode {
  readonly code: string
  readonly cause: string
  readonly cure: string
}

/** Every code that this server has words for. */
export function explainedCodes({ diagnostics }: Messages): readonly ExplainedCode[] {
  return Object.entries(diagnostics.explained).map(([code, words]) => ({ code, ...words }))
}

/** A failure in the list. */
export interface FailureLine extends AuditSentence {
  readonly id: string
  readonly at: Moment
  readonly code: string | undefined
  readonly isExplained: boolean
  readonly facts: string
  readonly requestId: string | undefined
}

/** What the first page shows. */
export interface DiagnosticsPage extends PageLocals {
  readonly failures: readonly FailureLine[]
  readonly request: string
  readonly isCut: boolean
  readonly next: string | undefined
  readonly codes: readonly string[]
}

/** Facts of the first page. @param request id that was looked for, or empty for the last day */
export function diagnosticsPage(
  messages: Messages,
  format: Format,
  facts: AuditNames & { readonly found: AuditPage; readonly request: string },
): DiagnosticsPage {
  const codes = explainedCodes(messages).map(({ code }) => code)
  const { found, request } = facts
  return {
    title: messages.diagnostics.heading,
    page: 'diagnostics',
    area: 'admin',
    failures: found.events.map((event) => failureOf(messages, format, event, facts, codes)),
    request,
    isCut: found.isCut,
    next:
      found.isCut && found.next !== undefined
        ? `/admin/diagnostics?${new URLSearchParams({ request, before: found.next })}`
        : undefined,
    codes,
  }
}

function failureOf(
  messages: Messages,
  format: Format,
  event: AuditRecord,
  names: AuditNames,
  codes: readonly string[],
): FailureLine {
  const { error, ...rest } = event.detail
  const code = typeof error === 'string' ? error : undefined
  return {
    ...sentenceOf(messages, event, names),
    id: event.id,
    at: format.dateTime(event.at),
    code,
    isExplained: code !== undefined && codes.includes(code),
    facts: factsOf({ detail: rest })
      .map(({ name, value }) => `${name}: ${value}`)
      .join(' · '),
    requestId: event.requestId,
  }
}

/** What the page of a token shows. */
export interface TokenPage extends PageLocals {
  readonly verdict: { readonly ok: boolean; readonly words: string }
  readonly findings: readonly {
    readonly code: string
    readonly tone: Finding['tone']
    readonly toneWords: string
    readonly words: string
  }[]
  readonly header: string | undefined
  readonly claims: string | undefined
}

/** Facts of a token that was read. The token itself is not among them. */
export function tokenPage(messages: Messages, format: Format, reading: TokenReading, now: Date): TokenPage {
  const { diagnostics: words } = messages
  const ok = isAcceptable(reading)
  const { parts } = reading
  const verdict = parts === undefined ? words.token.unreadable : ok ? words.token.accept : words.token.refuse
  const tones = { stop: 0, care: 1, good: 2 } as const
  return {
    title: words.token.result,
    page: 'diagnostics-token',
    area: 'admin',
    here: '/admin/diagnostics',
    verdict: { ok, words: verdict },
    findings: [...reading.findings]
      .sort((one, other) => tones[one.tone] - tones[other.tone])
      .map((finding) => ({
        code: finding.code,
        tone: finding.tone,
        toneWords: words.token.tones[finding.tone],
        words: findingWords(messages, format, finding, now),
      })),
    header: parts && membersText(parts.header),
    claims: parts && membersText(parts.claims),
  }
}

/** One finding as a sentence. */
export function findingWords(
  { diagnostics: words }: Messages,
  format: Format,
  { code, values = {} }: Finding,
  now: Date,
): string {
  const states: Readonly<Record<string, string>> = { ...words.keyStates, ...words.clientStates }
  const text = (name: string, value: FindingValue): string => {
    if (value instanceof Date) return format.dateTime(value).words
    if (name === 'life') return format.duration(Number(value))
    if (name === 'state') return states[value] ?? String(value)
    return shown(String(value))
  }
  const written = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, text(name, value)]))
  const relative = values.moment instanceof Date ? format.relative(values.moment, now).words : ''
  return fill(words.findings[code], { ...written, relative })
}

/** Members as indented JSON in which nothing is invisible or turns the line round. */
export function membersText(members: TokenMembers): string {
  return shown(JSON.stringify(members, null, 2), /[^\n]/u)
}

const invisible = /[\p{Cc}\p{Cf}\u2028\u2029]/gu

function shown(text: string, only: RegExp = /./su): string {
  return text.replaceAll(invisible, (character) =>
    only.test(character) ? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}` : character,
  )
}
