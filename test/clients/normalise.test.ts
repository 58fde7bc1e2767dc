import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ClientMetadata } from '../../src/clients/metadata.ts'
import { normaliseClientMetadata } from '../../src/clients/normalise.ts'

const cb = 'https://app.example.com/cb'

function accepted(input: unknown, origin: 'registered' | 'document' | 'operator' = 'registered'): ClientMetadata {
  const outcome = normaliseClientMetadata(input, { origin })
  if (!outcome.ok) throw new Error(`${outcome.error}: ${outcome.description}`)
  return outcome.metadata
}
function refused(input: unknown, origin: 'registered' | 'document' | 'operator' = 'registered') {
  const outcome = normaliseClientMetadata(input, { origin })
  return outcome.ok ? undefined : { error: outcome.error, description: outcome.description }
}
const registration = (members: object) => ({ redirect_uris: [cb], ...members })

describe('what a client says is brought into one form', () => {
  it('says the least: grants with refresh, response type code, a secret for registrations and none for documents', () => {
    expect(accepted({ redirect_uris: [cb] })).toEqual({
      redirect_uris: [cb],
      application_type: 'web',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_basic',
    })
    expect(accepted({ redirect_uris: [cb] }, 'document').token_endpoint_auth_method).toBe('none')
  })

  it('is stable: the form of the form is itself', () => {
    const once = accepted(
      registration({ client_name: '  Caf\u0065\u0301  ', contacts: ['a@b.example'], redirect_uris: [cb, cb] }),
    )
    expect(accepted(once)).toEqual(once)
  })

  it.each([
    [['http://127.0.0.1:1/cb'], undefined, 'native'],
    [['http://localhost/cb', cb], 'web', 'native'],
    [['cursor://anysphere.cursor-mcp/oauth/callback'], undefined, 'native'],
    [[cb], undefined, 'web'],
    [[cb], 'native', 'native'],
    [['https://localhost:5173/cb'], 'native', 'web'],
  ])('O4, O5: %j said to be %s is %s', (redirectUris, said, type) => {
    expect(accepted({ redirect_uris: redirectUris, application_type: said }).application_type).toBe(type)
  })

  it('O3, O8, O10: scope and empty members are left out, and never narrow anything', () => {
    const metadata = accepted(
      registration({
        scope: 'openid admin:*',
        client_uri: '',
        logo_uri: null,
        contacts: [],
        client_name: '   ',
        grant_types: [],
      }),
    )
    expect(metadata).toEqual(accepted({ redirect_uris: [cb] }))
  })

  it('O9, D06: grants we do not have fall away beside those we have', () => {
    const asked = [
      'authorization_code',
      'client_credentials',
      'implicit',
      'urn:ietf:params:oauth:grant-type:device_code',
    ]
    expect(
      accepted(registration({ grant_types: asked, response_types: ['code', 'token', 'code id_token'] })),
    ).toMatchObject({
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
    })
  })

  it.each([
    { grant_types: ['client_credentials'] },
    { grant_types: ['implicit'] },
    { grant_types: ['refresh_token'] },
    { grant_types: ['password'] },
    { response_types: ['token'] },
    { response_types: ['code id_token'] },
  ])('D06: %j leaves nothing to grant and is refused', (members) => {
    expect(refused(registration(members))?.error).toBe('invalid_client_metadata')
    expect(refused(registration(members), 'document')?.error).toBe('invalid_client_metadata')
  })

  it('D07, D08, D09: what a client may not choose has no way through', () => {
    const hostile = JSON.parse(`{
      "redirect_uris": ["${cb}"], "client_id": "chosen", "client_secret": "chosen", "client_id_issued_at": 1, "skip_consent": true,
      "trusted": true, "is_first_party": true, "subject_type": "pairwise", "require_auth_time": true, "sector_identifier_uri": "https://evil.example",
      "request_uris": ["https://evil.example/r"], "backchannel_logout_uri": "http://169.254.169.254/", "scope": "admin:*",
      "__proto__": { "grant_types": ["client_credentials"], "polluted": true }, "constructor": { "prototype": { "polluted": true } },
      "client_name#ja": "x"
    }`)
    expect(accepted(hostile)).toEqual(accepted({ redirect_uris: [cb] }))
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  it('members of a prototype are not heard', () => {
    const input: unknown = Object.create({ redirect_uris: [cb] })
    expect(refused(input)?.error).toBe('invalid_redirect_uri')
  })

  it.each([null, [], 'text', 1, true, undefined])('%j is no client metadata', (input) => {
    expect(refused(input)?.error).toBe('invalid_client_metadata')
  })
})

describe('redirect URIs', () => {
  it.each([
    [undefined],
    [[]],
    ['https://app.example.com/cb'],
    [[1]],
    [[null]],
    [[cb, 'http://evil.example/cb']],
    [['https://*.example.com/cb']],
    [['javascript:alert(1)']],
    [['foo:/cb']],
    [[`${cb}?iss=x&code=y`]],
    [Array.from({ length: 11 }, (_, index) => `${cb}${index}`)],
  ])('A08, A09, A10, A13, A20, D02: %j is refused as invalid_redirect_uri', (redirectUris) => {
    expect(refused({ redirect_uris: redirectUris })?.error).toBe('invalid_redirect_uri')
  })

  it('one bad URI refuses the set and is named, in characters that an error may have', () => {
    const outcome = refused({ redirect_uris: [cb, 'http://evil.example/"\u202e\\cb'] })
    expect(outcome?.description).toContain('http://evil.example/')
    // RFC 6749 §5.2: what error_description may hold
    expect(outcome?.description).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]*$/)
  })

  it('A15: hosts are kept in punycode, each URI once', () => {
    expect(accepted({ redirect_uris: ['https://\u0430pple.example/cb', cb, cb] }).redirect_uris).toEqual([
      'https://xn--pple-43d.example/cb',
      cb,
    ])
  })

  it('a native client uses http on this computer', () => {
    expect(refused({ redirect_uris: ['http://localhost/cb', 'https://localhost/cb'] })?.error).toBe(
      'invalid_redirect_uri',
    )
  })
})

