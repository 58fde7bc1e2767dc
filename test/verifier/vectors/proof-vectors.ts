// V40–V42: tokens that are bound to a key.
import type { Context } from './context.ts'
import type { Step, Vector } from './table.ts'

export async function proofVectors(context: Context): Promise<readonly Vector[]> {
  const { clientThumbprint, keys, mint, now, prove, publicJwk, resource } = context
  const bound = await mint({ cnf: { jkt: clientThumbprint } })
  const other = await mint({ cnf: { jkt: clientThumbprint }, jti: 'token-2' })
  const unbound = await mint()
  const send = (proof: string | undefined, expect: Step['expect'], says?: string, token = bound): Step => ({
    ...(says !== undefined && { says }),
    headers: { authorization: `DPoP ${token}`, ...(proof !== undefined && { dpop: proof }) },
    expect,
  })
  const refused = (reason: string) => ({ status: 401, reason })
  const algs = 'algs="ES256 EdDSA Ed25519 RS256 PS256"'
  const metadata = 'resource_metadata="https://mcp.example/.well-known/oauth-protected-resource/mcp"'
  const once = await prove(bound)
  const wrong: readonly (readonly [string, string, Record<string, unknown>, Record<string, unknown>?])[] = [
    ['another method', 'proof_request', { htm: 'GET' }],
    ['another path', 'proof_request', { htu: `${resource}/` }],
    ['another origin', 'proof_request', { htu: 'https://evil.example/mcp' }],
    ['no htu', 'proof_request', { htu: undefined }],
    ['no ath', 'proof_token', { ath: undefined }],
    ['no jti', 'proof_malformed', { jti: undefined }],
    ['no iat', 'proof_malformed', { iat: undefined }],
    ['an old iat', 'proof_time', { iat: now - 61 }],
    ['an iat to come', 'proof_time', { iat: now + 6 }],
    ['typ JWT', 'proof_malformed', {}, { typ: 'JWT' }],
    ['alg none', 'proof_key', {}, { alg: 'none' }],
    ['alg HS256', 'proof_key', {}, { alg: 'HS256' }],
    ['a private key', 'proof_key', {}, { jwk: { ...publicJwk(keys.client), d: 'AAAA' } }],
    ['the key of another', 'proof_key', {}, { jwk: publicJwk(keys.attacker) }],
    ['no key', 'proof_key', {}, { jwk: undefined }],
  ]
  return [
    {
      id: 'V40',
      title: 'a bound token is no bearer token',
      steps: [{ token: bound, expect: refused('sender_constrained') }],
    },
    {
      id: 'V40',
      title: 'a bound token is no bearer token where proofs are taken, with a proof neither',
      options: { dpop: {} },
      steps: [
        { token: bound, expect: refused('sender_constrained') },
        { token: bound, headers: { dpop: await prove(bound) }, expect: refused('sender_constrained') },
        { token: await mint({ cnf: { 'x5t#S256': 'A'.repeat(43) } }), expect: refused('sender_constrained') },
        send(await prove(bound), { status: 200 }),
        { token: bound, expect: refused('sender_constrained') },
      ],
    },
    {
      id: 'V41',
      title: 'proofs are checked in full',
      options: { dpop: {} },
      steps: [
        send(await prove(bound), { status: 200 }),
        send(undefined, {
          ...refused('proof_missing'),
          challenge: `DPoP error="invalid_dpop_proof", error_description="the DPoP proof is not valid for this request", scope="notes:read", ${algs}, ${metadata}`,
        }),
        send(`${await prove(bound)}, ${await prove(bound)}`, refused('proof_malformed'), 'two proofs'),
        ...(await Promise.all(
          wrong.map(async ([says, reason, claims, header]) =>
            send(await prove(bound, claims, header), refused(reason), says),
          ),
        )),
        send(await prove(bound, {}, {}, keys.attacker), refused('proof_key'), 'by another key'),
        send(
          await prove(bound, {}, { jwk: publicJwk(keys.client) }, keys.attacker),
          refused('proof_signature'),
          'by another key under this one',
        ),
        send(await prove(other), refused('proof_token'), 'for another token'),
      ],
    },
    {
      id: 'V41',
      title: 'a proof is good once',
      options: { dpop: {} },
      steps: [
        { ...send(once, { status: 200, times: 1, otherwise: 'proof_replayed' }), times: 20 },
        { ...send(once, refused('proof_replayed')), at: 60 },
      ],
    },
    {
      id: 'V41',
      title: 'a nonce is asked for',
      options: { dpop: { nonces: true, nonceSecret: 'a secret of thirty-two characters' } },
      steps: [
        send(await prove(bound), refused('proof_nonce')),
        send(await prove(bound, { nonce: 'invented' }), refused('proof_nonce')),
      ],
    },
    {
      id: 'V42',
      title: 'where proofs are required, bearer tokens are refused',
      options: { dpop: { required: true } },
      steps: [
        { token: unbound, expect: refused('not_sender_constrained') },
        send(await prove(unbound), refused('not_sender_constrained'), 'an unbound token under DPoP', unbound),
        {
          expect: { status: 401, reason: 'no_credentials', challenge: `DPoP scope="notes:read", ${algs}, ${metadata}` },
        },
        send(await prove(bound), { status: 200 }),
      ],
    },
  ]
}
