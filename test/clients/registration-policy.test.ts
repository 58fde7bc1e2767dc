import { describe, expect, it } from 'vitest'
import type { DocumentMode } from '../../src/clients/document-policy.ts'
import {
  type Applicant,
  applicantOf,
  type EntryRule,
  type EntryVerdict,
  firstState,
  judgeEntry,
  type RegistrationMode,
  stateAfterBlock,
  takesRegistrations,
} from '../../src/clients/registration-policy.ts'
import { isListedRedirect, redirectHostProblem } from '../../src/oauth/redirect-hosts.ts'

const documentId = 'https://client.example/mcp.json'
const modes: readonly RegistrationMode[] = ['open', 'hosts', 'approval', 'token', 'closed']

function rule(mode: RegistrationMode, documents: DocumentMode = 'on', pinned: readonly string[] = []): EntryRule {
  return {
    mode,
    hosts: ['app.example.com', '*.tools.example', 'cursor:'],
    documents: {
      mode: documents,
      hosts: ['client.example'],
      pinned: new Map(pinned.map((id) => [id, {}])),
      issuer: 'https://auth.example',
    },
  }
}

function applicant(over: Partial<Applicant> = {}): Applicant {
  const redirectUris = ['https://app.example.com/cb']
  return { id: '', origin: 'registered', redirectUris, isInvited: false, isVouchedFor: false, ...over }
}

const short = (verdict: EntryVerdict) => (verdict.ok ? `${verdict.state}: ${verdict.reason}` : verdict.reason)

describe('the rule of who gets in', () => {
  it.each<[RegistrationMode, string]>([
    ['open', 'active: open'],
    ['hosts', 'active: hosts_listed'],
    ['approval', 'pending: waits'],
    ['token', 'not_invited'],
    ['closed', 'registration_closed'],
  ])('D10 who registers in mode %s: %s', (mode, expected) => {
    expect(short(judgeEntry(applicant(), rule(mode)))).toBe(expected)
  })

  it.each(modes)('an operator adds and vouches in every mode: %s', (mode) => {
    expect(short(judgeEntry(applicant({ origin: 'operator' }), rule(mode)))).toBe('active: added_by_operator')
    expect(short(judgeEntry(applicant({ isVouchedFor: true }), rule(mode)))).toBe('active: vouched')
  })

  it('D14 an invited client is in where one needs an invitation, and nowhere else by that', () => {
    expect(short(judgeEntry(applicant({ isInvited: true }), rule('token')))).toBe('active: invited')
    expect(short(judgeEntry(applicant({ isInvited: true }), rule('closed')))).toBe('registration_closed')
    expect(short(judgeEntry(applicant({ isInvited: true }), rule('approval')))).toBe('pending: waits')
  })

  it.each<[string, readonly string[], string]>([
    ['every host listed', ['https://app.example.com/cb', 'cursor://anysphere.retrieval/cb'], 'active: hosts_listed'],
    ['a host below a wildcard', ['https://a.b.tools.example/cb'], 'active: hosts_listed'],
    ['the host of the wildcard itself', ['https://tools.example/cb'], 'host_not_listed'],
    ['a host that ends alike', ['https://eviltools.example/cb'], 'host_not_listed'],
    ['one stranger among them', ['https://app.example.com/cb', 'https://evil.example/cb'], 'host_not_listed'],
    ['another port', ['https://app.example.com:8443/cb'], 'host_not_listed'],
    ['this computer, unlisted', ['http://127.0.0.1/cb'], 'host_not_listed'],
    ['another program', ['vscode://name/cb'], 'host_not_listed'],
    ['no address at all', [], 'host_not_listed'],
  ])('F20 hosts: %s', (_title, redirectUris, expected) => {
    const verdict = judgeEntry(applicant({ redirectUris }), rule('hosts'))
    expect(short(verdict)).toBe(expected)
    if (!verdict.ok) expect(verdict.words).toMatch(/^[\x20-\x7e]+$/)
  })

  it('names the hosts that are not on the list', () => {
    const redirectUris = [
      'https://app.example.com/cb',
      'https://evil.example/a',
      'https://evil.example/b',
      'myapp://x/y',
    ]
    expect(judgeEntry(applicant({ redirectUris }), rule('hosts'))).toMatchObject({ hosts: ['evil.example', 'myapp:'] })
  })

  const document = applicant({ id: documentId, origin: 'document' })
  it.each<[RegistrationMode, DocumentMode, string]>([
    ['open', 'on', 'active: document_accepted'],
    ['open', 'off', 'document_refused'],
    ['open', 'pinned', 'document_refused'],
    ['hosts', 'on', 'active: hosts_listed'],
    ['hosts', 'listed', 'active: document_listed'],
    ['approval', 'on', 'pending: waits'],
    ['approval', 'listed', 'pending: waits'],
    ['token', 'on', 'active: document_accepted'],
    ['closed', 'on', 'active: document_accepted'],
    ['closed', 'off', 'document_refused'],
  ])('F20 a document where registration is %s and documents are %s: %s', (mode, documents, expected) => {
    expect(short(judgeEntry(document, rule(mode, documents)))).toBe(expected)
  })

  it('F20 the list of redirect hosts holds for documents, too; one of a host that is not listed is refused', () => {
    const stranger = { ...document, redirectUris: ['https://evil.example/cb'] }
    expect(short(judgeEntry(stranger, rule('hosts')))).toBe('host_not_listed')
    expect(short(judgeEntry({ ...document, id: 'https://other.example/c' }, rule('open', 'listed')))).toBe(
      'document_refused',
    )
  })

  it.each(modes)('a pinned document is let in by the operator in mode %s', (mode) => {
    expect(short(judgeEntry(document, rule(mode, 'pinned', [documentId])))).toBe('active: document_pinned')
  })

  it('nobody vouches a document in that is not read here', () => {
    expect(short(judgeEntry({ ...document, isVouchedFor: true }, rule('open', 'off')))).toBe('document_refused')
  })

  it('there is an endpoint unless registration is closed', () => {
    expect(modes.filter(takesRegistrations)).toEqual(['open', 'hosts', 'approval', 'token'])
  })
})

