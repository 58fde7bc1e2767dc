import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Decision, Verifier } from '../../verifier/src/index.ts'
import { stateKey } from '../../verifier/src/index.ts'
import { requireToolScopes } from '../../verifier/src/mcp.ts'
import { readMcpMessage } from '../../verifier/src/mcp-message.ts'
import { startIssuer, type TestIssuer } from './issuer.ts'

const tools = { read_repo: ['repo:read'], delete_repo: ['repo:delete', 'repo:read'], ping: [] }
let issuer: TestIssuer
let verifier: Verifier
beforeAll(async () => {
  issuer = await startIssuer()
  verifier = issuer.verifier({ tools, scopeHierarchy: { 'repo:admin': ['repo:delete', 'repo:read'] } })
})
afterAll(() => issuer.close())

const granted = (...scopes: string[]) => ({ scopes })

describe('scopes of a tool', () => {
  test('V28 V29 all of them are needed, names whole, hierarchy by the map only', () => {
    expect(verifier.mayCall(granted('repo:read'), 'read_repo')).toBe(true)
    expect(verifier.mayCall(granted('repo:rea', 'repo'), 'read_repo')).toBe(false)
    expect(verifier.mayCall(granted('repo:read'), 'delete_repo')).toBe(false)
    expect(verifier.mayCall(granted('repo:admin'), 'delete_repo')).toBe(true)
    expect(verifier.mayCall(granted(), 'ping')).toBe(true)
  })

  test('a tool without an entry is closed, unless * opens it', () => {
    for (const name of ['other', '__proto__', 'toString', '*', '']) {
      expect(verifier.mayCall(granted('repo:admin'), name), name).toBe(false)
      expect(verifier.scopesOfTool(name)).toBeUndefined()
    }
    const open = issuer.verifier({ tools: { ...tools, '*': ['repo:read'] } })
    expect(open.scopesOfTool('other')).toEqual(['repo:read'])
    expect(open.scopesOfTool('*')).toEqual(['repo:read'])
    expect(open.scopesOfTool('__proto__')).toEqual(['repo:read'])
    expect(open.mayCall(granted(), 'other')).toBe(false)
    expect(open.scopesOfTool('ping')).toEqual([])
  })

  test('without the option no tool needs anything', () => {
    const plain = issuer.verifier()
    expect([plain.mayCall(granted(), 'anything'), plain.scopesOfTool('anything')]).toEqual([true, []])
  })

  test('a table with something else than lists of scopes stops the start', () => {
    for (const wrong of [{ a: 'repo:read' }, { a: ['repo read'] }, { a: [''] }, { a: null }])
      expect(() => issuer.verifier(JSON.parse(JSON.stringify({ tools: wrong })))).toThrow('tools')
  })

  test('V29 verify and authorize name everything that the call needs, once', async () => {
    const token = await issuer.mint({ scope: 'repo:read' })
    const needs = { scopes: ['repo:read', 'base'], tool: 'delete_repo' }
    const refusal = { code: 'insufficient_scope', status: 403, scopes: ['repo:read', 'base', 'repo:delete'] }
    await expect(verifier.verify(token, needs)).rejects.toMatchObject(refusal)
    const claims = await verifier.verify(token, { tool: 'read_repo' })
    expect(() => verifier.authorize(claims, needs)).toThrow(expect.objectContaining(refusal))
    verifier.authorize(claims, { tool: 'read_repo' })
    expect(() => verifier.authorize(claims, { tool: 'other' })).toThrow(
      expect.objectContaining({ code: 'invalid_request', status: 400, reason: 'tool_unknown', challenge: undefined }),
    )
  })

  test('the challenge of SDK 2.x takes them from the same table', () => {
    const challenge = requireToolScopes(verifier, 'delete_repo')
    expect(challenge({ authInfo: granted('repo:read') })).toEqual({ scopes: ['repo:delete', 'repo:read'] })
    expect(challenge({ authInfo: granted('repo:admin') })).toBeUndefined()
    expect(challenge({})).toEqual({ scopes: ['repo:delete', 'repo:read'] })
    expect(requireToolScopes(verifier, 'ping')({})).toBeUndefined()
    expect(() => requireToolScopes(verifier, 'other')).toThrow(TypeError)
  })
})

