import { expect, test } from 'vitest'
import { startApp } from '../support/app.ts'
import { connect } from '../support/flow.ts'

test('a pinned metadata document is a client without registration and without a request to the outside', async () => {
  const id = 'https://client.example/mcp.json'
  const app = await startApp({
    adjust: (config) => ({
      ...config,
      file: {
        ...config.file,
        metadataDocuments: new Map([
          [
            id,
            {
              client_id: id,
              client_name: 'Example',
              redirect_uris: ['http://127.0.0.1/callback', 'http://localhost/callback'],
            },
          ],
        ]),
      },
    }),
  })
  const person = await app.person()
  const client = { client_id: id, redirect_uris: [], registration_access_token: '', registration_client_uri: '' }
  const { answer, accessToken } = await connect(
    app,
    person,
    { redirect_uri: 'http://127.0.0.1:51777/callback' },
    client,
  )
  expect(answer.body).toMatchObject({ scope: 'notes:read', token_type: 'Bearer' })
  expect(accessToken.split('.')).toHaveLength(3)
})
