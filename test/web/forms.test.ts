import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readForm } from '../../src/web/body.ts'
import { continuePage } from '../../src/web/continue-page.ts'
import { formToken, originFault } from '../../src/web/forms.ts'
import { type Ask, cookiesOf, type PageServer, startPageServer } from './page-server.ts'

let server: PageServer
let seen: string[]

beforeAll(async () => {
  seen = []
  server = await startPageServer({
    routes(router) {
      router.get('/form', (ctx) => {
        ctx.body = formToken(ctx)
      })
      router.post('/form', async (ctx) => {
        const form = await readForm(ctx)
        seen.push(form.get('text') ?? '')
        continuePage(ctx, '/next?a=1&b=2')
      })
    },
  })
})
afterAll(() => server.close())

async function open(): Promise<{ token: string; cookie: string }> {
  const page = await server.ask('/form')
  return { token: page.body, cookie: cookiesOf(page) }
}

const post = (
  form: Record<string, string>,
  headers: Record<string, string>,
): Promise<{ status: number; body: string }> => server.ask('/form', { form, headers })

describe('forms', () => {
  it('G03 a form of this browser passes, and its answer goes on by itself to a page of ours', async () => {
    const { token, cookie } = await open()
    const answer = await post(
      { _csrf: token, text: 'hello' },
      { cookie, origin: server.issuer, 'sec-fetch-site': 'same-origin' },
    )
    expect(answer.status).toBe(200)
    expect(answer.body).toContain('<main id="main" class="sheet" data-page="continue">')
    expect(answer.body).toContain('<meta http-equiv="refresh" content="0;url=/next?a=1&amp;b=2">')
    expect(answer.body).toContain('data-continue href="/next?a=1&amp;b=2"')
    expect(seen).toContain('hello')
  })

  it('G03 many tokens of one browser are alive at once', async () => {
    const first = await open()
    const second = await server.ask('/form', { headers: { cookie: first.cookie } })
    expect(second.headers['set-cookie']).toBeUndefined()
    for (const token of [first.token, second.body, first.token]) {
      expect((await post({ _csrf: token }, { cookie: first.cookie })).status).toBe(200)
    }
  })

  it('G03 a non-browser without Origin and Sec-Fetch-Site is decided by the token alone', async () => {
    const { token, cookie } = await open()
    expect((await post({ _csrf: token }, { cookie })).status).toBe(200)
    expect((await post({}, { cookie })).status).toBe(403)
  })

  it.each<[string, (own: { token: string; cookie: string }, other: { token: string; cookie: string }) => Ask]>([
    ['no token', ({ cookie }) => ({ form: {}, headers: { cookie } })],
    ['an altered token', ({ token, cookie }) => ({ form: { _csrf: `${token}A` }, headers: { cookie } })],
    ['another browser’s token', ({ cookie }, other) => ({ form: { _csrf: other.token }, headers: { cookie } })],
    ['no cookie', ({ token }) => ({ form: { _csrf: token }, headers: {} })],
    [
      'Sec-Fetch-Site: cross-site',
      ({ token, cookie }) => ({ form: { _csrf: token }, headers: { cookie, 'sec-fetch-site': 'cross-site' } }),
    ],
    [
      'Sec-Fetch-Site: same-site',
      ({ token, cookie }) => ({ form: { _csrf: token }, headers: { cookie, 'sec-fetch-site': 'same-site' } }),
    ],
    [
      'a foreign Origin',
      ({ token, cookie }) => ({ form: { _csrf: token }, headers: { cookie, origin: 'https://evil.example' } }),
    ],
    ['Origin: null alone', ({ token, cookie }) => ({ form: { _csrf: token }, headers: { cookie, origin: 'null' } })],
  ])('G03 a post with %s is refused and changes nothing', async (_name, ask) => {
    const before = seen.length
    const answer = await server.ask('/form', ask(await open(), await open()))
    expect(answer.status).toBe(403)
    expect(answer.body).toContain('data-page="error" data-error="cross_site_request"')
    expect(seen).toHaveLength(before)
  })

  it('G03 Origin: null passes together with Sec-Fetch-Site: same-origin', () => {
    expect(originFault('https://a.example', 'null', 'same-origin')).toBeNull()
    expect(originFault('https://a.example', 'null', undefined)).not.toBeNull()
    expect(originFault('https://a.example', 'https://a.example', 'none')).not.toBeNull()
    expect(originFault('https://a.example', 'https://a.example:8443', 'same-origin')).not.toBeNull()
  })

  it.each([
    ['too long', 'application/x-www-form-urlencoded', `text=${'a'.repeat(70_000)}`, 413],
    ['JSON', 'application/json', '{"text":"a"}', 415],
    ['K13 NUL', 'application/x-www-form-urlencoded', 'text=%00', 400],
    ['K13 not UTF-8', 'application/x-www-form-urlencoded', Buffer.from([0x74, 0x3d, 0xff]), 400],
    ['K13 escaped bytes that are not UTF-8', 'application/x-www-form-urlencoded', 'text=%ff', 400],
  ])('a body that is %s is refused', async (_name, type, body, status) => {
    const answer = await server.ask('/form', { body, headers: { 'content-type': type } })
    expect(answer.status).toBe(status)
    expect(answer.body).toContain('data-page="error"')
  })
})