describe('tools/list', () => {
  const list = {
    tools: [
      { name: 'read_repo', title: 'Read' },
      { name: 'delete_repo' },
      { name: 'ping' },
      { name: 'other' },
      { name: ['ping'] },
      {},
      null,
    ],
    nextCursor: 'x',
  }

  test('shows what the token may call, in order, and leaves the rest of the result', () => {
    expect(verifier.filterTools(list, granted('repo:read'))).toEqual({
      tools: [{ name: 'read_repo', title: 'Read' }, { name: 'ping' }],
      nextCursor: 'x',
    })
    expect(verifier.filterTools(list, granted('repo:admin')).tools).toHaveLength(3)
    expect(list.tools).toHaveLength(7)
  })

  test.each([null, undefined, 7, 'x', [], {}, { tools: 'x' }])('a result of %j comes back as it is', (result) =>
    expect(verifier.filterTools(result, granted())).toBe(result),
  )
})

describe('messages', () => {
  const bytes = (text: string) => ({ bytes: new TextEncoder().encode(text) })
  const call = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read_repo","arguments":{"a":{"a":1}}}}'

  test('the tool is the name in params, nothing else', () => {
    expect(readMcpMessage(bytes(call))).toMatchObject({ method: 'tools/call', tool: 'read_repo' })
    expect(readMcpMessage({ parsed: JSON.parse(call) })).toMatchObject({ method: 'tools/call', tool: 'read_repo' })
    const list = '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"name":"read_repo"}}'
    expect(readMcpMessage(bytes(list))).toMatchObject({ method: 'tools/list', tool: undefined })
    expect(readMcpMessage(bytes('{"jsonrpc":"2.0","id":1,"result":{}}'))).toMatchObject({ method: undefined })
  })

  test('V25 a name that appears twice is refused, in every spelling', () => {
    for (const doubled of [
      call.replace('"name":"read_repo"', '"name":"delete_repo","name":"read_repo"'),
      call.replace('"name":"read_repo"', '"name":"read_repo", "n\\u0061me":"delete_repo"'),
      call.replace('"params"', '"params":{"name":"delete_repo"},"params"'),
      call.replace('"method"', '"method":"tools/list","method"'),
    ])
      expect(() => readMcpMessage(bytes(doubled)), doubled).toThrow(expect.objectContaining({ rpcCode: -32_700 }))
  })

  test.each([
    ['[]', -32_600, 'message_batch'],
    [` \n[${call}]`, -32_600, 'message_batch'],
    ['', -32_700, 'message_malformed'],
    ['{', -32_700, 'message_malformed'],
    ['null', -32_700, 'message_malformed'],
    ['"x"', -32_700, 'message_malformed'],
    [`${call}${call}`, -32_700, 'message_malformed'],
    ['{}', -32_600, 'message_malformed'],
    ['{"jsonrpc":2.0,"method":"x"}', -32_600, 'message_malformed'],
    ['{"jsonrpc":"2.0","method":7}', -32_600, 'message_malformed'],
    ['{"jsonrpc":"2.0","method":null}', -32_600, 'message_malformed'],
    ['{"jsonrpc":"2.0","method":"tools/call"}', -32_602, 'message_malformed'],
    ['{"jsonrpc":"2.0","method":"tools/call","params":[]}', -32_602, 'message_malformed'],
    ['{"jsonrpc":"2.0","method":"tools/call","params":{"name":["read_repo"]}}', -32_602, 'message_malformed'],
  ])('V26 %j is refused with %i', (text, rpcCode, reason) =>
    expect(() => readMcpMessage(bytes(text))).toThrow(
      expect.objectContaining({ code: 'invalid_request', status: 400, rpcCode, reason }),
    ),
  )

  test('V26 invalid UTF-8, __proto__ and bottomless nesting are refused', () => {
    const nested = call.replace('1}', `${'['.repeat(100)}${']'.repeat(100)}}`)
    const proto = call.replace('"a":1', '"__proto__":{"scopes":["repo:admin"]}')
    for (const body of [bytes(nested), bytes(proto), { bytes: new Uint8Array([0x7b, 0xff, 0x7d]) }])
      expect(() => readMcpMessage(body)).toThrow(expect.objectContaining({ rpcCode: -32_700 }))
    for (const parsed of [undefined, null, [], 'x', 7]) expect(() => readMcpMessage({ parsed })).toThrow('')
  })
})

