import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkUpstream, isOpenToAll, type UpstreamDraft } from '../../src/federation/check.ts'
import { personFrom } from '../../src/federation/claims.ts'
import { entraIssuer } from '../../src/federation/presets.ts'
import { admit, mayLink } from '../../src/federation/rules.ts'
import type { AccountRules } from '../../src/federation/upstream.ts'
import { madePerson, madeUpstream } from './made.ts'

const tenant = '11111111-2222-3333-4444-555555555555'
const other = '99999999-2222-3333-4444-555555555555'

describe('H09: an e-mail address counts when the provider says so in so many words, and only then', () => {
  it.each([
    [true, true],
    [false, false],
    ['true', false],
    ['TRUE', false],
    [1, false],
    [{}, false],
    [[true], false],
    [null, false],
    [undefined, false],
  ])('email_verified %j makes an account: %s', (verified, ok) => {
    const upstream = madeUpstream()
    const admission = admit(upstream, madePerson(upstream, { email_verified: verified }), false)
    expect(admission).toEqual(
      ok
        ? { ok: true, role: undefined, email: 'ada@acme.example', name: 'Ada' }
        : { ok: false, reason: 'email_unverified' },
    )
  })

  it('whatever else is in the claim, no account is made by it', () => {
    const upstream = madeUpstream()
    fc.assert(
      fc.property(fc.anything(), (verified) => {
        fc.pre(verified !== true)
        const person = madePerson(upstream, { email_verified: verified })
        expect(person.emailVerified).toBe(false)
        expect(admit(upstream, person, false).ok).toBe(false)
      }),
    )
  })

  it('a provider of one’s own is believed where the operator says so, and a domain is matched whole', () => {
    const trusting = madeUpstream({ rules: { trustsEmail: true, domains: ['acme.example'] } })
    const unsaid = { email_verified: undefined }
    expect(admit(trusting, madePerson(trusting, unsaid), false).ok).toBe(true)
    for (const email of [
      'ada@evil-acme.example',
      'ada@acme.example.evil',
      'ada@sub.acme.example',
      'acme.example',
      'a@b',
    ]) {
      expect(admit(trusting, madePerson(trusting, { ...unsaid, email }), false).ok, email).toBe(false)
    }
    // The last @ decides; two are no address at all.
    expect(admit(trusting, madePerson(trusting, { ...unsaid, email: 'ada@evil.example@acme.example' }), false).ok).toBe(
      false,
    )
  })

  it('somebody known comes in without an address, and an unverified one is not told on', () => {
    const upstream = madeUpstream()
    const person = madePerson(upstream, { email_verified: false })
    expect(admit(upstream, person, true)).toMatchObject({ ok: true, email: null })
    expect(admit(upstream, madePerson(upstream, { email: undefined }), true).ok).toBe(true)
    expect(admit(upstream, madePerson(upstream, { email: undefined }), false)).toEqual({
      ok: false,
      reason: 'no_email',
    })
  })
})

describe('who comes in', () => {
  it.each<[string, Partial<AccountRules>, Record<string, unknown>, string | true]>([
    ['nothing is asked', {}, {}, true],
    ['not of the domain', { domains: ['other.example'] }, {}, 'domain'],
    ['of the domain, in capitals', { domains: ['acme.example'] }, { email: 'Ada@ACME.example' }, true],
    ['of the domain, but not verified', { domains: ['acme.example'] }, { email_verified: false }, 'domain'],
    ['in one of the groups', { groups: ['a', 'b'] }, { groups: ['b'] }, true],
    ['in none of the groups', { groups: ['a'] }, { groups: ['b'] }, 'group'],
    [
      'groups left out: more than the provider puts into a token',
      { groups: ['a'] },
      { _claim_names: { groups: 'x' } },
      'group',
    ],
    ['a group as a single text', { groups: ['a'] }, { groups: 'a' }, true],
    ['groups of another type', { groups: ['1'] }, { groups: [1, { a: 1 }] }, 'group'],
    ['groups from a claim of the operator', { groups: ['a'], groupsClaim: 'roles' }, { roles: ['a'] }, true],
    ['a group whose name is part of another', { groups: ['admin'] }, { groups: ['administrators'] }, 'group'],
    ['no new accounts', { create: false }, {}, 'no_new_accounts'],
  ])('%s', (_case, rules, claims, expected) => {
    const upstream = madeUpstream({ rules })
    const admission = admit(upstream, madePerson(upstream, claims), false)
    expect(admission.ok || admission.reason).toBe(expected)
    // H14: the lists count for whoever is known already, and for linking; only new accounts do not matter then.
    const reason = expected === true || expected === 'no_new_accounts' ? null : expected
    const known = admit(upstream, madePerson(upstream, claims), true)
    expect(known.ok ? null : known.reason).toBe(reason)
    expect(mayLink(upstream, madePerson(upstream, claims))).toBe(reason)
  })

  it('a role is given and taken only where groups of administrators are named', () => {
    const silent = madeUpstream()
    expect(admit(silent, madePerson(silent, { groups: ['admins'] }), true)).toMatchObject({ role: undefined })
    const speaking = madeUpstream({ rules: { adminGroups: ['admins'] } })
    expect(admit(speaking, madePerson(speaking, { groups: ['x', 'admins'] }), true)).toMatchObject({ role: 'admin' })
    expect(admit(speaking, madePerson(speaking, { groups: ['x'] }), true)).toMatchObject({ role: 'member' })
    expect(admit(speaking, madePerson(speaking, { groups: undefined }), true)).toMatchObject({ role: 'member' })
  })

  it('whatever the claims are, nobody becomes an administrator without being in the group, and nothing throws', () => {
    const upstream = madeUpstream({ rules: { adminGroups: ['admins'], groups: ['staff'] } })
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('email', 'email_verified', 'name', 'groups', 'tid', 'hd'), fc.anything()),
        (claims) => {
          const admission = admit(upstream, madePerson(upstream, claims), true)
          const groups = [claims.groups].flat()
          expect(admission.ok).toBe(groups.includes('staff'))
          if (admission.ok) expect(admission.role === 'admin').toBe(groups.includes('admins'))
        },
      ),
    )
  })

  it('an upstream that is switched off lets nobody in', () => {
    const upstream = madeUpstream({ enabled: false })
    expect(admit(upstream, madePerson(upstream), true)).toEqual({ ok: false, reason: 'disabled' })
  })
})

