import { describe, expect, it } from 'vitest'
import { type GuardedRequest, outgoing, type SendingRights } from '../../src/net/outgoing-request.ts'

const everyHeader = {
  ...{
    accept: 'text/html',
    authorization: 'Bearer x',
    'content-type': 'text/plain',
    cookie: 'a=b',
    origin: 'https://a.example',
  },
  ...{ 'access-control-request-method': 'POST', 'access-control-request-headers': 'x', 'mcp-protocol-version': '1' },
  ...{ 'mcp-session-id': 's', 'accept-encoding': 'gzip', 'user-agent': 'me', 'x-forwarded-for': '127.0.0.1' },
}
const ofPoster = ['accept', 'accept-encoding', 'authorization', 'content-type']

describe('F11 what leaves with a request', () => {
  it.each<[string, SendingRights, readonly string[]]>([
    ['what strangers name', {}, ['accept', 'accept-encoding']],
    ['providers of one’s own', { mayPost: true }, ofPoster],
    [
      'the way of a client that is walked',
      { asClient: true },
      [
        ...['accept', 'accept-encoding', 'access-control-request-headers', 'access-control-request-method'],
        ...['authorization', 'content-type', 'mcp-protocol-version', 'mcp-session-id', 'origin'],
      ],
    ],
  ])('to %s: these headers, never a cookie, never compression', (_title, rights, names) => {
    const sent = outgoing({ headers: everyHeader }, rights)
    expect(Object.keys(sent?.headers ?? {}).toSorted()).toEqual(names)
    expect(sent?.headers).toMatchObject({ accept: 'text/html', 'accept-encoding': 'identity' })
  })

  it('JSON is asked for where nothing is said, and nothing is made up', () => {
    const plain = { accept: 'application/json', 'accept-encoding': 'identity' }
    expect(outgoing({}, {})).toEqual({ method: 'GET', body: undefined, headers: plain })
    expect(outgoing({}, { asClient: true })).toEqual({ method: 'GET', body: undefined, headers: plain })
  })

  it.each<[NonNullable<GuardedRequest['method']>, SendingRights, boolean]>([
    ['GET', {}, true],
    ['POST', {}, false],
    ['OPTIONS', {}, false],
    ['DELETE', {}, false],
    ['GET', { mayPost: true }, true],
    ['POST', { mayPost: true }, true],
    ['OPTIONS', { mayPost: true }, false],
    ['DELETE', { mayPost: true }, false],
    ['GET', { asClient: true }, true],
    ['POST', { asClient: true }, true],
    ['OPTIONS', { asClient: true }, true],
    ['DELETE', { asClient: true }, true],
  ])('%s with %j: %s', (method, rights, isSent) => {
    const sent = outgoing({ method, body: 'secret=1' }, rights)
    if (isSent) expect(sent).toMatchObject({ method, body: method === 'POST' ? 'secret=1' : undefined })
    else expect(sent).toBeNull()
  })
})
