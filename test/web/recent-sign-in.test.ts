import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SignedIn } from '../../src/web/context.ts'
import { requireRecentSignIn } from '../../src/web/middleware/recent-sign-in.ts'
import { returnPath, returnTarget } from '../../src/web/navigation.ts'
import { cookiesOf, type PageServer, startPageServer, tokenOf } from './page-server.ts'

const at = new Date('2026-03-01T12:00:00Z')
let authTime = at
let server: PageServer

beforeAll(async () => {
  const account = { id: 'root', email: 'root@acme.example', name: 'Root', role: 'admin' } as const
  const session = (): SignedIn => ({ account, sessionUid: 'uid', authTime, amr: ['pwd'], lacksSecondFactor: false })
  const clock = { now: () => at }
  server = await startPageServer({
    sessions: { current: async () => session() },
    routes(router) {
      router.use('/admin', requireRecentSignIn(10, { clock }))
      router.get('/admin/{*any}', (ctx) => ctx.state.render(ctx, 'login/sign-out', { title: 'Done', page: 'done' }))
      router.post('/admin/{*any}', (ctx) => {
        ctx.body = 'done'
      })
      const elsewhere = requireRecentSignIn(10, { clock, form: () => '/admin/clients/new' })
      router.post('/added', elsewhere, (ctx) => {
        ctx.body = 'done'
      })
    },
  })
})
afterAll(() => server.close())

async function post(path: string) {
  authTime = at
  const page = await server.ask('/admin/clients')
  authTime = new Date(at.getTime() - 600_001)
  return server.ask(path, {
    form: { _csrf: tokenOf(page) },
    headers: { cookie: cookiesOf(page), 'sec-fetch-site': 'same-origin' },
  })
}

describe('G22 a recent sign-in', () => {
  it('of ten minutes ago is recent, one of a moment longer is not', async () => {
    authTime = new Date(at.getTime() - 600_000)
    expect((await server.ask('/admin/clients')).status).toBe(200)
    authTime = new Date(at.getTime() - 600_001)
    const asked = await server.ask('/admin/clients/abc')
    expect([asked.status, asked.headers.location]).toEqual([303, '/sign-in?return_to=clients/abc&again=1'])
  })

  it.each([
    ['/admin/clients/abc/remove', 'clients/abc'],
    ['/admin/clients/remove', 'clients'],
    ['/admin/clients', 'clients'],
    ['/admin/clients/a%2F%2Fevil.example/remove', 'clients'],
    ['/added', 'clients/new'],
  ])('a form posted to %s is not carried out; afterwards the person is at its form, %s', async (path, target) => {
    const answer = await post(path)
    expect([answer.status, answer.headers.location]).toEqual([303, `/sign-in?return_to=${target}&again=posted`])
    expect(answer.body).not.toContain('done')
  })

  it.each([
    'clients/',
    'clients//evil',
    'clients/../me',
    'clients/%2e%2e',
    'clients/a/b/c/d',
    'clients/a?b',
    'clients\n',
  ])('G26 return_to %j is nowhere', (target) => expect(returnPath(target)).toBeNull())

  it('G26 a page below one of ours is returned to, or the nearest that can be', () => {
    expect(returnPath('clients/abc/secret')).toBe('/admin/clients/abc/secret')
    expect(returnTarget('/admin/clients/abc')).toBe('clients/abc')
    expect(returnTarget('/admin/clients/a.b')).toBe('clients')
    expect(returnTarget('/elsewhere')).toBeNull()
  })
})
