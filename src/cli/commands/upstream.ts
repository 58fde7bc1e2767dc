import { addUpstream, enableUpstream, removeUpstream, updateUpstream } from '../../federation/change.ts'
import { isOpenToAll, type UpstreamDraft } from '../../federation/check.ts'
import { callbackOf } from '../../federation/start.ts'
import type { Upstream } from '../../federation/upstream.ts'
import { messagesFor } from '../../messages/messages.ts'
import { fill } from '../../messages/places.ts'
import type { Rooms } from '../../rooms.ts'
import { argument, type Call, type Command, jsonOption } from '../command.ts'
import { CommandFault, UsageFault } from '../faults.ts'
import { list, say, writeJson } from '../terminal.ts'
import { clearable, emptiedLists, isNothing, readFacts, readSecret, upstreamFacts } from './upstream-facts.ts'

const operator = { actor: 'operator' } as const
const words = messagesFor('en').upstreams

/** Providers that people sign in with. */
export const upstreamCommands: readonly Command[] = [
  {
    name: 'upstream add',
    args: ['id', 'preset'],
    doc: `let people sign in with a provider; presets: ${Object.keys(words.presets).join(', ')}`,
    options: [...upstreamFacts, { flags: '--public', doc: 'the provider gave no client secret' }, jsonOption],
    example:
      'sallyport upstream add google google --client-id 123.apps.googleusercontent.com --secret-file ./google --accounts create --tenant example.com',
    run: add,
  },
  { name: 'upstream list', doc: 'list the providers', options: [jsonOption], run: listUpstreams },
  {
    name: 'upstream show',
    args: ['id'],
    doc: 'show one provider as JSON, without its secret',
    run: async (call) => {
      const rooms = await call.rooms()
      return writeJson(call.terminal, shown(rooms, await findUpstream(rooms, argument(call, 'id'))))
    },
  },
  {
    name: 'upstream set',
    args: ['id'],
    doc: 'change what is given, keep the rest',
    options: [...upstreamFacts, { flags: '--clear <list…>', doc: `empty a list: ${clearable.join(', ')}` }, jsonOption],
    run: set,
  },
  {
    name: 'upstream enable',
    args: ['id'],
    doc: 'let people sign in with it',
    run: (call) => turn(call, true),
  },
  {
    name: 'upstream disable',
    args: ['id'],
    doc: 'let nobody sign in with it; links to accounts stay',
    run: (call) => turn(call, false),
  },
  {
    name: 'upstream remove',
    args: ['id'],
    doc: 'remove it; links to accounts stay, and count again when the same issuer is added again',
    async run(call) {
      const { federation } = await call.rooms()
      const { id } = await removeUpstream(federation.upstreams, argument(call, 'id'), operator)
      say(call.terminal, `removed ${id}`)
      return undefined
    },
  },
  {
    name: 'upstream test',
    args: ['id'],
    doc: 'read its metadata and keys, as a sign-in would; exit code 1 when nobody could sign in',
    options: [jsonOption],
    run: test,
  },
]

async function add(call: Call): Promise<undefined> {
  const { options } = call
  const id = argument(call, 'id')
  const preset = argument(call, 'preset')
  const given = readFacts(options)
  if (given.clientId === undefined) {
    throw new UsageFault('--client-id is missing', 'the provider shows it where this server is registered there')
  }
  const clientSecret = await readSecret(call, !options.flag('public'))
  const rooms = await call.rooms()
  const named = Object.entries(words.presets).find(([known]) => known === preset)?.[1] ?? preset
  const draft: UpstreamDraft = {
    id,
    preset,
    name: given.name ?? named,
    issuer: given.issuer,
    clientId: given.clientId,
    clientSecret,
    scopes: given.scopes,
    enabled: true,
    keepTokensFor: given.keepTokensFor ?? [],
    rules: {
      create: false,
      tenants: [],
      domains: [],
      groups: [],
      adminGroups: [],
      trustsEmail: false,
      groupsClaim: undefined,
      ...given.rules,
    },
  }
  const upstream = await addUpstream(rooms.federation.upstreams, draft, operator)
  tell(call, rooms, upstream, 'added')
}

async function set(call: Call): Promise<undefined> {
  const id = argument(call, 'id')
  const given = readFacts(call.options)
  const emptied = emptiedLists(call.options)
  const clientSecret = await readSecret(call, false)
  const changes = { ...given, ...emptied, clientSecret, rules: { ...given.rules, ...emptied.rules } }
  if (isNothing(changes)) {
    throw new UsageFault('nothing to change was given', 'sallyport upstream set --help lists what can be changed')
  }
  const rooms = await call.rooms()
  tell(call, rooms, await updateUpstream(rooms.federation.upstreams, id, changes, operator), 'changed')
}

function tell(call: Call, rooms: Rooms, upstream: Upstream, done: string): void {
  if (isOpenToAll(upstream))
    call.terminal.stderr.write('hint: everybody with an account there gets one here; list tenants, domains or groups\n')
  if (call.options.flag('json')) writeJson(call.terminal, shown(rooms, upstream))
  else
    say(
      call.terminal,
      `${done} ${upstream.id}; its callback address is ${callbackOf(rooms.config.issuer, upstream.id)}`,
    )
}

async function listUpstreams(call: Call): Promise<undefined> {
  const rooms = await call.rooms()
  const all = await rooms.federation.upstreams.store.list()
  list(
    call.terminal,
    all.map((upstream) => shown(rooms, upstream)),
    {
      json: call.options.flag('json'),
      columns: [
        { title: 'ID', of: ({ id }) => id },
        { title: 'NAME', of: ({ name }) => name },
        { title: 'PRESET', of: ({ preset }) => preset },
        { title: 'ISSUER', of: ({ issuer }) => issuer },
        { title: 'STATE', of: ({ enabled }) => (enabled ? 'on' : 'off') },
        { title: 'ACCOUNTS', of: ({ rules }) => (rules.create ? 'create' : 'linked') },
        { title: 'SET BY', of: ({ setByFile }) => (setByFile ? 'file' : 'operator') },
      ],
      nothing: 'there is no upstream yet: sallyport upstream add --help shows how',
    },
  )
}

async function turn(call: Call, enabled: boolean): Promise<undefined> {
  const { federation } = await call.rooms()
  const id = argument(call, 'id')
  const state = enabled ? 'enabled' : 'disabled'
  const isNew = await enableUpstream(federation.upstreams, id, enabled, operator)
  say(call.terminal, isNew ? `${state} ${id}` : `${id} is ${state} already`)
}

async function test(call: Call): Promise<number> {
  const rooms = await call.rooms()
  const outcome = await rooms.federation.inspector.test(await findUpstream(rooms, argument(call, 'id')))
  const sentence = fill(words.findings[outcome.finding], outcome.values)
  if (call.options.flag('json')) writeJson(call.terminal, { ...outcome, sentence })
  else say(call.terminal, `${outcome.light}: ${sentence}`)
  return outcome.light === 'red' ? 1 : 0
}

/** Everything but the secret; of that, whether there is one. */
function shown({ config }: Rooms, { clientSecret, ...upstream }: Upstream) {
  return {
    ...upstream,
    clientSecret: clientSecret === undefined ? 'none' : 'set',
    callback: callbackOf(config.issuer, upstream.id),
  }
}

async function findUpstream({ federation }: Rooms, id: string): Promise<Upstream> {
  const upstream = await federation.upstreams.store.find(id)
  if (upstream !== null) return upstream
  throw new CommandFault(`there is no upstream ${JSON.stringify(id)}`, 'sallyport upstream list shows what there is')
}
