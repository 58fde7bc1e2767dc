// Counts the steps that a backtracking matcher takes, so that "this pattern never explodes" is a number and no stopwatch.
// It knows the syntax that this house writes; what it does not know it refuses, so that no pattern slips by unread.

type Node =
  | { readonly kind: 'one'; readonly accepts: (character: string) => boolean; readonly source: string }
  | { readonly kind: 'edge'; readonly source: string }
  | { readonly kind: 'all'; readonly parts: readonly Node[] }
  | { readonly kind: 'any'; readonly parts: readonly Node[] }
  | { readonly kind: 'look'; readonly part: Node; readonly ahead: boolean; readonly wanted: boolean }
  | { readonly kind: 'group'; readonly part: Node }
  | {
      readonly kind: 'repeat'
      readonly part: Node
      readonly least: number
      readonly most: number
      readonly lazy: boolean
    }

/** A pattern that was read, and the characters that matter to it. */
export interface ReadPattern {
  /** Steps of one search in this text; more than `most` counts as `most`. */
  steps(text: string, most: number): number
  /** Every single-character part of the pattern, as the pattern of that part alone. */
  readonly parts: readonly string[]
}

/** Reads a pattern. @throws Error when it has a construct that is not known here */
export function readPattern({ source, flags }: RegExp): ReadPattern {
  const parts: string[] = []
  let at = 0

  function alternatives(): Node {
    const branches = [sequence()]
    while (source[at] === '|') {
      at += 1
      branches.push(sequence())
    }
    return branches.length === 1 && branches[0] !== undefined ? branches[0] : { kind: 'any', parts: branches }
  }

  function sequence(): Node {
    const nodes: Node[] = []
    while (at < source.length && source[at] !== '|' && source[at] !== ')') nodes.push(quantified(atom()))
    return { kind: 'all', parts: nodes }
  }

  function quantified(part: Node): Node {
    const found = /^(?:([*+?])|\{(\d+)(,?)(\d*)\})(\??)/.exec(source.slice(at))
    if (found === null) return part
    const [text, sign, low, comma, high, lazy] = found
    at += text.length
    const least = sign === undefined ? Number(low) : sign === '+' ? 1 : 0
    const open = sign === undefined ? comma === ',' && high === '' : sign !== '?'
    const most = open ? Number.POSITIVE_INFINITY : sign === '?' ? 1 : comma === '' ? Number(low) : Number(high)
    return { kind: 'repeat', part, least, most, lazy: lazy === '?' }
  }

  function atom(): Node {
    const rest = source.slice(at)
    const group = /^\((\?(?::|=|!|<=|<!|<\w+>))?/.exec(rest)
    if (group !== null) {
      at += group[0].length
      const part = alternatives()
      if (source[at] !== ')') throw new Error(`an open group in /${source}/`)
      at += 1
      const mark = group[1]
      if (mark === '?=' || mark === '?!') return { kind: 'look', part, ahead: true, wanted: mark === '?=' }
      if (mark === '?<=' || mark === '?<!') return { kind: 'look', part, ahead: false, wanted: mark === '?<=' }
      return { kind: 'group', part }
    }
    const edge = /^(?:\^|\$|\\b|\\B)/.exec(rest)?.[0]
    if (edge !== undefined) {
      at += edge.length
      return { kind: 'edge', source: edge }
    }
    const back = /^\\[1-9]/.exec(rest)?.[0]
    if (back !== undefined) throw new Error(`a back reference in /${source}/`)
    const one =
      /^\[(?:\\[\s\S]|[^\]\\])*\]/.exec(rest)?.[0] ??
      /^\\(?:u\{[\da-f]+\}|u[\da-f]{4}|x[\da-f]{2}|[pP]\{[^}]+\}|[\s\S])/i.exec(rest)?.[0] ??
      String.fromCodePoint(rest.codePointAt(0) ?? 0)
    at += one.length
    // The engine itself says what a class holds; only the search is ours.
    const native = new RegExp(`^(?:${one})$`, flags.replace(/[gymd]/g, ''))
    parts.push(one)
    const known = new Map<string, boolean>()
    const accepts = (character: string): boolean => {
      let is = known.get(character)
      if (is === undefined) {
        is = native.test(character)
        known.set(character, is)
      }
      return is
    }
    return { kind: 'one', accepts, source: one }
  }

  const root = alternatives()
  if (at !== source.length) throw new Error(`/${source}/ is not understood at ${at}`)
  return { parts: [...new Set(parts)], steps: (text, most) => search(root, [...text], flags, most) }
}

