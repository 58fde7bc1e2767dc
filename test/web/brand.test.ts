import { afterEach, expect, it } from 'vitest'
import { createBrand } from '../../src/web/brand.ts'
import { type PageServer, startPageServer } from './page-server.ts'

let server: PageServer
afterEach(() => server.close())

const routes: Parameters<typeof startPageServer>[0]['routes'] = (router) => {
  router.get('/ok', (ctx) => ctx.state.render(ctx, 'continue', { title: 'x', page: 'continue', target: '/' }))
}

it('unset, the pages look as we made them', async () => {
  server = await startPageServer({ routes })
  const { body } = await server.ask('/ok')
  expect(body).toContain('<title>x · Sallyport</title>')
  expect(body).toContain('Sallyport at localhost')
  expect(body.match(/rel="stylesheet"/g)).toHaveLength(1)
  expect(body).not.toContain('<img')
})

it('name, logo and accent of the operator are on every page, errors included', async () => {
  const logo = {
    extension: '.svg',
    content: new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg"/>'),
  } as const
  const brand = createBrand({ name: 'Acme <ID>', logo, accent: { light: '#0a4ba0', dark: '#8ab4f8' } })
  server = await startPageServer({ routes, brand })
  for (const path of ['/ok', '/nowhere']) {
    const { body } = await server.ask(path)
    expect(body).toContain(' · Acme &lt;ID&gt;</title>')
    expect(body).toContain('Acme &lt;ID&gt; at localhost')
    expect(body).not.toContain('Sallyport')
    const address = /<img class="tile" src="(\/assets\/brand-logo\.[\w-]{12}\.svg)" alt=""/.exec(body)?.[1] ?? ''
    const image = await server.ask(address)
    expect([image.status, image.headers['content-type']]).toEqual([200, 'image/svg+xml; charset=utf-8'])
    // A script inside the file has nowhere to run, even when somebody opens its address.
    expect(image.headers['content-security-policy']).toContain("default-src 'none'")
    expect(image.headers['x-content-type-options']).toBe('nosniff')
    const sheet = await server.ask(/href="(\/assets\/brand\.[\w-]{12}\.css)"/.exec(body)?.[1] ?? '')
    expect(sheet.headers['cache-control']).toContain('immutable')
    expect(sheet.body).toContain('--accent: light-dark(#0a4ba0, #8ab4f8);')
  }
})
