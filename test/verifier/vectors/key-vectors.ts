// V32–V39, V43: what the issuer answers.
import type { Context } from './context.ts'
import type { Document, Step, Vector } from './table.ts'

export async function keyVectors(context: Context): Promise<readonly Vector[]> {
  const { addresses, issuer, keys, mint, mintText, now } = context
  const good = await mint({ exp: now + 3600 })
  const lasting = await mint({ iat: now + 86_000, exp: now + 86_000 + 3600 })
  const byNext = await mint({ exp: now + 3600 }, {}, keys.next)
  const accepted: Step = { token: good, expect: { status: 200 } }
  const set = (...jwks: readonly unknown[]): Document => ({ json: { keys: jwks } })
  const ours = keys.issuer.publicJwk
  const away: Document = { status: 503 }
  const hostile: readonly (readonly [string, Document])[] = [
    ['HTML', { text: '<!doctype html>' }],
    ['ten megabytes', { repeat: ' ', times: 10_000_000 }],
    ['a redirect', { status: 302, headers: { location: 'http://169.254.169.254/' } }],
    ['a private key', set({ ...ours, d: 'AAAA' })],
    ['one kid twice', set(ours, ours)],
    ['no key', set()],
    ['no list', { json: { keys: {} } }],
    ['null', { json: null }],
    ['keys of the future', set({ kty: 'future', kid: 'key-1' }, 7, null)],
    ['a shared secret', set({ kty: 'oct', k: 'AAAA', kid: 'key-1', alg: 'HS256' })],
  ]
  const feed = (changes: Record<string, unknown>, by = keys.issuer, typ = 'revocations+jwt') =>
    mintText(
      JSON.stringify({ alg: 'ES256', typ, kid: by.kid }),
      JSON.stringify({ iss: issuer, iat: now, exp: now + 60, cursor: 'c1', complete: true, revoked: {}, ...changes }),
      by,
    )
  const digest = async (...parts: readonly string[]) => {
    const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(parts.join('\n')))
    return Buffer.from(bytes).toString('base64url')
  }
  const revoked = {
    [await digest('account', issuer, 'account-2')]: now + 1,
    [await digest('token', issuer, 'token-3')]: now + 1,
  }

  return [
    {
      id: 'V32',
      title: 'invented key ids cause few fetches',
      steps: [
        accepted,
        ...(await Promise.all(
          Array.from(
            { length: 12 },
            async (_, at): Promise<Step> => ({
              token: await mint({}, { kid: `invented-${at}` }),
              times: 20,
              expect: { status: 401, reason: 'key_unknown', fetches: { [addresses.keys]: 2 } },
            }),
          ),
        )),
        {
          at: 31,
          token: await mint({ exp: now + 3600 }, { kid: 'invented' }),
          expect: { status: 401, fetches: { [addresses.keys]: 3 } },
        },
        accepted,
      ],
    },
    {
      id: 'V33',
      title: 'a cold start fetches once',
      steps: [
        {
          token: good,
          times: 100,
          expect: { status: 200, fetches: { [addresses.metadata]: 1, [addresses.keys]: 1 } },
        },
      ],
    },
    {
      id: 'V34',
      title: 'without keys at the start: 503, and no challenge that would cost the client its token',
      steps: [
        {
          documents: { [addresses.keys]: away },
          token: good,
          expect: { status: 503, reason: 'keys_unavailable', challenge: null, headers: { 'retry-after': '1' } },
        },
        { token: 'x.y.z', expect: { status: 401 } },
        { at: 1, documents: { [addresses.keys]: set(ours) }, token: good, expect: { status: 200 } },
      ],
    },
    {
      id: 'V35',
      title: 'keys outlive an outage, within bounds',
      steps: [
        accepted,
        {
          at: 601,
          documents: { [addresses.keys]: away },
          token: good,
          expect: { status: 200, counts: { failedKeyFetches: 1 } },
        },
        { at: 86_399, token: lasting, expect: { status: 200 } },
        { at: 86_400, token: lasting, expect: { status: 503, reason: 'keys_unavailable' } },
      ],
    },
    ...hostile.map(
      ([name, document]): Vector => ({
        id: 'V36',
        title: `a hostile key set changes nothing: ${name}`,
        steps: [
          accepted,
          {
            at: 601,
            documents: { [addresses.keys]: document },
            token: good,
            expect: { status: 200, counts: { failedKeyFetches: 1 } },
          },
          { at: 602, before: 'forgetKeys', token: good, expect: { status: 503 } },
        ],
      }),
    ),
    {
      id: 'V36',
      title: 'keys come from the origin of the issuer',
      steps: [
        {
          documents: {
            [addresses.metadata]: { json: { issuer, jwks_uri: 'https://evil.example/jwks' } },
            'https://evil.example/jwks': set(keys.attacker.publicJwk),
          },
          token: await mint({}, {}, keys.attacker),
          expect: { status: 503 },
        },
      ],
    },
    {
      id: 'V37',
      title: 'a rotation fails nobody',
      steps: [
        accepted,
        {
          documents: { [addresses.keys]: set(ours, keys.next.publicJwk) },
          token: byNext,
          times: 20,
          expect: { status: 200, fetches: { [addresses.keys]: 2 } },
        },
        accepted,
      ],
    },
    {
      id: 'V38',
      title: 'a withdrawn key dies within ten minutes, at once when told, remembered token or not',
      steps: [
        accepted,
        { at: 590, documents: { [addresses.keys]: set(keys.next.publicJwk) }, token: good, expect: { status: 200 } },
        { at: 599, token: good, expect: { status: 200, counts: { remembered: 1 } } },
        { at: 600, token: good, expect: { status: 401, reason: 'key_unknown' } },
        { documents: { [addresses.keys]: set(ours) }, before: 'forgetKeys', token: good, expect: { status: 200 } },
        {
          documents: { [addresses.keys]: set(keys.next.publicJwk) },
          before: 'forgetKeys',
          token: good,
          expect: { status: 401, reason: 'key_unknown' },
        },
      ],
    },
    {
      id: 'V38',
      title: 'a clock that was a day ahead and is set right keeps no withdrawn key alive',
      steps: [
        { at: 86_400, token: lasting, expect: { status: 200 } },
        {
          at: 0,
          documents: { [addresses.keys]: set(keys.next.publicJwk) },
          token: good,
          expect: { status: 401, reason: 'key_unknown' },
        },
      ],
    },
    ...[`${issuer}/`, 'https://evil.example', undefined].map(
      (named): Vector => ({
        id: 'V39',
        title: `metadata in the name of ${named} is refused`,
        steps: [
          {
            documents: { [addresses.metadata]: { json: { issuer: named, jwks_uri: addresses.keys } } },
            token: good,
            expect: { status: 503, fetches: { [addresses.metadata]: 1 } },
          },
        ],
      }),
    ),
    {
      id: 'V43',
      title: 'revoked tokens are refused, by account, token, and no more than that',
      options: { revocations: {} },
      steps: [
        {
          documents: { [addresses.revocations]: { text: await feed({ revoked }) } },
          token: await mint({ sub: 'account-2' }),
          expect: { status: 401, reason: 'revoked' },
        },
        { token: await mint({ jti: 'token-3' }), expect: { status: 401, reason: 'revoked' } },
        { token: await mint(), expect: { status: 200, counts: { listedRevocations: 2 } } },
        {
          at: 10,
          documents: { [`${addresses.revocations}?since=c1`]: away },
          token: await mint({ jti: 'token-3' }),
          expect: { status: 401, reason: 'revoked' },
        },
        { at: 200, token: await mint(), expect: { status: 200 } },
      ],
    },
    {
      id: 'V43',
      title: 'after a pause the list is asked for first, also when the last question had failed',
      options: { revocations: {} },
      steps: [
        { documents: { [addresses.revocations]: { text: await feed({}) } }, token: good, expect: { status: 200 } },
        { at: 10, documents: { [`${addresses.revocations}?since=c1`]: away }, token: good, expect: { status: 200 } },
        {
          at: 110,
          documents: {
            [`${addresses.revocations}?since=c1`]: {
              text: await feed({ iat: now + 110, exp: now + 170, since: 'c1', revoked }),
            },
          },
          token: await mint({ sub: 'account-2' }),
          expect: { status: 401, reason: 'revoked' },
        },
      ],
    },
    {
      id: 'V43',
      title: 'without a list that is current: 503, where the operator says so',
      options: { revocations: { whenStale: 'refuse' } },
      steps: [
        { documents: { [addresses.revocations]: { text: await feed({}) } }, token: good, expect: { status: 200 } },
        { at: 59, documents: { [`${addresses.revocations}?since=c1`]: away }, token: good, expect: { status: 200 } },
        { at: 60, token: good, expect: { status: 503, reason: 'revocations_unavailable', challenge: null } },
      ],
    },
    ...(await Promise.all(
      [
        ['by an attacker', feed({}, keys.attacker)],
        ['of another type', feed({}, keys.issuer, 'at+jwt')],
        ['of another issuer', feed({ iss: 'https://evil.example' })],
        ['that is over', feed({ iat: now - 90, exp: now - 30 })],
        ['with a hole', feed({ complete: false })],
      ].map(
        async ([name, document]): Promise<Vector> => ({
          id: 'V43',
          title: `a list ${name} is none`,
          options: { revocations: { whenStale: 'refuse' } },
          steps: [
            {
              documents: { [addresses.revocations]: { text: String(await document) } },
              token: good,
              expect: { status: 503 },
            },
          ],
        }),
      ),
    )),
    {
      id: 'V43',
      title: 'introspection: "inactive" is 401, silence is 503',
      options: { introspection: { url: `${issuer}/introspect`, authorization: 'Basic eDp5', cacheSeconds: 0 } },
      steps: [
        { documents: { [`${issuer}/introspect`]: { json: { active: true } } }, token: good, expect: { status: 200 } },
        {
          documents: { [`${issuer}/introspect`]: { json: { active: false } } },
          token: good,
          expect: { status: 401, reason: 'inactive' },
        },
        {
          documents: { [`${issuer}/introspect`]: { json: { active: 'true' } } },
          token: good,
          expect: { status: 503, reason: 'introspection_unavailable' },
        },
        {
          documents: { [`${issuer}/introspect`]: { json: { active: true, jti: 'of another token' } } },
          token: good,
          expect: { status: 503, reason: 'introspection_unavailable' },
        },
        {
          documents: { [`${issuer}/introspect`]: away },
          token: good,
          expect: { status: 503, reason: 'introspection_unavailable', challenge: null },
        },
      ],
    },
  ]
}
