import { describe, expect, it } from 'vitest'
import { checkUpstream, isOpenToAll, type UpstreamDraft, type UpstreamFaultWords } from '../../src/federation/check.ts'
import { entraIssuer } from '../../src/federation/presets.ts'
import type { AccountRules } from '../../src/federation/upstream.ts'
import { messagesFor } from '../../src/messages/messages.ts'
import { madeUpstream } from './made.ts'

type Given = Partial<Omit<UpstreamDraft, 'rules'>> & { rules?: Partial<AccountRules> }

const tenant = '11111111-2222-3333-4444-555555555555'
const other = '99999999-2222-3333-4444-555555555555'
const english = messagesFor('en').upstreams.faults
/** Each fault says its own name, and what it is about. */
const codes = Object.fromEntries(
  Object.entries(english).map(([code, words]) => [code, [code, ...(words.match(/\{\w+\}/g) ?? [])].join(' ')]),
) as unknown as UpstreamFaultWords

function draft(given: Given): UpstreamDraft {
  return { ...madeUpstream(), scopes: undefined, ...given, rules: { ...madeUpstream().rules, ...given.rules } }
}
function faultsOf(given: Given): readonly string[] {
  const checked = checkUpstream(draft(given), codes)
  return checked.ok ? [] : checked.faults
}
function storedOf(given: Given) {
  const checked = checkUpstream(draft(given), codes)
  if (!checked.ok) throw new Error(checked.faults.join('; '))
  return checked.upstream
}

describe('H11 the address of an upstream', () => {
  it.each([
    ...['https://login.acme.example', 'https://login.acme.example/', 'https://login.acme.example/realms/a'],
    ...['https://login.acme.example:8443/a', 'http://localhost:9000', 'http://127.0.0.1:9000', 'http://127.1.2.3/a'],
    ...['http://[::1]:9000', 'https://localhost', `https://login.acme.example/${'a'.repeat(997)}`],
  ])('%s is one', (issuer) => expect(faultsOf({ issuer })).toEqual([]))

  it.each([
    ...['http://login.acme.example', 'http://10.127.0.1', 'http://localhost.evil.example', 'http://[::2]'],
    ...[
      'ftp://login.acme.example',
      'ftp://localhost',
      'login.acme.example',
      '//login.acme.example',
      'javascript:alert(1)',
    ],
    ...['https://login.acme.example?a', 'https://login.acme.example/a?', 'https://login.acme.example#a'],
    ...['https://login.acme.example/a#', 'https://login.acme.example\\a', 'https://login.acme.example/a b'],
    ...[
      'https://ada@login.acme.example',
      'https://:pw@login.acme.example',
      `https://login.acme.example/${'a'.repeat(998)}`,
    ],
  ])('%s is none', (issuer) => expect(faultsOf({ issuer })).toEqual([`issuer ${issuer}`]))

  it('is read without the blanks around it; blanks alone are none', () => {
    expect(storedOf({ issuer: ' https://login.acme.example ' }).issuer).toBe('https://login.acme.example')
    expect(faultsOf({ issuer: ' ' })).toEqual(['issuer_missing'])
    expect(faultsOf({ issuer: undefined })).toEqual(['issuer_missing'])
  })

  it('of a provider that has one only is that one, written or not', () => {
    const google = { preset: 'google' }
    expect(storedOf({ ...google, issuer: undefined }).issuer).toBe('https://accounts.google.com')
    expect(storedOf({ ...google, issuer: 'https://accounts.google.com' }).issuer).toBe('https://accounts.google.com')
    expect(faultsOf({ ...google, issuer: 'https://accounts.google.com.evil.example' })).toEqual([
      'issuer_fixed https://accounts.google.com',
    ])
    expect(storedOf({ preset: 'gitlab', issuer: undefined }).issuer).toBe('https://gitlab.com')
    expect(storedOf({ preset: 'gitlab', issuer: 'https://git.acme.example' }).issuer).toBe('https://git.acme.example')
  })
})

