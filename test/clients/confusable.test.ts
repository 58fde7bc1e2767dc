import { describe, expect, it } from 'vitest'
import { skeleton } from '../../src/clients/confusable.ts'

describe('D10 D11 names that look alike have one skeleton (UTS #39)', () => {
  it.each([
    ['Claude', 'CIaude', 'a capital i for an l'],
    ['Claude', 'C1aude', 'a digit for a letter'],
    ['Claude', 'Сlаudе', 'Cyrillic letters'],
    ['Claude', 'ＣＬＡＵＤＥ', 'wide letters'],
    ['Claude', '𝐂𝐥𝐚𝐮𝐝𝐞', 'mathematical letters'],
    ['Claude', 'Ⓒlaude', 'a letter in a circle'],
    ['Claude', 'C l a ú d e', 'spaces and accents'],
    ['Claude', 'Claude™', 'a trade mark'],
    ['Claude', '℠Claude', 'a service mark'],
    ['Claude', 'Cla\u200bude', 'something that cannot be seen'],
    ['Claude Code', 'claude-code', 'case and signs'],
    ['ChatGPT', 'СhаtGРТ', 'Cyrillic and Greek letters'],
    ['Microsoft', 'Rnicrosoft', 'two letters for one'],
    ['Cursor', 'Curѕоr', 'Cyrillic letters'],
    ['Goose', 'G00se', 'digits for letters'],
  ])('%s and %s: %s', (one, other) => {
    expect(skeleton(other)).toBe(skeleton(one))
  })

  it.each([
    ['Claude', 'Claude Code'],
    ['Cursor', 'Cursors'],
    ['Inspector', 'Inspectre'],
    ['VS Code', 'Code'],
    ['日本', '日本語'],
  ])('%s and %s are two names', (one, other) => {
    expect(skeleton(other)).not.toBe(skeleton(one))
  })

  it('a name of signs alone has none', () => expect(skeleton('!?… 🙂')).toBe(''))
})