describe('H10: tenants', () => {
  const several = madeUpstream({
    preset: 'entra',
    issuer: entraIssuer('organizations'),
    rules: { tenants: [tenant], trustsEmail: true },
  })

  it.each([
    ['a listed tenant with its own issuer', entraIssuer(tenant), tenant, true],
    ['another tenant', entraIssuer(other), other, false],
    ['a listed tenant in the claim, signed by another', entraIssuer(other), tenant, false],
    ['another in the claim, the issuer of a listed one', entraIssuer(tenant), other, false],
    ['no tenant claim', entraIssuer(tenant), undefined, false],
    ['the placeholder itself', entraIssuer('{tenantid}'), '{tenantid}', false],
    ['the address for all of them', entraIssuer('organizations'), 'organizations', false],
    ['another host', `https://evil.example/${tenant}/v2.0`, tenant, false],
  ])('%s', (_case, iss, tid, ok) => {
    expect(admit(several, madePerson(several, { iss, tid }), false).ok).toBe(ok)
  })

  it('an empty list lets no tenant in, even where a row says so', () => {
    const open = { ...several, rules: { ...several.rules, tenants: [] } }
    expect(admit(open, madePerson(open, { iss: entraIssuer(tenant), tid: tenant }), false).ok).toBe(false)
  })

  it('the address of Entra is believed only when it says that the domain was verified (xms_edov)', () => {
    const entra = madeUpstream({ preset: 'entra', issuer: entraIssuer(tenant), rules: { tenants: [tenant] } })
    const claims = { tid: tenant, email_verified: undefined }
    expect(admit(entra, madePerson(entra, claims), false)).toEqual({ ok: false, reason: 'email_unverified' })
    expect(admit(entra, madePerson(entra, { ...claims, xms_edov: true }), false).ok).toBe(true)
    expect(admit(entra, madePerson(entra, { ...claims, xms_edov: '1' }), false).ok).toBe(false)
  })

  it('Google: a private account with an address of the firm is not in its Workspace', () => {
    const google = madeUpstream({
      preset: 'google',
      issuer: 'https://accounts.google.com',
      rules: { domains: ['acme.example'] },
    })
    expect(admit(google, madePerson(google, { hd: 'acme.example' }), false).ok).toBe(true)
    expect(admit(google, madePerson(google), false)).toEqual({ ok: false, reason: 'domain' })
    const byTenant = { ...google, rules: { ...google.rules, domains: [], tenants: ['acme.example'] } }
    expect(admit(byTenant, madePerson(byTenant, { hd: 'acme.example' }), false).ok).toBe(true)
    expect(admit(byTenant, madePerson(byTenant), false)).toEqual({ ok: false, reason: 'tenant' })
  })

  it('an issuer is compared letter by letter', () => {
    const upstream = madeUpstream()
    for (const iss of ['https://login.acme.example/', 'https://LOGIN.acme.example', 'http://login.acme.example', '']) {
      expect(admit(upstream, madePerson(upstream, { iss }), true), iss).toEqual({ ok: false, reason: 'issuer' })
    }
    expect(admit(upstream, madePerson(upstream, { sub: '' }), true)).toEqual({ ok: false, reason: 'issuer' })
  })
})

