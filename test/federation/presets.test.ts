import { describe, expect, it } from 'vitest'
import { acceptsIssuer, entraIssuer, hasTenantIssuers, impliedIssuer } from '../../src/federation/presets.ts'
import { admit } from '../../src/federation/rules.ts'
import { madePerson, madeUpstream } from './made.ts'

const tenant = '11111111-2222-3333-4444-555555555555'
const other = '99999999-2222-3333-4444-555555555555'

describe('H10 an issuer for each tenant', () => {
  it.each([
    [entraIssuer('organizations'), true],
    [entraIssuer('common'), true],
    [entraIssuer('consumers'), true],
    ['https://login.microsoftonline.us/organizations/v2.0', true],
    ['http://127.0.0.1:9000/common/v2.0', true],
    [entraIssuer(tenant), false],
    [`${entraIssuer('common')}/`, false],
    ['https://evil.example/x/common/v2.0', false],
    ['xhttps://login.microsoftonline.com/common/v2.0', false],
    [entraIssuer('commoner'), false],
  ])('%s of Entra: %s; of nobody else', (issuer, expected) => {
    expect(hasTenantIssuers({ preset: 'entra', issuer })).toBe(expected)
    expect(hasTenantIssuers({ preset: 'oidc', issuer })).toBe(false)
  })

  it('belongs to the cloud that was configured, and to a listed tenant', () => {
    const national = madeUpstream({
      preset: 'entra',
      issuer: 'https://login.microsoftonline.us/organizations/v2.0',
      rules: { tenants: [tenant] },
    })
    const ofNation = `https://login.microsoftonline.us/${tenant}/v2.0`
    expect(acceptsIssuer(national, ofNation, tenant)).toBe(true)
    expect(acceptsIssuer(national, entraIssuer(tenant), tenant)).toBe(false)
    expect(acceptsIssuer(national, ofNation, undefined)).toBe(false)
    expect(acceptsIssuer(national, ofNation, other)).toBe(false)
  })

  it('with one tenant its issuer is the only one, whatever the claim says', () => {
    const one = madeUpstream({ preset: 'entra', issuer: entraIssuer(tenant), rules: { tenants: [tenant] } })
    expect(acceptsIssuer(one, entraIssuer(tenant), undefined)).toBe(true)
    expect(acceptsIssuer(one, entraIssuer(other), other)).toBe(false)
  })
})

it('the issuer that is meant where none is named', () => {
  expect(impliedIssuer('google', [])).toBe('https://accounts.google.com')
  expect(impliedIssuer('github', [])).toBe('https://github.com')
  expect(impliedIssuer('gitlab', [])).toBe('https://gitlab.com')
  expect(impliedIssuer('oidc', ['a'])).toBeUndefined()
  expect(impliedIssuer('entra', [])).toBeUndefined()
  expect(impliedIssuer('entra', [tenant])).toBe(entraIssuer(tenant))
  expect(impliedIssuer('entra', [tenant, other])).toBe(entraIssuer('organizations'))
})

it('one group of several makes an administrator, and an address that is none tells nothing of its word', () => {
  const upstream = madeUpstream({ rules: { adminGroups: ['a', 'b'] } })
  expect(admit(upstream, madePerson(upstream, { groups: ['b'] }), true)).toMatchObject({ role: 'admin' })
  const odd = madePerson(upstream, { email: 'no address', email_verified: false })
  expect(admit(upstream, odd, false)).toEqual({ ok: false, reason: 'no_email' })
})
