import type { Database } from '../db/database.ts'

/** A picture as it is kept, or the memory that it could not be had. */
export interface KeptLogo {
  readonly clientId: string
  /** Where it was fetched from. */
  readonly uri: string
  readonly png: Uint8Array | null
  readonly fetchedAt: Date
}

/** The rows of the `client_logo` table: one for each client whose page was looked at. */
export interface LogoStore {
  find(clientId: string): Promise<KeptLogo | null>
  save(logo: KeptLogo): Promise<void>
}

/** Keeps pictures in the database, so that every instance serves the same. */
export function createLogoStore({ prisma }: Pick<Database, 'prisma'>): LogoStore {
  return {
    async find(clientId) {
      const row = await prisma.clientLogo.findUnique({ where: { clientId } })
      return row === null ? null : { clientId, uri: row.uri, png: row.png, fetchedAt: new Date(Number(row.fetchedAt)) }
    },

    async save({ clientId, uri, png, fetchedAt }) {
      const values = { uri, png: png === null ? null : Uint8Array.from(png), fetchedAt: BigInt(fetchedAt.getTime()) }
      await prisma.clientLogo.upsert({ where: { clientId }, create: { clientId, ...values }, update: values })
    },
  }
}
