import { UpstreamFault } from './fault.ts'
import { presets } from './presets.ts'
import type { Upstream, UpstreamPerson } from './upstream.ts'

/**
 * Reads a person from the claims of an upstream, in the words of its preset. Every claim is a stranger's: one of another type
 * than it should have counts as absent.
 *
 * @param issuer  the issuer that was checked
 * @param subject the subject that was checked
 * @throws UpstreamFault `refused` for a subject that cannot be kept as it is
 */
export function personFrom(
  upstream: Pick<Upstream, 'preset' | 'rules'>,
  issuer: string,
  subject: string,
  claims: Readonly<Record<string, unknown>>,
): UpstreamPerson {
  const preset = presets[upstream.preset]
  // OpenID Connect Core §2: 255 characters at most. Two that differ in what no database keeps would be one person here (H10).
  if (subject.length > 255 || /\p{C}/u.test(subject)) throw new UpstreamFault('refused', 'subject')
  return {
    issuer,
    subject,
    email: textOf(claims.email),
    // H09: "true", 1 and an object are not true.
    emailVerified: claims[preset.emailVerifiedClaim] === true || claims.email_verified === true,
    name: textOf(claims.name) ?? textOf(claims.preferred_username) ?? textOf(claims.nickname),
    tenant: preset.tenantClaim === undefined ? undefined : textOf(claims[preset.tenantClaim]),
    groups: groupsOf(claims[upstream.rules.groupsClaim ?? preset.groupsClaim]),
    claims,
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= 2048 ? value : undefined
}

function groupsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  if (!Array.isArray(value)) return []
  return value.filter((group): group is string => typeof group === 'string' && group !== '')
}
