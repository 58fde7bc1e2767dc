import { beforeEach, describe, expect, it } from 'vitest'
import { type House, openHouse } from '../me/room.ts'

let house: House
beforeEach(async () => {
  house = await openHouse()
})

const path = '/admin/clients/registration'
const clientCount = async () => (await house.database.sql.all('SELECT id FROM client')).length

describe('who may register', () => {
  it('is shown with its rule; nobody but an administrator sees it (G21)', async () => {
    const page = await house.browserOf('root').get(path)
    expect(page.status).toBe(200)
    expect(page.html).toContain('data-page="registration"')
    expect(page.html).toContain('data-mode="open"')
    expect(page.html).toContain('data-documents="on"')
    expect((await house.browserOf('ada').get(path)).status).toBe(404)
    expect((await house.browserOf('ada').post(`${path}/check`, { subject: 'x' })).status).not.toBe(200)
  })

  it('a dry run says what would become of a registration, and writes nothing (D10)', async () => {
    const root = house.browserOf('root')
    await root.get(path)
    const subject = '{"client_name":"<b>Bold","redirect_uris":["https://app.example.com/cb"]}'
    const page = await root.post(`${path}/check`, { subject })
    expect(page.status).toBe(200)
    expect(page.html).toContain('data-outcome="waits"')
    expect(page.html).not.toContain('<b>Bold')
    expect(await clientCount()).toBe(0)
    const bad = await root.post(`${path}/check`, { subject: '{"redirect_uris":["javascript:x"]}' })
    expect(bad.html).toContain('data-outcome="refused"')
    expect((await root.post(`${path}/check`, { subject: ' ' })).status).toBe(400)
  })

  it('a client of the list is checked by a link that fetches nothing', async () => {
    await house.addClient('https://app.example.com/c.json', { origin: 'document' })
    const page = await house
      .browserOf('root')
      .get(`${path}?client=${encodeURIComponent('https://app.example.com/c.json')}`)
    expect(page.html).toContain('data-outcome="waits"')
    const gone = await house.browserOf('root').get(`${path}?client=nobody`)
    expect(gone.html).toContain('data-outcome="refused"')
  })

  it('a document is fetched only when the box is ticked', async () => {
    const root = house.browserOf('root')
    await root.get(path)
    const subject = 'https://new.example/c.json'
    expect((await root.post(`${path}/check`, { subject })).html).toContain('data-outcome="untold"')
    const fetched = await root.post(`${path}/check`, { subject, fetch: 'yes' })
    expect(fetched.html).toContain('there is no network here')
    expect(await clientCount()).toBe(0)
  })
})

describe('registration tokens (D14)', () => {
  it('are shown once, listed by what they are for, and revoked', async () => {
    const root = house.browserOf('root')
    await root.get(path)
    const made = await root.post(`${path}/tokens`, { note: 'Build machines', uses: '3', days: '30' })
    const token = /sallyport_iat_[\w-]{43}/.exec(made.html)?.[0] ?? ''
    expect(token).not.toBe('')
    const page = await root.get(path)
    expect(page.html).toContain('Build machines')
    expect(page.html).not.toContain(token)
    expect(JSON.stringify(await house.database.sql.all('SELECT * FROM initial_access_token'))).not.toContain(token)
    const id = /data-token="([^"]+)" data-state="good"/.exec(page.html)?.[1] ?? ''
    const revoked = await root.post(`${path}/tokens/revoke`, { token_id: id })
    expect(revoked.status).toBe(303)
    expect((await root.get(path)).html).toContain('data-state="revoked"')
    expect((await root.post(`${path}/tokens/revoke`, { token_id: id })).status).toBe(404)
    expect(await house.eventTypes()).toEqual(
      expect.arrayContaining(['registration_token.created', 'registration_token.revoked']),
    )
  })

  it.each([
    { note: '', uses: '1', days: '7' },
    { note: 'x'.repeat(101), uses: '1', days: '7' },
    { note: 'a', uses: '0', days: '7' },
    { note: 'a', uses: '10001', days: '7' },
    { note: 'a', uses: '-1', days: '7' },
    { note: 'a', uses: '1', days: '0' },
    { note: 'a', uses: '1', days: '366' },
    { note: 'a', uses: '1', days: '1.5' },
  ])('%j is refused, and nothing is written', async (fields) => {
    const root = house.browserOf('root')
    await root.get(path)
    const answer = await root.post(`${path}/tokens`, fields)
    expect(answer.status).toBe(400)
    expect(answer.html).toContain('role="alert"')
    expect(await house.database.sql.all('SELECT id FROM initial_access_token')).toEqual([])
  })

  it('without a number they have no limit', async () => {
    const root = house.browserOf('root')
    await root.get(path)
    await root.post(`${path}/tokens`, { note: 'a', uses: '', days: '7' })
    expect(await house.database.sql.all('SELECT uses_left FROM initial_access_token')).toEqual([{ uses_left: null }])
  })
})