class Enough extends Error {}

/** Backtracking by continuations, as the engine does it: every attempt at a character or an edge is a step. */
function search(root: Node, text: readonly string[], flags: string, most: number): number {
  let steps = 0
  const tick = (): void => {
    steps += 1
    if (steps > most) throw new Enough()
  }
  const isWord = (index: number) => /\w/.test(text[index] ?? '')

  function match(node: Node, at: number, next: (at: number) => boolean): boolean {
    switch (node.kind) {
      case 'one':
        tick()
        return at < text.length && node.accepts(text[at] ?? '') && next(at + 1)
      case 'edge':
        tick()
        return isEdge(node.source, at) && next(at)
      case 'all':
        return matchAll(node.parts, 0, at, next)
      case 'any':
        return node.parts.some((part) => match(part, at, next))
      case 'group':
        return match(node.part, at, next)
      case 'look':
        tick()
        return look(node, at) === node.wanted && next(at)
      case 'repeat':
        return repeat(node, at, 0, next)
    }
  }

  function matchAll(parts: readonly Node[], index: number, at: number, next: (at: number) => boolean): boolean {
    const part = parts[index]
    return part === undefined ? next(at) : match(part, at, (after) => matchAll(parts, index + 1, after, next))
  }

  function repeat(node: Node & { kind: 'repeat' }, at: number, count: number, next: (at: number) => boolean): boolean {
    // Recursion would end the stack long before the text ends: single characters are counted in a loop.
    if (node.part.kind === 'one') return repeatOne(node, node.part.accepts, at, next)
    const more = () =>
      count < node.most &&
      match(node.part, at, (after) =>
        after === at && count >= node.least ? false : repeat(node, after, count + 1, next),
      )
    if (count < node.least) return more()
    return node.lazy ? next(at) || more() : more() || next(at)
  }

  function repeatOne(
    { least, lazy, most: bound }: Node & { kind: 'repeat' },
    accepts: (character: string) => boolean,
    at: number,
    next: (at: number) => boolean,
  ): boolean {
    let end = at
    while (end - at < bound && end < text.length && accepts(text[end] ?? '')) {
      tick()
      end += 1
    }
    if (end - at < least) return false
    if (lazy) {
      for (let to = at + least; to <= end; to += 1) if (next(to)) return true
      return false
    }
    for (let to = end; to >= at + least; to -= 1) {
      tick()
      if (next(to)) return true
    }
    return false
  }

  function look({ ahead, part }: Node & { kind: 'look' }, at: number): boolean {
    if (ahead) return match(part, at, () => true)
    // The engine walks backwards from here; what has one length is tried at one place.
    const length = lengthOf(part)
    if (length !== undefined) return at >= length && match(part, at - length, (end) => end === at)
    for (let from = at; from >= 0; from -= 1) if (match(part, from, (end) => end === at)) return true
    return false
  }

  function isEdge(edge: string, at: number): boolean {
    if (edge === '^') return at === 0 || (flags.includes('m') && text[at - 1] === '\n')
    if (edge === '$') return at === text.length || (flags.includes('m') && text[at] === '\n')
    const isBoundary = isWord(at - 1) !== isWord(at)
    return edge === '\\b' ? isBoundary : !isBoundary
  }

  try {
    // A sticky pattern is tried at one place. A global pattern goes on after each find; that is the search again, and counted once.
    const last = flags.includes('y') ? 0 : text.length
    for (let at = 0; at <= last; at += 1) if (match(root, at, () => true)) break
  } catch (error) {
    if (!(error instanceof Enough)) throw error
  }
  return steps
}

/** How many characters a part takes, when that is always the same. */
function lengthOf(node: Node): number | undefined {
  switch (node.kind) {
    case 'one':
      return 1
    case 'edge':
    case 'look':
      return 0
    case 'all':
      return node.parts.reduce<number | undefined>((sum, part) => add(sum, lengthOf(part)), 0)
    case 'any': {
      const lengths = new Set(node.parts.map(lengthOf))
      return lengths.size === 1 ? [...lengths][0] : undefined
    }
    case 'group':
      return lengthOf(node.part)
    default:
      return undefined
  }
}

function add(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : one + other
}
