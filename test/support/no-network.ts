// Runs before every test file: a connection that would leave this machine fails at once and says so, so that no test can
// pass only because some stranger's server answered. Processes that a test starts are not covered.
import dns from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'

const connect = net.Socket.prototype.connect
const lookup = dns.lookup
const lookupPromise = dns.promises.lookup

net.Socket.prototype.connect = function (this: net.Socket, ...args: unknown[]) {
  const host = destination(args)
  if (host !== undefined && !isLoopback(host))
    throw new Error(`the network is off in tests: connection to ${host} refused`)
  return Reflect.apply(connect, this, args)
} as typeof connect

// A name that is not ours would be asked of a resolver elsewhere, which is a connection, too.
dns.lookup = ((name: string, ...rest: unknown[]) => {
  if (isLoopback(name)) return Reflect.apply(lookup, dns, [name, ...rest])
  const done = rest.at(-1)
  if (typeof done === 'function') process.nextTick(done, notFound(name))
}) as typeof lookup

dns.promises.lookup = ((name: string, ...rest: unknown[]) =>
  isLoopback(name)
    ? Reflect.apply(lookupPromise, dns.promises, [name, ...rest])
    : Promise.reject(notFound(name))) as typeof lookupPromise

// The guard of outgoing requests asks name servers by itself: one of this machine that a test has started, or none.
for (const name of ['resolve4', 'resolve6'] as const) {
  const prototype = dns.promises.Resolver.prototype
  const resolve = prototype[name]
  prototype[name] = function (this: dns.promises.Resolver, hostname: string) {
    const isOurs = this.getServers().every((server) => server.startsWith('127.') || server.startsWith('[::1]'))
    return isOurs ? Reflect.apply(resolve, this, [hostname]) : Promise.reject(notFound(hostname))
  } as typeof resolve
}

syncBuiltinESMExports()

// `connect` takes (options), (port, host), (path), or the array that `net.connect` has made of one of these.
function destination(args: readonly unknown[]): string | undefined {
  const [first, second] = args
  if (Array.isArray(first)) return destination(first)
  if (typeof first === 'object' && first !== null) {
    const path = Reflect.get(first, 'path')
    const host = Reflect.get(first, 'host')
    if (typeof path === 'string' && path !== '') return undefined
    return typeof host === 'string' ? host : undefined
  }
  const isPath = typeof first === 'string' && Number.isNaN(Number(first))
  return !isPath && typeof second === 'string' ? second : undefined
}

function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, '')
  if (name === '' || name === 'localhost' || name.endsWith('.localhost')) return true
  return net.isIP(name) !== 0 && /^(127\.|::1$|::ffff:127\.|::ffff:7f|0\.0\.0\.0$|::$)/.test(name)
}

function notFound(name: string): NodeJS.ErrnoException {
  const error: NodeJS.ErrnoException = new Error(`the network is off in tests: look-up of ${name} refused`)
  error.code = 'ENOTFOUND'
  return error
}
