import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { InvalidTokenError } from '@modelcontextprotocol/sdk/server/auth/errors.js'
import { requireBearerAuth } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js'
import { mcpAuthMetadataRouter } from '@modelcontextprotocol/sdk/server/auth/router.js'
import express from 'express'
import Provider from 'oidc-provider'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startNotesServer } from '../../examples/mcp-server/server.ts'
import { createDoctor } from '../../src/doctor/doctor.ts'
import { loginOnLoopback } from '../../src/doctor/login.ts'
import type { Report } from '../../src/doctor/report.ts'
import { createGuardedFetch } from '../../src/net/guarded-fetch.ts'
import { createResource } from '../../src/resources/change.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { documentFixtures } from '../fixtures/clients.ts'
import { startApp } from '../support/app.ts'
import { connect } from '../support/flow.ts'
import { Person } from '../support/person.ts'

const guardedFetch = createGuardedFetch({
  userAgent: 'test',
  allowedInternalHosts: [],
  loopback: true,
  asClient: true,
  timeoutMs: 8000,
})
const doctor = createDoctor({ guardedFetch, clock: systemClock })
const codesOf = (report: Report) => report.steps.flatMap((step) => step.findings.map(({ code }) => code))

async function startOurs() {
  const app = await startApp({
    resources: [],
    adjust: (config) => ({
      ...config,
      clientMetadataDocuments: 'pinned',
      file: { ...config.file, metadataDocuments: documentFixtures },
    }),
  })
  const notes = await startNotesServer({ issuer: app.issuer, port: 0 })
  onTestFinished(() => notes.close())
  const scope = { name: 'notes:read', description: 'Read your notes', risk: 'read', isDefault: true } as const
  await createResource(
    app.app.rooms.resources,
    { identifier: notes.url, name: 'Notes', scopes: [scope] },
    { actor: 'operator' },
  )
  return { app, notes }
}

test('our example behind our server is good for everyone, and no client stays behind', async () => {
  const { app, notes } = await startOurs()
  const person = await app.person()
  const { accessToken } = await connect(app, person, { resource: notes.url, scope: 'notes:read' })
  const registered = async () =>
    (await app.app.rooms.clients.list()).filter(({ origin, state }) => origin === 'registered' && state !== 'removed')
  const before = await registered()
  const report = await doctor.examine({ address: notes.url, accessToken })
  expect(codesOf(report)).toEqual(['cloud_cannot_reach', 'stand_in_passed'])
  expect(report.clients.filter(({ light }) => light !== 'green').map(({ client }) => client)).toEqual([
    'claude',
    'chatgpt',
  ])
  expect((await registered()).length).toBe(before.length)
})

test('a server that was not added yet is named; documents that cannot be had say nothing of the token endpoint', async () => {
  const app = await startApp({ settings: { CLIENT_METADATA_DOCUMENTS: 'on' } })
  const notes = await startNotesServer({ issuer: app.issuer, port: 0 })
  onTestFinished(() => notes.close())
  const report = await doctor.examine({ address: notes.url })
  expect(codesOf(report)).toContain('resource_refused')
  expect(codesOf(report)).not.toContain('token_public_refused')
  expect(report.steps.find(({ step }) => step === 'token')?.light).toBe('green')
})

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise<void>((resolve) => server.close(() => resolve()))
  })
  return `http://localhost:${(server.address() as AddressInfo).port}`
}

test('with a person, the way is walked to its end', async () => {
  const { app, notes } = await startOurs()
  const person = new Person(app.issuer, await app.person())
  const walked: URL[] = []
  const login = loginOnLoopback({
    show(url) {
      void person.answer(url).then(async (callback) => {
        walked.push(callback)
        await fetch(callback)
      })
    },
  })
  const report = await doctor.examine({ address: notes.url, clients: ['claude-code', 'cursor'], login })
  expect(walked.map(({ hostname, pathname }) => [hostname, pathname])).toEqual([['127.0.0.1', '/callback']])
  expect([report.light, codesOf(report)]).toEqual(['green', []])
  expect(report.steps.find(({ step }) => step === 'call')?.light).toBe('green')
  expect(
    (await app.app.rooms.clients.list()).filter(({ origin, state }) => origin === 'registered' && state !== 'removed'),
  ).toEqual([])
})

