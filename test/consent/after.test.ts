import { describe, expect, it } from 'vitest'
import { allowedPage, blockedPage, returnedPage, stopPage } from '../../src/consent/after.ts'
import { formatFor } from '../../src/messages/format.ts'
import { messagesFor } from '../../src/messages/messages.ts'
import { asking, proven } from './question.ts'
import { ada } from './room.ts'

const messages = messagesFor('en')
const tools = { messages, format: formatFor('en'), basePath: '/auth' }
const admin = { ...ada, role: 'admin' as const }

describe('the stop in front of a look-alike (D10, D11)', () => {
  const known = { id: 'known', claimedName: 'Claude', provenHost: undefined }

  it('says how the known one is known, and what the other is', async () => {
    const asked = await asking()
    const vouched = stopPage(asked, known, false, tools)
    expect(vouched.known.proof).toBe('An administrator of this server vouches for that one.')
    expect(vouched.thisOne).toContain('This one calls itself “Claude”, first came here 3 March 2026')
    const byHost = stopPage(asked, { ...known, provenHost: 'claude.ai' }, false, tools)
    expect(byHost.known.proof).toBe('That one proves itself as claude.ai.')
    const described = stopPage(await asking({ client: { ...proven, provenHost: 'cIaude.ai' } }), known, false, tools)
    expect(described.thisOne).toBe(
      'This one calls itself “Claude”, is described by cIaude.ai, and sends you to app.example.',
    )
  })

  it('says what is missing when it comes back, and whom a block would meet', async () => {
    const asked = await asking()
    expect(stopPage(asked, known, false, tools)).toMatchObject({ message: undefined, isAdmin: false })
    expect(stopPage(asked, known, true, tools).message).toContain('Tick that you know app.example')
    expect(stopPage(await asking({ account: admin }), known, false, tools).isAdmin).toBe(true)
  })
})

describe('the page after Allow', () => {
  it.each([
    ['https://app.example/cb', 'You are being taken to it', undefined],
    ['http://127.0.0.1:5/cb', 'You are being taken to it', '/auth/interaction/uid-1/consent'],
    ['cursor://app/cb', 'Your app should open', '/auth/interaction/uid-1/consent'],
  ])('for %s says what happens, and where a code is if nothing does', async (redirectUri, words, codeAddress) => {
    const page = allowedPage(
      await asking({ authorization: { redirectUri } }),
      '/auth/authorize/uid-1',
      messages,
      '/auth',
    )
    expect(page.text).toContain(words)
    expect(page.codeAddress).toBe(codeAddress)
    expect(page.refreshTo).toBe('/auth/authorize/uid-1')
  })
})

describe('the page of a blocked client', () => {
  it.each([
    ['everyone', 'error', 'client_blocked', undefined, undefined],
    ['you', 'error', 'client_blocked', undefined, undefined],
    ['stands', 'consent-blocked', undefined, '/auth/interaction/uid-1/unblock', '/auth/interaction/uid-1/consent'],
  ] as const)('%s', async (outcome, page, errorCode, unblockAction, action) => {
    expect(blockedPage(await asking(), outcome, messages, '/auth')).toMatchObject({
      page,
      errorCode,
      unblockAction,
      action,
    })
  })
})

describe('the page of who comes back', () => {
  const answer = { uid: 'uid-1', clientName: 'Claude', serverName: 'Acme Notes' }

  it('holds address and code only when they were asked for (G11)', () => {
    const target = 'cursor://app/cb?code=the-code&state=s'
    const hidden = returnedPage({ ...answer, target }, false, messages, '/auth')
    expect(JSON.stringify(hidden)).not.toContain('the-code')
    expect(returnedPage({ ...answer, target }, true, messages, '/auth')).toMatchObject({
      address: target,
      code: 'the-code',
    })
  })

  it('has no code where the answer was an error', () => {
    const target = 'http://127.0.0.1:5/cb?error=access_denied'
    expect(returnedPage({ ...answer, target }, true, messages, '/auth')).toMatchObject({
      address: target,
      code: undefined,
    })
  })
})
