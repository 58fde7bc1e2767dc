import { createWordLabel, errorLabel, grantTypeLabel, methodLabel } from './labels.ts'
import type { CountedEvent, Gauges, KeptMetrics } from './metrics.ts'

// Ours: from a document out of memory to a sign-in that waited for its turn to hash.
const durationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Refusals of the audit book → what was refused. */
const denials: Readonly<Record<string, string>> = {
  'token.refused': 'token',
  'code.replayed': 'token',
  'refresh.reused': 'token',
  'authorization.refused': 'authorization',
  'client.registration_refused': 'registration',
  'session.sign_in_refused': 'sign_in',
}

/** Events that tell of a token → the grant it came by, where the event itself does not say. */
const issues: Readonly<Record<string, string | undefined>> = {
  'token.issued': undefined,
  'token.refreshed': 'refresh_token',
  'token.refresh_grace': 'refresh_token',
}

/** Keeps the counts of this process in prom-client, which is loaded by this call and not before. */
export async function createPrometheus(): Promise<KeptMetrics> {
  const { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } = await import('prom-client')
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })

  const requests = new Counter({
    name: 'sallyport_http_requests_total',
    help: 'Requests by method, pattern of the route, and status',
    labelNames: ['method', 'route', 'status'],
    registers,
  })
  const durations = new Histogram({
    name: 'sallyport_http_request_duration_seconds',
    help: 'From the request to its answer, by pattern of the route',
    labelNames: ['route'],
    buckets: durationBuckets,
    registers,
  })
  const tokens = new Counter({
    name: 'sallyport_tokens_issued_total',
    help: 'Access tokens by the grant they came by',
    labelNames: ['grant_type'],
    registers,
  })
  const denied = new Counter({
    name: 'sallyport_auth_denied_total',
    help: 'Refusals by what was refused, registered error, and our reason',
    labelNames: ['kind', 'error', 'reason'],
    registers,
  })
  const limited = new Counter({
    name: 'sallyport_limit_refusals_total',
    help: 'Refusals of a limit, by its name',
    labelNames: ['limit'],
    registers,
  })
  const turnedAway = new Counter({
    name: 'sallyport_turned_away_total',
    help: 'Requests and connections that were refused before anything looked at them',
    labelNames: ['reason'],
    registers,
  })
  const fetches = new Counter({
    name: 'sallyport_outbound_fetches_total',
    help: 'Fetches of this server, by purpose and outcome',
    labelNames: ['purpose', 'outcome'],
    registers,
  })
  // Routes are ours and few; the bound is for the day on which somebody logs a path by mistake.
  const routes = createRouteLabel(400)
  const reasons = createWordLabel()
  const limits = createWordLabel()
  const doors = createWordLabel()
  const purposes = createWordLabel()
  const outcomes = createWordLabel()

  function countEvent({ type, detail }: CountedEvent): void {
    const kind = denials[type]
    if (kind !== undefined) {
      const error = detail?.error === undefined ? 'none' : errorLabel(detail.error)
      // A replayed code has no other reason than itself.
      const reason = detail?.reason === undefined ? type : detail.reason
      denied.inc({ kind, error, reason: reasons(reason) })
    }
    if (Object.hasOwn(issues, type)) tokens.inc({ grant_type: grantTypeLabel(issues[type] ?? detail?.grantType) })
  }

  return {
    isOn: true,
    request({ method, route, status, seconds }) {
      const label = routes(route)
      requests.inc({ method: methodLabel(method), route: label, status: String(status) })
      durations.observe({ route: label }, seconds)
    },
    event: countEvent,
    limited: (limit) => limited.inc({ limit: limits(limit) }),
    turnedAway: (reason) => turnedAway.inc({ reason: doors(reason) }),
    fetched: (purpose, outcome) => fetches.inc({ purpose: purposes(purpose), outcome: outcomes(outcome) }),
    watch(gauges) {
      for (const { name, help, read } of gaugesOf(gauges)) {
        new Gauge({
          name,
          help,
          registers,
          async collect() {
            this.set(await read())
          },
        })
      }
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  }
}

function gaugesOf({ auditPosition, commits, hashes, sockets }: Gauges) {
  return [
    { name: 'sallyport_database_commits', help: 'Write commits since the start', read: commits },
    { name: 'sallyport_audit_chain_position', help: 'Place of the newest sealed event', read: auditPosition },
    { name: 'sallyport_password_hashes_running', help: 'Password hashes being made', read: () => hashes().running },
    { name: 'sallyport_password_hashes_waiting', help: 'Hashes in line', read: () => hashes().waiting },
    { name: 'sallyport_open_sockets', help: 'Connections to the public listener', read: sockets },
  ] as const
}

function createRouteLabel(most: number): (route: string) => string {
  const known = new Set<string>()
  return function routeLabel(route) {
    if (!known.has(route) && known.size >= most) return 'other'
    known.add(route)
    return route
  }
}
