import { expect, test } from 'vitest'
import { createWire } from '../../src/doctor/wire.ts'

const answering = async () => new Response('{}')

test('F07 a walk is bounded in requests: a server cannot make it go on for ever', async () => {
  let sent = 0
  const { ask } = createWire(
    async () => {
      sent += 1
      return answering()
    },
    { budgetMs: 1000, now: () => 0 },
  )
  const heard = []
  for (let count = 0; count < 200; count += 1) heard.push(await ask('https://a.example'))
  expect(sent).toBe(150)
  expect(heard.at(-1)).toEqual({ url: 'https://a.example', fault: 'timeout' })
})

test('F07 and in time', async () => {
  let now = 0
  const { ask } = createWire(answering, { budgetMs: 1000, now: () => now })
  expect(await ask('https://a.example')).toMatchObject({ status: 200 })
  now = 1001
  expect(await ask('https://a.example')).toMatchObject({ fault: 'timeout' })
})
