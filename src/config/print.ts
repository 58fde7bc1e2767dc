import type { Config } from './config.ts'

/** The configuration for people, without secrets: what is set is said, its value is not. */
export function describeConfig(config: Config): Record<string, unknown> {
  const { file, secrets, adminPassword, database, brandLogo, smtp, ...plain } = config
  return {
    ...plain,
    database: database.kind === 'sqlite' ? `file:${database.file}` : withoutPassword(database.url),
    secrets: secrets === undefined ? 'made in the data folder' : `${secrets.length} set`,
    adminPassword: adminPassword === undefined ? undefined : 'set',
    smtp: smtp && `${smtp.host}:${smtp.port}${smtp.user === undefined ? '' : ', signed in'}`,
    brandLogo: brandLogo?.path,
    file: {
      ...file,
      clients: file.clients.map(({ clientSecret, resources, ...client }) => ({
        ...client,
        clientSecret: clientSecret === undefined ? undefined : 'set',
        resources: resources === undefined ? undefined : Object.fromEntries(resources),
      })),
      metadataDocuments: [...file.metadataDocuments.keys()],
    },
  }
}

function withoutPassword(address: string): string {
  const url = new URL(address)
  if (url.password !== '') url.password = 'hidden'
  // libpq also takes the password as a parameter.
  for (const name of [...url.searchParams.keys()]) {
    if (/password|sslkey/i.test(name)) url.searchParams.set(name, 'hidden')
  }
  return url.href
}