describe('addresses that a client says of itself', () => {
  const members = ['client_uri', 'logo_uri', 'tos_uri', 'policy_uri', 'jwks_uri', 'initiate_login_uri']
  const bad = [
    'javascript:alert(1)',
    'data:text/html,x',
    'http://app.example.com/x',
    'https://user@app.example.com/',
    'nonsense',
    'https:app',
    7,
  ]
  it.each(members.flatMap((member) => bad.map((value) => [member, value] as const)))(
    'D03: %s %j is refused',
    (member, value) => {
      expect(refused(registration({ [member]: value }))?.error).toBe('invalid_client_metadata')
      expect(refused(registration({ [member]: value }), 'document')?.error).toBe('invalid_client_metadata')
    },
  )

  it.each([
    'https://169.254.169.254/latest',
    'https://127.0.0.1/jwks',
    'https://[::1]/jwks',
    'https://localhost/jwks',
    'https://2130706433/jwks',
    'https://metadata.google.internal/jwks',
    'https://intranet/jwks',
    'http://127.0.0.1/jwks',
  ])('D04: jwks_uri %s is refused at registration', (uri) => {
    expect(refused(registration({ jwks_uri: uri }))?.error).toBe('invalid_client_metadata')
  })

  it('links to special addresses are refused, to internal names they are only shown', () => {
    expect(refused(registration({ logo_uri: 'https://169.254.169.254/x.png' }))?.error).toBe('invalid_client_metadata')
    expect(accepted(registration({ client_uri: 'https://tools.corp.internal/app' })).client_uri).toBe(
      'https://tools.corp.internal/app',
    )
  })

  it('the home page of a local tool is left out, nothing more', () => {
    expect(accepted(registration({ client_uri: 'http://localhost:6274' })).client_uri).toBeUndefined()
    expect(refused(registration({ logo_uri: 'http://localhost:6274/l.png' }))?.error).toBe('invalid_client_metadata')
  })

  it('an operator may open an internal host', () => {
    const input = registration({
      jwks_uri: 'https://keys.corp.internal/jwks',
      token_endpoint_auth_method: 'private_key_jwt',
    })
    expect(refused(input, 'document')?.error).toBe('invalid_client_metadata')
    expect(normaliseClientMetadata(input, { origin: 'document', internalHosts: ['keys.corp.internal'] }).ok).toBe(true)
    expect(accepted(input, 'operator').jwks_uri).toBe('https://keys.corp.internal/jwks')
  })

  it('D03: post_logout_redirect_uris follow the rules of redirect URIs', () => {
    expect(refused(registration({ post_logout_redirect_uris: ['javascript:alert(1)'] }))?.error).toBe(
      'invalid_client_metadata',
    )
    expect(accepted(registration({ post_logout_redirect_uris: [cb] })).post_logout_redirect_uris).toEqual([cb])
  })
})

