import { describe, expect, it } from 'vitest'
import { editsOf, readAnswer } from '../../src/consent/form.ts'
import { asking, type Facts, proven } from './question.ts'

const lookAlike = { id: 'known', claimedName: 'Claude', provenHost: 'claude.ai' }

async function answerTo(facts: Facts, fields: string) {
  return readAnswer(new URLSearchParams(fields), await asking(facts))
}

describe('a posted consent form', () => {
  it.each([
    ['the box of the stop page was left empty', 'decision=look', { act: 'stop', isMissing: true }],
    ['it names another host', 'decision=look&acknowledge=claude.ai', { act: 'stop', isMissing: true }],
    ['it names the host', 'decision=look&acknowledge=app.example', { act: 'ask' }],
    ['the stop page was left out', 'decision=allow&acknowledge=app.example', { act: 'stop', isMissing: false }],
    [
      'another stop page was passed',
      'decision=allow&acknowledge=app.example&despite=other',
      { act: 'stop', isMissing: false },
    ],
    ['the person says no', 'decision=deny', { act: 'deny' }],
  ])('of a look-alike, when %s (D11)', async (_title, fields, answer) => {
    expect(await answerTo({ lookAlike }, fields)).toEqual(answer)
  })

  it.each([
    ['nothing to look at', 'decision=look&acknowledge=app.example'],
    ['no decision', 'scope=notes:read'],
    ['a duration of its own', 'decision=allow&duration=year'],
    ['two durations', 'decision=allow&duration=hour&duration=month'],
  ])('with %s is refused (G04)', async (_title, fields) => {
    await expect(answerTo({}, fields)).rejects.toMatchObject({ code: 'bad_request', status: 400 })
  })

  it('names the host of a stranger, and of nobody else (D10)', async () => {
    expect(await answerTo({}, 'decision=allow&acknowledge=other.example')).toMatchObject({ act: 'ask-again' })
    expect(await answerTo({}, 'decision=allow&acknowledge=app.example')).toMatchObject({ act: 'allow' })
    expect(await answerTo({ client: proven }, 'decision=allow&acknowledge=other.example')).toMatchObject({
      act: 'allow',
    })
    expect(await answerTo({ client: proven }, 'decision=allow')).toMatchObject({ act: 'allow' })
  })

  it.each([
    ['', false],
    ['&by_hand=no', false],
    ['&by_hand=yes', true],
  ])('with “%s” the answer is taken along by hand: %s', async (fields, byHand) => {
    expect(await answerTo({}, `decision=allow${fields}`)).toMatchObject({ act: 'allow', choice: { byHand } })
  })

  it('shows what no page of ours sends (G04)', async () => {
    const edits = async (fields: string) => editsOf(new URLSearchParams(fields), await asking())
    const honest =
      '_csrf=t&decision=allow&scope=notes:read&stay_connected=no&duration=hour&acknowledge=a&despite=b&by_hand=yes'
    expect(await edits(honest)).toEqual({ foreign: [], unknownFields: [] })
    expect(await edits(`${honest}&scope=admin&redirect_uri=x`)).toEqual({
      foreign: ['admin'],
      unknownFields: ['redirect_uri'],
    })
  })
})
