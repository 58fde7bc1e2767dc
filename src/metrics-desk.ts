import type { Server } from 'node:http'
import type { Config } from './config/config.ts'
import { createMetricsListener, type MetricsListener } from './metrics/listener.ts'
import type { KeptMetrics } from './metrics/metrics.ts'
import type { Rooms } from './rooms.ts'

/**
 * Makes the metrics when METRICS_PORT is set. They are loaded only then: prom-client takes memory and watches the garbage
 * collector.
 */
export async function keepMetrics({ metricsPort }: Config): Promise<KeptMetrics | undefined> {
  if (metricsPort === undefined) return undefined
  const { createPrometheus } = await import('./metrics/prometheus.ts')
  return createPrometheus()
}

/** Joins the metrics to what they look at, and makes the listener they are read from. */
export function openMetrics(
  { audit, config, database, logger, passwords }: Rooms,
  metrics: KeptMetrics,
  server: Server,
): MetricsListener {
  metrics.watch({
    commits: () => database.commits,
    auditPosition: () => audit.position(),
    hashes: () => passwords.load(),
    sockets: () => new Promise((resolve) => server.getConnections((error, count) => resolve(error ? 0 : count))),
  })
  return createMetricsListener({
    host: config.metricsHost,
    port: config.metricsPort ?? 0,
    metrics,
    failed: (error) => logger.warn({ err: error }, 'metrics could not be read'),
  })
}
