import { describe, expect, it } from 'vitest'
import { asGuardedFetchError, GuardedFetchError } from '../../src/net/fetch-error.ts'

const running = new AbortController().signal
const withCode = (code: unknown) => Object.assign(new Error('connect 10.0.0.7:80'), { code })

describe('what went wrong, in a word, and nothing of where', () => {
  it.each([
    ['ENOTFOUND', 'not_found'],
    ['ENODATA', 'not_found'],
    ['ETIMEOUT', 'timeout'],
    ['UND_ERR_CONNECT_TIMEOUT', 'timeout'],
    ['UND_ERR_HEADERS_TIMEOUT', 'timeout'],
    ['UND_ERR_SOCKET', 'network'],
    ['X_TIMEOUT', 'network'],
    ['ECONNREFUSED', 'network'],
    ['', 'network'],
    [404, 'network'],
  ])('%s → %s', (code, expected) => {
    const cause = withCode(code)
    const error = asGuardedFetchError(cause, running)
    expect(error).toMatchObject({ code: expected, cause, name: 'GuardedFetchError' })
    expect(error.message).not.toContain('10.0.0.7')
  })

  it('what is no error, or has no code, is a fault of the network with its cause', () => {
    for (const cause of ['text', undefined, { code: 'ENOTFOUND' }, new Error('plain')]) {
      expect(asGuardedFetchError(cause, running)).toMatchObject({ code: 'network', cause })
    }
  })

  it('a fault that has its word keeps it, and the deadline explains every other', () => {
    const own = new GuardedFetchError('too_large', 'more than 5 bytes')
    const over = AbortSignal.abort()
    expect(asGuardedFetchError(own, over)).toBe(own)
    const cause = withCode('ENOTFOUND')
    expect(asGuardedFetchError(cause, over)).toMatchObject({ code: 'timeout', cause })
  })
})
