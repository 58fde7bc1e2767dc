import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The top folder of the repository. */
export const root = join(import.meta.dirname, '..', '..')

/** A fenced block. */
export interface Block {
  /** Of the page it stands on. */
  readonly path: string
  readonly language: string
  readonly text: string
  /** Of its first line, from 1. */
  readonly line: number
}

/** A page for people who read before they run. */
export interface Page {
  /** From the top folder. */
  readonly path: string
  readonly text: string
  readonly blocks: readonly Block[]
  /** Everything that is set as code: lines of blocks, and spans within a line. */
  readonly code: readonly string[]
  /** Targets of links, as written. */
  readonly links: readonly string[]
  /** What `#…` can point to. */
  readonly anchors: ReadonlySet<string>
}

/** Every Markdown page that git knows or would take. */
export function readPages(): Page[] {
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate', '*.md']
  return execFileSync('git', list, { cwd: root, encoding: 'utf8' })
    .split('\0')
    .filter((path) => path !== '')
    .map((path) => parsePage(path, readFileSync(join(root, path), 'utf8')))
}

function parsePage(path: string, text: string): Page {
  const fence = /^```(\w*)\n([\s\S]*?)^```$/gm
  const blocks = [...text.matchAll(fence)].map(({ 1: language = '', 2: body = '', index }) => ({
    path,
    language,
    text: body,
    line: text.slice(0, index).split('\n').length + 1,
  }))
  const prose = text.replaceAll(fence, '')
  const spans = [...prose.matchAll(/`([^`\n]+)`/g)].map(({ 1: span = '' }) => span)
  return {
    path,
    text,
    blocks,
    code: [...blocks.flatMap(({ text: body }) => body.split('\n')), ...spans],
    links: [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(({ 1: target = '' }) => target),
    anchors: new Set([...prose.matchAll(/^#+ (.+)$/gm)].map(({ 1: heading = '' }) => slug(heading))),
  }
}

// As GitHub makes them.
function slug(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')
}
