import { isDocumentId } from './document-policy.ts'

// Ours: who owns a domain today need not own it next year, and with it the client that lives there (F15).
const longestOfDocuments = 90 * 86_400

/**
 * After how many seconds what a client was allowed ends, however much it is used. A client that is known by its document ends after 90 days
 * at the latest, whatever the settings say: its name is rented.
 *
 * @param settingSeconds of the operator; undefined: no end
 */
export function connectionEndSeconds(clientId: string, settingSeconds: number): number
export function connectionEndSeconds(clientId: string, settingSeconds: number | undefined): number | undefined
export function connectionEndSeconds(clientId: string, settingSeconds: number | undefined): number | undefined {
  return isDocumentId(clientId) ? Math.min(settingSeconds ?? longestOfDocuments, longestOfDocuments) : settingSeconds
}
