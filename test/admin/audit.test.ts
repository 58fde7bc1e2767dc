import { describe, expect, it } from 'vitest'
import { csvCell } from '../../src/audit/export.ts'
import { openHouse } from '../me/room.ts'
import { startApp } from '../support/app.ts'
import { Browser } from '../support/browser.ts'
import { databaseKinds } from '../support/database.ts'
import { connect } from '../support/flow.ts'

/** An administrator in front of a console with something in its book. */
async function openConsole(kind: (typeof databaseKinds)[number] = 'sqlite') {
  const app = await startApp({ database: kind })
  const ada = await app.person('ada', 'admin')
  const connected = await connect(app, ada)
  await app.app.rooms.audit.flush()
  const browser = new Browser(app.issuer)
  const page = await browser.open('/admin/audit')
  await browser.submit(page, { email: ada.email, password: ada.password })
  return { ...connected, app, ada, browser, audit: app.app.rooms.audit }
}

describe.each(databaseKinds)('the audit book in the console on %s', (kind) => {
  it('shows events as sentences, and finds them by person, client, server, kind and day', async () => {
    const { ada, browser, client } = await openConsole(kind)
    const all = await browser.open('/admin/audit')
    expect(all.body).toContain('got a token for')
    expect(all.body).toContain(ada.email)
    const today = new Date().toISOString().slice(0, 10)
    const filters = `account=${ada.email}&client=${client.client_id}&type=token.issued&since=${today}&until=${today}`
    const one = await browser.open(`/admin/audit?${filters}&server=http%3A%2F%2Flocalhost%3A9728%2Fmcp`)
    expect(one.body.match(/data-type="[^"]*"/g)).toEqual(['data-type="token.issued"'])
    expect((await browser.open('/admin/audit?account=nobody@example.test')).status).toBe(400)
    expect((await browser.open('/admin/audit?since=2026-13-01')).status).toBe(400)
    // What no index holds and no text may hold is not found, and breaks nothing.
    expect((await browser.open('/admin/audit?client=%00&before=%00%27')).status).toBe(200)
  })

  it('has an address for each event', async () => {
    const { browser, audit } = await openConsole(kind)
    const [event] = await audit.list({ type: 'token.issued', limit: 1 })
    const page = await browser.open(`/admin/audit/events/${event?.id}`)
    expect(page).toMatchObject({ status: 200, name: 'audit-event' })
    expect(page.body).toContain(event?.requestId)
    expect((await browser.open('/admin/audit/events/none')).status).toBe(404)
  })

  it('is exported as lines and as a table, filtered, and says so in the book', async () => {
    const { browser, audit } = await openConsole(kind)
    const lines = await browser.open('/admin/audit/export?format=jsonl&type=token.issued')
    expect(lines.headers.get('content-disposition')).toBe('attachment; filename="sallyport-audit.jsonl"')
    const rows = lines.body
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(rows).toEqual([expect.objectContaining({ type: 'token.issued', detail: expect.any(Object) })])
    const table = await browser.open('/admin/audit/export?format=csv')
    expect(table.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(table.body.split('\r\n')[0]).toBe(
      'id,at,type,actor,person,account_id,client_id,resource,grant_id,address,request_id,detail,position',
    )
    expect(table.body).toContain('"ada@example.test"')
    expect(await audit.list({ type: 'audit.exported', limit: 5 })).toHaveLength(2)
  })

  it('is checked, with the outcome in words', async () => {
    const { app, browser, audit } = await openConsole(kind)
    const form = await browser.open('/admin/audit')
    const check = () =>
      browser.post('/admin/audit/verify', { _csrf: /name="_csrf" value="([^"]+)"/.exec(form.body)?.[1] ?? '' })
    expect((await check()).body).toContain('The book is whole: all')
    const [event] = await audit.list({ type: 'token.issued', limit: 1 })
    await app.app.rooms.database.sql.run("UPDATE audit_event SET actor = 'system' WHERE id = ?", [event?.id ?? ''])
    const broken = await check()
    expect(broken.body).toContain('data-verdict="broken"')
    expect(broken.body).toContain(`The book is broken at place ${event?.position}: the event was changed.`)
  })

  it('is checked at its end alone when it is long, and the count says so', async () => {
    const { audit } = await openConsole(kind)
    await audit.seal()
    const whole = await audit.verify()
    expect(await audit.verify({ newest: 3, milliseconds: 5000 })).toMatchObject({ ok: true, count: 3 })
    expect(await audit.verify({ newest: 3, milliseconds: -1 })).toMatchObject({ ok: true, count: 0 })
    expect(whole).toMatchObject({ ok: true, from: 1 })
  })
})

it('a page begins after an event: no two pages share one, and none is left out', async () => {
  const house = await openHouse()
  for (let count = 0; count < 120; count += 1) await house.audit.record({ type: 'server.started', actor: 'system' })
  const root = house.browserOf('root')
  const ids: string[] = []
  for (let path: string | undefined = '/admin/audit?type=server.started'; path !== undefined; ) {
    const { html } = await root.get(path)
    ids.push(...[...html.matchAll(/<tr id="(\w+)"/g)].map(([, id = '']) => id))
    path = /rel="next" href="([^"]+)"/.exec(html)?.[1]?.replaceAll('&amp;', '&')
  }
  expect(ids).toHaveLength(120)
  expect(new Set(ids).size).toBe(120)
})

it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', ' =1', '＝1'])(
  'G21 a cell that begins with %j is no formula',
  (text) => {
    expect(csvCell(text)).toBe(`"'${text}"`)
  },
)

it('a cell keeps what is in it', () => {
  expect(csvCell('a "b", c')).toBe('"a ""b"", c"')
})
