import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { describeSettings } from '../../src/config/print.ts'

const load = (settings: Readonly<Record<string, string>>) =>
  loadConfig(Object.fromEntries(Object.entries(settings).map(([name, value]) => [`SALLYPORT_${name}`, value])))

describe('EGRESS_PROXY', () => {
  it('is none by default, and a URL where it is set', () => {
    expect(load({}).egressProxy).toBeUndefined()
    expect(load({ EGRESS_PROXY: 'http://proxy.example:3128' }).egressProxy?.host).toBe('proxy.example:3128')
    expect(load({ EGRESS_PROXY: 'https://ann:p%40ss@[::1]:3128/' }).egressProxy?.username).toBe('ann')
  })

  it.each([
    'proxy.example',
    'socks5://ann:hunter22@proxy.example',
    'http://ann:hunter22@proxy.example/path',
    'http://ann:hunter22@proxy.example?x',
    'http://%ff:hunter22@proxy.example',
  ])('%s is a fault that does not repeat it', (text) => {
    expect(() => load({ EGRESS_PROXY: text })).toThrow('SALLYPORT_EGRESS_PROXY')
    expect(() => load({ EGRESS_PROXY: text })).not.toThrow('hunter22')
  })

  it('is shown without name and password', () => {
    const shown = describeSettings(load({ EGRESS_PROXY: 'http://ann:hunter22@proxy.example:3128' }))
    expect(shown.find(({ key }) => key === 'egressProxy')?.value).toBe('http://proxy.example:3128, signed in')
    expect(JSON.stringify(shown)).not.toMatch(/hunter22|ann:/)
  })
})

describe('lists of internal hosts', () => {
  it('hold names and private addresses', () => {
    const hosts = 'keycloak.corp.example,localhost,10.0.0.7,127.0.0.1,[::1],[fd12::7]'
    expect(load({ EGRESS_ALLOWED_HOSTS: hosts }).egressAllowedHosts).toEqual(hosts.split(','))
  })

  it.each([
    '169.254.169.254',
    '0.0.0.0',
    '224.0.0.1',
    '[::]',
    '[fe80::1]',
    '[fd00:ec2::254]',
    '100.100.100.200',
    '[::ffff:a00:7]',
  ])('F01: never %s', (host) => {
    for (const name of ['EGRESS_ALLOWED_HOSTS', 'METADATA_DOCUMENT_HOSTS']) {
      expect(() => load({ [name]: `app.example,${host}` })).toThrow(`SALLYPORT_${name}`)
    }
  })

  it.each(['http://app.example', 'app.example:8443', 'APP.example', '2130706433', '*.corp.example'])(
    '%s is no host',
    (host) => {
      expect(() => load({ EGRESS_ALLOWED_HOSTS: host })).toThrow('SALLYPORT_EGRESS_ALLOWED_HOSTS')
    },
  )
})
