import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { limitNames, limitTable } from '../../src/config/limit-table.ts'
import { loadConfig } from '../../src/config/load.ts'
import { describeConfig, describeSettings } from '../../src/config/print.ts'
import { settings } from '../../src/config/schema.ts'
import { openHouse } from '../me/room.ts'

const canary = 'canary-canary-canary-canary-canary'

describe('settings', () => {
  it('are shown with their value and where it comes from', async () => {
    const house = await openHouse()
    const { html, text, name } = await house.browserOf('root').get('/admin/settings')
    expect(name).toBe('settings')
    for (const { name: setting } of Object.values(settings))
      expect(html).toContain(`data-setting="SALLYPORT_${setting}"`)
    expect(text).toContain('http://localhost:8414')
    expect(text).toContain('sallyport config print')
  })

  it('show every limit with its numbers', async () => {
    const house = await openHouse()
    const { html, text } = await house.browserOf('root').get('/admin/settings')
    for (const name of limitNames) expect(html).toContain(`data-limit="${name}"`)
    const { points } = limitTable.registration.by.address
    expect(text).toContain(`${points} in 10 minutes from one address`)
  })

  it('are not for members (G21)', async () => {
    const house = await openHouse()
    expect((await house.browserOf('ada').get('/admin/settings')).status).toBe(404)
  })

  it('say their origin', () => {
    const described = describeSettings(loadConfig({ PORT: '9000', SALLYPORT_LOG_LEVEL: 'warn' }))
    const origin = (key: string) => described.find((one) => one.key === key)
    expect(origin('port')).toMatchObject({ value: '9000', from: 'environment', foundAs: 'PORT' })
    expect(origin('logLevel')).toMatchObject({ value: 'warn', from: 'environment', foundAs: 'SALLYPORT_LOG_LEVEL' })
    expect(origin('host')).toMatchObject({ value: '127.0.0.1', from: 'default', foundAs: undefined })
    expect(origin('secrets')).toMatchObject({ value: 'set', from: 'made', secret: true })
  })

  it('never hold a secret', () => {
    const secret = randomBytes(32).toString('base64url')
    const config = loadConfig({
      SALLYPORT_DATABASE_URL: `postgresql://me:${canary}@db.example/x?password=${canary}`,
      SALLYPORT_SECRET: secret,
      SALLYPORT_ADMIN_EMAIL: 'a@b.example',
      SALLYPORT_ADMIN_PASSWORD: canary,
      SALLYPORT_SMTP_URL: `smtps://me:${canary}@mail.example`,
      SALLYPORT_MAIL_FROM: 'auth@b.example',
    })
    const printed = JSON.stringify([describeConfig(config), describeSettings(config)])
    expect(printed).not.toContain(canary)
    expect(printed).not.toContain(secret)
    expect(printed).toContain('db.example')
  })
})
