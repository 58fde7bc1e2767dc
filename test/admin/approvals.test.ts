import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/runtime/clock.ts'
import { type House, openHouse } from '../me/room.ts'

async function withQueue() {
  const house = await openHouse()
  await house.addClient('client-1', { name: '<b>Claude</b>', redirectUri: 'http://127.0.0.1/cb' })
  await house.addClient('client-2', { name: 'Other' })
  await house.database.sql.run("UPDATE client SET state = 'pending'")
  await wait(house, 'client-1', 'ada')
  await wait(house, 'client-1', 'bob')
  await wait(house, 'client-2', 'ada')
  const root = house.browserOf('root')
  await root.get('/account/sessions')
  return { house, root }
}

async function wait(house: House, clientId: string, accountId: string) {
  const { approvals } = house.clientDesk
  await house.database.sql.run(
    `INSERT INTO account (id, email, name, role, state, created_at) VALUES (?, ?, ?, 'member', 'active', 0)
       ON CONFLICT (id) DO NOTHING`,
    [accountId, `${accountId}@acme.example`, accountId],
  )
  await house.database.commit({
    conditions: [approvals.askStatement(clientId, accountId, systemClock.now())],
    effects: [],
  })
}

describe('the queue of approvals', () => {
  it('says who asks for what, what is known, and counts beside the navigation (D10, D12)', async () => {
    const { root } = await withQueue()
    const { html, text } = await root.get('/admin/approvals')
    expect(html).not.toContain('<b>Claude')
    expect(text).toContain('“&lt;b&gt;Claude&lt;/b&gt;” asks')
    expect(text).toContain('ada@acme.example')
    expect(text).toContain('2 people wait')
    // F17: a program on the person's own computer can say that it is any other.
    expect(text).toContain('Any program there can say that it is this one')
    expect(html).toContain('<span class="count">2</span>')
    expect((await root.get('/admin')).html).toContain('<span class="count">2</span>')
  })

  it('fifty reconnects of one laptop are one card that unfolds; a clone that answers elsewhere is another (D10)', async () => {
    const { house, root } = await withQueue()
    for (let one = 0; one < 50; one += 1) {
      await house.addClient(`again-${one}`, { name: 'Editor', redirectUri: 'http://127.0.0.1:99/callback' })
      await wait(house, `again-${one}`, 'ada')
    }
    await house.addClient('clone', { name: 'Editor', redirectUri: 'https://evil.example/cb' })
    await wait(house, 'clone', 'ada')
    const { html, text } = await root.get('/admin/approvals')
    expect(text).toContain('49 earlier registrations of the same program')
    const unfolded = html.replace(/<details[^>]*data-earlier[\s\S]*?<\/details>/g, '')
    expect(unfolded.match(/<article[^>]*data-client="again-/g)).toHaveLength(1)
    expect(unfolded.match(/<article[^>]*data-client="clone"/g)).toHaveLength(1)
    expect(html.match(/<article[^>]*data-client="again-/g)).toHaveLength(50)
  })

  it('lets a client in for everyone', async () => {
    const { house, root } = await withQueue()
    const answer = await root.post('/admin/approvals', { client_id: 'client-1', decision: 'everyone' })
    expect(answer.headers.get('location')).toBe('/admin/approvals')
    expect(await house.clients.find('client-1')).toMatchObject({ state: 'active', allowedAt: expect.any(Date) })
    expect((await root.get('/admin/approvals')).html).not.toContain('data-client="client-1"')
    expect(await house.eventTypes()).toEqual(['client.allowed'])
  })

  it('lets a client in for one person; the others wait on', async () => {
    const { house, root } = await withQueue()
    await root.post('/admin/approvals', { client_id: 'client-1', decision: 'person', account: 'ada' })
    expect(await house.clientDesk.approvals.find('client-1', 'ada')).toMatchObject({ state: 'allowed' })
    expect(await house.clientDesk.approvals.find('client-1', 'bob')).toMatchObject({ state: 'pending' })
    expect((await house.clients.find('client-1'))?.state).toBe('pending')
    expect((await root.get('/admin/approvals')).text).toContain('1 person waits')
    expect((await root.get('/admin/clients/show?id=client-1')).text).toContain('ada@acme.example')
    // Somebody who never asked is not let in by a changed field (G21).
    for (const account of ['ada', 'eve', '']) {
      const answer = await root.post('/admin/approvals', { client_id: 'client-1', decision: 'person', account })
      expect(answer.status).toBe(409)
    }
  })

  it('refuses for good, once; a second answer meets a queue that has moved on', async () => {
    const { house, root } = await withQueue()
    await root.post('/admin/approvals', { client_id: 'client-1', decision: 'never' })
    expect((await house.clients.find('client-1'))?.state).toBe('blocked')
    for (const decision of ['never', 'everyone', 'person']) {
      const answer = await root.post('/admin/approvals', { client_id: 'client-1', decision, account: 'ada' })
      expect(answer).toMatchObject({ status: 409, error: 'client_state' })
    }
    expect(await root.post('/admin/approvals', { client_id: 'client-2', decision: 'maybe' })).toMatchObject({
      status: 400,
    })
    expect(await house.eventTypes()).toEqual(['client.rejected'])
  })

  it('teaches when it is empty', async () => {
    const house = await openHouse()
    expect((await house.browserOf('root').get('/admin/approvals')).text).toContain('Nobody waits')
  })
})
