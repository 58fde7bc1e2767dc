// What is in the repository is for everybody: nothing of the machine it was written on, and of no registry it was installed from.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { root } from './markdown.ts'

// Only at the beginning of a path: `https://example.com/home/ada` and `../root/x` are nobody's folder.
const machinePath =
  /(?<![\w.~:/%*}-])\/(?:home|Users|root|work|workspaces?|mnt|media|tmp|var\/folders)\/[\w.-]+|\b[A-Z]:\\+Users\\/g

const url = /\bhttps?:\/\/(?:[^\s/@"'`]+@)?([\w.-]+)(:\d+)?/g
const registryLabel = /^(?:registry|npm|npmjs|yarnpkg|artifactory|nexus|verdaccio|jfrog|pypi|mirrors?)$/
// RFC 2606, RFC 6761: names that are nobody's, for examples and tests.
const exampleHost = /(?:^|\.)(?:example(?:\.(?:com|net|org))?|test|invalid|localhost)$/
const verdaccioPort = ':4873'

const files = trackedTexts()

describe('tracked files', () => {
  it('name no folder of a machine', () => {
    const named = files.flatMap(({ path, text }) =>
      [...text.matchAll(machinePath)].map(([found]) => `${path}: ${found}`),
    )
    expect(named).toEqual([])
  })

  it('name no package registry', () => {
    const named = files.flatMap(({ path, text }) =>
      [...text.matchAll(url)]
        .filter(({ 1: host = '', 2: port }) => isRegistry(host.toLowerCase(), port))
        .map(([found]) => `${path}: ${found}`),
    )
    expect(named).toEqual([])
  })

  it('the lock file holds digests and versions, and no address', () => {
    const { packages } = z
      .object({
        packages: z.record(
          z.string(),
          z.looseObject({ resolved: z.string().optional(), link: z.boolean().optional() }),
        ),
      })
      .parse(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')))
    const elsewhere = Object.entries(packages).filter(
      ([, { resolved, link }]) => resolved !== undefined && link !== true,
    )
    expect(elsewhere.map(([name]) => name)).toEqual([])
  })

  it('no settings of npm with a registry or a token', () => {
    const own = files.filter(
      ({ path, text }) => /(?:^|\/)\.npmrc$/.test(path) && /registry|_auth|_password/i.test(text),
    )
    expect(own).toEqual([])
  })
})

describe('these rules', () => {
  it.each(['see /home/ada/x', '"/Users/ada"', 'cd /root/.cache', '(/tmp/try)', 'C:\\Users\\ada'])('find %s', (text) => {
    expect(text).toMatch(new RegExp(machinePath.source))
  })

  it.each([
    'https://example.com/home/ada',
    '/opt/sallyport',
    '/run/secrets/sallyport',
    '../root/x',
    '/work',
    '/network/homes/1',
    '{base}/home/x',
  ])('leave %s alone', (text) => {
    expect(text).not.toMatch(new RegExp(machinePath.source))
  })

  it('know a registry from an example', () => {
    expect(isRegistry(['registry', 'npmjs', 'org'].join('.'), undefined)).toBe(true)
    expect(isRegistry('localhost', verdaccioPort)).toBe(true)
    expect(isRegistry('registry.example', undefined)).toBe(false)
    expect(isRegistry('modelcontextprotocol.io', undefined)).toBe(false)
  })
})

interface Text {
  readonly path: string
  readonly text: string
}

function trackedTexts(): Text[] {
  const self = 'test/ground/repository.test.ts'
  return execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
    .split('\0')
    .filter((path) => path !== '' && path !== self)
    .flatMap((path) => {
      const text = readText(join(root, path))
      return text === null || text.includes('\0') ? [] : [{ path, text }]
    })
}

// A file that was removed and not yet committed is listed all the same.
function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}

function isRegistry(host: string, port: string | undefined): boolean {
  if (port === verdaccioPort) return true
  return !exampleHost.test(host) && host.split('.').some((label) => registryLabel.test(label))
}
