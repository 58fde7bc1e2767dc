import { normaliseEmail } from '../../accounts/account.ts'
import { messagesFor } from '../../messages/messages.ts'
import { fill } from '../../messages/places.ts'
import { canonicalResource } from '../../oauth/resource-uri.ts'
import { createResource, type ResourceChanges, removeResource, updateResource } from '../../resources/change.ts'
import type { Finding } from '../../resources/judge.ts'
import { protectionOf } from '../../resources/protection.ts'
import type { Resource, ResourceDraft } from '../../resources/resource.ts'
import type { Rooms } from '../../rooms.ts'
import { argument, type Call, type Command, jsonOption, type Options } from '../command.ts'
import { CommandFault, UsageFault } from '../faults.ts'
import { list, say, writeJson } from '../terminal.ts'
import { readScopes, readTools, scopeFacts, withDefaults, withTools } from './resource-scopes.ts'

const operator = { actor: 'operator' } as const
const words = messagesFor('en').adminResources

const facts = [
  { flags: '--name <name>', doc: 'name for people' },
  { flags: '--alias <url…>', doc: 'another spelling that clients send; may be repeated' },
  ...scopeFacts,
  { flags: '--lifetime <seconds>', doc: 'how long an access token lives, 300 when absent' },
  { flags: '--alg <alg>', doc: 'ES256, EdDSA or RS256' },
  { flags: '--access <who>', doc: 'who may use it: everyone, admins or listed' },
  {
    flags: '--second-factor <when>',
    doc: 'when two factors are needed: never, destructive (for scopes of that risk) or always',
  },
  { flags: '--person <email…>', doc: 'somebody on the list, for --access listed; may be repeated, replaces the list' },
]

/** MCP servers. */
export const resourceCommands: readonly Command[] = [
  {
    name: 'resource add',
    args: ['identifier'],
    doc: 'register an MCP server',
    options: [
      ...facts,
      { flags: '--look', doc: 'take what is not given from what the server says of itself' },
      jsonOption,
    ],
    example:
      'sallyport resource add http://localhost:9728/mcp --name Notes --read "notes:read=Read your notes" --default notes:read',
    run: addResource,
  },
  { name: 'resource list', doc: 'list the MCP servers', options: [jsonOption], run: listResources },
  {
    name: 'resource show',
    args: ['identifier'],
    doc: 'show one MCP server as JSON',
    run: async (call) => writeJson(call.terminal, await findResource(await call.rooms(), argument(call, 'identifier'))),
  },
  {
    name: 'resource test',
    args: ['identifier'],
    doc: 'ask the MCP server without a token, as a client would; exit code 1 when clients cannot connect',
    options: [jsonOption],
    run: testResource,
  },
  {
    name: 'resource serve',
    args: ['identifier'],
    doc: 'print what the MCP server should serve: its challenge, its document, the code of the verifier',
    options: [jsonOption],
    run: printProtection,
  },
  {
    name: 'resource set',
    args: ['identifier'],
    doc: 'change what is given, keep the rest; scopes that are given replace all scopes',
    options: [...facts, jsonOption],
    run: setResource,
  },
  {
    name: 'resource remove',
    args: ['identifier'],
    doc: 'make no token for it any more, and withdraw its consents',
    async run(call) {
      const rooms = await call.rooms()
      const resource = await findResource(rooms, argument(call, 'identifier'))
      await removeResource(rooms.resources, resource.id, operator)
      say(call.terminal, `removed ${resource.identifier}`)
      return undefined
    },
  },
]

async function addResource(call: Call): Promise<undefined> {
  const identifier = argument(call, 'identifier')
  const scopes = readScopes(call.options)
  const tools = readTools(call.options)
  const rooms = await call.rooms()
  const found = call.options.flag('look') ? await lookAt(rooms, identifier, call) : {}
  const given = { ...(await readFacts(rooms, call.options)), scopes }
  const draft: ResourceDraft = {
    identifier,
    ...found,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  }
  const whole = tools.size === 0 ? draft : { ...draft, scopes: withTools(identifier, draft.scopes ?? [], tools) }
  const resource = await createResource(rooms.resources, whole, operator)
  if (call.options.flag('json')) return writeJson(call.terminal, resource)
  say(call.terminal, `added ${resource.identifier}`)
}

/** What the server says of itself; the findings go to standard error, so that standard output stays the answer. */
async function lookAt({ inspector }: Rooms, identifier: string, call: Call): Promise<ResourceDraft> {
  const found = await inspector.discover(identifier)
  if (found === null) throw new CommandFault(words.add.noAddress, 'write for example https://mcp.example/mcp')
  for (const line of findingLines(found.findings)) call.terminal.stderr.write(`${line}\n`)
  return found.draft
}