test('an MCP server that our server does not know is named', async () => {
  const { app } = await startOurs()
  const other = await startNotesServer({ issuer: app.issuer, port: 0 })
  onTestFinished(() => other.close())
  const report = await doctor.examine({ address: other.url, clients: ['vscode'] })
  expect(codesOf(report)).toContain('resource_refused')
})

async function startBare(configuration: ConstructorParameters<typeof Provider>[1]): Promise<string> {
  const issuerServer = createServer()
  const issuer = await listen(issuerServer)
  const provider = new Provider(issuer, { features: { registration: { enabled: true } }, ...configuration })
  issuerServer.on('request', provider.callback())
  const app = express()
  const origin = await listen(createServer(app))
  const resourceServerUrl = new URL(`${origin}/mcp`)
  const oauthMetadata = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json()
  app.use(mcpAuthMetadataRouter({ oauthMetadata, resourceServerUrl, scopesSupported: ['notes:read'] }))
  const verifyAccessToken = () => Promise.reject(new InvalidTokenError('of nobody'))
  app.use('/mcp', requireBearerAuth({ verifier: { verifyAccessToken } }))
  return resourceServerUrl.href
}

describe('an SDK server behind a bare oidc-provider', () => {
  test('grants that it does not know are refused to everyone, and said so', async () => {
    const report = await doctor.examine({ address: await startBare({ scopes: ['openid'] }), mayLeaveBehind: true })
    expect(codesOf(report)).toEqual([
      ...['cloud_cannot_reach', 'no_pointer', 'early_error'],
      'no_refresh',
      ...['cors_server', 'cors_challenge', 'cors_registration'],
      ...['no_documents', 'registration_refused', 'call_untried'],
    ])
    expect(report.light).toBe('red')
  })

  test('with refresh tokens it gets further, and what it does by default is named', async () => {
    const scopes = ['openid', 'offline_access', 'notes:read']
    const report = await doctor.examine({ address: await startBare({ scopes }), mayLeaveBehind: true })
    expect(codesOf(report)).toEqual([
      ...['cloud_cannot_reach', 'no_pointer', 'early_error'],
      ...['cors_server', 'cors_challenge', 'cors_token', 'cors_registration'],
      ...['no_documents', 'registration_refused', 'left_behind', 'resource_refused', 'call_untried'],
    ])
    const refused = report.steps.flatMap(({ findings }) => findings).find(({ code }) => code === 'registration_refused')
    expect(refused).toMatchObject({ clients: ['cursor'], values: { error: expect.stringContaining('web uris') } })
    expect(report.leftBehind.length).toBe(6)
  })

  test('with resources and management it is taken as far as a page, and nothing stays', async () => {
    const resourceIndicators = {
      enabled: true,
      getResourceServerInfo: () => ({ scope: 'notes:read' }),
      useGrantedResource: () => true,
    }
    const scopes = ['openid', 'offline_access', 'notes:read']
    const features = { registration: { enabled: true }, registrationManagement: { enabled: true }, resourceIndicators }
    const report = await doctor.examine({ address: await startBare({ scopes, features }) })
    expect(codesOf(report).slice(7)).toEqual([
      'no_documents',
      'registration_refused',
      'resource_ignored',
      'call_untried',
    ])
    expect(report.leftBehind).toEqual([])
  })

  test('nothing is registered where it could not be removed', async () => {
    const report = await doctor.examine({ address: await startBare({}), clients: ['cursor'] })
    expect(codesOf(report)).toContain('registration_untried')
    expect(report.leftBehind).toEqual([])
    expect(report.steps.find(({ step }) => step === 'registration')?.light).toBe('untried')
  })
})
