import type Router from '@koa/router'
import type { Context } from 'koa'
import { type Account, normaliseEmail } from '../accounts/account.ts'
import { fill } from '../messages/places.ts'
import { createResource, removeResource, updateResource } from '../resources/change.ts'
import { checkResource, collisions } from '../resources/check.ts'
import type { Discovery } from '../resources/inspector.ts'
import type { Resource, ResourceDraft } from '../resources/resource.ts'
import { AppError } from '../runtime/app-error.ts'
import { readForm } from '../web/body.ts'
import { seeOther } from '../web/context.ts'
import { type AdminRoutesDeps, authorOf, requireConfirmed } from './console.ts'
import { draftOf, fieldsOf, type ResourceFields, readResourceFields, withMoreRows } from './resource-form.ts'
import { type AddPage, type ResourcesPage, resourcePage, shownLight } from './resource-page.ts'

const pageSize = 50

/** `/admin/resources`: list, add by address, change, test, remove MCP servers. What the file set is shown and not changed. */
export function resourcePages(router: Router, deps: AdminRoutesDeps): void {
  const { resources: desk, inspector } = deps

  router.get('/resources', (ctx) => showList(ctx, deps))
  router.get('/resources/new', (ctx) => {
    if (ctx.URL.searchParams.has('by_hand')) return showForm(ctx, deps, { fields: fieldsOf({}) })
    showAdd(ctx, '')
  })

  router.post('/resources/look', async (ctx) => {
    const address = ((await readForm(ctx)).get('address') ?? '').trim().slice(0, 2048)
    const found = await inspector.discover(address)
    if (found === null) return showAdd(ctx, address, [ctx.state.messages.adminResources.add.noAddress])
    await showForm(ctx, deps, { fields: fieldsOf(found.draft), found })
  })

  router.post('/resources', async (ctx) => {
    const form = await readForm(ctx)
    const fields = readResourceFields(form)
    if (form.has('more_rows')) return showForm(ctx, deps, { fields: withMoreRows(fields) })
    const checked = await checkFields(ctx, deps, fields, undefined)
    if (!checked.ok) return showForm(ctx, deps, { fields, faults: checked.faults })
    const { id } = await createResource(desk, checked.draft, authorOf(ctx))
    seeOther(ctx, `/admin/resources/${id}?done=added`)
  })

  router.get('/resources/:id', async (ctx) => {
    const resource = await required(deps, ctx.params.id)
    const { form } = ctx.state.messages.adminResources
    const done = ctx.URL.searchParams.get('done')
    const notice = done === 'added' ? form.added : done === 'saved' ? form.saved : undefined
    await showForm(ctx, deps, { resource, fields: await storedFields(deps, resource, ctx.URL.searchParams), notice })
  })

  router.post('/resources/:id', async (ctx) => {
    const resource = await required(deps, ctx.params.id)
    requireOwn(resource)
    const form = await readForm(ctx)
    // The identifier stays: tokens and verifiers hold it, whatever the form says.
    const fields = { ...readResourceFields(form), identifier: resource.identifier }
    if (form.has('more_rows')) return showForm(ctx, deps, { resource, fields: withMoreRows(fields) })
    const checked = await checkFields(ctx, deps, fields, resource)
    if (!checked.ok) return showForm(ctx, deps, { resource, fields, faults: checked.faults })
    const { identifier: _, ...changes } = checked.draft
    await updateResource(desk, resource.id, changes, authorOf(ctx))
    seeOther(ctx, `/admin/resources/${resource.id}?done=saved`)
  })

  router.post('/resources/:id/test', async (ctx) => {
    const resource = await required(deps, ctx.params.id)
    await inspector.test(resource)
    seeOther(ctx, `/admin/resources/${resource.id}#test`)
  })

  router.post('/resources/:id/remove', async (ctx) => {
    const resource = await required(deps, ctx.params.id)
    requireOwn(resource)
    requireConfirmed(await readForm(ctx), resource.name)
    await removeResource(desk, resource.id, authorOf(ctx))
    seeOther(ctx, '/admin/resources')
  })
}

async function showList(ctx: Context, deps: AdminRoutesDeps): Promise<void> {
  const query = ctx.URL.searchParams
  const text = (query.get('q') ?? '').slice(0, 200)
  const from = /^\d{1,6}$/.test(query.get('from') ?? '') ? Number(query.get('from')) : 0
  const { messages, format } = ctx.state
  const now = deps.clock.now()
  const [all, lastTokens] = await Promise.all([deps.resources.store.list(), deps.overview.lastTokens()])
  const fitting = all.filter((resource) => fits(resource, text.trim().toLowerCase()))
  const rows = fitting.slice(from, from + pageSize).map((resource) => {
    const last = lastTokens.get(resource.identifier)
    return {
      resource,
      destructive: resource.scopes.filter(({ risk }) => risk === 'destructive').length,
      light: shownLight(messages, format, deps.inspector.last(resource), now),
      lastToken: last && format.relative(last, now),
    }
  })
  const isMore = fitting.length > from + pageSize
  const page: ResourcesPage = {
    title: messages.adminResources.list.heading,
    page: 'resources',
    area: 'admin',
    rows,
    text,
    total: all.length,
    isFirst: from === 0,
    next: isMore ? new URLSearchParams({ q: text, from: String(from + pageSize) }).toString() : undefined,
  }
  ctx.state.render(ctx, 'admin/resources', page)
}

