import type Router from '@koa/router'
import type { Context } from 'koa'
import { createResource, removeResource, updateResource } from '../resources/change.ts'
import type { Resource, ResourceDraft } from '../resources/resource.ts'
import { AppError } from '../runtime/app-error.ts'
import { readForm } from '../web/body.ts'
import { seeOther } from '../web/context.ts'
import type { PageLocals } from '../web/render.ts'
import { validate } from '../web/validate.ts'
import { type AdminRoutesDeps, authorOf, confirmWord, requireConfirmed } from './console.ts'
import {
  blankResource,
  fieldsOf,
  type ResourceFields,
  readResourceFields,
  resourceChoices,
  resourceDraftSchema,
} from './resource-form.ts'

interface ResourcePage extends PageLocals {
  /** Undefined for a new one. */
  readonly resource: Resource | undefined
  readonly readOnly: boolean
  readonly fields: ResourceFields
  readonly choices: typeof resourceChoices
  readonly faults: readonly string[]
  readonly confirmWord: string
}

/** `/admin/resources`: list, add, change, remove MCP servers. What the file set is shown and not changed. */
export function resourcePages(router: Router, deps: AdminRoutesDeps): void {
  const { resources: desk } = deps

  router.get('/resources', async (ctx) => {
    const resources = await desk.store.list()
    ctx.state.render(ctx, 'admin/resources', { title: 'MCP servers', page: 'resources', area: 'admin', resources })
  })

  router.get('/resources/new', (ctx) => showForm(ctx, undefined, blankResource))

  router.post('/resources', async (ctx) => {
    const fields = readResourceFields(await readForm(ctx))
    const faults = await attempt(fields, (draft) => createResource(desk, draft, authorOf(ctx)))
    if (faults !== null) return showForm(ctx, undefined, fields, faults)
    seeOther(ctx, '/admin/resources')
  })

  router.get('/resources/:id', async (ctx) => {
    const resource = await required(deps, ctx.params.id)
    showForm(ctx, resource, fieldsOf(resource))
  })

  router.post('/resources/:id', async (ctx) => {
    const resource = await required(deps, ctx.params.id)
    // The identifier stays: tokens and verifiers hold it, whatever the form says.
    const fields = { ...readResourceFields(await readForm(ctx)), identifier: resource.identifier }
    const faults = await attempt(fields, ({ identifier: _, ...changes }) =>
      updateResource(desk, resource.id, changes, authorOf(ctx)),
    )
    if (faults !== null) return showForm(ctx, resource, fields, faults)
    seeOther(ctx, '/admin/resources')
  })

  router.post('/resources/:id/remove', async (ctx) => {
    const resource = await required(deps, ctx.params.id)
    requireConfirmed(await readForm(ctx))
    await removeResource(desk, resource.id, authorOf(ctx))
    seeOther(ctx, '/admin/resources')
  })
}

// A fault of what was typed is shown beside what was typed; everything else is an error page.
async function attempt(
  fields: ResourceFields,
  act: (draft: ResourceDraft) => Promise<unknown>,
): Promise<readonly string[] | null> {
  const checked = validate(resourceDraftSchema, fields)
  if (!checked.ok) return Object.values(checked.faults)
  try {
    await act(checked.value)
    return null
  } catch (error) {
    const typed = error instanceof AppError && ['invalid_resource', 'resource_exists'].includes(error.code)
    if (!typed) throw error
    return [error.message]
  }
}

async function required(deps: AdminRoutesDeps, id: string | undefined): Promise<Resource> {
  const resource = id === undefined ? null : await deps.resources.store.find(id)
  if (resource === null) throw new AppError('not_found', 404, 'This MCP server is not registered here (any more).')
  return resource
}

function showForm(
  ctx: Context,
  resource: Resource | undefined,
  fields: ResourceFields,
  faults: readonly string[] = [],
): void {
  const page: ResourcePage = {
    title: resource === undefined ? 'Add an MCP server' : resource.name,
    page: 'resource',
    area: 'admin',
    resource,
    readOnly: resource?.origin === 'file',
    fields,
    choices: resourceChoices,
    faults,
    confirmWord,
  }
  ctx.state.render(ctx, 'admin/resource', page, faults.length === 0 ? 200 : 400)
}
