import { type Database, type Statement, statement } from '../db/database.ts'
import { isUniqueViolation } from '../db/errors.ts'
import {
  accesses,
  type Resource,
  type ResourceFacts,
  type ResourceOrigin,
  risks,
  secondFactorDemands,
  signingAlgs,
} from './resource.ts'

/** Rows of resources, their aliases and their scopes. */
export interface ResourceStore {
  /** Every resource, oldest first. */
  list(): Promise<readonly Resource[]>
  /** One resource by its id, or null. */
  find(id: string): Promise<Resource | null>
  /** Writes a new resource. @returns false when its identifier or an alias is taken already; nothing is written then */
  create(resource: Resource): Promise<boolean>
  /** Replaces all that is said of a resource, its identifier excepted. @returns false as `create`, or when it is gone */
  replace(id: string, facts: ResourceFacts, origin: ResourceOrigin, now: Date): Promise<boolean>
  /** Gives the aliases of these resources free, so that a file may move an alias from one to another. */
  releaseAliases(ids: readonly string[]): Promise<void>
  /** Deletes a resource with its aliases and scopes. @returns false when it was gone already */
  remove(id: string, effects?: readonly Statement[]): Promise<boolean>
}

const whole = { aliases: true, scopes: { orderBy: { position: 'asc' } }, members: true } as const

/** Keeps resources in the database of the server. */
export function createResourceStore({ prisma, commit }: Pick<Database, 'prisma' | 'commit'>): ResourceStore {
  return {
    async list() {
      const rows = await prisma.resource.findMany({ include: whole, orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] })
      return rows.map(fromRow)
    },

    async find(id) {
      const row = await prisma.resource.findUnique({ where: { id }, include: whole })
      return row === null ? null : fromRow(row)
    },

    async create(resource) {
      try {
        await prisma.resource.create({
          data: {
            id: resource.id,
            identifier: resource.identifier,
            createdAt: BigInt(resource.createdAt.getTime()),
            ...columns(resource, resource.origin, resource.updatedAt),
            aliases: { create: aliasRows(resource) },
            scopes: { create: scopeRows(resource) },
            members: { create: memberRows(resource) },
          },
        })
        return true
      } catch (error) {
        if (isUniqueViolation(error)) return false
        throw error
      }
    },

    async replace(id, facts, origin, now) {
      if ((await prisma.resource.count({ where: { id } })) === 0) return false
      try {
        await prisma.resource.update({
          where: { id },
          data: {
            ...columns(facts, origin, now),
            aliases: { deleteMany: {}, create: aliasRows(facts) },
            scopes: { deleteMany: {}, create: scopeRows(facts) },
            members: { deleteMany: {}, create: memberRows(facts) },
          },
        })
        return true
      } catch (error) {
        if (isUniqueViolation(error)) return false
        throw error
      }
    },

    async releaseAliases(ids) {
      await prisma.resourceAlias.deleteMany({ where: { resourceId: { in: [...ids] } } })
    },

    remove: (id, effects = []) => commit({ conditions: [statement('DELETE FROM resource WHERE id = ?', id)], effects }),
  }
}

function columns(facts: ResourceFacts, origin: ResourceOrigin, updatedAt: Date) {
  return {
    name: facts.name,
    tokenLifetimeSeconds: facts.tokenLifetimeSeconds,
    signingAlg: facts.signingAlg,
    access: facts.access,
    secondFactor: facts.secondFactor,
    origin,
    updatedAt: BigInt(updatedAt.getTime()),
  }
}

function aliasRows(facts: ResourceFacts) {
  return facts.aliases.map((alias) => ({ alias }))
}

function scopeRows(facts: ResourceFacts) {
  return facts.scopes.map(({ name, description, risk, isDefault, tools }, position) => {
    return { scope: name, description, risk, isDefault, tools: tools.join(' '), position }
  })
}

function memberRows(facts: ResourceFacts) {
  return facts.members.map((accountId) => ({ accountId }))
}

interface Row {
  readonly id: string
  readonly identifier: string
  readonly name: string
  readonly tokenLifetimeSeconds: number
  readonly signingAlg: string
  readonly origin: string
  readonly access: string
  readonly secondFactor: string
  readonly createdAt: bigint
  readonly updatedAt: bigint
  readonly aliases: readonly { readonly alias: string }[]
  readonly scopes: readonly {
    readonly scope: string
    readonly description: string
    readonly risk: string
    readonly isDefault: boolean
    readonly tools: string
  }[]
  readonly members: readonly { readonly accountId: string }[]
}

function fromRow(row: Row): Resource {
  return {
    id: row.id,
    identifier: row.identifier,
    name: row.name,
    aliases: row.aliases.map(({ alias }) => alias).sort(),
    scopes: row.scopes.map(({ scope, description, risk, isDefault, tools }) => ({
      name: scope,
      description,
      // A word this version does not know is shown as the gravest, never as the mildest.
      risk: risks.find((known) => known === risk) ?? 'destructive',
      isDefault,
      tools: tools.split(' ').filter((tool) => tool !== ''),
    })),
    tokenLifetimeSeconds: row.tokenLifetimeSeconds,
    signingAlg: signingAlgs.find((known) => known === row.signingAlg) ?? 'ES256',
    // Fail closed: a word this version does not know lets in whoever is on the list, that is nobody.
    access: accesses.find((known) => known === row.access) ?? 'listed',
    members: row.members.map(({ accountId }) => accountId).sort(),
    // Fail closed, too: such a word asks for more.
    secondFactor: secondFactorDemands.find((known) => known === row.secondFactor) ?? 'always',
    origin: row.origin === 'file' ? 'file' : 'operator',
    createdAt: new Date(Number(row.createdAt)),
    updatedAt: new Date(Number(row.updatedAt)),
  }
}
