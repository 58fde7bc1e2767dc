import type { PresentedCredentials } from './credentials.ts'
import { judgeProof } from './dpop.ts'
import { createDpopNonces } from './dpop-nonces.ts'
import type { Refusals } from './refusals.ts'
import type { DpopSettings } from './settings.ts'
import { sha256 } from './sha256.ts'

/** Decides whether the sender of a token is the one that it was made for. */
export interface DpopCheck {
  /**
   * @param boundKeyThumbprint of the verified token
   * @throws VerifierError `invalid_dpop_proof`, `use_dpop_nonce`, `temporarily_unavailable`
   */
  require(presented: PresentedCredentials, token: string, boundKeyThumbprint: string, refusals: Refusals): Promise<void>
  /** The value of `DPoP-Nonce` to send with every answer; undefined where no nonces are asked for. */
  nonce(): Promise<string | undefined>
}

/** Puts proof, nonce and replay store together, in this order. */
export function createDpopCheck(
  settings: DpopSettings,
  common: { readonly maxTokenBytes: number; readonly clockSkewSeconds: number; readonly now: () => Date },
): DpopCheck {
  const policy = { ...settings, maxTokenBytes: common.maxTokenBytes, clockSkewSeconds: common.clockSkewSeconds }
  const nonces = settings.nonces ? createDpopNonces(settings.nonceSecret) : undefined
  const nowSeconds = (): number => Math.floor(common.now().getTime() / 1000)

  async function isNew(jti: string, thumbprint: string, now: number, refusals: Refusals): Promise<boolean> {
    // RFC 9449 §11.1: a jti is unique for its key; hashed, so that a store holds keys of one length.
    const id = await sha256(`${thumbprint}\n${jti}`)
    // Past this moment the proof is too old anyway.
    const untilSeconds = now + settings.maxAgeSeconds + common.clockSkewSeconds + 1
    try {
      return await settings.replays.remember(id, untilSeconds, now)
    } catch (cause) {
      // Without its memory nobody can tell a replay, so nobody is let in; but nobody's token is called bad.
      throw refusals.unavailable('replays_unavailable', 1, cause)
    }
  }

  return {
    async require(presented, token, boundKeyThumbprint, refusals) {
      const [proof, ...more] = presented.dpop ?? []
      if (proof === undefined) throw refusals.invalidProof('proof_missing')
      // RFC 9449 §4.3 no. 1. A comma is where two headers were joined on the way.
      if (more.length > 0 || proof.includes(',')) throw refusals.invalidProof('proof_malformed')
      const now = nowSeconds()
      const { method = '', path = '' } = presented
      const verdict = await judgeProof(proof, { method, path, token, boundKeyThumbprint }, policy, now)
      if (!verdict.ok) throw refusals.invalidProof(verdict.reason, verdict.cause)
      if (nonces !== undefined && !(verdict.nonce !== undefined && (await nonces.accepts(verdict.nonce, now)))) {
        throw refusals.useNonce(await nonces.current(now))
      }
      if (!(await isNew(verdict.jti, boundKeyThumbprint, now, refusals))) throw refusals.invalidProof('proof_replayed')
    },
    nonce: async () => nonces?.current(nowSeconds()),
  }
}
