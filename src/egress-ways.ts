import type { Config } from './config/config.ts'
import type { Metrics } from './metrics/metrics.ts'
import { createEgress, type Egress, type EgressStage, guardProbe } from './net/egress.ts'
import type { Logger } from './runtime/logger.ts'

/** Opens the ways out as the settings say. Every refusal and fault goes to the log with its reason, which nobody outside is told (F20). */
export function openEgress(
  config: Config,
  { logger, metrics }: { readonly logger: Logger; readonly metrics: Pick<Metrics, 'fetched'> },
  stage?: EgressStage,
): Egress {
  return createEgress(
    {
      userAgent: config.userAgent,
      allowedHosts: config.egressAllowedHosts,
      documentHosts: config.metadataDocumentHosts,
      isOnLoopback: new URL(config.issuer).protocol === 'http:',
      proxy: config.egressProxy,
      hasRates: config.rateLimits,
      onFetch(purpose, outcome) {
        const { host, result, status, error } = outcome
        // The proof at the start is meant to be refused; nobody has to read of it.
        if (host.startsWith(`${guardProbe}:`)) return
        if (error === undefined) logger.debug({ purpose, host, status }, 'fetched')
        else logger.info({ purpose, host, result, reason: error.message, cause: causeOf(error) }, 'not fetched')
        metrics.fetched(purpose, error === undefined ? 'ok' : result)
      },
    },
    stage,
  )
}

/** The code of what lies below: `ECONNREFUSED`, `ESERVFAIL`, `DEPTH_ZERO_SELF_SIGNED_CERT`, … */
function causeOf({ cause }: Error): string | undefined {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : undefined
}
