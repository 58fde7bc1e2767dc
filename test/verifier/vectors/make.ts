// `node test/verifier/vectors/make.ts`: mints every token and proof of the table anew, and writes ../vectors.json. The keys are thrown away.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeContext } from './context.ts'
import { httpVectors } from './http-vectors.ts'
import { keyVectors } from './key-vectors.ts'
import { proofVectors } from './proof-vectors.ts'
import type { Table } from './table.ts'
import { tokenVectors } from './token-vectors.ts'

const context = await makeContext()
const made = [tokenVectors, keyVectors, proofVectors, httpVectors].map((make) => make(context))
const vectors = (await Promise.all(made)).flat().toSorted((one, other) => one.id.localeCompare(other.id))
const table: Table = {
  about:
    'What a resource server of MCP must answer, by the ids of the threat list. Written by vectors/make.ts; read by vectors/run.ts.',
  now: context.now,
  options: { issuer: context.issuer, resource: context.resource, scopes: ['notes:read'] },
  documents: context.documents,
  vectors,
}
writeFileSync(join(import.meta.dirname, '..', 'vectors.json'), `${JSON.stringify(table, null, 1)}\n`)
console.log(`${vectors.length} vectors`)