describe('decisions', () => {
  test('each is told once, with who asked and for what, and never with the token', async () => {
    const told: Decision[] = []
    const watched = issuer.verifier({ tools, onDecision: (decision) => told.push(decision) })
    const token = await issuer.mint({ scope: 'repo:read' })
    const presented = { authorization: [`Bearer ${token}`], tokenElsewhere: false }
    await watched.authenticate(presented, { tool: 'read_repo' })
    await watched.authenticate(presented, () => ({ scopes: ['x'], tool: 'delete_repo' })).catch(() => {})
    await watched.authenticate({ authorization: [], tokenElsewhere: false }).catch(() => {})
    await watched.verify(await issuer.mint({ aud: 'https://other.example', sub: 'claimed' })).catch(() => {})
    await watched.verify(token, { tool: 'rm -rf\n/' }).catch(() => {})
    const who = { iss: issuer.url, sub: 'account-1', client_id: 'client-1', jti: 'token-1', scope: 'repo:read' }
    const nobody = { iss: undefined, sub: undefined, client_id: undefined, jti: undefined, scope: undefined }
    expect(told).toMatchObject([
      { ...who, decision: 'allowed', code: 'ok', tool: 'read_repo', neededScopes: ['repo:read'], remembered: false },
      {
        ...who,
        decision: 'refused',
        code: 'insufficient_scope',
        reason: 'scope',
        tool: 'delete_repo',
        neededScopes: ['x', 'repo:delete', 'repo:read'],
      },
      { ...nobody, decision: 'refused', code: 'invalid_token', reason: 'no_credentials', remembered: false },
      { ...nobody, decision: 'refused', code: 'invalid_token', reason: 'audience' },
      {
        ...who,
        decision: 'refused',
        code: 'invalid_request',
        reason: 'tool_unknown',
        tool: undefined,
        remembered: true,
      },
    ])
    expect(told.every(({ at }) => at.getTime() === issuer.clock.now.getTime())).toBe(true)
    expect(JSON.stringify(told)).not.toContain(token.slice(-40))
    expect(JSON.stringify(told)).not.toContain('claimed')
    expect(watched.counts()).toMatchObject({
      allowed: 1,
      refused: 4,
      refusedBy: { scope: 1, no_credentials: 1, audience: 1, tool_unknown: 1 },
    })
  })

  test('V44 what the hook throws fails the request, also an allowed one; a fault is told as one', async () => {
    const loud = issuer.verifier({
      onDecision: () => {
        throw new Error('the log is full')
      },
    })
    await expect(loud.verify(await issuer.mint())).rejects.toThrow('the log is full')
    const told: Decision[] = []
    const watched = issuer.verifier({ onDecision: (decision) => told.push(decision) })
    const presented = { authorization: [`Bearer ${await issuer.mint()}`], tokenElsewhere: false }
    await expect(watched.authenticate(presented, () => Promise.reject(new Error('database')))).rejects.toThrow(
      'database',
    )
    expect(told).toMatchObject([{ decision: 'refused', code: 'fault', reason: undefined, sub: 'account-1' }])
    expect(watched.counts().refusedBy).toEqual({ fault: 1 })
  })
})

test('V47 state belongs to issuer, person and handle together', async () => {
  const auth = async (changes: Record<string, unknown>) => ({
    claims: await verifier.verify(await issuer.mint(changes)),
  })
  const mine = await auth({})
  const keys = [
    stateKey(mine, 'h'),
    stateKey(await auth({ sub: 'account-2' }), 'h'),
    stateKey(mine, 'h2'),
    stateKey(await auth({ sub: 'account-1","h' }), ''),
    stateKey(await auth({ sub: 'account-1' }), '","h'),
    stateKey({ claims: { ...mine.claims, iss: 'https://other.example' } }, 'h'),
  ]
  expect(new Set(keys).size).toBe(keys.length)
  expect(stateKey(await auth({ client_id: 'client-2', jti: 'other' }), 'h')).toBe(keys[0])
})
