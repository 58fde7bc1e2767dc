import { describe, expect, it } from 'vitest'
import { checkRedirectUri, isLoopbackRedirect, redirectHost } from '../../src/oauth/redirect-uri.ts'

const accepted: ReadonlyArray<[uri: string, kind: string, host: string]> = [
  ['https://app.example.com/cb', 'https', 'app.example.com'],
  ['https://app.example.com:8443/cb?tenant=a', 'https', 'app.example.com:8443'],
  ['https://App.example.com/cb', 'https', 'app.example.com'],
  ['https://192.168.1.20/cb', 'https', '192.168.1.20'],
  ['https://claude.ai/api/mcp/auth_callback', 'https', 'claude.ai'],
  ['https://chatgpt.com/connector/oauth/abc_123', 'https', 'chatgpt.com'],
  ['http://localhost/callback', 'loopback', 'localhost'],
  ['http://localhost:51234/callback', 'loopback', 'localhost:51234'],
  ['http://127.0.0.1:33418/', 'loopback', '127.0.0.1:33418'],
  ['http://127.0.0.1', 'loopback', '127.0.0.1'],
  ['http://[::1]:8080/cb', 'loopback', '[::1]:8080'],
  ['https://localhost:5173/cb', 'loopback', 'localhost:5173'],
  ['cursor://anysphere.cursor-mcp/oauth/callback', 'private', 'cursor:'],
  ['vscode://vscode.mcp/callback', 'private', 'vscode:'],
  ['vscode-insiders://vscode.mcp/callback', 'private', 'vscode-insiders:'],
  ['claude://claude.ai/mcp/callback', 'private', 'claude:'],
  ['jetbrains://gateway/mcp/oauth', 'private', 'jetbrains:'],
  ['com.example.app:/cb', 'private', 'com.example.app:'],
  ['com.example.app://oauth/cb', 'private', 'com.example.app:'],
]

