import { readFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'
import type { FileConfig } from './config.ts'
import { type Fault, nearest } from './faults.ts'
import { readClients } from './file-clients.ts'
import { readResources } from './file-resources.ts'
import { type FileContent, fileMembers, fileSchema } from './file-schema.ts'
import { readUpstreams } from './file-upstreams.ts'
import { limitsOf } from './limit-table.ts'
import { readPinnedDocuments } from './pinned-documents.ts'
import { prefix } from './schema.ts'

/** What counts when no file is named. */
export const noFile: FileConfig = {
  resources: [],
  clients: [],
  metadataDocuments: new Map(),
  registration: undefined,
  limits: limitsOf({}),
  upstreams: [],
}

/**
 * Reads and checks the YAML file with the files that it names (secrets, pinned documents), relative to its own folder.
 *
 * @param path absolute
 * @param faults gets everything that is wrong, each with its place in the file
 * @returns what the file says, or as much of it as is right when there are faults
 */
export function loadFile(path: string, faults: Fault[]): FileConfig {
  const content = readContent(path, faults)
  if (content === undefined) return noFile
  const folder = dirname(path)
  const at = (place: string, problem: string, cure: string) => {
    faults.push({ name: `${basename(path)}: ${place}`, problem, cure })
  }
  const resources = readResources(content.resources, at)
  return {
    resources,
    clients: readClients(content.clients, resources, folder, at),
    metadataDocuments: readPinnedDocuments(content.metadata_documents, folder, at),
    registration: content.registration,
    limits: limitsOf(content.limits),
    upstreams: readUpstreams(content.upstreams, folder, at),
  }
}

function readContent(path: string, faults: Fault[]): FileContent | undefined {
  const name = basename(path)
  const lines = new LineCounter()
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    faults.push({
      name: `${prefix}CONFIG`,
      problem: `cannot be read (${reason})`,
      cure: 'name a YAML file that this user may read',
    })
    return undefined
  }
  const document = parseDocument(text, { lineCounter: lines, strict: true, uniqueKeys: true, prettyErrors: false })
  // A warning, an unknown tag for instance, means that the value is not what its author wrote.
  for (const error of [...document.errors, ...document.warnings]) {
    const { line, col } = lines.linePos(error.pos[0])
    faults.push({
      name: `${name}: line ${line}, column ${col}`,
      problem: inOneLine(error.message),
      cure: 'mend the YAML there',
    })
  }
  if (document.errors.length > 0 || document.warnings.length > 0) return undefined
  const parsed = fileSchema.safeParse(document.toJS() ?? {})
  if (parsed.success) return parsed.data
  faults.push(...parsed.error.issues.flatMap((issue) => shapeFaults(name, issue)))
  return undefined
}

function shapeFaults(file: string, issue: z.core.$ZodIssue): Fault[] {
  const place = placeOf(issue.path)
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const meant = nearest(key, fileMembers)
      const cure = meant === undefined ? 'remove it' : `did you mean ${meant}?`
      return {
        name: `${file}: ${placeOf([...issue.path, key])}`,
        problem: 'is no member that this file can have',
        cure,
      }
    })
  }
  if (issue.code === 'invalid_key') {
    const problem = issue.issues[0]?.message ?? 'is no proper name'
    return [{ name: `${file}: ${place}`, problem, cure: 'write another name' }]
  }
  return [
    {
      name: `${file}: ${place}`,
      problem: inOneLine(issue.message),
      cure: 'the manual shows a whole file to copy from',
    },
  ]
}

function placeOf(path: readonly PropertyKey[]): string {
  const place = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('')
  return place === '' ? 'the file' : place.replace(/^\./, '')
}

function inOneLine(message: string): string {
  const line = message.replaceAll(/\s+/g, ' ')
  return `${line.charAt(0).toLowerCase()}${line.slice(1)}`
}
