// Ours: a document is read at most once a minute, or a popular client would hammer its own host through us; and at least once a day, so
// that a change is seen (F12, F14).
const leastSeconds = 60
const mostSeconds = 24 * 3600
// Ours: for documents that say nothing, as files on plain web servers do.
const unsaidSeconds = 300

/**
 * How long a metadata document may be kept, in seconds; 0: not at all.
 *
 * @param headers of the answer
 * @param now the moment it came
 * @see RFC 9111 §4.2, §5.2.2; draft-ietf-oauth-client-id-metadata-document, "Caching"
 */
export function keptSeconds(headers: Headers, now: Date): number {
  const directives = directivesOf(headers.get('cache-control') ?? '')
  if (directives.has('no-store')) return 0
  return Math.max(leastSeconds, Math.min(mostSeconds, saidSeconds(headers, directives, now)))
}

function saidSeconds(headers: Headers, directives: ReadonlyMap<string, string>, now: Date): number {
  if (directives.has('no-cache')) return 0
  const maxAge = directives.get('max-age')
  if (maxAge !== undefined && /^\d{1,10}$/.test(maxAge)) return Number(maxAge) - ageOf(headers)
  const expires = headers.get('expires')
  if (expires === null) return unsaidSeconds
  // RFC 9111 §5.3: an invalid date, "0" above all, is one in the past.
  const end = Date.parse(expires)
  return Number.isNaN(end) ? 0 : Math.floor((end - now.getTime()) / 1000)
}

function ageOf(headers: Headers): number {
  const age = headers.get('age') ?? ''
  return /^\d{1,10}$/.test(age) ? Number(age) : 0
}

/** The first of each name counts: RFC 9111 §4.2.1. */
function directivesOf(header: string): ReadonlyMap<string, string> {
  const directives = new Map<string, string>()
  for (const part of header.split(',')) {
    const [name = '', value = ''] = part.split('=', 2).map((text) => text.trim().replace(/^"|"$/g, ''))
    const key = name.toLowerCase()
    if (!directives.has(key)) directives.set(key, value)
  }
  return directives
}
