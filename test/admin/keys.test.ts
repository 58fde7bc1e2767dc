import { expect, it, vi } from 'vitest'
import { startApp } from '../support/app.ts'
import { Browser, csrfOf } from '../support/browser.ts'

async function desk() {
  const app = await startApp()
  const ada = await app.person('ada', 'admin')
  const browser = new Browser(app.issuer)
  await browser.submit(await browser.open('/admin/keys'), { email: ada.email, password: ada.password })
  const page = await browser.open('/admin/keys')
  const post = (path: string, fields: Record<string, string> = {}) =>
    browser.post(path, { _csrf: csrfOf(page), ...fields })
  return { app, ada, browser, page, post }
}

it('a rotation publishes a successor, and the page says when it signs', async () => {
  const { app, page, post } = await desk()
  expect(page.body.match(/data-state="\w+"/g)).toEqual(['data-state="current"'])
  const done = await post('/admin/keys/rotate')
  expect(done.body).toContain('ES256: a successor is published.')
  expect(done.body.match(/data-state="\w+"/g)).toEqual(['data-state="current"', 'data-state="next"'])
  expect((await post('/admin/keys/rotate')).body).toContain('a successor was published already')
  expect(await app.app.rooms.audit.list({ type: 'key.created', limit: 9 })).toHaveLength(2)
})

it('all keys are replaced at once when the word is typed, and not otherwise', async () => {
  const { app, post } = await desk()
  const [before] = app.app.rooms.keys.keys()
  expect((await post('/admin/keys/replace', { confirm: 'yes' })).status).toBe(400)
  expect(app.app.rooms.keys.keys()).toEqual([before])
  expect((await post('/admin/keys/replace', { confirm: ' Replace ' })).body).toContain('a new key signs now')
  expect(app.app.rooms.keys.keys().map(({ kid }) => kid)).not.toContain(before?.kid)
})

it.each(['/admin/keys/rotate', '/admin/keys/replace'])(
  'G22 %s asks whoever signed in long ago to sign in again',
  async (path) => {
    const { app, post } = await desk()
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 11 * 60_000 })
    try {
      const asked = await post(path, { confirm: 'replace' })
      expect(asked.name).toBe('sign-in')
      expect(app.app.rooms.keys.keys()).toHaveLength(1)
    } finally {
      vi.useRealTimers()
    }
  },
)
