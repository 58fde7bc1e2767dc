// The whole attack as a script. Every defence can be taken out of the server by a switch of this file, never by a setting.
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Browser, type Page } from '../support/browser.ts'
import {
  type AuthorizationRequest,
  authorizationRequest,
  type RegisteredClient,
  redeem,
  register,
} from '../support/flow.ts'
import { passUpstream, signedInThere } from '../support/upstream.ts'
import { deliver, leave, openStage, reachCard, type Stage } from './journey.ts'

type Defence = 'browser' | 'card' | 'consent'

const off = vi.hoisted(() => new Set<string>())

vi.mock('../../src/federation/hop-cookies.ts', async (original) => {
  const real = await original<typeof import('../../src/federation/hop-cookies.ts')>()
  const createHopCookies: typeof real.createHopCookies = (jar) => {
    const cookies = real.createHopCookies(jar)
    return { ...cookies, holds: (...args) => off.has('browser') || cookies.holds(...args) }
  }
  return { ...real, createHopCookies }
})

vi.mock('../../src/consent/remembered.ts', async (original) => {
  const real = await original<typeof import('../../src/consent/remembered.ts')>()
  const remembered: typeof real.remembered = async (sources, question, now) =>
    off.has('consent')
      ? { ask: null, consentId: 'none', scopes: question.scopes, stayConnected: false, endsAt: undefined }
      : real.remembered(sources, question, now)
  return { ...real, remembered }
})

afterEach(() => off.clear())

const evil = 'https://claude-login.example/cb'

interface Attack extends Stage {
  readonly evilClient: RegisteredClient
  /** What the victim does at the upstream: signed in there, everything allowed long ago, no page appears. */
  readonly victimThere: Browser
  readonly victimHere: Browser
}

async function prepare(): Promise<Attack> {
  const stage = await openStage()
  const evilClient = await register(stage.app, { client_name: 'Claude', redirect_uris: [evil] })
  // The victim has used this server before, honestly, and is signed out by now: the upstream remembers them.
  const before = new Browser(stage.app.issuer)
  const victimThere = signedInThere(stage.upstream, 'ada')
  const { url } = authorizationRequest(stage.app, stage.client.client_id)
  const consent = await deliver(
    before,
    await passUpstream(victimThere, await leave(before, await reachCard(before, url))),
  )
  expect(consent.name).toBe('consent')
  return { ...stage, evilClient, victimThere, victimHere: new Browser(stage.app.issuer) }
}

const ask = ({ app, evilClient }: Attack): AuthorizationRequest =>
  authorizationRequest(app, evilClient.client_id, { redirect_uri: evil })

/** The attacker begins, and sends the captured address of the upstream to the victim. @returns where the victim ends */
async function sendCapturedAddress(attack: Attack): Promise<{ victim: Page; attacker: Page }> {
  const attackerHere = new Browser(attack.app.issuer)
  const card = await reachCard(attackerHere, ask(attack).url)
  const captured = await leave(attackerHere, card)
  const answer = await passUpstream(attack.victimThere, captured)
  expect(new URL(answer).searchParams.get('code')).toBeTruthy()
  const victim = await deliver(attack.victimHere, answer)
  // Then the attacker looks whether their own authorization goes on.
  const uid = new URL(card.url).pathname.split('/')[2]
  const attacker = await attackerHere.open(`${attack.app.issuer}/authorize/${uid}`)
  return { victim, attacker }
}

/** The victim follows a link to our own authorization endpoint. Without the card, the browser goes to the upstream by itself. */
async function sendFreshStart(attack: Attack): Promise<{ victim: Page; request: AuthorizationRequest }> {
  const request = ask(attack)
  const here = attack.victimHere
  let victim = await here.open(request.url, { 'sec-fetch-site': 'cross-site' })
  if (off.has('card')) {
    const address = await leave(here, await reachCard(here, request.url))
    victim = await deliver(here, await passUpstream(attack.victimThere, address))
  }
  return { victim, request }
}

/** Where the answer must never be. */
function isTaken(page: Page): boolean {
  return new URL(page.url).host === new URL(evil).host && page.url.includes('code=')
}

describe('H03 the confused deputy', () => {
  it.each<[string, readonly Defence[]]>([
    ['with every defence', []],
    ['without the cookie that binds a hop to its browser', ['browser']],
    ['without our page before the hop', ['card']],
    ['without our own consent for each client', ['consent']],
  ])('gets nothing %s', async (_title, without) => {
    for (const defence of without) off.add(defence)
    const attack = await prepareWith(without)

    const captured = await sendCapturedAddress(attack)
    expect(isTaken(captured.victim)).toBe(false)
    expect(isTaken(captured.attacker)).toBe(false)
    // The victim reads why on a page of ours; nobody is signed in, not even as themselves.
    expect(captured.victim.error).toBe(without.includes('browser') ? 'interaction_expired' : 'upstream_other_browser')
    expect(captured.attacker.name).not.toBe('consent')
    expect((await attack.victimHere.open('/account')).name).toBe('sign-in')

    const { victim } = await sendFreshStart(attack)
    expect(isTaken(victim)).toBe(false)
    // Stopped at a page that names the client: before the hop, or at our consent.
    expect(victim.name).toBe(without.includes('card') ? 'consent' : 'sign-in')
    expect(victim.body).toContain('Claude')
  })

  it('is a real attack: without the page and without our consent, a link is enough', async () => {
    const attack = await prepareWith(['card', 'consent'])
    const { victim, request } = await sendFreshStart(attack)
    expect(isTaken(victim)).toBe(true)
    const code = new URL(victim.url).searchParams.get('code') ?? ''
    const { body } = await redeem(attack.app, attack.evilClient, { code, request })
    expect(body.access_token).toBeTypeOf('string')
  })

  it('is asked about by name although the upstream shows no page at all', async () => {
    const attack = await prepareWith(['card'])
    const { victim } = await sendFreshStart(attack)
    expect(victim.name).toBe('consent')
    expect(victim.body).toContain('claude-login.example')
    // The start came from another site, so it is asked about even where this client was allowed before.
    expect(attack.upstream.requests.filter((request) => request.startsWith('GET /login')).length).toBeGreaterThan(0)
  })
})

async function prepareWith(without: readonly Defence[]): Promise<Attack> {
  off.clear()
  const attack = await prepare()
  for (const defence of without) off.add(defence)
  return attack
}