describe('H10 tenants of Entra', () => {
  const entra = (issuer: string | undefined, tenants: readonly string[]) => ({
    preset: 'entra',
    issuer,
    rules: { tenants },
  })

  it.each<[string, string | undefined, readonly string[], readonly string[]]>([
    ['one, by its own issuer', entraIssuer(tenant), [], []],
    ['one, named twice', entraIssuer(tenant), [tenant], []],
    ['one, by the list alone', undefined, [tenant], []],
    ['several', undefined, [tenant, other], []],
    ['several, of a national cloud', 'https://login.microsoftonline.us/organizations/v2.0', [tenant], []],
    ['personal accounts of a list', entraIssuer('consumers'), [tenant], []],
    ['all of them', entraIssuer('common'), [], ['tenants_missing']],
    ['personal accounts of all', entraIssuer('consumers'), [], ['tenants_missing']],
    ['nothing said', undefined, [], ['tenants_missing']],
    [
      'another beside the one that signs',
      entraIssuer(tenant),
      [tenant, other],
      [`entra_tenants ${entraIssuer(tenant)}`],
    ],
    ['a name', entraIssuer('acme.example'), [], [`entra_issuer ${entraIssuer('acme.example')}`]],
    ['more after the id', `${entraIssuer(tenant)}/x`, [], [`entra_issuer ${entraIssuer(tenant)}/x`]],
    ['more before it', `https://a.example/x/${tenant}/v2.0`, [], [`entra_issuer https://a.example/x/${tenant}/v2.0`]],
    ['no version', `https://a.example/${tenant}`, [], [`entra_issuer https://a.example/${tenant}`]],
    ['an id that is longer', entraIssuer(`${tenant}0`), [], [`entra_issuer ${entraIssuer(`${tenant}0`)}`]],
    ['an id with more before it', entraIssuer(`0${tenant}`), [], [`entra_issuer ${entraIssuer(`0${tenant}`)}`]],
    ['ids that are none', undefined, [`x${tenant}`, `${tenant}x`], [`tenant x${tenant}`, `tenant ${tenant}x`]],
  ])('%s', (_title, issuer, tenants, faults) => expect(faultsOf(entra(issuer, tenants))).toEqual(faults))

  it('are kept once, in lower case', () => {
    const { rules } = storedOf(entra(undefined, [` ${tenant.toUpperCase()} `, tenant, other]))
    expect(rules.tenants).toEqual([tenant, other])
  })

  it('are of no use where the provider names none', () => {
    expect(faultsOf({ preset: 'okta', rules: { tenants: ['a'] } })).toEqual(['tenants_of_no_use okta'])
    expect(faultsOf({ preset: 'auth0', rules: { tenants: ['org_1'] } })).toEqual([])
  })
})