describe('what is refused before anybody relies on it', () => {
  const draft = (given: Partial<Omit<UpstreamDraft, 'rules'>> & { rules?: Partial<AccountRules> }): UpstreamDraft => ({
    ...madeUpstream(),
    scopes: undefined,
    ...given,
    rules: { ...madeUpstream().rules, ...given.rules },
  })
  const faultsOf = (given: Parameters<typeof draft>[0]) => {
    const checked = checkUpstream(draft(given))
    return checked.ok ? '' : checked.faults.join(' ')
  }

  it.each<[string, Parameters<typeof draft>[0], RegExp | null]>([
    ['a whole one', {}, null],
    ['H11: plain http', { issuer: 'http://login.acme.example' }, /no https address/],
    ['plain http on this machine', { issuer: 'http://127.0.0.1:9000' }, null],
    ['an issuer with a query', { issuer: 'https://login.acme.example/?a=b' }, /no https address/],
    ['an issuer with a name in it', { issuer: 'https://x@login.acme.example' }, /no https address/],
    ['no issuer', { issuer: undefined }, /issuer is missing/],
    ['Google elsewhere', { preset: 'google', issuer: 'https://google.evil.example' }, /and no other/],
    ['Google without a secret', { preset: 'google', issuer: undefined, clientSecret: undefined }, /client secret/],
    ['Google with groups', { preset: 'google', issuer: undefined, rules: { groups: ['a'] } }, /no groups/],
    ['Entra for everybody', { preset: 'entra', issuer: entraIssuer('common') }, /everybody can make a tenant/],
    ['Entra for organizations', { preset: 'entra', issuer: entraIssuer('organizations') }, /everybody can make/],
    ['Entra without anything', { preset: 'entra', issuer: undefined }, /everybody can make a tenant/],
    ['Entra with a list', { preset: 'entra', issuer: entraIssuer('common'), rules: { tenants: [tenant] } }, null],
    ['Entra by a domain', { preset: 'entra', issuer: entraIssuer('acme.example') }, /something else than its id/],
    [
      'Entra, a tenant by its domain',
      { preset: 'entra', issuer: undefined, rules: { tenants: ['acme.example'] } },
      /no tenant id/,
    ],
    [
      'Entra, the issuer of another',
      { preset: 'entra', issuer: entraIssuer(other), rules: { tenants: [tenant] } },
      /other tenants/,
    ],
    ['tenants where there are none', { rules: { tenants: ['a'] } }, /names no tenants/],
    ['a domain with an @', { rules: { domains: ['@acme.example'] } }, /no domain/],
    ['without openid', { scopes: ['email'] }, /openid is missing/],
    ['an id with a slash', { id: 'a/b' }, /identifier/],
    ['an id in capitals', { id: 'Acme' }, /identifier/],
    ['no resource', { keepTokensFor: ['notes'] }, /no identifier/],
    ['another preset', { preset: 'facebook' }, /must be one of/],
  ])('%s', (_case, given, fault) => {
    if (fault === null) expect(faultsOf(given)).toBe('')
    else expect(faultsOf(given)).toMatch(fault)
  })

  it('a preset fills in what it knows', () => {
    const stored = (given: Parameters<typeof draft>[0]) => {
      const checked = checkUpstream(draft({ issuer: undefined, ...given }))
      return checked.ok ? checked.upstream : undefined
    }
    expect(stored({ preset: 'google' })?.issuer).toBe('https://accounts.google.com')
    expect(stored({ preset: 'github' })).toMatchObject({
      issuer: 'https://github.com',
      scopes: ['read:user', 'user:email'],
    })
    expect(stored({ preset: 'github', rules: { groups: ['acme'] } })?.scopes).toContain('read:org')
    expect(stored({ preset: 'entra', rules: { tenants: [tenant.toUpperCase()] } })?.issuer).toBe(entraIssuer(tenant))
    expect(stored({ preset: 'entra', rules: { tenants: [tenant, other] } })?.issuer).toBe(entraIssuer('organizations'))
  })

  it('tells when everybody who has an account there would get one here', () => {
    const google = madeUpstream({ preset: 'google', issuer: 'https://accounts.google.com' })
    expect(isOpenToAll(google)).toBe(true)
    expect(isOpenToAll({ ...google, rules: { ...google.rules, tenants: ['acme.example'] } })).toBe(false)
    expect(isOpenToAll({ ...google, rules: { ...google.rules, create: false } })).toBe(false)
    expect(isOpenToAll(madeUpstream())).toBe(false)
  })
})

describe('H10: a subject is kept as it is, or nobody comes in by it', () => {
  it.each(['x'.repeat(256), 'a\0b', 'a\ud800', 'a\u202eb'])('%j is refused', (subject) => {
    const upstream = madeUpstream()
    expect(() => personFrom(upstream, upstream.issuer, subject, {})).toThrow('upstream: subject')
  })

  it('letters of any script are a subject', () => {
    const upstream = madeUpstream()
    expect(personFrom(upstream, upstream.issuer, 'f:1:Jürgen Ω', {}).subject).toBe('f:1:Jürgen Ω')
  })
})
