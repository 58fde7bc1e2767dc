import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type * as Egress from '../../src/net/egress.ts'
import { GuardedFetchError } from '../../src/net/guarded-fetch.ts'
import type * as ProviderConfiguration from '../../src/provider/configuration.ts'
import { proveGuard } from '../../src/provider/guard-check.ts'
import { startApp } from '../support/app.ts'

// M16: the library's own guard is set up beside its fetch and comes loose silently. Ours is proved at each start.

let withoutFetch = false
let withoutGuard: string | undefined
vi.mock('../../src/provider/configuration.ts', async (original) => {
  const real = await original<typeof ProviderConfiguration>()
  const createConfiguration: typeof real.createConfiguration = (parts) => {
    const { fetch, ...rest } = real.createConfiguration(parts)
    return withoutFetch ? rest : { fetch, ...rest }
  }
  return { ...real, createConfiguration }
})
vi.mock('../../src/net/egress.ts', async (original) => {
  const real = await original<typeof Egress>()
  const createEgress: typeof real.createEgress = (...given) => {
    const egress = real.createEgress(...given)
    return withoutGuard === undefined ? egress : { ...egress, [withoutGuard]: (url: string | URL) => fetch(url) }
  }
  return { ...real, createEgress }
})
afterEach(() => {
  withoutFetch = false
  withoutGuard = undefined
})

describe('M16 F01 F02 the start', () => {
  test('goes through with the guard in place, also with wide lists, without a word in the log', async () => {
    const app = await startApp({
      settings: {
        EGRESS_ALLOWED_HOSTS: 'localhost,127.0.0.1,[::1],10.0.0.7',
        METADATA_DOCUMENT_HOSTS: 'localhost,127.0.0.1',
      },
    })
    expect(app.log()).not.toContain('not fetched')
  })

  test('fails when the library was not given our fetch', async () => {
    withoutFetch = true
    await expect(startApp()).rejects.toThrow('guard of outgoing requests is not in place (library)')
  })

  test.each(['documents', 'logos', 'resources', 'upstreams'])('fails when the way out for %s has none', async (way) => {
    withoutGuard = way
    await expect(startApp()).rejects.toThrow(`guard of outgoing requests is not in place (`)
    await expect(startApp()).rejects.toThrow(way)
  })

  test('the same on PostgreSQL', async () => {
    withoutFetch = true
    await expect(startApp({ database: 'postgresql' })).rejects.toThrow('guard of outgoing requests')
  })
})

describe('the proof', () => {
  test('is none when something arrives before the refusal', async () => {
    const leaky = async (url: string) => {
      const { port } = new URL(url)
      await new Promise((resolve) => connect(Number(port), '127.0.0.1').once('close', resolve))
      throw new GuardedFetchError('address_refused', 'too late')
    }
    await expect(proveGuard({ leaky })).rejects.toMatchObject({ code: 'guard_missing' })
  })

  test('is none when the refusal is another error', async () => {
    const other = async () => {
      throw new GuardedFetchError('timeout', 'the deadline passed')
    }
    await expect(proveGuard({ other })).rejects.toMatchObject({ code: 'guard_missing' })
  })

  test('is found however deep the library wraps it', async () => {
    const wrapped = async () => {
      throw new Error('one', { cause: new Error('two', { cause: new GuardedFetchError('address_refused', 'no') }) })
    }
    await expect(proveGuard({ wrapped })).resolves.toBeUndefined()
  })

  test('leaves no port open', async () => {
    let port = 0
    await proveGuard({
      good: async (url) => {
        port = Number(new URL(url).port)
        throw new GuardedFetchError('address_refused', 'no')
      },
    })
    const attempt = connect(port, '127.0.0.1')
    const [error] = await once(attempt, 'error')
    expect(error).toMatchObject({ code: 'ECONNREFUSED' })
  })
})