describe('names, secrets and lists', () => {
  it.each<[string, Given, readonly string[]]>([
    ['the shortest id', { id: 'a' }, []],
    ['the longest id', { id: 'a'.repeat(40) }, []],
    ['an id with hyphens and digits', { id: '0-a--9' }, []],
    ['an id too long', { id: 'a'.repeat(41) }, ['id']],
    ['no id', { id: '' }, ['id']],
    ['an id that leaves its path', { id: '../a' }, ['id']],
    ['an id with a hyphen in front', { id: '-a' }, ['id']],
    ['an id with a hyphen behind', { id: 'a-' }, ['id']],
    ['no name', { name: ' ' }, ['name']],
    ['no client id', { clientId: '' }, ['client_id']],
    ['the longest client id', { clientId: 'x'.repeat(512) }, []],
    ['a client id too long', { clientId: 'x'.repeat(513) }, ['client_id']],
    ['a client id with a space', { clientId: 'a b' }, ['client_id']],
    ['a client id with a line', { clientId: 'a\n' }, ['client_id']],
    ['a client without secret', { clientSecret: undefined }, []],
    ['the longest secret, with spaces', { clientSecret: ' '.repeat(2048) }, []],
    ['an empty secret', { clientSecret: '' }, ['secret']],
    ['a secret too long', { clientSecret: 'x'.repeat(2049) }, ['secret']],
    ['a secret with a line behind', { clientSecret: 'secret\n' }, ['secret']],
    ['a secret with a line before', { clientSecret: '\nsecret' }, ['secret']],
    ['no secret for GitHub', { preset: 'github', clientSecret: undefined }, ['secret_missing']],
    ['no secret for Google', { preset: 'google', issuer: undefined, clientSecret: undefined }, ['secret_missing']],
    [
      'no secret for Entra',
      { preset: 'entra', issuer: entraIssuer(tenant), clientSecret: undefined },
      ['secret_missing'],
    ],
    ['no secret for Okta', { preset: 'okta', clientSecret: undefined }, []],
    ['a scope with a space', { scopes: ['openid', 'a b'] }, ['scope a b']],
    ['a scope with a quote', { scopes: ['openid', '"'] }, ['scope "']],
    ['an empty scope', { scopes: ['openid', ''] }, ['scope ']],
    ['a long scope', { scopes: ['openid', 'x'.repeat(256)] }, []],
    ['a scope too long', { scopes: ['openid', 'x'.repeat(257)] }, [`scope ${'x'.repeat(257)}`]],
    ['GitHub needs no openid', { preset: 'github', scopes: ['read:user'] }, []],
    ['scopes without openid', { scopes: ['email'] }, ['openid_missing']],
    ['a resource that is none', { keepTokensFor: ['https://a.example/mcp', 'a'] }, ['keep_tokens_for "a"']],
    ['groups of Google', { preset: 'google', issuer: undefined, rules: { groups: ['a'] } }, ['groups_of_no_use']],
    [
      'administrators of Google',
      { preset: 'google', issuer: undefined, rules: { adminGroups: ['a'] } },
      ['groups_of_no_use'],
    ],
    [
      'groups of Google in a claim',
      { preset: 'google', issuer: undefined, rules: { groups: ['a'], groupsClaim: 'g' } },
      [],
    ],
    [
      'groups of Google in a blank',
      { preset: 'google', issuer: undefined, rules: { groups: ['a'], groupsClaim: ' ' } },
      ['groups_of_no_use'],
    ],
    ['200 groups', { rules: { groups: Array(200).fill('a') } }, []],
    ['201 groups', { rules: { groups: Array(201).fill('a') } }, ['too_long']],
    ['201 administrators', { rules: { adminGroups: Array(201).fill('a') } }, ['too_long']],
    ['201 domains', { rules: { domains: Array(201).fill('a.example') } }, ['too_long']],
    ['the longest group', { rules: { groups: ['a', 'x'.repeat(512)] } }, []],
    ['a group too long', { rules: { groups: ['a', 'x'.repeat(513)] } }, ['too_long']],
    ['everything at once', { id: 'A', name: '', clientId: '' }, ['id', 'name', 'client_id']],
  ])('%s', (_title, given, faults) => expect(faultsOf(given)).toEqual(faults))

  it.each([
    'example.com',
    'a.b-c.example',
    '0.example',
    'xn--mller-kva.example',
    `${'a'.repeat(63)}.${'b.'.repeat(94)}c`,
  ])('%s is a domain', (domain) => expect(faultsOf({ rules: { domains: [domain] } })).toEqual([]))

  it.each([
    ...['example', '@a.example', 'a.example/', 'a..example', '.a.example', 'a.example.', '-a.example', 'a-.example'],
    ...['a.-example', 'a.example-', 'ada@a.example', 'a_b.example', '*.a.example', '', `${'a.'.repeat(126)}bc`],
  ])('%j is no domain', (domain) => expect(faultsOf({ rules: { domains: [domain] } })).toEqual([`domain ${domain}`]))

  it('a kind that nobody knows is the one fault, with those that are known', () => {
    const [fault, ...more] = faultsOf({ preset: 'facebook', id: 'A' })
    expect(more).toEqual([])
    expect(fault).toBe('preset oidc, google, entra, okta, auth0, keycloak, gitlab, github')
  })

  it('faults are said in English to those who name no language', () => {
    const checked = checkUpstream(draft({ issuer: 'http://a.example', rules: { domains: ['x'] } }))
    expect(checked).toEqual({
      ok: false,
      faults: [
        'x is no domain. Write it like example.com.',
        'The issuer http://a.example is no https address without query, fragment and user name.',
      ],
    })
  })
})

