import { expect, test } from 'vitest'
import { statement } from '../../src/db/database.ts'
import { openTestDatabase } from '../support/database.ts'

test.each(['sqlite', 'postgresql'] as const)(
  'K13 on %s a NUL character in a value is no fault, wherever the value goes',
  async (kind) => {
    const database = await openTestDatabase(kind)
    const { prisma, sql } = database
    const nul = 'a\0b'
    expect(await sql.get('SELECT digest FROM replay_mark WHERE digest = ?', [nul])).toBeUndefined()
    expect(await sql.all('SELECT digest FROM replay_mark WHERE digest LIKE ?', [`%${nul}%`])).toEqual([])
    await database.commit({
      conditions: [],
      effects: [statement('INSERT INTO replay_mark (digest, expires_at) VALUES (?, ?)', nul, 1)],
    })
    await sql.run('DELETE FROM replay_mark WHERE digest = ?', [nul])
    expect(await sql.all('SELECT digest FROM replay_mark')).toEqual([])
    expect(await prisma.account.findFirst({ where: { email: nul } })).toBeNull()
    expect(await prisma.account.findMany({ where: { name: { contains: nul } } })).toEqual([])
    await database.transaction(async (tx) => void (await tx.setupLink.create({ data: { digest: nul, createdAt: 1n } })))
    expect(await prisma.setupLink.count({ where: { digest: nul } })).toBe(1)
  },
)
