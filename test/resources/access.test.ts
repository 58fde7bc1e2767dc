import { describe, expect, test } from 'vitest'
import { setRole } from '../../src/accounts/role.ts'
import { mayUse, narrows } from '../../src/resources/access.ts'
import { updateResource } from '../../src/resources/change.ts'
import type { Access } from '../../src/resources/resource.ts'
import { notes, startApp, type TestApp } from '../support/app.ts'
import { Browser } from '../support/browser.ts'
import { authorizationRequest, connect, decide, obtainCode, redeem, refresh, register } from '../support/flow.ts'

const author = { actor: 'operator' } as const

async function restrict(app: TestApp, access: Access, members: readonly string[] = []): Promise<void> {
  const { resources } = app.app.rooms
  const [resource] = await resources.store.list()
  await updateResource(resources, resource?.id ?? '', { access, members }, author)
}

test.each([
  ['everyone', [], 'member', true],
  ['admins', [], 'member', false],
  ['admins', [], 'admin', true],
  ['listed', ['ada'], 'member', true],
  ['listed', ['bob'], 'admin', false],
] as const)('a server for %s %j: a %s may use it: %s', (access, members, role, expected) => {
  expect(mayUse({ access, members }, { id: 'ada', role })).toBe(expected)
})

test.each([
  ['admins', [], 'everyone', [], false],
  ['everyone', [], 'admins', [], true],
  ['listed', ['a', 'b'], 'listed', ['a'], true],
  ['listed', ['a'], 'listed', ['a', 'b'], false],
] as const)('from %s %j to %s %j shuts somebody out: %s', (before, had, after, has, expected) => {
  expect(narrows({ access: before, members: had }, { access: after, members: has })).toBe(expected)
})

describe('a server that is not for everyone', () => {
  test('asks nobody who may not use it, and says so', async () => {
    const app = await startApp()
    const ada = await app.person('ada')
    await restrict(app, 'admins')
    const client = await register(app)
    const page = await decide(new Browser(app.issuer), authorizationRequest(app, client.client_id), ada)
    expect(page).toMatchObject({ status: 403, name: 'error', error: 'resource_not_for_you' })
    expect(page.body).not.toContain('name="decision"')
  })

  test('lets in who is on the list', async () => {
    const app = await startApp()
    const ada = await app.person('ada')
    await restrict(app, 'listed', [ada.id])
    const { answer, client, refreshToken } = await connect(app, ada)
    expect(answer.body.scope).toBe('notes:read')
    expect((await refresh(app, client, refreshToken)).status).toBe(200)
  })

  test('ends what those had allowed who lost access, and nothing of the others', async () => {
    const app = await startApp()
    const [ada, bob] = [await app.person('ada'), await app.person('bob')]
    const hers = await connect(app, ada)
    const his = await connect(app, bob)
    await restrict(app, 'listed', [bob.id])
    expect((await refresh(app, hers.client, hers.refreshToken)).body.error).toBe('invalid_grant')
    expect((await refresh(app, his.client, his.refreshToken)).status).toBe(200)
    const { consents, audit } = app.app.rooms
    expect(await consents.store.list({ accountId: ada.id, limit: 9 })).toEqual([])
    expect(await consents.store.list({ accountId: bob.id, limit: 9 })).toHaveLength(1)
    expect(await audit.list({ type: 'consent.revoked', limit: 9 })).toHaveLength(1)
  })

  test('ends what an administrator had allowed who becomes a member, and does not come back with the role', async () => {
    const app = await startApp()
    const [root, other] = [await app.person('root', 'admin'), await app.person('other', 'admin')]
    await restrict(app, 'admins')
    const lost = await connect(app, root)
    const kept = await connect(app, other)
    const { accounts, audit, consents } = app.app.rooms
    expect(await setRole(accounts, root.id, 'member', author)).toBe(true)
    expect(await consents.store.list({ accountId: root.id, limit: 9 })).toEqual([])
    expect(await setRole(accounts, root.id, 'admin', author)).toBe(true)
    expect((await refresh(app, lost.client, lost.refreshToken)).body.error).toBe('invalid_grant')
    expect((await refresh(app, kept.client, kept.refreshToken)).status).toBe(200)
    expect(await audit.list({ type: 'consent.revoked', limit: 9 })).toHaveLength(1)
  })

  test('leaves a former administrator what is for everyone', async () => {
    const app = await startApp()
    await app.person('other', 'admin')
    const root = await app.person('root', 'admin')
    const { client, refreshToken } = await connect(app, root)
    expect(await setRole(app.app.rooms.accounts, root.id, 'member', author)).toBe(true)
    expect((await refresh(app, client, refreshToken)).status).toBe(200)
  })

  // Rows that another instance changed, or that a fault left: the check at the token endpoint stands alone.
  test('refuses code and refresh of who may not use it any more, and consumes neither', async () => {
    const app = await startApp()
    const ada = await app.person('ada')
    const { client, refreshToken } = await connect(app, ada)
    const obtained = await obtainCode(app, client, ada)
    const { database, registry } = app.app.rooms
    const set = async (access: Access) => {
      await database.sql.run('UPDATE resource SET access = ?', [access])
      registry.invalidate()
    }
    await set('admins')
    expect((await refresh(app, client, refreshToken)).body).toMatchObject({ error: 'invalid_grant' })
    expect((await redeem(app, client, obtained)).body).toMatchObject({ error: 'invalid_grant' })
    await set('everyone')
    expect((await refresh(app, client, refreshToken)).status).toBe(200)
    expect((await redeem(app, client, obtained)).status).toBe(200)
  })

  test('does not let a remembered consent pass', async () => {
    const app = await startApp()
    const ada = await app.person('ada')
    const redirect = 'https://app.example/cb'
    const client = await register(app, { redirect_uris: [redirect] })
    const { browser } = await obtainCode(app, client, ada, { redirect_uri: redirect })
    await app.app.rooms.database.sql.run("UPDATE resource SET access = 'listed'")
    app.app.rooms.registry.invalidate()
    const request = authorizationRequest(app, client.client_id, { redirect_uri: redirect })
    expect((await browser.open(request.url)).error).toBe('resource_not_for_you')
  })

  test('counts an account whose role was taken, and a word nobody knows, as shut out', async () => {
    const app = await startApp()
    const root = await app.person('root', 'admin')
    await restrict(app, 'admins')
    const { client, refreshToken } = await connect(app, root)
    await app.app.rooms.database.sql.run("UPDATE account SET role = 'member' WHERE id = ?", [root.id])
    expect((await refresh(app, client, refreshToken)).body.error).toBe('invalid_grant')
    await app.app.rooms.database.sql.run("UPDATE resource SET access = 'friends'")
    app.app.rooms.registry.invalidate()
    expect((await app.app.rooms.registry.find(notes.identifier))?.access).toBe('listed')
  })
})