async function testResource(call: Call): Promise<number> {
  const rooms = await call.rooms()
  const outcome = await rooms.inspector.test(await findResource(rooms, argument(call, 'identifier')))
  if (call.options.flag('json')) writeJson(call.terminal, outcome)
  else for (const line of findingLines(outcome.findings)) say(call.terminal, line)
  return outcome.light === 'red' ? 1 : 0
}

async function printProtection(call: Call): Promise<undefined> {
  const rooms = await call.rooms()
  const resource = await findResource(rooms, argument(call, 'identifier'))
  const protection = protectionOf(resource, rooms.config.issuer)
  if (call.options.flag('json')) return writeJson(call.terminal, protection)
  const { challenge, metadataUrl, document, code } = protection
  call.terminal.stdout.write(`WWW-Authenticate: ${challenge}\n\n${metadataUrl}\n${document}\n\n${code}\n`)
}

// The same sentences as in the console.
function findingLines(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ code, light, values }) => `${light}: ${fill(words.findings[code], values)}`)
}

async function setResource(call: Call): Promise<undefined> {
  const scopesGiven = readScopes(call.options)
  const tools = readTools(call.options)
  const rooms = await call.rooms()
  const given = { ...(await readFacts(rooms, call.options)), scopes: scopesGiven }
  const defaults = call.options.all('default')
  if (defaults.length + tools.size === 0 && Object.values(given).every((value) => value === undefined)) {
    throw new UsageFault('nothing to change was given', 'sallyport resource set --help lists what can be changed')
  }
  const resource = await findResource(rooms, argument(call, 'identifier'))
  // Defaults or tools alone: the scopes stay, and only these change.
  const { identifier } = resource
  const kept = defaults.length === 0 ? undefined : withDefaults(identifier, resource.scopes, defaults)
  const marked = scopesGiven ?? kept
  const scopes = tools.size === 0 ? marked : withTools(identifier, marked ?? resource.scopes, tools)
  const changed = await updateResource(rooms.resources, resource.id, { ...given, scopes }, operator)
  if (call.options.flag('json')) return writeJson(call.terminal, changed)
  say(call.terminal, `changed ${changed.identifier}`)
}

async function listResources(call: Call): Promise<undefined> {
  const { resources } = await call.rooms()
  list(call.terminal, await resources.store.list(), {
    json: call.options.flag('json'),
    columns: [
      { title: 'IDENTIFIER', of: ({ identifier }) => identifier },
      { title: 'NAME', of: ({ name }) => name },
      { title: 'SCOPES', of: ({ scopes }) => scopes.map(({ name }) => name).join(' ') },
      { title: 'TOKENS', of: ({ tokenLifetimeSeconds, signingAlg }) => `${tokenLifetimeSeconds} s, ${signingAlg}` },
      { title: 'ACCESS', of: ({ access, members }) => (access === 'listed' ? `${members.length} listed` : access) },
      { title: 'TWO FACTORS', of: ({ secondFactor }) => secondFactor },
      { title: 'SET BY', of: ({ origin }) => origin },
    ],
    nothing: 'there is no MCP server yet: sallyport resource add --help shows how',
  })
}

async function findResource({ resources }: Rooms, text: string): Promise<Resource> {
  const canonical = canonicalResource(text)
  const found = (await resources.store.list()).find(
    ({ identifier, aliases }) => canonical !== null && (identifier === canonical || aliases.includes(canonical)),
  )
  if (found === undefined) {
    throw new CommandFault(
      `there is no MCP server ${JSON.stringify(text)}`,
      'sallyport resource list shows what is registered',
    )
  }
  return found
}

async function readFacts({ accounts }: Rooms, options: Options): Promise<ResourceChanges> {
  const aliases = options.all('alias')
  const people = options.all('person')
  const members = await Promise.all(
    people.map(async (typed) => {
      const email = normaliseEmail(typed)
      const account = email === null ? null : await accounts.store.findByEmail(email)
      if (account !== null) return account.id
      throw new CommandFault(`there is no account ${JSON.stringify(typed)}`, 'sallyport user list shows who is there')
    }),
  )
  return {
    name: options.text('name'),
    aliases: aliases.length === 0 ? undefined : aliases,
    tokenLifetimeSeconds: options.wholeNumber('lifetime'),
    signingAlg: options.text('alg'),
    access: options.text('access') ?? (members.length > 0 ? 'listed' : undefined),
    members: members.length > 0 ? members : undefined,
    secondFactor: options.text('secondFactor'),
  }
}
