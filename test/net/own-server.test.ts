import type { RequestListener } from 'node:http'
import { expect, it } from 'vitest'
import { askOwnServer } from '../../src/net/own-server.ts'
import { listen } from './listen.ts'

async function ask(answer: RequestListener) {
  const { port } = await listen(answer)
  return { host: '127.0.0.1', port, path: '/ready', headers: { 'x-asked': 'yes' }, timeoutMs: 5000 }
}

it('the answer comes whole, with its status and letters of more than a byte', async () => {
  const letters = Buffer.from('grün')
  const question = await ask((request, response) => {
    response.writeHead(503, { 'x-path': request.url })
    // In the middle of the ü.
    response.write(letters.subarray(0, 3), () =>
      response.end(Buffer.concat([letters.subarray(3), Buffer.from(` ${request.url} ${request.headers['x-asked']}`)])),
    )
  })
  expect(await askOwnServer(question)).toEqual({ status: 503, text: 'grün /ready yes' })
})

it('silence and a closed port are errors that say so', async () => {
  const question = await ask(() => undefined)
  await expect(askOwnServer({ ...question, timeoutMs: 100 })).rejects.toThrow('no answer within 0.1 s')
  await expect(askOwnServer({ ...question, port: 1 })).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})
