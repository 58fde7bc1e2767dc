import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createResource } from '../../src/resources/change.ts'
import type { ResourceDraft } from '../../src/resources/resource.ts'
import { operatorClient } from '../attacks/stage.ts'
import { startApp, type TestApp, type TestPerson } from '../support/app.ts'
import { Browser } from '../support/browser.ts'
import { authorizationRequest, decide, loopbackRedirect, redeem, refresh, register, token } from '../support/flow.ts'
import { anyText, runs } from './attempts.ts'

// Granted ⊆ requested ∩ client ∩ resource ∩ person, for worlds that nobody wrote down: whatever is asked by whom for what, and
// ticked by whoever may or may not. The rule is written a second time here, in sets.

const everything = ['files:read', 'files:write', 'files:delete', 'mail:read', 'mail:send', 'ops:run'] as const

interface World {
  readonly app: TestApp
  readonly resources: readonly (ResourceDraft & { readonly scopes: NonNullable<ResourceDraft['scopes']> })[]
  readonly people: readonly { readonly person: TestPerson; readonly isAdmin: boolean; readonly isListed: boolean }[]
  /** Ceiling: resource → scopes; undefined: none. */
  readonly clients: readonly {
    readonly id: string
    readonly ceiling: ReadonlyMap<string, readonly string[]> | undefined
  }[]
  readonly machines: readonly {
    readonly id: string
    readonly secret: string
    readonly ceiling: ReadonlyMap<string, readonly string[]>
  }[]
}

let world: World

const scopesOf = (names: readonly string[]) =>
  names.map((name, index) => ({
    name,
    description: `May ${name}`,
    risk: index === 0 ? 'read' : 'write',
    isDefault: index === 0,
  }))

beforeAll(async () => {
  const app = await startApp({ resources: [] })
  const admin = await app.person('admin', 'admin')
  const member = await app.person('member')
  const guest = await app.person('guest')
  const resources = [
    {
      identifier: 'https://files.example/mcp',
      name: 'Files',
      access: 'everyone',
      scopes: scopesOf(everything.slice(0, 3)),
    },
    // The same words at another server mean other things.
    {
      identifier: 'https://mail.example/mcp',
      name: 'Mail',
      access: 'listed',
      members: [member.id],
      scopes: scopesOf(['mail:read', 'mail:send', 'files:read']),
    },
    {
      identifier: 'https://ops.example/mcp',
      name: 'Ops',
      access: 'admins',
      scopes: scopesOf(['ops:run', 'files:read']),
    },
  ]
  for (const draft of resources) await createResource(app.app.rooms.resources, draft, { actor: 'operator' })
  const ceilings = [
    undefined,
    new Map([['https://files.example/mcp', ['files:read']]]),
    new Map([
      ['https://files.example/mcp', ['files:read', 'files:write']],
      ['https://ops.example/mcp', ['ops:run']],
    ]),
  ]
  const clients = []
  for (const [index, ceiling] of ceilings.entries()) {
    const draft = { clientId: `app-${index}`, redirectUris: [loopbackRedirect], tokenEndpointAuthMethod: 'none' }
    clients.push({
      id: (await operatorClient(app, { ...draft, ...(ceiling === undefined ? {} : { resources: ceiling }) })).id,
      ceiling,
    })
  }
  clients.push({ id: (await register(app)).client_id, ceiling: undefined })
  clients.push({ id: (await register(app, { scope: 'files:read mail:read' })).client_id, ceiling: undefined })
  const machines = []
  for (const [index, ceiling] of ceilings.entries()) {
    if (ceiling === undefined) continue
    const draft = {
      clientId: `machine-${index}`,
      grantTypes: ['client_credentials'],
      redirectUris: [],
      resources: ceiling,
    }
    machines.push({ ...(await operatorClient(app, draft)), ceiling })
  }
  const people = [
    { person: admin, isAdmin: true, isListed: false },
    { person: member, isAdmin: false, isListed: true },
    { person: guest, isAdmin: false, isListed: false },
  ]
  world = { app, resources, people, clients, machines }
})
afterAll(() => world.app.close())

/** Words of scopes, with some that nobody has and some that are no words. */
const asked = fc.tuple(
  fc.subarray([...everything, 'openid', 'offline_access']),
  fc.array(fc.oneof(fc.constantFrom('admin', '*', 'files', 'files:*', 'FILES:READ', 'files:read2'), anyText), {
    maxLength: 2,
  }),
)

const few = fc.tuple(
  fc.subarray(['files:read', 'files:write', 'ops:run', 'offline_access'], { maxLength: 2 }),
  fc.constant<string[]>([]),
)

function partsOf(accessToken: string | undefined): { aud?: unknown; scope?: string; sub?: string; client_id?: string } {
  return JSON.parse(Buffer.from(accessToken?.split('.')[1] ?? '', 'base64url').toString('utf8'))
}

function wordsOf(scope: unknown): string[] {
  return String(scope ?? '')
    .split(' ')
    .filter(Boolean)
}

/** The words that ask for something at a server; those about the sign-in itself ask for nothing there. */
function ofServers(requested: readonly string[]): string[] {
  return wordsOf(requested.join(' ')).filter((name) => name !== 'openid' && name !== 'offline_access')
}