describe('how a client proves itself', () => {
  const jwksUri = 'https://app.example.com/jwks'
  const key = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y', kid: '1' }

  it('O7: nothing said is none for a document; O6: ChatGPT gets private_key_jwt with its keys', () => {
    const chatGpt = registration({
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_methods_supported: ['none', 'private_key_jwt'],
      token_endpoint_auth_signing_alg: 'RS256',
    })
    expect(accepted({ ...chatGpt, jwks_uri: jwksUri }, 'document')).toMatchObject({
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'RS256',
    })
    expect(accepted(chatGpt, 'document')).toMatchObject({ token_endpoint_auth_method: 'none' })
  })

  it.each([
    ['document', { token_endpoint_auth_methods_supported: ['tls_client_auth', 'none'] }, 'none'],
    [
      'registered',
      { token_endpoint_auth_method: 'tls_client_auth', token_endpoint_auth_methods_supported: ['client_secret_post'] },
      'client_secret_post',
    ],
    ['registered', { token_endpoint_auth_method: 'client_secret_post' }, 'client_secret_post'],
    ['registered', { token_endpoint_auth_method: 'none' }, 'none'],
    ['registered', { token_endpoint_auth_method: '' }, 'client_secret_basic'],
  ] as const)('a %s client that says %j uses %s', (origin, members, method) => {
    expect(accepted(registration(members), origin).token_endpoint_auth_method).toBe(method)
  })

  it.each([
    ['document', { token_endpoint_auth_method: 'client_secret_basic' }],
    ['document', { token_endpoint_auth_method: 'client_secret_post', token_endpoint_auth_methods_supported: ['none'] }],
    ['document', { token_endpoint_auth_method: 'client_secret_jwt' }],
    ['document', { client_secret: 'x' }],
    ['document', { client_secret: '' }],
    ['document', { client_secret_expires_at: 0 }],
    ['document', { jwks: { keys: [{ ...key, d: 'x' }] } }],
    ['document', { jwks: { keys: [key] }, jwks_uri: jwksUri }],
    ['registered', { jwks: { keys: [key] }, jwks_uri: jwksUri }],
    ['registered', { jwks: { keys: [{ kty: 'oct', k: 'x' }] } }],
    ['registered', { jwks: { keys: Array.from({ length: 11 }, () => key) } }],
    ['registered', { jwks: { keys: ['x'] } }],
    ['registered', { jwks: { keys: [{ ...key, x: 1 }] } }],
    ['registered', { jwks: 'x' }],
    ['registered', { token_endpoint_auth_method: 'client_secret_jwt' }],
    ['registered', { token_endpoint_auth_method: 'tls_client_auth' }],
    ['registered', { token_endpoint_auth_method: 'private_key_jwt' }],
    [
      'registered',
      { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: jwksUri, token_endpoint_auth_signing_alg: 'HS256' },
    ],
    ['registered', { client_secret: 'sha256:x' }],
  ] as const)('F10: a %s client that says %j is refused', (origin, members) => {
    expect(refused(registration(members), origin)?.error).toBe('invalid_client_metadata')
  })

  it('keys are kept with their public members only', () => {
    const metadata = accepted(
      registration({ token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [{ ...key, extra: { a: 1 } }] } }),
    )
    expect(metadata.jwks).toEqual({ keys: [key] })
  })

  it('D15: a software statement is refused, not silently trusted', () => {
    expect(refused(registration({ software_statement: 'eyJh.eyJp.sig' }))?.error).toBe('unapproved_software_statement')
    expect(refused(registration({ software_statement: 'eyJh.eyJp.' }))?.error).toBe('unapproved_software_statement')
    expect(refused(registration({ software_statement: 'x' }))?.error).toBe('invalid_software_statement')
    expect(refused(registration({ software_statement: 1 }))?.error).toBe('invalid_software_statement')
  })

  it('an operator may give machine access, to clients that can prove themselves', () => {
    expect(accepted({ grant_types: ['client_credentials'], client_name: 'n' }, 'operator')).toEqual({
      redirect_uris: [],
      application_type: 'web',
      grant_types: ['client_credentials'],
      response_types: [],
      token_endpoint_auth_method: 'client_secret_basic',
      client_name: 'n',
    })
    expect(
      refused({ grant_types: ['client_credentials'], token_endpoint_auth_method: 'none' }, 'operator'),
    ).toBeDefined()
  })
})

