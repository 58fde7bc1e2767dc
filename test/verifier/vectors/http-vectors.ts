// V01–V04, V29, V44–V54: requests and answers.
import type { Context } from './context.ts'
import type { Step, Vector } from './table.ts'

export async function httpVectors(context: Context): Promise<readonly Vector[]> {
  const { mint, now, resource } = context
  const good = await mint()
  const metadata = 'resource_metadata="https://mcp.example/.well-known/oauth-protected-resource/mcp"'
  const bare = { status: 401, reason: 'no_credentials', challenge: `Bearer scope="notes:read", ${metadata}`, body: '' }
  const ask = (authorization: string, expect: Step['expect']): Step => ({
    says: authorization.slice(0, 40),
    headers: { authorization },
    expect,
  })
  const call = (name: unknown) => JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name } })
  const document = {
    resource,
    authorization_servers: [context.issuer],
    bearer_methods_supported: ['header'],
    scopes_supported: ['notes:read'],
  }
  const invalid = `Bearer error="invalid_token", error_description="the access token is not valid here", scope="notes:read", ${metadata}`
  const [head = '', body = '', signature = ''] = good.split('.')

  return [
    {
      id: 'V01',
      title: 'no credentials: 401 with a bare challenge',
      steps: ['POST', 'GET', 'DELETE'].map((method) => ({ method, expect: bare })),
    },
    {
      id: 'V02',
      title: 'other schemes are no credentials; doubled ones are malformed',
      steps: [
        ...['Basic YTpi', 'Digest x="y"', 'DPoP abc', 'Bearerabc'].map((value) => ask(value, bare)),
        ask(`bearer ${good}`, { status: 200 }),
        ask(`BEARER  ${good}`, { status: 200 }),
        ask(`Bearer ${good}, Bearer ${good}`, { status: 400, reason: 'several_credentials' }),
        ask(`Bearer ${good},x`, { status: 400, reason: 'several_credentials' }),
      ],
    },
    {
      id: 'V03',
      title: 'odd characters are refused without a throw',
      steps: [
        ...['Bearer', 'Bearer a b', 'Bearer "a"', 'Bearer\ta', 'Bearer \u00e9', 'Bearer ='].map((value) =>
          ask(value, { status: 400, reason: 'malformed_credentials' }),
        ),
        ...['Bearer ~', 'Bearer a.b.c', 'Bearer ...', 'Bearer a=='].map((value) =>
          ask(value, { status: 401, reason: 'token_malformed' }),
        ),
      ],
    },
    {
      id: 'V04',
      title: 'a token in the query is ignored, beside another it is 400',
      steps: [
        { url: `${resource}?access_token=${good}`, expect: bare },
        {
          url: `${resource}?access_token=${good}`,
          token: good,
          expect: { status: 400, reason: 'several_credentials' },
        },
        { url: `${resource}?other=${good}`, token: good, expect: { status: 200 } },
      ],
    },
    {
      id: 'V29',
      title: 'a step-up names all that the call needs, once, and not the catalogue',
      scopes: ['notes:read'],
      options: { tools: { erase: ['notes:write', 'notes:erase'], read: [], other: ['other'] } },
      steps: [
        {
          token: good,
          body: call('erase'),
          expect: {
            status: 403,
            reason: 'scope',
            challenge: `Bearer error="insufficient_scope", error_description="the access token does not allow this operation", scope="notes:read notes:write notes:erase", ${metadata}`,
          },
        },
        { token: good, body: call('read'), expect: { status: 200 } },
        ...['unknown', '__proto__', 'READ', '*', 7, null].map(
          (name): Step => ({ says: String(name), token: good, body: call(name), expect: { status: 400 } }),
        ),
        { token: good, body: `[${call('read')}]`, expect: { status: 400, reason: 'message_batch' } },
        {
          token: good,
          body: call('read').replace('"name"', '"name":"erase","name"'),
          expect: { status: 400, reason: 'message_malformed' },
        },
        { token: good, body: 'x', expect: { status: 400, reason: 'message_malformed' } },
        { token: good, body: '{"jsonrpc":"2.0","id":1,"result":{}}', expect: { status: 200 } },
        {
          token: await mint({ scope: 'notes:read notes:write notes:erase' }),
          body: call('erase'),
          expect: { status: 200 },
        },
      ],
    },
    {
      id: 'V44',
      title: 'no fault makes anybody anonymous',
      scopes: 'throws',
      steps: [{ token: good, expect: {} }, { expect: bare }],
    },
    {
      id: 'V45',
      title: 'no method goes around the guard',
      steps: [
        ...['OPTIONS', 'HEAD', 'PUT', 'PATCH', 'PROPFIND'].map(
          (method): Step => ({ method, says: method, expect: { status: 401 } }),
        ),
        { method: 'PUT', token: good, expect: { status: 405, reason: 'method' } },
        {
          method: 'OPTIONS',
          headers: {
            'access-control-request-method': 'POST',
            'access-control-request-headers': 'authorization,mcp-protocol-version',
          },
          expect: {
            status: 204,
            headers: {
              'access-control-allow-origin': '*',
              'access-control-allow-headers': 'authorization,mcp-protocol-version',
            },
          },
        },
        ...['//mcp', '/MCP', '/mcp/', '/%6dcp', '/'].map(
          (path): Step => ({ says: path, url: `https://mcp.example${path}`, expect: { status: 401 } }),
        ),
      ],
    },
    {
      id: 'V46',
      title: 'identity comes from the token alone',
      steps: [
        {
          token: good,
          headers: { 'x-user-id': 'root', 'x-forwarded-user': 'root', cookie: 'sub=root' },
          body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping', params: { _meta: { sub: 'root' } } }),
          expect: { status: 200, body: '{"sub":"account-1"}' },
        },
        { headers: { 'x-user-id': 'root', 'mcp-session-id': 'x' }, expect: bare },
      ],
    },
    {
      id: 'V47',
      title: 'handles belong to the person who got them',
      steps: [],
      distinct: [
        ['https://a.example', 'alice', 'h'],
        ['https://a.example', 'bob', 'h'],
        ['https://b.example', 'alice', 'h'],
        ['https://a.example', 'alice', 'h2'],
        ['https://a.example', 'alice","h', ''],
        ['https://a.example","alice', 'h', ''],
        ['https://a.example', 'alice', '","h'],
      ],
    },
    {
      id: 'V48',
      title: 'a stream ends with its token: one that is only good by the tolerance of clocks has no stream',
      steps: [
        { method: 'GET', token: await mint({ iat: now - 300, exp: now - 1 }), expect: { status: 200, body: '' } },
      ],
    },
    {
      id: 'V49',
      title: 'the resource metadata is exact, in both places, for pages too',
      options: { scopes: ['notes:read', 'offline_access'] },
      steps: ['/.well-known/oauth-protected-resource/mcp', '/.well-known/oauth-protected-resource'].flatMap(
        (path): readonly Step[] => [
          {
            method: 'GET',
            url: `https://mcp.example${path}`,
            expect: {
              status: 200,
              body: JSON.stringify(document),
              headers: {
                'content-type': 'application/json',
                'access-control-allow-origin': '*',
                'cache-control': 'public, max-age=300',
              },
            },
          },
          { method: 'POST', url: `https://mcp.example${path}`, expect: { status: 405 } },
        ],
      ),
    },
    {
      id: 'V50',
      title: 'challenges cannot be injected into',
      steps: [
        {
          url: 'https://evil.example/mcp%22%0d%0aX:y?"=%0d',
          headers: { 'x-forwarded-host': 'evil.example"' },
          expect: bare,
        },
        { token: 'a"b.c', headers: {}, expect: { status: 400 } },
      ],
    },
    {
      id: 'V51',
      title: 'an answer does not say which check a token failed',
      steps: await Promise.all(
        [
          `${head}.${body}.${signature.slice(0, -2)}AA`,
          `${head}.${body}.${'A'.repeat(86)}`,
          'a.b.c',
          await mint({ aud: 'x' }),
          await mint({ exp: now - 100, iat: now - 200 }),
          await mint({}, { kid: 'x' }),
        ].map(
          (token): Step => ({
            token,
            expect: {
              status: 401,
              challenge: invalid,
              body: '{"error":"invalid_token","error_description":"the access token is not valid here"}',
            },
          }),
        ),
      ),
    },
    {
      id: 'V52',
      title: 'load changes nothing: what is remembered is bounded',
      options: { rememberedTokens: 3 },
      steps: [
        ...(await Promise.all(
          Array.from(
            { length: 8 },
            async (_, at): Promise<Step> => ({
              token: await mint({ jti: `many-${at}` }),
              times: 50,
              expect: { status: 200 },
            }),
          ),
        )),
        { token: good, expect: { status: 200, counts: { rememberedTokens: 3, keyFetches: 1 } } },
      ],
    },
    {
      id: 'V53',
      title: 'the audience does not come from the request',
      steps: [
        {
          url: 'https://other.example/mcp',
          token: await mint({ aud: 'https://other.example/mcp' }),
          expect: { status: 401, reason: 'audience' },
        },
        { url: 'https://other.example/mcp', token: good, expect: { status: 200 } },
      ],
    },
    {
      id: 'V54',
      title: 'every algorithm gives the same verdict on every runtime',
      steps: [
        { token: await mint({}, {}, context.rsa), expect: { status: 200 } },
        { token: await mint({}, {}, context.ed), expect: { status: 200 } },
        { token: await mint({ note: '\u00e9\u20ac\ud83d\ude00' }), expect: { status: 200 } },
        { token: good, expect: { status: 200 } },
        { token: good, expect: { status: 200, counts: { remembered: 1 } } },
      ],
    },
  ]
}