function fits({ name, identifier, aliases }: Resource, text: string): boolean {
  return text === '' || [name, identifier, ...aliases].some((one) => one.toLowerCase().includes(text))
}

function showAdd(ctx: Context, address: string, faults: readonly string[] = []): void {
  const title = ctx.state.messages.adminResources.add.heading
  const page: AddPage = { title, page: 'resource', area: 'admin', address, faults }
  ctx.state.render(ctx, 'admin/resource-add', page, faults.length === 0 ? 200 : 400)
}

async function showForm(
  ctx: Context,
  deps: AdminRoutesDeps,
  given: {
    readonly resource?: Resource
    readonly fields: ResourceFields
    readonly faults?: readonly string[]
    readonly notice?: string
    readonly found?: Discovery
  },
): Promise<void> {
  const { resource, faults = [] } = given
  const lastToken = resource && (await deps.overview.lastTokens()).get(resource.identifier)
  const light = resource && deps.inspector.last(resource)
  const introspectors = resource && (await deps.introspectors.of(resource.identifier))
  const known = { light, lastToken, introspectors }
  const page = resourcePage(ctx.state, { ...given, ...known, issuer: deps.issuer, now: deps.clock.now() })
  ctx.state.render(ctx, 'admin/resource', page, faults.length === 0 ? 200 : 400)
}

/** The stored server as a form; an alias proposed by a link of the home page is typed in already, and not saved. */
async function storedFields(
  deps: AdminRoutesDeps,
  resource: Resource,
  query: URLSearchParams,
): Promise<ResourceFields> {
  const people = await Promise.all(resource.members.map(async (id) => (await deps.accounts.find(id))?.email))
  const fields = fieldsOf(
    resource,
    people.filter((email) => email !== undefined),
  )
  const alias = query.get('alias')?.slice(0, 2048)
  if (alias === undefined || resource.aliases.includes(alias)) return fields
  return { ...fields, aliases: [...resource.aliases, alias].join('\n') }
}

/** Everything that is wrong with what was typed, in the reader's language, or the draft that may be stored. */
async function checkFields(
  ctx: Context,
  deps: AdminRoutesDeps,
  fields: ResourceFields,
  resource: Resource | undefined,
): Promise<
  { readonly ok: true; readonly draft: ResourceDraft } | { readonly ok: false; readonly faults: readonly string[] }
> {
  const { adminResources, resources } = ctx.state.messages
  const typed = draftOf(fields, adminResources.form.faults)
  if (!typed.ok) return typed
  const accounts = await Promise.all(typed.people.map((email) => findByEmail(deps, email)))
  const strangers = typed.people.filter((_, index) => accounts[index] === null)
  if (strangers.length > 0) {
    return { ok: false, faults: strangers.map((email) => fill(adminResources.form.unknownPerson, { email })) }
  }
  // A form without the question changes nothing of its answer.
  const members = typed.draft.access === undefined ? undefined : accounts.flatMap((account) => account?.id ?? [])
  const draft = { ...typed.draft, members }
  const checked = checkResource(draft, resources.faults)
  if (!checked.ok) return checked
  const others = (await deps.resources.store.list()).filter(({ id }) => id !== resource?.id)
  const taken = collisions(checked.facts, others, resources.faults)
  return taken.length > 0 ? { ok: false, faults: taken } : { ok: true, draft }
}

async function findByEmail({ accounts }: AdminRoutesDeps, typed: string): Promise<Account | null> {
  const email = normaliseEmail(typed)
  return email === null ? null : accounts.findByEmail(email)
}

// Before the fields are looked at: nothing that could be typed here would be saved.
function requireOwn(resource: Resource): void {
  if (resource.origin !== 'file') return
  throw new AppError('set_by_file', 409, `The MCP server “${resource.name}” is set by the configuration file.`, {
    words: 'resource_set_by_file',
    values: { name: resource.name },
  })
}

async function required(deps: AdminRoutesDeps, id: string | undefined): Promise<Resource> {
  const resource = id === undefined ? null : await deps.resources.store.find(id)
  if (resource !== null) return resource
  throw new AppError('not_found', 404, 'This MCP server is not registered here (any more).', {
    words: 'resource_not_found',
  })
}