describe('texts', () => {
  it.each([
    ['Cafe\u0301', 'Caf\u00e9'],
    ['  two\n\tlines\u2028here ', 'two lines here'],
    ['evil\u202egpj.exe', 'evilgpj.exe'],
    ['zero\u200b\u200d\ufeffwidth', 'zerowidth'],
    ['filler\u3164\u115f', 'filler'],
    ['\u2066isolated\u2069', 'isolated'],
    ['flag\u{e0067}\u{e0062}', 'flag'],
    [`z${'\u0335'.repeat(50)}algo`, `z${'\u0335'.repeat(4)}algo`],
    ['<img src=x onerror=alert(1)>{{7*7}}', '<img src=x onerror=alert(1)>{{7*7}}'],
  ])('D11, D12: %j is kept as %j', (said, kept) => {
    expect(accepted(registration({ client_name: said })).client_name).toBe(kept)
  })

  it('a name of invisible characters is no name', () => {
    expect(accepted(registration({ client_name: '\u200b\u2800\u3164' })).client_name).toBeUndefined()
  })

  it.each([
    { client_name: 'x'.repeat(50_000) },
    { client_name: 'x'.repeat(101) },
    { client_name: 7 },
    { client_name: ['x'] },
    { software_id: 'x'.repeat(300) },
    { client_uri: `https://app.example.com/${'x'.repeat(2048)}` },
    { contacts: Array.from({ length: 1000 }, (_, index) => `a${index}@b.example`) },
    { grant_types: 'authorization_code' },
    { grant_types: [{ a: 1 }] },
    { response_types: Array.from({ length: 101 }, (_, index) => `r${index}`) },
  ])('D02: what is too much or of the wrong type is refused', (members) => {
    expect(refused(registration(members))?.error).toBe('invalid_client_metadata')
  })

  it('a hundred characters fit, whatever their bytes', () => {
    expect(accepted(registration({ client_name: '\u00fc'.repeat(100) })).client_name).toHaveLength(100)
  })

  it('contacts that are no addresses are left out', () => {
    expect(accepted(registration({ contacts: ['https://app.example.com', 'a@b.example'] })).contacts).toEqual([
      'a@b.example',
    ])
  })
})

describe('what just fits', () => {
  it('are ten addresses, a hundred grants and response types, ten contacts', () => {
    const uris = Array.from({ length: 10 }, (_, index) => `${cb}${index}`)
    expect(accepted({ redirect_uris: uris }).redirect_uris).toEqual(uris)
    const many = Array.from({ length: 99 }, (_, index) => `r${index}`)
    const wide = { grant_types: ['authorization_code', ...many], response_types: [...many, 'code'] }
    expect(accepted(registration(wide))).toEqual(accepted({ redirect_uris: [cb] }))
    expect(refused(registration({ grant_types: [...many, 'x', 'authorization_code'] }))?.description).toContain(
      '100 entries',
    )
    const contacts = Array.from({ length: 10 }, (_, index) => `a${index}@b.example`)
    expect(accepted(registration({ contacts })).contacts).toEqual(contacts)
    expect(accepted(registration({ post_logout_redirect_uris: uris })).post_logout_redirect_uris).toEqual(uris)
    expect(refused(registration({ post_logout_redirect_uris: [...uris, cb] }))?.description).toContain('10 entries')
  })

  it.each([
    [`${'a'.repeat(244)}@b.example`, true],
    [`${'a'.repeat(245)}@b.example`, false],
    ['a.b+c@localhost', true],
    ['A@B.EXAMPLE', true],
    ['a@b..example', false],
    ['a@b.example.', false],
    ['a@b.example, evil@x', false],
    ['<a@b.example>', false],
    ['@b.example', false],
  ])('the contact %s: %s', (address, isKept) => {
    expect(accepted(registration({ contacts: [address] })).contacts).toEqual(isKept ? [address] : undefined)
  })
})

describe('what goes together', () => {
  it('a signing algorithm counts only where something is signed', () => {
    const signed = { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'https://app.example.com/jwks' }
    expect(accepted(registration(signed)).token_endpoint_auth_signing_alg).toBeUndefined()
    for (const alg of ['ES256', 'ES384', 'EdDSA', 'Ed25519', 'RS256', 'PS256'])
      expect(accepted(registration({ ...signed, token_endpoint_auth_signing_alg: alg }))).toMatchObject({
        token_endpoint_auth_signing_alg: alg,
      })
    const unsigned = { token_endpoint_auth_method: 'none', token_endpoint_auth_signing_alg: 'HS256' }
    expect(accepted(registration(unsigned)).token_endpoint_auth_signing_alg).toBeUndefined()
  })

  it.each([
    ['token', []],
    ['code', ['authorization_code', 'refresh_token']],
  ])('response type %s leaves an operator’s program the grants %j and its own', (type, grants) => {
    const program = { grant_types: ['client_credentials', 'authorization_code'], response_types: [type] }
    expect(accepted(registration(program), 'operator').grant_types).toEqual([...grants, 'client_credentials'])
  })

  it('a program that asks nobody may have addresses, and they are looked at', () => {
    const program = { grant_types: ['client_credentials'] }
    expect(accepted({ ...program, redirect_uris: [cb] }, 'operator')).toMatchObject({
      redirect_uris: [cb],
      response_types: [],
    })
    expect(refused({ ...program, redirect_uris: ['http://evil.example/cb'] }, 'operator')?.error).toBe(
      'invalid_redirect_uri',
    )
    expect(accepted({ ...program, application_type: 'native' }, 'operator').application_type).toBe('web')
  })

  it('a document holds neither a secret nor when it ends (F10)', () => {
    for (const member of ['client_secret', 'client_secret_expires_at']) {
      const said = registration({ [member]: 'x' })
      expect(refused(said, 'document')?.description).toContain('must not hold a client secret')
      expect(accepted(said)).toEqual(accepted({ redirect_uris: [cb] }))
    }
  })
})

