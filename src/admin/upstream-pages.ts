import type Router from '@koa/router'
import type { Context } from 'koa'
import {
  addUpstream,
  enableUpstream,
  removeUpstream,
  takesSecretElsewhere,
  updateUpstream,
} from '../federation/change.ts'
import { checkUpstream, isOpenToAll } from '../federation/check.ts'
import type { Preset, Upstream } from '../federation/upstream.ts'
import { fill } from '../messages/places.ts'
import { AppError } from '../runtime/app-error.ts'
import { field, readForm } from '../web/body.ts'
import { seeOther } from '../web/context.ts'
import { requireRecentSignIn } from '../web/middleware/recent-sign-in.ts'
import { type AdminRoutesDeps, authorOf, requireConfirmed } from './console.ts'
import { draftOf, emptyFields, fieldsOf, isPreset, readUpstreamFields, type UpstreamFields } from './upstream-form.ts'
import { choosePage, upstreamPage, upstreamsPage } from './upstream-page.ts'

/** `/admin/upstreams`: list, add, change, test, switch, remove providers. Every change wants a recent sign-in (G22). */
export function upstreamPages(router: Router, deps: AdminRoutesDeps): void {
  const { upstreams: desk, upstreamInspector: inspector } = deps
  const recent = requireRecentSignIn()

  router.get('/upstreams', async (ctx) => {
    const [all, linked] = await Promise.all([desk.store.list(), deps.identities.countByUpstream()])
    const page = upstreamsPage(ctx.state.messages, ctx.state.format, {
      upstreams: all,
      linked,
      testOf: inspector.last,
      wasRemoved: ctx.query.done === 'removed',
      passwords: desk.passwords,
      now: deps.clock.now(),
    })
    ctx.state.render(ctx, 'admin/upstreams', page)
  })

  router.get('/upstreams/new', recent, async (ctx) => {
    const preset = ctx.URL.searchParams.get('preset')
    if (!isPreset(preset)) return ctx.state.render(ctx, 'admin/upstream-new', choosePage(ctx.state.messages))
    const name = ctx.state.messages.upstreams.presets[preset]
    showForm(ctx, deps, { preset, fields: emptyFields(await freeId(deps, preset), name) })
  })

  router.post('/upstreams', recent, async (ctx) => {
    const form = await readForm(ctx)
    const preset = form.get('preset')
    if (!isPreset(preset)) return seeOther(ctx, '/admin/upstreams/new')
    const fields = readUpstreamFields(form)
    const words = ctx.state.messages.upstreams.faults
    const draft = draftOf(fields, preset, secretOf(form), true)
    const checked = checkUpstream(draft, words)
    if (!checked.ok) return showForm(ctx, deps, { preset, fields, faults: checked.faults })
    if ((await desk.store.find(draft.id)) !== null) {
      return showForm(ctx, deps, { preset, fields, faults: [fill(words.id_taken, { id: draft.id })] })
    }
    const { id } = await addUpstream(desk, draft, authorOf(ctx))
    seeOther(ctx, `/admin/upstreams/${id}?done=added`)
  })

  router.get('/upstreams/:id', async (ctx) => {
    const upstream = await required(deps, ctx.params.id)
    const { form } = ctx.state.messages.upstreams
    const notices = { added: form.added, saved: form.saved, on: form.switchedOn, off: form.switchedOff }
    const done = Object.entries(notices).find(([word]) => word === ctx.query.done)
    showForm(ctx, deps, { upstream, preset: upstream.preset, fields: fieldsOf(upstream), notice: done?.[1] })
  })

  router.post('/upstreams/:id', recent, async (ctx) => {
    const upstream = await required(deps, ctx.params.id)
    requireOwn(upstream)
    const form = await readForm(ctx)
    const { preset } = upstream
    // The id stays: it is in the callback address at the provider, whatever the form says.
    const fields = { ...readUpstreamFields(form), id: upstream.id }
    const draft = draftOf(fields, preset, secretOf(form), upstream.enabled)
    const whole = { ...draft, clientSecret: draft.clientSecret ?? upstream.clientSecret }
    const checked = checkUpstream(whole, ctx.state.messages.upstreams.faults)
    if (!checked.ok) return showForm(ctx, deps, { upstream, preset, fields, faults: checked.faults })
    if (takesSecretElsewhere(upstream, checked.upstream, draft)) {
      const faults = [ctx.state.messages.upstreams.faults.secret_elsewhere]
      return showForm(ctx, deps, { upstream, preset, fields, faults })
    }
    const { id: _, ...changes } = draft
    await updateUpstream(desk, upstream.id, changes, authorOf(ctx))
    seeOther(ctx, `/admin/upstreams/${upstream.id}?done=saved`)
  })

  router.post('/upstreams/:id/state', recent, async (ctx) => {
    const { id } = await required(deps, ctx.params.id)
    const isOn = field(await readForm(ctx), 'enabled') === 'yes'
    await enableUpstream(desk, id, isOn, authorOf(ctx))
    seeOther(ctx, `/admin/upstreams/${id}?done=${isOn ? 'on' : 'off'}`)
  })

  // Nothing of what it is asked with leaves, and nothing changes: no recent sign-in.
  router.post('/upstreams/:id/test', async (ctx) => {
    const upstream = await required(deps, ctx.params.id)
    await inspector.test(upstream)
    seeOther(ctx, `/admin/upstreams/${upstream.id}#test`)
  })

  router.post('/upstreams/:id/remove', recent, async (ctx) => {
    const upstream = await required(deps, ctx.params.id)
    requireOwn(upstream)
    requireConfirmed(await readForm(ctx), upstream.name)
    await removeUpstream(desk, upstream.id, authorOf(ctx))
    seeOther(ctx, '/admin/upstreams?done=removed')
  })
}

function showForm(
  ctx: Context,
  deps: AdminRoutesDeps,
  given: {
    readonly upstream?: Upstream
    readonly preset: Preset
    readonly fields: UpstreamFields
    readonly faults?: readonly string[]
    readonly notice?: string | undefined
  },
): void {
  const { upstream, faults = [] } = given
  const page = upstreamPage(ctx.state, {
    ...given,
    openToAll: upstream !== undefined && isOpenToAll(upstream),
    test: upstream && deps.upstreamInspector.last(upstream),
    issuer: deps.issuer,
    now: deps.clock.now(),
  })
  ctx.state.render(ctx, 'admin/upstream', page, faults.length === 0 ? 200 : 400)
}

function secretOf(form: URLSearchParams): string | undefined {
  return (form.get('client_secret') ?? '').trim() || undefined
}

/** The name of the preset, or with a number behind it. */
async function freeId({ upstreams }: AdminRoutesDeps, preset: Preset): Promise<string> {
  const taken = new Set((await upstreams.store.list()).map(({ id }) => id))
  for (let number = 1; ; number += 1) {
    const id = number === 1 ? preset : `${preset}-${number}`
    if (!taken.has(id)) return id
  }
}

// Before the fields are looked at: nothing that could be typed here would be saved.
function requireOwn(upstream: Upstream): void {
  if (!upstream.setByFile) return
  throw new AppError('set_by_file', 409, `“${upstream.name}” is set by the configuration file.`, {
    words: 'upstream_set_by_file',
    values: { name: upstream.name },
  })
}

async function required({ upstreams }: AdminRoutesDeps, id: string | undefined): Promise<Upstream> {
  const upstream = id === undefined ? null : await upstreams.store.find(id)
  if (upstream !== null) return upstream
  throw new AppError('not_found', 404, 'There is no such upstream here (any more).', { words: 'upstream_not_found' })
}
