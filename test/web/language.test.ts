import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AppError } from '../../src/runtime/app-error.ts'
import { ownAddress, preferLocales } from '../../src/web/language.ts'
import { rich } from '../../src/web/rich.ts'
import { type Answer, cookiesOf, type PageServer, startPageServer, tokenOf } from './page-server.ts'

let server: PageServer
let https: PageServer

beforeAll(async () => {
  const routes: Parameters<typeof startPageServer>[0]['routes'] = (router) => {
    router.get('/page', (ctx) => ctx.state.render(ctx, 'login/sign-out', { title: 'x', page: 'sign-out' }))
    router.get('/asked', (ctx) => {
      preferLocales(ctx, ['fr', 'de-CH'])
      ctx.state.render(ctx, 'login/sign-out', { title: 'x', page: 'sign-out' })
    })
    router.get('/arabic', (ctx) => {
      Object.assign(ctx.state, { locale: 'ar' })
      ctx.state.render(ctx, 'login/sign-out', { title: 'x', page: 'sign-out', area: 'account' })
    })
    router.get('/closed', () => {
      throw new AppError('setup_closed', 404, 'English for the log')
    })
    router.get('/gone', () => {
      throw new AppError('not_found', 404, 'There is no such connection.', { words: 'connection_not_found' })
    })
    router.get('/file', () => {
      const values = { name: '<Notes>' }
      throw new AppError('set_by_file', 409, 'In English.', { words: 'resource_set_by_file', values })
    })
    router.get('/hole', () => {
      throw new AppError('not_confirmed', 400, 'Type “x”.')
    })
    router.get('/new', () => {
      throw new AppError('__proto__', 400, 'Only the error itself knows.')
    })
  }
  server = await startPageServer({ routes })
  https = await startPageServer({ routes, issuer: 'https://auth.acme.example/id' })
})
afterAll(async () => {
  await server.close()
  await https.close()
})

const languageOf = (answer: Answer): string => /<html lang="(\w+)" dir="ltr">/.exec(answer.body)?.[1] ?? ''
const german = { 'accept-language': 'de-DE,de;q=0.9,en;q=0.8' }

describe('the language of a page', () => {
  it('is English when nobody says anything, and the answer says which it is', async () => {
    const page = await server.ask('/page')
    expect([languageOf(page), page.headers['content-language']]).toEqual(['en', 'en'])
    expect(page.headers.vary).toMatch(/Accept-Language/)
    expect(page.body).toContain('Sign out?')
  })

  it('is what the browser accepts', async () => {
    const page = await server.ask('/page', { headers: german })
    expect([languageOf(page), page.headers['content-language']]).toEqual(['de', 'de'])
    expect(page.body).toContain('Abmelden?')
    expect(page.body).not.toContain('Sign out')
  })

  it('is what the authorization asks for, before what the browser accepts', async () => {
    expect(languageOf(await server.ask('/asked', { headers: { 'accept-language': 'en' } }))).toBe('de')
    expect(languageOf(await server.ask('/page?ui_locales=de%20en'))).toBe('de')
    expect(languageOf(await server.ask('/page?ui_locales=tlh'))).toBe('en')
  })

  it('is what the person chose in the footer, before everything else; the choice comes back to the page and stays', async () => {
    const page = await server.ask('/page', { headers: german })
    const cookie = cookiesOf(page)
    const form = { _csrf: tokenOf(page), locale: 'en', page: '/page' }
    const answer = await server.ask('/language', { form, headers: { cookie } })
    expect([answer.status, answer.headers.location]).toEqual([303, '/page'])
    expect(answer.headers['set-cookie']?.join()).toMatch(
      /sallyport_locale=en; path=\/; expires=[^;]+; samesite=lax; httponly/i,
    )
    const chosen = cookiesOf(answer, cookie)
    expect(languageOf(await server.ask('/page', { headers: { ...german, cookie: chosen } }))).toBe('en')
    expect(languageOf(await server.ask('/asked', { headers: { ...german, cookie: chosen } }))).toBe('en')
  })

  it('G03 is not changed by another site', async () => {
    const answer = await server.ask('/language', { form: { locale: 'de', page: '/page' } })
    expect([answer.status, answer.headers['set-cookie']]).toEqual([403, undefined])
  })

  it.each(['tlh', '', 'de; Domain=evil', '__proto__'])('is none that we do not have: %j', async (locale) => {
    const page = await server.ask('/page')
    const form = { _csrf: tokenOf(page), locale, page: '/page' }
    const answer = await server.ask('/language', { form, headers: { cookie: cookiesOf(page) } })
    expect([answer.status, answer.headers['set-cookie']]).toEqual([303, undefined])
    const odd = { cookie: `sallyport_locale=${encodeURIComponent(locale)}` }
    expect(languageOf(await server.ask('/page', { headers: odd }))).toBe('en')
  })

  it('every own address keeps the path of the issuer', async () => {
    const page = await https.ask('/page')
    expect(page.body).toContain('action="/id/language"')
    expect(page.body).toContain('name="page" value="/id/page"')
  })
})

describe('G26 coming back from the choice', () => {
  it.each([
    ['/page', '', '/page'],
    ['/page?a=1&b=%2F', '', '/page?a=1&b=%2F'],
    ['/id/page', '/id', '/id/page'],
    ['/id', '/id', '/id'],
    ['/page', '/id', null],
    ['/idle', '/id', null],
    ['/id/../page', '/id', null],
    ['//evil.example', '', null],
    ['/\\evil.example', '', null],
    ['/a/..//evil.example', '', null],
    ['/.//evil.example', '', null],
    ['/%2e//evil.example', '', null],
    ['\t//evil.example', '', null],
    ['https://evil.example', '', null],
    ['javascript:alert(1)', '', null],
    ['/a\r\nSet-Cookie: x', '', null],
    ['', '', null],
  ])('%j below %j → %j', (address, basePath, expected) => expect(ownAddress(address, basePath)).toBe(expected))
})

describe('errors', () => {
  it('say the words of their code in the language of the page', async () => {
    const page = await server.ask('/closed', { headers: german })
    expect(page.body).toContain('Dieser Einrichtungslink funktioniert nicht')
    expect(page.body).not.toContain('English')
    expect((await server.ask('/nowhere', { headers: german })).body).toContain('Hier ist nichts')
    expect((await server.ask('/gone', { headers: german })).body).toContain('Eine solche Verbindung haben Sie nicht')
    expect((await server.ask('/file', { headers: german })).body).toContain('Der MCP-Server „&lt;Notes&gt;“ kommt aus')
  })

  it('say their own message when the catalogue has none', async () => {
    expect((await server.ask('/hole', { headers: german })).body).toContain('Type “x”.')
    expect((await server.ask('/new', { headers: german })).body).toContain('Only the error itself knows.')
  })
})

describe('right to left', () => {
  it('the page says its direction', async () => {
    expect((await server.ask('/arabic')).body).toContain('<html lang="ar" dir="rtl">')
  })
})

describe('sentences with marked-up parts', () => {
  it('each language has its own order, and everything is escaped', () => {
    const values = { client: { tag: 'bdi', text: '<b>{server}</b>' }, server: 'A & B' } as const
    expect(rich('“{client}” <asks> {server}', values)).toBe(
      '“<bdi>&lt;b&gt;{server}&lt;/b&gt;</bdi>” &lt;asks&gt; A &amp; B',
    )
    expect(rich('{at}', { at: { tag: 'time', text: 'now', datetime: '"x"' } })).toBe(
      '<time datetime="&quot;x&quot;">now</time>',
    )
    expect(() => rich('{client}', {})).toThrow(RangeError)
  })
})