const refused: ReadonlyArray<[id: string, uri: string]> = [
  ['A04', 'https://good.example@evil.example/cb'],
  ['A04', 'https://user:pw@app.example.com/cb'],
  ['A04', 'https://@app.example.com/cb'],
  ['A04', 'http://127.0.0.1:1@evil.example/cb'],
  ['A05', 'https://app.example.com/a/../cb'],
  ['A05', 'https://app.example.com/a/%2E%2e/cb'],
  ['A05', 'https://app.example.com/./cb'],
  ['A05', 'cursor://a/../b'],
  ['A07', 'https://app.example.com/cb#x'],
  ['A07', 'https://app.example.com/cb#'],
  ['A07', 'com.example.app:/cb#x'],
  ['A08', 'https://*.example.com/cb'],
  ['A08', 'https://app.example.com/*'],
  ['A08', 'https://%2a.example.com/cb'],
  ['A09', 'javascript:alert(1)'],
  ['A09', 'JaVaScRiPt:alert(1)'],
  ['A09', ' javascript:alert(1)'],
  ['A09', '\tjavascript:alert(1)'],
  ['A09', 'java\tscript:alert(1)'],
  ['A09', 'javascript://app.example.com/%0aalert(1)'],
  ['A09', 'data:text/html,<script>'],
  ['A09', 'vbscript:x'],
  ['A09', 'file:///etc/passwd'],
  ['A09', 'blob:https://app.example.com/x'],
  ['A09', 'about:blank'],
  ['A09', 'view-source:https://app.example.com/'],
  ['A09', 'intent://scan/#Intent;end'],
  ['A09', 'intent://scan/x'],
  ['A09', 'ws://app.example.com/cb'],
  ['A09', 'wss://app.example.com/cb'],
  ['A09', 'ftp://app.example.com/cb'],
  ['A09', 'mailto:a@b.example'],
  ['A09', 'tel:123'],
  ['A09', 'chrome://settings/x'],
  ['A09', 'chrome-extension://abcdef/x'],
  ['A09', 'ms-settings://a/b'],
  ['A09', 'ms-msdt://id/x'],
  ['A09', 'HTTPS://app.example.com/cb'],
  ['A09', 'Cursor://anysphere.cursor-mcp/oauth/callback'],
  ['A10', 'http://evil.example/cb'],
  ['A10', 'http://app.example.com:80/cb'],
  ['A11', 'http://localhost.evil.example/cb'],
  ['A11', 'http://127.0.0.1.nip.io/cb'],
  ['A11', 'http://2130706433/cb'],
  ['A11', 'http://0x7f.1/cb'],
  ['A11', 'http://[::ffff:127.0.0.1]/cb'],
  ['A11', 'http://127.0.0.2/cb'],
  ['A11', 'http://LOCALHOST/cb'],
  ['A11', 'http://localhost./cb'],
  ['A11', 'http://app.localhost/cb'],
  ['A11', 'https://2130706433/cb'],
  ['A11', 'https://0x7f.1/cb'],
  ['A11', 'https://127.0.0.2/cb'],
  ['A11', 'https://[::ffff:127.0.0.1]/cb'],
  ['A11', 'https://app.example.com./cb'],
  ['A13', 'foo:/cb'],
  ['A13', 'foo:cb'],
  ['A13', 'com.example.app:cb'],
  ['A13', 'com.example.app://cb'],
  ['A13', 'com.example.app:///cb'],
  ['A13', 'foo://cb'],
  ['A13', 'c:/cb'],
  ['A14', 'https://app.example.com/cb\r\nX-Evil: 1'],
  ['A14', 'https://app.example.com/c\tb'],
  ['A14', 'https://app.example.com/c\u0000b'],
  ['A14', 'https://app.example.com\\@evil.example/cb'],
  ['A14', 'https://app.example.com/c b'],
  ['A14', 'https://app.example.com/cb%0d%0aX-Evil:1'],
  ['A14', 'https://app.example.com/cb%zz'],
  ['A14', 'https://app.example.com/cb\u200b'],
  ['A15', 'https://app.example.com/\u0430pple'],
  ['A20', 'https://app.example.com/cb?code=y'],
  ['A20', 'https://app.example.com/cb?iss=x'],
  ['A20', 'https://app.example.com/cb?a=b&state=x'],
  ['A20', 'https://app.example.com/cb?error=x'],
  ['A20', 'https://app.example.com/cb?%63ode=y'],
  ['A20', 'cursor://a/cb?code=y'],
  ['D02', `https://app.example.com/${'a'.repeat(2048)}`],
  ['D02', ''],
  ['A09', '/relative'],
  ['A09', '//app.example.com/cb'],
  ['A09', 'https:/app.example.com/cb'],
  ['A09', 'https:///cb'],
  ['A09', 'https://app.example.com:99999/cb'],
]

describe('a redirect URI', () => {
  it.each(accepted)('%s is accepted as %s', (uri, kind, host) => {
    expect(checkRedirectUri(uri)).toEqual({ ok: true, uri, kind, host })
  })

  it.each(refused)('%s: %j is refused with a reason', (_id, uri) => {
    const check = checkRedirectUri(uri)
    expect(check.ok).toBe(false)
    // RFC 6749 §5.2: what error_description may hold
    if (!check.ok) expect(check.reason).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/)
  })

  it('A15: an international host is stored in punycode, with its port and path untouched', () => {
    expect(checkRedirectUri('https://\u0430pple.example:8443/C%62?x=1')).toEqual({
      ok: true,
      uri: 'https://xn--pple-43d.example:8443/C%62?x=1',
      kind: 'https',
      host: 'xn--pple-43d.example:8443',
    })
  })

  it('A12: every port and spelling of this computer is one host for consent', () => {
    for (const uri of ['http://127.0.0.1:1/cb', 'http://localhost:2/x', 'http://[::1]/cb', 'https://localhost/cb']) {
      expect(redirectHost(uri)).toBe('loopback')
      expect(isLoopbackRedirect(uri)).toBe(true)
    }
  })

  it('two hosts, two ports and two schemes are different places for consent', () => {
    expect(redirectHost('https://App.example.com/cb')).toBe('app.example.com')
    expect(redirectHost('https://app.example.com:8443/cb')).toBe('app.example.com:8443')
    expect(redirectHost('cursor://anysphere.cursor-mcp/oauth/callback')).toBe('cursor:')
    expect(redirectHost('com.example.app:/cb')).toBe('com.example.app:')
    expect(isLoopbackRedirect('https://localhost.example/cb')).toBe(false)
  })
})
