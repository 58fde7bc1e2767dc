import type { Adapter, AdapterFactory } from 'oidc-provider'
import { type ClientRowsDependencies, clientRows } from './client-rows.ts'
import { codeRows } from './code-rows.ts'
import { type GrantRows, grantRows } from './grant-rows.ts'
import { interactionRows } from './interaction-rows.ts'
import type { ModelRows } from './model-rows.ts'
import { type RefreshRows, type RefreshRowsDependencies, refreshRows } from './refresh-rows.ts'
import { sessionRows } from './session-rows.ts'
import { pushedRequestRows, registrationTokenRows, replayRows } from './single-use-rows.ts'

/** What the rows of all models need. */
export type AdapterDependencies = RefreshRowsDependencies &
  ClientRowsDependencies & {
    /** `<issuer>/authorize` */
    readonly authorizationUrl: string
    /** The client id in the path of a management request, while one is in progress. */
    readonly addressedClient: () => string | undefined
  }

/** The library's adapter and the two kinds of rows that are also spoken to directly. */
export interface Rows {
  readonly adapter: AdapterFactory
  readonly grants: GrantRows
  readonly refresh: RefreshRows
}

/**
 * Model name → rows. Access tokens are JWTs and have none; what a feature that is off would store has none either.
 */
export function createRows(dependencies: AdapterDependencies): Rows {
  const grants = grantRows(dependencies)
  const refresh = refreshRows(dependencies)
  const models: Readonly<Record<string, ModelRows>> = {
    AuthorizationCode: codeRows(dependencies),
    RefreshToken: refresh,
    Grant: grants,
    Session: sessionRows(dependencies),
    Interaction: interactionRows(dependencies),
    ReplayDetection: replayRows(dependencies),
    PushedAuthorizationRequest: pushedRequestRows(dependencies),
    RegistrationAccessToken: registrationTokenRows(dependencies, dependencies.addressedClient),
    Client: clientRows(dependencies),
  }
  return { adapter: (name) => complete(models[name] ?? {}), grants, refresh }
}

const nothing: Adapter = {
  async upsert() {
    throw new TypeError('this model is not stored here')
  },
  async find() {},
  async findByUserCode() {},
  async findByUid() {},
  async consume() {},
  async destroy() {},
  async revokeByGrantId() {},
}

function complete(rows: ModelRows): Adapter {
  return { ...nothing, ...rows }
}
