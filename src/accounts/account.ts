// Room: accounts. People: their address, name, role and state; the first administrator; invitations and links for a
// forgotten password; ending an account. Passwords are checked in credentials/, sessions and connections are ended by
// functions handed in, letters are sent by mail/, pages are those of login/ and admin/. Serves no path.

/** What an account may do here. */
export type Role = 'member' | 'admin'

/** A person who can sign in. The password's hash is not part of it and stays in the store. */
export interface Account {
  readonly id: string
  /** Normalised: trimmed, NFC, lower case. */
  readonly email: string
  readonly name: string
  readonly role: Role
  readonly state: 'active' | 'disabled'
  readonly createdAt: Date
  readonly passwordChangedAt: Date | undefined
  readonly lastSignInAt: Date | undefined
}

/** A person who is about to get an account. */
export interface NewAccount {
  readonly email: string
  readonly name: string
  readonly role: Role
  /** PHC string; undefined for someone who will sign in elsewhere. */
  readonly passwordHash: string | undefined
}

/**
 * The one spelling of an e-mail address that accounts are found by, or null when it is none.
 * Deliberately loose: only what cannot be an address is refused (RFC 5321 §4.5.3.1 for the length).
 */
export function normaliseEmail(text: string): string | null {
  const email = text.trim().normalize('NFC').toLowerCase()
  if (email.length > 254 || /[\p{C}\s"'(),:;<>[\]\\]/u.test(email)) return null
  return /^[^@]{1,64}@[^@.]+(\.[^@.]+)*$/.test(email) ? email : null
}

/** A person's name for lists and greetings, or null: 1 to 100 characters, no control or formatting characters. */
export function normaliseName(text: string): string | null {
  const name = text.normalize('NFC').replace(/\s+/gu, ' ').replace(/\p{C}/gu, '').trim()
  return name === '' || [...name].length > 100 ? null : name
}

/** May this account sign in and keep its sessions and connections? */
export function isActive(account: Pick<Account, 'state'>): boolean {
  return account.state === 'active'
}

/** Has this person been invited, and not chosen a password or signed in yet? */
export function isInvited(account: Pick<Account, 'passwordChangedAt' | 'lastSignInAt'>): boolean {
  return account.passwordChangedAt === undefined && account.lastSignInAt === undefined
}

/** The role that a form or a command names, or null: nothing else may become a right (threat G21). */
export function parseRole(text: string): Role | null {
  return text === 'admin' || text === 'member' ? text : null
}
