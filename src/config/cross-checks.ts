import { isIP } from 'node:net'
import { isPrivateAddress, isSpecialAddress } from '../net/special-addresses.ts'
import type { FileConfig } from './config.ts'
import type { Fault } from './faults.ts'
import { prefix, type SettingKey, type SettingValues, settings } from './schema.ts'

/** What was read, before the rules over several settings. */
export interface Readings {
  readonly values: SettingValues
  /** Settings that somebody set, as against defaults. */
  readonly given: ReadonlySet<SettingKey>
  readonly file: FileConfig
}

/** Rules over several settings, each giving the faults it finds. */
export const crossChecks: readonly ((readings: Readings) => Fault[])[] = [
  ({ given }) =>
    faultWhen(given.has('adminEmail') !== given.has('adminPassword'), {
      name: `${prefix}ADMIN_EMAIL`,
      problem: 'only one of address and password of the first administrator is set',
      cure: `set ${prefix}ADMIN_EMAIL and ${prefix}ADMIN_PASSWORD, or neither and use the printed setup link`,
    }),

  ({ values, given }) =>
    faultWhen(values.passwordSignIn === false && given.has('adminPassword'), {
      name: `${prefix}PASSWORD_SIGN_IN`,
      problem: 'is off, so the administrator of the settings could not sign in',
      cure: `write on, or remove ${prefix}ADMIN_EMAIL and ${prefix}ADMIN_PASSWORD and use the printed setup link`,
    }),

  ({ given }) =>
    faultWhen(given.has('smtp') !== given.has('mailFrom'), {
      name: given.has('smtp') ? `${prefix}MAIL_FROM` : `${prefix}SMTP_URL`,
      problem: 'only one of mail server and sender is set',
      cure: `set ${prefix}SMTP_URL and ${prefix}MAIL_FROM, or neither`,
    }),

  ({ values }) =>
    faultWhen(values.refreshIdleSeconds > values.refreshAbsoluteSeconds, {
      name: `${prefix}REFRESH_IDLE_SECONDS`,
      problem: `is longer than ${prefix}REFRESH_ABSOLUTE_SECONDS`,
      cure: 'make the idle limit the shorter one',
    }),

  ({ values }) =>
    faultWhen(values.sessionIdleSeconds > values.sessionAbsoluteSeconds, {
      name: `${prefix}SESSION_IDLE_SECONDS`,
      problem: `is longer than ${prefix}SESSION_ABSOLUTE_SECONDS`,
      cure: 'make the idle limit the shorter one',
    }),

  ({ values }) =>
    faultWhen(values.clientMetadataDocuments === 'listed' && values.metadataDocumentHosts?.length === 0, {
      name: `${prefix}CLIENT_METADATA_DOCUMENTS`,
      problem: 'is listed, but the list is empty',
      cure: `name the hosts in ${prefix}METADATA_DOCUMENT_HOSTS, or write off`,
    }),

  // Threat F01: nobody's web server, whoever lists them. The start-up check of the guard relies on it.
  ({ values }) =>
    (['egressAllowedHosts', 'metadataDocumentHosts'] as const).flatMap((key) =>
      (values[key] ?? []).filter(isNeverReached).map((host) => ({
        name: `${prefix}${settings[key].name}`,
        problem: `lists ${host}, which is never fetched from`,
        cure: 'list host names or private addresses of your own servers',
      })),
    ),

  ({ values, file }) =>
    faultWhen(values.clientMetadataDocuments === 'off' && file.metadataDocuments.size > 0, {
      name: `${prefix}CLIENT_METADATA_DOCUMENTS`,
      problem: 'is off, but the file pins documents',
      cure: 'write pinned, or remove metadata_documents from the file',
    }),

  ({ values, given, file }) =>
    faultWhen(
      given.has('registration') && file.registration !== undefined && file.registration.mode !== values.registration,
      {
        name: `${prefix}REGISTRATION`,
        problem: `is ${values.registration}, but the file says ${file.registration?.mode}`,
        cure: 'keep one of the two',
      },
    ),

  ({ values, given, file }) =>
    faultWhen(
      given.has('registrationHosts') &&
        (file.registration?.hosts.length ?? 0) > 0 &&
        [...(values.registrationHosts ?? [])].sort().join() !== [...(file.registration?.hosts ?? [])].sort().join(),
      {
        name: `${prefix}REGISTRATION_HOSTS`,
        problem: 'is another list than that of the file',
        cure: 'keep one of the two',
      },
    ),

  ({ values, given, file }) => {
    const mode = given.has('registration') ? values.registration : (file.registration?.mode ?? values.registration)
    const count = given.has('registrationHosts') ? values.registrationHosts?.length : file.registration?.hosts.length
    return faultWhen(mode === 'hosts' && (count ?? 0) === 0, {
      name: `${prefix}REGISTRATION`,
      problem: 'is hosts, but the list is empty',
      cure: `name the redirect hosts in ${prefix}REGISTRATION_HOSTS, or write closed`,
    })
  },

  ({ values }) =>
    faultWhen(values.metricsPort !== undefined && values.metricsPort === values.port, {
      name: `${prefix}METRICS_PORT`,
      problem: `is the same as ${prefix}PORT`,
      cure: 'give the metrics a port of their own that only your monitoring reaches',
    }),
]

function faultWhen(isFault: boolean, fault: Fault): Fault[] {
  return isFault ? [fault] : []
}

/** An address that is neither public nor private: link-local with the metadata service of a cloud, multicast, the unspecified one. */
function isNeverReached(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '')
  return (isIP(bare) !== 0 || host.startsWith('[')) && isSpecialAddress(bare) && !isPrivateAddress(bare)
}