describe('what is stored', () => {
  it('is what was said, in one spelling', () => {
    const stored = storedOf({
      name: ' Acme  Inc ',
      scopes: ['openid', 'email', 'email'],
      keepTokensFor: ['HTTPS://Notes.example/mcp/'],
      enabled: false,
      rules: {
        domains: [' Acme.Example ', 'acme.example'],
        groupsClaim: ' roles ',
        groups: ['A b'],
        trustsEmail: true,
      },
    })
    expect(stored).toEqual({
      ...{ id: 'acme', preset: 'oidc', name: 'Acme Inc', issuer: 'https://login.acme.example' },
      ...{ clientId: 'sallyport', clientSecret: 'the client secret', scopes: ['openid', 'email'], enabled: false },
      keepTokensFor: ['https://notes.example/mcp'],
      rules: {
        ...{ create: true, tenants: [], domains: ['acme.example'], groupsClaim: 'roles', groups: ['A b'] },
        ...{ adminGroups: [], trustsEmail: true },
      },
    })
  })

  it.each<[string, Given, readonly string[]]>([
    ['nothing said', {}, ['openid', 'profile', 'email']],
    ['an empty list', { scopes: [] }, ['openid', 'profile', 'email']],
    ['Okta', { preset: 'okta' }, ['openid', 'profile', 'email']],
    ['Okta with groups', { preset: 'okta', rules: { groups: ['a'] } }, ['openid', 'profile', 'email', 'groups']],
    [
      'Okta with administrators',
      { preset: 'okta', rules: { adminGroups: ['a'] } },
      ['openid', 'profile', 'email', 'groups'],
    ],
    ['GitHub', { preset: 'github' }, ['read:user', 'user:email']],
    ['a list of one’s own', { preset: 'okta', scopes: ['openid'], rules: { groups: ['a'] } }, ['openid']],
  ])('scopes: %s', (_title, given, scopes) => expect(storedOf(given).scopes).toEqual(scopes))
})

it.each<[string, Given, boolean]>([
  ['Google', { preset: 'google', issuer: undefined }, true],
  ['github.com', { preset: 'github', issuer: undefined }, true],
  ['gitlab.com', { preset: 'gitlab', issuer: undefined }, true],
  ['a GitLab of one’s own', { preset: 'gitlab', issuer: 'https://git.acme.example' }, false],
  ['a provider of one’s own', {}, false],
  ['Google by domain', { preset: 'google', issuer: undefined, rules: { domains: ['acme.example'] } }, false],
  ['Google by Workspace', { preset: 'google', issuer: undefined, rules: { tenants: ['acme.example'] } }, false],
  ['github.com by organisation', { preset: 'github', issuer: undefined, rules: { groups: ['acme'] } }, false],
  [
    'github.com by domain and organisation',
    { preset: 'github', issuer: undefined, rules: { groups: ['acme'], domains: ['a.example'] } },
    false,
  ],
  [
    'Google by domain and Workspace',
    { preset: 'google', issuer: undefined, rules: { tenants: ['a.example'], domains: ['a.example'] } },
    false,
  ],
  [
    'github.com, administrators by organisation',
    { preset: 'github', issuer: undefined, rules: { adminGroups: ['acme'] } },
    true,
  ],
  ['Google for whoever linked it', { preset: 'google', issuer: undefined, rules: { create: false } }, false],
])('H14 %s is open to everybody there: %s', (_title, given, isOpen) => {
  expect(isOpenToAll(storedOf(given))).toBe(isOpen)
})
