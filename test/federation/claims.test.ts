import { describe, expect, it } from 'vitest'
import { personFrom } from '../../src/federation/claims.ts'
import { admit } from '../../src/federation/rules.ts'
import type { Preset } from '../../src/federation/upstream.ts'
import { madePerson, madeUpstream } from './made.ts'

const read = (claims: Record<string, unknown>, preset: Preset = 'oidc', groupsClaim?: string) =>
  personFrom(madeUpstream({ preset, rules: { groupsClaim } }), 'https://a.example', 'sub', claims)

describe('a person is read from claims', () => {
  it('with what was checked elsewhere, and the claims as they came', () => {
    const claims = { sub: 'other', iss: 'https://evil.example', email: 'ada@acme.example', odd: 1 }
    expect(read(claims)).toEqual({
      ...{ issuer: 'https://a.example', subject: 'sub', email: 'ada@acme.example', emailVerified: false },
      ...{ name: undefined, tenant: undefined, groups: [], claims },
    })
  })

  it.each<[Record<string, unknown>, string | undefined]>([
    [{ name: 'Ada', preferred_username: 'ada', nickname: 'a' }, 'Ada'],
    [{ preferred_username: 'ada', nickname: 'a' }, 'ada'],
    [{ name: '', nickname: 'a' }, 'a'],
    [{ name: 7, preferred_username: ['x'], nickname: null }, undefined],
    [{ name: 'x'.repeat(2048) }, 'x'.repeat(2048)],
    [{ name: 'x'.repeat(2049) }, undefined],
  ])('the name is the first text of three claims (%#)', (claims, name) => expect(read(claims).name).toBe(name))

  it.each<[unknown, readonly string[]]>([
    ['a', ['a']],
    [
      ['a', '', 7, null, ['b'], 'c'],
      ['a', 'c'],
    ],
    [{ 0: 'a', length: 1 }, []],
    [7, []],
    [undefined, []],
  ])('groups %j are %j', (groups, expected) => expect(read({ groups }).groups).toEqual(expected))

  it.each<[Preset, string | undefined, string]>([
    ['oidc', undefined, 'groups'],
    ['gitlab', undefined, 'groups_direct'],
    ['github', undefined, 'organizations'],
    ['gitlab', 'roles', 'roles'],
  ])('groups of %s with %s come from %s alone', (preset, groupsClaim, claim) => {
    const claims = { groups: ['1'], groups_direct: ['2'], organizations: ['3'], roles: ['4'] }
    expect(read(claims, preset, groupsClaim).groups).toEqual([claims[claim as keyof typeof claims][0]])
  })

  it.each<[Preset, string | undefined]>([
    ['oidc', undefined],
    ['keycloak', undefined],
    ['google', 'hd'],
    ['entra', 'tid'],
    ['auth0', 'org_id'],
  ])('H10 the tenant of %s is %s', (preset, claim) => {
    expect(read({ hd: 'hd', tid: 'tid', org_id: 'org_id', undefined: 'x' }, preset).tenant).toBe(claim)
    expect(read({ hd: 7, tid: [], org_id: {} }, preset).tenant).toBeUndefined()
  })

  it('H09 the word of Entra that a domain was verified counts for Entra alone', () => {
    expect(read({ xms_edov: true }, 'entra').emailVerified).toBe(true)
    expect(read({ email_verified: true }, 'entra').emailVerified).toBe(true)
    expect(read({ xms_edov: true }).emailVerified).toBe(false)
    expect(read({ xms_edov: 1, email_verified: 'true' }, 'entra').emailVerified).toBe(false)
  })
})

it('a person without a name is called by their address, or by their subject where nothing better may be said', () => {
  const upstream = madeUpstream()
  const nameOf = (claims: Record<string, unknown>) => {
    const admission = admit(upstream, madePerson(upstream, { name: undefined, ...claims }), true)
    return admission.ok ? admission.name : admission.reason
  }
  expect(nameOf({})).toBe('ada')
  expect(nameOf({ name: 'x'.repeat(101) })).toBe('ada')
  expect(nameOf({ email_verified: false, sub: 's'.repeat(120) })).toBe('s'.repeat(100))
})