describe('a refusal says what to change', () => {
  const keys = { keys: [{ kty: 'EC', crv: 'P-256', x: 'x', y: 'y' }] }
  it.each<[object, string, string]>([
    [{ redirect_uris: undefined }, 'invalid_redirect_uri', 'at least one URI'],
    [{ redirect_uris: cb }, 'invalid_redirect_uri', 'must be an array'],
    [{ redirect_uris: [1] }, 'invalid_redirect_uri', 'must be an array'],
    [{ redirect_uris: Array.from({ length: 11 }, () => cb) }, 'invalid_redirect_uri', 'more than 10'],
    [
      { redirect_uris: ['http://localhost/cb', 'https://localhost/cb'] },
      'invalid_redirect_uri',
      'uses http on this computer',
    ],
    [{ jwks: keys, jwks_uri: 'https://app.example.com/jwks' }, 'invalid_client_metadata', 'exclude each other'],
    [{ grant_types: ['implicit'] }, 'invalid_client_metadata', 'nothing that this client asks for'],
    [{ client_secret: 'sha256:x' }, 'invalid_client_metadata', 'must not begin with sha256'],
    [
      { post_logout_redirect_uris: ['http://evil.example/'] },
      'invalid_client_metadata',
      'post_logout_redirect_uris: http://evil.example/',
    ],
    [{ software_statement: 'a.b.c.d' }, 'invalid_software_statement', 'not a JWT'],
    [{ software_statement: 'a.b' }, 'invalid_software_statement', 'not a JWT'],
    [{ software_statement: 'a b.c.d' }, 'invalid_software_statement', 'not a JWT'],
    [{ software_statement: 'aa.bb.cc' }, 'unapproved_software_statement', 'leave it out'],
  ])('%j', (members, error, words) => {
    expect(refused(registration(members))).toEqual({ error, description: expect.stringContaining(words) })
  })

  it('and repeats no more of a long address than 200 characters', () => {
    const long = `http://evil.example/${'x'.repeat(1000)}`
    const description = refused({ redirect_uris: [long] })?.description ?? ''
    expect(description).toContain(` ${long.slice(0, 200)} is not`)
  })
})

describe('whatever is sent', () => {
  const members = [
    'redirect_uris',
    'grant_types',
    'client_name',
    'jwks',
    'jwks_uri',
    'contacts',
    'application_type',
    'software_statement',
  ]
  const arrays = fc.array(
    fc.oneof(fc.constantFrom(cb, 'http://localhost/cb', 'authorization_code', 'none'), fc.jsonValue()),
    { maxLength: 3 },
  )
  const value = fc.oneof(fc.constantFrom(cb, '', null, 'native', { keys: [{ kty: 'EC' }] }), arrays, fc.jsonValue())
  const input = fc.oneof(fc.jsonValue(), fc.dictionary(fc.constantFrom(...members), value))

  it('there is an answer, and what was accepted is accepted again unchanged', () => {
    fc.assert(
      fc.property(
        input,
        fc.constantFrom('registered' as const, 'document' as const, 'operator' as const),
        (said, origin) => {
          const once = normaliseClientMetadata(said, { origin })
          if (once.ok) expect(normaliseClientMetadata(once.metadata, { origin })).toEqual(once)
          else expect(once.description).toMatch(/\w/)
        },
      ),
    )
  })

  it('a name is cleaned in one go', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (name) => {
        const once = normaliseClientMetadata(registration({ client_name: name }), { origin: 'registered' })
        if (once.ok) expect(normaliseClientMetadata(once.metadata, { origin: 'registered' })).toEqual(once)
      }),
      { numRuns: 500 },
    )
  })
})
