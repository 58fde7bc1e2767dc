// Room: metrics. Counts for Prometheus: requests, tokens, refusals, the database, the machine. Serves /metrics on a listener of
// its own (METRICS_PORT) and nothing on the public one; without the setting nothing is counted and prom-client is not loaded.
// Rooms get the narrow interface below; what a label may say is a closed list here, so that no stranger makes a time series.

/** One request as it was answered. */
export interface RequestFacts {
  readonly method: string
  /** Pattern of the route, never a path. */
  readonly route: string
  readonly status: number
  readonly seconds: number
}

/** An event of the audit book, as far as it is counted. */
export interface CountedEvent {
  readonly type: string
  readonly detail?: Readonly<Record<string, unknown>> | undefined
}

/** What rooms count. Every call is cheap, never throws, and keeps nothing of what it is given but a label of a closed list. */
export interface Metrics {
  /** False when METRICS_PORT is unset: whoever would have to measure something first need not. */
  readonly isOn: boolean
  /** A request was answered. */
  request(facts: RequestFacts): void
  /** Something was written into the audit book: tokens and refusals are counted from there. */
  event(event: CountedEvent): void
  /** A limit refused somebody; `limit` is its name in the table of limits. */
  limited(limit: string): void
  /** Something was refused before any room saw it: `host`, `url_too_long`, `headers_too_large`, `malformed`, `too_many_sockets`. */
  turnedAway(reason: string): void
  /** A fetch that this server made ended; `purpose` is a word of ours, `outcome` is `ok` or the code of the failure. */
  fetched(purpose: string, outcome: string): void
}

/** Numbers that are asked for when somebody reads the metrics. */
export interface Gauges {
  /** Write commits since the start. */
  readonly commits: () => number
  /** Place of the newest sealed event in the audit chain. */
  readonly auditPosition: () => Promise<number>
  /** Password hashes being made, and waiting for their turn. */
  readonly hashes: () => { readonly running: number; readonly waiting: number }
  /** Open connections to the public listener. */
  readonly sockets: () => Promise<number>
}

/** Metrics that are being kept. */
export interface KeptMetrics extends Metrics {
  /** Names where the numbers come from that are only looked at when somebody reads them. */
  watch(gauges: Gauges): void
  /** Everything, in the text form of Prometheus. */
  text(): Promise<string>
  readonly contentType: string
}

const nothing = (): void => {}

/** What rooms get when nothing is to be counted. */
export const silentMetrics: Metrics = {
  isOn: false,
  request: nothing,
  event: nothing,
  limited: nothing,
  turnedAway: nothing,
  fetched: nothing,
}
