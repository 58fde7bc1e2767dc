// V05–V30: the token by itself.
import { createHmac } from 'node:crypto'
import { base64url, exportSPKI, importJWK } from 'jose'
import { signBytes } from '../issuer.ts'
import type { Context } from './context.ts'
import type { Step, Text, Vector } from './table.ts'

const refused = (reason: string, token: Text, says?: string): Step => ({
  ...(says !== undefined && { says }),
  token,
  expect: { status: 401, reason },
})
const accepted = (token: Text, says?: string): Step => ({
  ...(says !== undefined && { says }),
  token,
  expect: { status: 200 },
})

export async function tokenVectors(context: Context): Promise<readonly Vector[]> {
  const { claims, issuer, keys, mint, mintText, now, resource, rsa } = context
  const good = await mint()
  const [header = '', payload = '', signature = ''] = good.split('.')
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const spareBit = good.slice(0, -1) + alphabet[alphabet.indexOf(good.slice(-1)) + 1]
  /** One vector of several tokens that differ in one thing. */
  const many = async (
    id: string,
    title: string,
    reason: string,
    changes: readonly Record<string, unknown>[],
    inHeader = false,
  ): Promise<Vector> => ({
    id,
    title,
    steps: await Promise.all(
      changes.map(async (change) => {
        const token = inHeader ? await mint({}, change) : await mint(change)
        return refused(reason, token, JSON.stringify(change).slice(0, 60))
      }),
    ),
  })
  const publicKey = await importJWK(keys.issuer.publicJwk, 'ES256')
  const pem = publicKey instanceof Uint8Array ? '' : await exportSPKI(publicKey)
  const withHmac = (secret: string) => {
    const input = [{ alg: 'HS256', typ: 'at+jwt', kid: 'key-1' }, claims()]
      .map((part) => base64url.encode(JSON.stringify(part)))
      .join('.')
    return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
  }
  const text = JSON.stringify(claims())
  const goodHeader = JSON.stringify({ alg: 'ES256', typ: 'at+jwt', kid: 'key-1' })
  const bytes = (value: string) => new TextEncoder().encode(value)

  return [
    {
      id: 'V05',
      title: 'a huge token is refused before work is done',
      steps: [
        refused('token_too_large', { repeat: 'a.', times: 500_000 }),
        refused('token_too_large', await mint({ filler: 'x'.repeat(8200) })),
      ],
    },
    {
      id: 'V06',
      title: 'segments, padding, trailing characters, spare bits',
      steps: [
        refused('token_malformed', 'a'),
        refused('token_malformed', 'a.b'),
        refused('token_malformed', `${header}.${payload}`),
        refused('token_malformed', `${good}.`),
        refused('token_malformed', `${good}.x`),
        refused('token_malformed', `${good}=`, 'padding'),
        refused('token_malformed', spareBit, 'a spare bit that is not zero'),
        refused('token_malformed', `${header}.${payload}.`, 'no signature'),
      ],
    },
    {
      id: 'V07',
      title: 'encrypted tokens are not opened',
      steps: [
        refused('token_malformed', `${header}.AAAA.AAAA.${payload}.${signature}`),
        refused(
          'wrong_type',
          await mint({}, { typ: undefined, cty: 'JWT', zip: 'DEF' }),
          'nested and compressed by its own word',
        ),
      ],
    },
    await many(
      'V08',
      'unsigned tokens are refused',
      'algorithm_not_allowed',
      [{ alg: 'none' }, { alg: 'None' }, { alg: 'nOnE' }, { alg: undefined }, { alg: 7 }],
      true,
    ),
    {
      id: 'V09',
      title: 'a public key is never a shared secret',
      steps: [pem, ` ${pem}`, pem.trim(), JSON.stringify(keys.issuer.publicJwk), keys.issuer.publicJwk.x ?? ''].map(
        (secret) => refused('algorithm_not_allowed', withHmac(secret)),
      ),
    },
    {
      id: 'V10',
      title: 'the algorithm of the key is the algorithm',
      steps: [
        accepted(await mint({}, {}, rsa), 'RS256 by the RSA key'),
        accepted(await mint({}, {}, context.ed), 'EdDSA by the Ed25519 key'),
        refused(
          'key_unknown',
          await mint({}, { alg: 'RS256', kid: 'key-1' }, rsa),
          'RS256 under the name of the EC key',
        ),
        refused('key_unknown', await mint({}, { alg: 'ES256', kid: 'rsa' }), 'ES256 under the name of the RSA key'),
        refused('algorithm_not_allowed', await mint({}, { alg: 'PS256' }, rsa)),
      ],
    },
    {
      id: 'V11',
      title: 'embedded keys count for nothing',
      steps: [
        refused('signature', await mint({}, { jwk: context.publicJwk(keys.attacker) }, keys.attacker)),
        refused('signature', await mint({}, { x5c: ['MIIB'] }, keys.attacker)),
      ],
    },
    {
      id: 'V12',
      title: 'addresses of keys are never fetched',
      steps: [
        {
          token: await mint({}, { jku: 'https://evil.example/jwks', x5u: 'https://evil.example/x5u' }, keys.attacker),
          expect: {
            status: 401,
            reason: 'signature',
            fetches: { [context.addresses.keys]: 1 },
          },
        },
      ],
    },
    await many(
      'V13',
      'odd key ids are refused without a throw',
      'key_unknown',
      [
        '../../jwks',
        "' OR 1=1 --",
        'x'.repeat(3000),
        '__proto__',
        'constructor',
        '',
        ['key-1'],
        { kid: 'key-1' },
        7,
        null,
      ].map((kid) => ({ kid })),
      true,
    ),
    await many(
      'V14',
      'critical headers are refused',
      'critical_header',
      [{ crit: ['exp'], exp: 1 }, { crit: [] }, { crit: 'b64' }, { crit: ['b64'], b64: false }, { b64: false }],
      true,
    ),
    await many(
      'V15',
      'only access tokens are access tokens',
      'wrong_type',
      [undefined, 'JWT', 'dpop+jwt', 'logout+jwt', 'at+jwt;x', 7].map((typ) => ({ typ })),
      true,
    ),
    {
      id: 'V15',
      title: 'media types have no case',
      steps: await Promise.all(
        ['at+jwt', 'AT+JWT', 'application/at+jwt'].map(async (typ) => accepted(await mint({}, { typ }), typ)),
      ),
    },
    {
      id: 'V16',
      title: 'an ID token of the same issuer is none',
      steps: [
        refused('wrong_type', await mint({ aud: 'client-1', nonce: 'n' }, { typ: 'JWT' })),
        refused('audience', await mint({ aud: 'client-1', nonce: 'n' })),
      ],
    },
    await many(
      'V17',
      'the issuer is compared byte for byte',
      'issuer',
      [`${issuer}/`, issuer.toUpperCase(), `${issuer} `, 'https://evil.example', [issuer], undefined, null].map(
        (iss) => ({ iss }),
      ),
    ),
    await many(
      'V18',
      'the audience is compared byte for byte',
      'audience',
      [
        'https://other.example/mcp',
        'https://mcp.example',
        `${resource}/`,
        `${resource}/sub`,
        'https://MCP.example/mcp',
        'https://mcp.example/mc',
        '',
        null,
        [],
        {},
        undefined,
      ].map((aud) => ({ aud })),
    ),
    await many(
      'V19',
      'several audiences are refused',
      'audience',
      [[resource, 'https://other.example'], [resource]].map((aud) => ({ aud })),
    ),
    {
      id: 'V19',
      title: 'several audiences, where that was asked for',
      options: { acceptAudienceArrays: true },
      steps: [
        accepted(await mint({ aud: [resource, 'https://other.example'] })),
        refused('audience', await mint({ aud: ['https://other.example'] })),
        refused('audience', await mint({ aud: [resource, 7] })),
      ],
    },
    await many(
      'V20',
      'an end in whole seconds is required',
      'claim',
      [undefined, String(now + 300), now + 0.5, 1e308, -1, 0, null].map((exp) => ({ exp })),
    ),
    {
      id: 'V20',
      title: 'an end that is no JSON number',
      steps: [refused('token_malformed', await mintText(goodHeader, text.replace(`"exp":${now + 300}`, '"exp":NaN')))],
    },
    await many('V21', 'a token that lives too long is refused', 'lifetime', [
      { exp: now + 3601 },
      { exp: now + 315_360_000 },
      { iat: now, exp: now },
    ]),
    {
      id: 'V22',
      title: 'the tolerance of clocks is small',
      steps: [
        accepted(await mint({ iat: now - 300, exp: now - 1 }), 'over for a second'),
        accepted(await mint({ iat: now - 300, exp: now - 4 }), 'over for four'),
        refused('expired', await mint({ iat: now - 300, exp: now - 5 }), 'over for five'),
        refused('expired', await mint({ iat: now - 300, exp: now - 61 }), 'over for a minute'),
      ],
    },
    await many('V23', 'tokens from the future are refused', 'not_yet_valid', [
      { nbf: now + 6 },
      { iat: now + 6, exp: now + 300 },
    ]),
    await many('V24', 'required claims are required', 'claim', [
      { sub: undefined },
      { client_id: undefined },
      { jti: undefined },
      { iat: undefined },
      { sub: '' },
      { client_id: 7 },
      { jti: null },
      { iat: 'now' },
      { nbf: 'now' },
    ]),
    {
      id: 'V25',
      title: 'doubled members are refused',
      steps: [
        refused(
          'duplicate_member',
          await mintText(goodHeader, text.replace('{', '{"aud":"https://evil.example",')),
          'evil first',
        ),
        refused(
          'duplicate_member',
          await mintText(goodHeader, text.replace(/}$/, `,"aud":"${resource}"}`)),
          'the same again',
        ),
        refused(
          'duplicate_member',
          await mintText(goodHeader, text.replace('{', '{"\\u0061ud":"https://evil.example",')),
          'in another spelling',
        ),
        refused('duplicate_member', await mintText(goodHeader, text.replace(/}$/, ',"x":[{"a":1,"a":2}]}')), 'deeper'),
        refused('duplicate_member', await mintText(goodHeader.replace('{', '{"alg":"none",'), text), 'in the header'),
        accepted(
          await mintText(goodHeader, text.replace(/}$/, ',"x":[{"a":"a","b":{"a":"a"}},{"a":1}], "y": "\\""}')),
          'alike in different objects',
        ),
      ],
    },
    {
      id: 'V26',
      title: 'odd payloads are refused without a throw',
      steps: await Promise.all([
        ...[
          'null',
          '[]',
          '"x"',
          '1',
          '',
          '{',
          `${text}x`,
          text.replace(/}$/, ',"__proto__":{"scope":"admin"}}'),
          text.replace(/}$/, `,"x":${'['.repeat(40)}${']'.repeat(40)}}`),
        ].map(async (odd) =>
          odd === ''
            ? refused('token_malformed', `${header}..${signature}`, 'nothing')
            : refused('token_malformed', await mintText(goodHeader, odd), odd.slice(-30)),
        ),
        signBytes(bytes(goodHeader), new Uint8Array([0xef, 0xbb, 0xbf, ...bytes(text)]), keys.issuer).then((token) =>
          refused('token_malformed', token, 'a byte order mark'),
        ),
        signBytes(
          bytes(goodHeader),
          new Uint8Array([...bytes(text.slice(0, -1)), 0x2c, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
          keys.issuer,
        ).then((token) => refused('token_malformed', token, 'invalid UTF-8')),
      ]),
    },
    {
      id: 'V27',
      title: 'scopes are whole words',
      scopes: ['read'],
      steps: [
        accepted(await mint({ scope: 'write read' })),
        ...(await Promise.all(
          [
            undefined,
            ['read'],
            null,
            'readonly',
            'rea',
            'READ',
            'read,write',
            'write\tread',
            'write  read',
            ' read',
            'read'.repeat(1000),
            '',
          ].map(
            async (scope): Promise<Step> => ({
              says: `scope ${JSON.stringify(scope)?.slice(0, 30)}`,
              token: await mint({ scope }),
              expect: { status: 403, reason: 'scope' },
            }),
          ),
        )),
      ],
    },
    {
      id: 'V28',
      title: 'no scope implies another but by the map',
      scopes: ['read'],
      options: { scopeHierarchy: { admin: ['write'], write: ['read'], loop: ['loop'] } },
      steps: [
        accepted(await mint({ scope: 'admin' })),
        ...(await Promise.all(
          ['loop', 'adm', '__proto__', 'constructor'].map(
            async (scope): Promise<Step> => ({ token: await mint({ scope }), expect: { status: 403 } }),
          ),
        )),
      ],
    },
    {
      id: 'V30',
      title: 'every changed character is noticed',
      steps: [
        { token: good, everyCharacter: true, expect: { status: 401 } },
        accepted(good),
        { token: good, everyCharacter: true, expect: { status: 401 } },
      ],
    },
    {
      id: 'V31',
      title: "another's key under the same name verifies nothing",
      steps: [refused('signature', await mint({}, {}, keys.attacker)), accepted(good)],
    },
  ]
}
