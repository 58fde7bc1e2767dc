// Runs a table of vectors. Only what every runtime has: no file, no process, no test framework.
import { guardMcp } from '../../../verifier/src/fetch.ts'
import { createVerifier, type Decision, stateKey } from '../../../verifier/src/index.ts'
import type { Document, Step, Table, Text, Vector } from './table.ts'

/** Runs one vector. @returns what is wrong; nothing when all is as it must be */
export async function runVector(table: Table, vector: Vector): Promise<readonly string[]> {
  // The watch of a token keeps no process alive; here it is all that there is to wait for.
  const alive = setInterval(() => {}, 1000)
  try {
    return await run(table, vector)
  } finally {
    clearInterval(alive)
  }
}

async function run(table: Table, vector: Vector): Promise<readonly string[]> {
  const faults: string[] = []
  const documents = new Map(Object.entries(table.documents))
  const fetches = new Map<string, number>()
  const decisions: Decision[] = []
  let now = table.now
  const verifier = createVerifier({
    ...table.options,
    ...vector.options,
    now: () => new Date(now * 1000),
    fetch: async (url) => {
      fetches.set(url, (fetches.get(url) ?? 0) + 1)
      return answerOf(documents.get(url))
    },
    onDecision: (decision) => decisions.push(decision),
  })
  const handle = guardMcp(
    verifier,
    (request, { auth }) => {
      if (request.method !== 'GET') return Response.json({ sub: auth.claims.sub })
      return new Response(new ReadableStream(), { headers: { 'content-type': 'text/event-stream' } })
    },
    { scopes: vector.scopes === 'throws' ? () => Promise.reject(new Error('a fault')) : (vector.scopes ?? []) },
  )

  for (const [at, step] of vector.steps.entries()) {
    const fault = (what: string) =>
      faults.push(`${vector.id} ${vector.title}, ${step.says ?? `step ${at + 1}`}: ${what}`)
    now = step.at === undefined ? now : table.now + step.at
    for (const [url, document] of Object.entries(step.documents ?? {})) documents.set(url, document)
    if (step.before === 'forgetKeys') verifier.forgetKeys()
    const requests = requestsOf(table, step)
    decisions.length = 0
    const answers = await Promise.all(requests.map((request) => seen(handle, request)))
    judgeAnswers(step, answers, decisions, fault)
    for (const [url, times] of Object.entries(step.expect.fetches ?? {})) {
      if (fetches.get(url) !== times) fault(`${url} was asked ${fetches.get(url) ?? 0} times, not ${times}`)
    }
    const counts = new Map<string, unknown>(Object.entries(verifier.counts()))
    for (const [name, count] of Object.entries(step.expect.counts ?? {})) {
      if (counts.get(name) !== count) fault(`${name} is ${counts.get(name)}, not ${count}`)
    }
  }
  const places = (vector.distinct ?? []).map(([iss, sub, handle]) => {
    const claims = { iss, sub, aud: '', client_id: '', jti: '', iat: 0, exp: 0, scopes: [] }
    return stateKey({ claims }, handle)
  })
  if (new Set(places).size !== places.length) faults.push(`${vector.id} ${vector.title}: two places are one`)
  return faults
}

/** Runs all of them. @returns what is wrong, and how many ran */
export async function runTable(table: Table): Promise<{ readonly ran: number; readonly faults: readonly string[] }> {
  const faults: string[] = []
  for (const vector of table.vectors) faults.push(...(await runVector(table, vector)))
  return { ran: table.vectors.length, faults }
}

interface Seen {
  readonly status: number | undefined
  readonly headers: Headers
  readonly body: string
}

async function seen(handle: (request: Request) => Promise<Response>, request: Request): Promise<Seen> {
  try {
    const response = await handle(request)
    // An event stream is read to its end: that it comes is part of the case.
    return { status: response.status, headers: response.headers, body: await response.text() }
  } catch {
    return { status: undefined, headers: new Headers(), body: '' }
  }
}

function judgeAnswers(
  { expect }: Step,
  answers: readonly Seen[],
  decisions: readonly Decision[],
  fault: (what: string) => void,
): void {
  const isExpected = ({ status }: Seen) => status === expect.status
  const fitting = answers.filter(isExpected).length
  if (fitting !== (expect.times ?? answers.length)) {
    const others = new Set(answers.filter((answer) => !isExpected(answer)).map(({ status }) => status))
    fault(`${fitting} of ${answers.length} answered ${expect.status}, others ${[...others].join(', ')}`)
  }
  if (expect.times !== undefined) {
    const others = decisions.filter(({ reason }) => reason !== undefined && reason !== expect.otherwise)
    if (others.length > 0) fault(`refused because of ${others[0]?.reason}, not ${expect.otherwise}`)
    return
  }
  for (const { reason } of expect.reason === undefined ? [] : decisions) {
    if (reason !== expect.reason) fault(`refused because of ${reason}, not ${expect.reason}`)
  }
  for (const { headers, body } of answers) {
    const challenge = headers.get('www-authenticate')
    if (expect.challenge !== undefined && challenge !== expect.challenge) fault(`the challenge is ${challenge}`)
    if (expect.body !== undefined && body !== expect.body) fault(`the body is ${body}`)
    for (const [name, value] of Object.entries(expect.headers ?? {})) {
      if (headers.get(name) !== value) fault(`${name} is ${headers.get(name)}`)
    }
  }
}

function requestsOf(table: Table, step: Step): readonly Request[] {
  const token = step.token === undefined ? undefined : textOf(step.token)
  if (step.everyCharacter && token !== undefined) {
    return [...token].map((character, at) => {
      const spoilt = token.slice(0, at) + (character === 'A' ? 'B' : 'A') + token.slice(at + 1)
      return requestOf(table, step, spoilt)
    })
  }
  return Array.from({ length: step.times ?? 1 }, () => requestOf(table, step, token))
}

function requestOf(table: Table, step: Step, token: string | undefined): Request {
  const headers = new Headers(step.headers)
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
  const method = step.method ?? 'POST'
  const body = method === 'POST' ? (step.body ?? '{"jsonrpc":"2.0","id":1,"method":"ping"}') : null
  return new Request(step.url ?? table.options.resource, { method, headers, body })
}

function textOf(text: Text): string {
  return typeof text === 'string' ? text : text.repeat.repeat(text.times)
}

function answerOf(document: Document | undefined): Response {
  if (document === undefined) return new Response(null, { status: 404 })
  if ('json' in document) return Response.json(document.json)
  if ('text' in document) return new Response(document.text, { headers: document.headers ?? {} })
  if ('repeat' in document) return new Response(textOf(document))
  return new Response(null, { status: document.status, headers: document.headers ?? {} })
}
