// What a bare HTTP server reaches with documents that are ready: one listener, two buffers.
import { createServer } from 'node:http'
import { discoveryDocument } from '../src/provider/discovery.ts'
import { answerDriver, given } from './child.ts'
import { person, resource } from './people.ts'

const port = Number(given('PORT'))
const issuer = `http://127.0.0.1:${port}`
// As long as ours, so that only the way to them differs.
const metadata = discoveryDocument({
  issuer,
  registrationIsOpen: true,
  documentsAreOn: true,
  idTokenAlgs: ['ES256'],
  acrs: [],
})
const filler = 'x'.repeat(43)
const keys = { keys: [{ kty: 'EC', crv: 'P-256', x: filler, y: filler, kid: filler, alg: 'ES256', use: 'sig' }] }
const documents = new Map(
  Object.entries({ '/.well-known/openid-configuration': metadata, '/jwks': keys }).map(([path, content]) => [
    path,
    Buffer.from(JSON.stringify(content)),
  ]),
)

createServer((req, res) => {
  const body = documents.get(req.url ?? '')
  if (body === undefined) res.writeHead(404, { 'Content-Length': '0' }).end()
  else res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length }).end(body)
}).listen(port, '127.0.0.1', () => {
  const machine = { id: '', secret: '' }
  answerDriver({ port, jwksPath: '/jwks', resource, redirectUri: person.redirectUri, machine })
})