describe('what a developer is told', () => {
  const words = (over: Partial<Applicant>, mode: RegistrationMode) => {
    const verdict = judgeEntry(applicant(over), rule(mode))
    return verdict.ok ? undefined : { hosts: verdict.hosts, words: verdict.words }
  }

  it.each<[string, Partial<Applicant>, RegistrationMode, readonly string[], string]>([
    ['who needs a token', {}, 'token', [], 'clients register here with an initial access token of the operator'],
    ['who comes too late', {}, 'closed', [], 'registration is closed here, ask the operator'],
    ['who has no address', { redirectUris: [] }, 'hosts', [], 'no address is not among'],
    [
      'who has two strange ones',
      { redirectUris: ['https://evil.example/a', 'myapp://x'] },
      'hosts',
      ['evil.example', 'myapp:'],
      'evil.example, myapp: is not among the redirect hosts',
    ],
    // RFC 6749 §5.2: what error_description may hold
    ['who writes what an error may not hold', { redirectUris: ['"\\é\n'] }, 'hosts', ['"\\é\n'], '???? is not among'],
    ['whose document is refused', { origin: 'document', id: 'x' }, 'open', [], 'client_id is not an https address'],
  ])('%s', (_title, over, mode, hosts, text) => {
    expect(words(over, mode)).toEqual({ hosts, words: expect.stringContaining(text) })
  })
})

describe('a client that is known', () => {
  const client = {
    id: 'a',
    origin: 'registered' as const,
    redirectUris: ['https://app.example.com/cb', 'https://evil.example/cb'],
    invitedBy: null,
    allowedAt: null,
  }

  it('is judged by the address that is asked for, else by each that it has', () => {
    expect(applicantOf(client)).toEqual(applicant({ id: 'a', redirectUris: client.redirectUris }))
    const [first = ''] = client.redirectUris
    expect(applicantOf(client, first).redirectUris).toEqual([first])
    expect(short(judgeEntry(applicantOf(client, first), rule('hosts')))).toBe('active: hosts_listed')
    expect(short(judgeEntry(applicantOf(client), rule('hosts')))).toBe('host_not_listed')
  })

  it('keeps its invitation, and whoever let it in', () => {
    expect(applicantOf({ ...client, invitedBy: 'token-1' })).toMatchObject({ isInvited: true, isVouchedFor: false })
    expect(applicantOf({ ...client, allowedAt: new Date(0) })).toMatchObject({ isInvited: false, isVouchedFor: true })
  })

  it.each([
    ['approval', 'registered', false, 'pending'],
    ['approval', 'document', false, 'pending'],
    ['approval', 'document', true, 'active'],
    ['approval', 'operator', false, 'active'],
    ['open', 'registered', false, 'active'],
    ['hosts', 'registered', false, 'active'],
    ['token', 'registered', false, 'active'],
    ['closed', 'document', false, 'active'],
  ] as const)(
    'in mode %s a %s client, pinned %s, begins %s, and returns there from a block',
    (mode, origin, isPinned, state) => {
      expect(firstState(mode, { origin, isPinned })).toBe(state)
      expect(stateAfterBlock(mode, { origin, isPinned, allowedAt: null })).toBe(state)
      expect(stateAfterBlock(mode, { origin, isPinned, allowedAt: new Date(0) })).toBe('active')
    },
  )
})

describe('the list of redirect hosts', () => {
  it.each([
    'claude.ai',
    'app.example.com:8443',
    '*.example.com',
    'loopback',
    'cursor:',
    'com.example.app:',
    'xn--80ak6aa92e.com',
    '[2001:db8::1]',
  ])('takes %s', (entry) => {
    expect(redirectHostProblem(entry)).toBeUndefined()
  })

  it.each([
    '*',
    '*.com',
    'a.*.example.com',
    '*example.com',
    'https://app.example.com',
    'app.example.com/cb',
    'App.example.com',
    'аpple.example',
    'localhost',
    '127.0.0.1',
    '[::1]',
    'localhost:6274',
    'javascript:',
    'https:',
    'data:',
    '*.10.0.0.1',
    'user@app.example.com',
    'app.example.com.',
    '',
    ' ',
  ])('A08 refuses %j', (entry) => {
    expect(redirectHostProblem(entry)).toBeTypeOf('string')
  })

  it('every spelling of this computer is loopback', () => {
    for (const uri of ['http://127.0.0.1/cb', 'http://[::1]:99/cb', 'http://localhost:4321/x']) {
      expect(isListedRedirect(uri, ['loopback'])).toBe(true)
      expect(isListedRedirect(uri, ['localhost', '*.localhost'])).toBe(false)
    }
  })
})