/** What the rule allows, by itself. */
function allowed(
  requested: readonly string[],
  resource: World['resources'][number],
  ceiling: ReadonlyMap<string, readonly string[]> | undefined,
  mayUse: boolean,
): Set<string> {
  if (!mayUse) return new Set()
  const known = resource.scopes.map(({ name }) => name)
  const ofClient = ceiling === undefined ? known : (ceiling.get(resource.identifier) ?? [])
  // No scope at all asks for the server's defaults.
  const wanted =
    requested.length === 0 ? resource.scopes.filter(({ isDefault }) => isDefault).map(({ name }) => name) : requested
  return new Set(wanted.filter((name) => known.includes(name) && ofClient.includes(name)))
}

test('E08 E12 D07 B12 what is granted is never more than asked for, allowed to the client, known to the server, ticked by the person', async () => {
  const { app, clients, people, resources } = world
  let granted = 0
  const ticks = new Map<string, Set<string>>()
  await fc.assert(
    fc.asyncProperty(
      fc.nat(2),
      fc.nat(4),
      fc.nat(2),
      asked,
      fc.subarray([...everything]),
      fc.boolean(),
      async (whose, which, where, [scopes, odd], ticked, isForged) => {
        const one = people[whose]
        const client = clients[which]
        const resource = resources[where]
        if (one === undefined || client === undefined || resource === undefined) return
        const requested = [...scopes, ...odd.map((text) => text.toWellFormed())]
        const request = authorizationRequest(app, client.id, {
          resource: resource.identifier,
          scope: requested.length === 0 ? undefined : requested.join(' ').slice(0, 3000),
        })
        const browser = new Browser(app.issuer)
        // A consent is remembered: what this person has ticked here before counts, and nothing that somebody else did.
        const key = `${whose} ${which} ${where}`
        // What a server does not work without has no box of its own: to allow at all is to allow it.
        const always = resource.scopes
          .filter(({ isDefault, risk }) => isDefault && risk === 'read')
          .map(({ name }) => name)
        const agreed = new Set([...(ticks.get(key) ?? []), ...always, ...(isForged ? everything : ticked)])
        ticks.set(key, agreed)
        // Either the boxes that the page has, or boxes that it never offered.
        const page = await decide(browser, request, one.person, { scopes: isForged ? [...everything] : ticked })
        const code = URL.canParse(page.url) ? new URL(page.url).searchParams.get('code') : null
        if (code === null) return
        const answer = await redeem(app, { client_id: client.id }, { code, request })
        if (answer.status !== 200) return
        const facts = partsOf(answer.body.access_token)
        const mayUse = resource.access === 'everyone' || (resource.access === 'admins' ? one.isAdmin : one.isListed)
        const words = ofServers(requested)
        const most = allowed(words, resource, client.ceiling, mayUse)
        const inToken = wordsOf(facts.scope)
        for (const name of inToken) {
          expect([name, most.has(name)]).toEqual([name, true])
          expect([name, agreed.has(name)]).toEqual([name, true])
        }
        expect(facts).toMatchObject({ aud: resource.identifier, sub: one.person.id, client_id: client.id })
        const answered = wordsOf(answer.body.scope).filter((name) => name !== 'openid' && name !== 'offline_access')
        expect(answered.sort()).toEqual(inToken.sort())
        granted += inToken.length > 0 ? 1 : 0
        if (answer.body.refresh_token === undefined) return
        // A refresh that asks for everything gets what there is, or nothing.
        const more = await refresh(app, { client_id: client.id }, answer.body.refresh_token, {
          scope: everything.join(' '),
        })
        if (more.status === 200)
          for (const name of wordsOf(partsOf(more.body.access_token).scope)) expect(inToken).toContain(name)
        const elsewhere = resources[(where + 1) % resources.length]?.identifier
        const other = await refresh(app, { client_id: client.id }, answer.body.refresh_token, { resource: elsewhere })
        expect(other.status).toBe(400)
      },
    ),
    runs(60),
  )
  // A property that nothing satisfies proves nothing.
  expect(granted).toBeGreaterThan(3)
}, 120_000)

test('E08 D06 a client that acts for itself gets what its ceiling has at that server, and no more', async () => {
  const { app, machines, resources } = world
  let granted = 0
  await fc.assert(
    fc.asyncProperty(
      fc.nat(1),
      fc.constantFrom(0, 0, 2, 1),
      fc.oneof(few, few, asked),
      async (which, where, [scopes, odd]) => {
        const machine = machines[which]
        const resource = resources[where]
        if (machine === undefined || resource === undefined) return
        const requested = [...scopes, ...odd.map((text) => text.toWellFormed())]
        const answer = await token(
          app,
          {
            grant_type: 'client_credentials',
            resource: resource.identifier,
            scope: requested.length === 0 ? undefined : requested.join(' '),
          },
          { authorization: `Basic ${Buffer.from(`${machine.id}:${machine.secret}`).toString('base64')}` },
        )
        expect(answer.status).toBeLessThan(500)
        if (answer.status !== 200) return
        const most = new Set(machine.ceiling.get(resource.identifier) ?? [])
        const facts = partsOf(answer.body.access_token)
        for (const name of wordsOf(facts.scope)) {
          expect([name, most.has(name)]).toEqual([name, true])
          if (ofServers(requested).length > 0) expect(ofServers(requested)).toContain(name)
        }
        expect(facts).toMatchObject({ aud: resource.identifier, sub: `client:${machine.id}` })
        expect(answer.body.refresh_token).toBeUndefined()
        granted += 1
      },
    ),
    runs(150),
  )
  expect(granted).toBeGreaterThan(3)
})
