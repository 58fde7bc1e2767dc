import { Resolver } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'

/** How a name is asked for. */
export interface NameQuestion {
  /** Ends the question. */
  readonly signal: AbortSignal
  /** The operator listed this host: the hosts file of this machine counts, too. */
  readonly isListed: boolean
}

/** Answers with every address of a name. */
export type ResolveAddresses = (hostname: string, question: NameQuestion) => Promise<readonly string[]>

/** Where names are asked for. */
export interface ResolverOptions {
  /** `address:port` of name servers; those of the system when absent. */
  readonly servers?: readonly string[]
  readonly hostsFile?: string
  /** For one try at one server. */
  readonly timeoutMs?: number
}

/**
 * Makes the resolver of the guard. It asks name servers by itself (c-ares), not through the system: the system's look-up takes one of
 * four threads that passwords and files need as well, cannot be called off, and a few slow names of a stranger would fill them all (F16).
 * What that leaves out is left out on purpose: search domains, mDNS, the hosts file. The hosts file counts for hosts that the operator
 * listed, because names of one's own machines are often only there.
 *
 * @returns a function that throws the error of the name server (`ENOTFOUND`, `ENODATA`, `ETIMEOUT`, `ESERVFAIL`, `ECANCELLED`, …)
 */
export function createResolver(options: ResolverOptions = {}): ResolveAddresses {
  const { servers, hostsFile = '/etc/hosts', timeoutMs = 700 } = options

  return async function resolveName(hostname, { signal, isListed }) {
    // RFC 6761 §6.3: never asked of a name server.
    if (isLocalName(hostname)) return ['127.0.0.1', '::1']
    const noted = isListed ? await addressesInFile(hostsFile, hostname) : []
    if (noted.length > 0) return noted
    // One for each question, so that calling this one off does not call off others.
    const resolver = new Resolver({ timeout: timeoutMs, tries: 2 })
    if (servers !== undefined) resolver.setServers(servers)
    signal.throwIfAborted()
    const cancel = () => resolver.cancel()
    signal.addEventListener('abort', cancel, { once: true })
    try {
      return answerOf(await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]))
    } finally {
      signal.removeEventListener('abort', cancel)
    }
  }
}

/** Whether a name is one of this machine to itself. */
export function isLocalName(hostname: string): boolean {
  const bare = hostname.replace(/\.$/, '')
  return bare === 'localhost' || bare.endsWith('.localhost')
}

/** Both families together; one that cannot be had does not hide the other, for only addresses that were answered are connected to. */
function answerOf(answers: readonly PromiseSettledResult<string[]>[]): readonly string[] {
  const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
  if (addresses.length > 0) return addresses
  for (const answer of answers) if (answer.status === 'rejected') throw answer.reason
  return []
}

async function addressesInFile(path: string, hostname: string): Promise<readonly string[]> {
  const text = await readFile(path, 'utf8').catch(() => '') // No such file on this system: nothing is noted there.
  return text.split('\n').flatMap((line) => {
    const [address = '', ...names] = line.replace(/#.*$/s, '').trim().split(/\s+/)
    return isIP(address) !== 0 && names.some((name) => name.toLowerCase() === hostname) ? [address] : []
  })
}
