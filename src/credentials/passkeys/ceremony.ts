import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server'
import { z } from 'zod'
import type { Challenges, ChallengeUse, OpenChallenge } from './challenge.ts'
import { type Passkey, type RelyingParty, relyingParty } from './passkey.ts'

/** An answer of a browser that fits its challenge and its key. */
export interface VerifiedAnswer {
  readonly passkey: Passkey
  readonly counter: number
  readonly backedUp: boolean
  /** The authenticator knows its owner: by a finger, a face, a PIN. */
  readonly userVerified: boolean
  readonly challenge: OpenChallenge
}

/** What a new passkey is made from, but for its name. */
export type NewPasskey = Omit<Passkey, 'name' | 'createdAt' | 'lastUsedAt'>

/** Asks browsers for passkeys and checks what they answer. */
export interface Ceremonies {
  readonly party: RelyingParty
  /** Options for `navigator.credentials.create()`, as JSON text. */
  askForNew(
    person: { readonly accountId: string; readonly email: string; readonly name: string },
    known: readonly Passkey[],
    use: ChallengeUse,
    now: Date,
  ): Promise<string>
  /** The new key, or null: not for us, not this challenge, not this browser. @param answer JSON text as posted */
  checkNew(
    answer: string,
    accountId: string,
    use: ChallengeUse,
    now: Date,
  ): Promise<{ readonly passkey: NewPasskey; readonly userVerified: boolean; readonly challenge: OpenChallenge } | null>
  /** Options for `navigator.credentials.get()`, as JSON text. @param known undefined: whoever the browser knows */
  ask(known: readonly Passkey[] | undefined, use: ChallengeUse, now: Date): Promise<string>
  /** Checks an answer by a key that `find` knows; null as above, also when the counter went back. */
  check(
    answer: string,
    find: (id: string) => Promise<Passkey | null>,
    use: ChallengeUse,
    now: Date,
  ): Promise<VerifiedAnswer | null>
}

// What must be there for the library to be called at all; it checks the rest.
const base64url = z
  .string()
  .max(100_000)
  .regex(/^[\w-]+$/)
const answerShape = z.object({
  id: base64url,
  rawId: base64url,
  type: z.literal('public-key'),
  clientExtensionResults: z.record(z.string(), z.unknown()),
  response: z.looseObject({ clientDataJSON: base64url }),
})
const assertionShape = z.looseObject({
  authenticatorData: base64url,
  signature: base64url,
  userHandle: base64url.optional(),
})
const attestationShape = z.looseObject({
  attestationObject: base64url,
  transports: z
    .array(z.string().regex(/^[a-z-]{1,20}$/))
    .max(10)
    .optional(),
})
const clientDataShape = z.object({ challenge: base64url })

/**
 * The two ceremonies of WebAuthn for one issuer; null where its address is a number.
 *
 * @see WebAuthn L2 §7.1, §7.2, which the library carries out
 */
export function createCeremonies(issuer: string, name: string, challenges: Challenges): Ceremonies | null {
  const party = relyingParty(issuer, name)
  if (party === null) return null
  const timeout = 300_000

  return {
    party,
    async askForNew({ accountId, email, name: displayName }, known, use, now) {
      const options = await generateRegistrationOptions({
        rpName: party.name,
        rpID: party.id,
        userName: email,
        userDisplayName: displayName,
        userID: new Uint8Array(Buffer.from(accountId)),
        challenge: new Uint8Array(Buffer.from(challenges.make(use, now))),
        timeout,
        excludeCredentials: known.map(({ id, transports }) => ({ id, transports: [...transports] })),
        // Discoverable, so that it is good for signing in without an e-mail address; its owner known, so that it may be all.
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      })
      return JSON.stringify(options)
    },

    async checkNew(answer, accountId, use, now) {
      const response = readAnswer(answer, attestationShape)
      const challenge = response && openChallenge(response.response.clientDataJSON, challenges, use, now)
      if (!response || !challenge) return null
      const verified = await orNull(() =>
        verifyRegistrationResponse({
          // Its shape was checked above; the library is told of it by its own type.
          response: response as unknown as RegistrationResponseJSON,
          expectedChallenge: () => true,
          expectedOrigin: party.origin,
          expectedRPID: party.id,
          requireUserVerification: true,
        }),
      )
      if (!verified?.verified) return null
      const { aaguid, credential, credentialBackedUp, userVerified } = verified.registrationInfo
      return {
        passkey: {
          id: credential.id,
          accountId,
          publicKey: Buffer.from(credential.publicKey).toString('base64url'),
          counter: credential.counter,
          transports: response.response.transports ?? [],
          aaguid,
          backedUp: credentialBackedUp,
        },
        userVerified,
        challenge,
      }
    },

    async ask(known, use, now) {
      const options = await generateAuthenticationOptions({
        rpID: party.id,
        challenge: new Uint8Array(Buffer.from(challenges.make(use, now))),
        timeout,
        allowCredentials: known?.map(({ id, transports }) => ({ id, transports: [...transports] })),
        // As the only factor it has to know its owner; beside another one it may.
        userVerification: known === undefined ? 'required' : 'preferred',
      })
      return JSON.stringify(options)
    },

    async check(answer, find, use, now) {
      const response = readAnswer(answer, assertionShape)
      const challenge = response && openChallenge(response.response.clientDataJSON, challenges, use, now)
      const passkey = response && (await find(response.id))
      if (!response || !challenge || !passkey) return null
      const { userHandle } = response.response
      // WebAuthn L2 §7.2 step 6: the owner that the authenticator names is the owner of the key.
      if (userHandle !== undefined && Buffer.from(userHandle, 'base64url').toString() !== passkey.accountId) return null
      const verified = await orNull(() =>
        verifyAuthenticationResponse({
          response: response as unknown as AuthenticationResponseJSON,
          expectedChallenge: () => true,
          expectedOrigin: party.origin,
          expectedRPID: party.id,
          credential: {
            id: passkey.id,
            publicKey: new Uint8Array(Buffer.from(passkey.publicKey, 'base64url')),
            counter: passkey.counter,
          },
          requireUserVerification: false,
        }),
      )
      if (!verified?.verified) return null
      const { newCounter: counter, credentialBackedUp: backedUp, userVerified } = verified.authenticationInfo
      return { passkey, counter, backedUp, userVerified, challenge }
    },
  }
}

function readAnswer<Content extends object>(text: string, shape: z.ZodType<Content>) {
  const whole = answerShape.safeParse(parseJson(text))
  if (!whole.success) return null
  const response = shape.safeParse(whole.data.response)
  if (!response.success) return null
  const { clientDataJSON } = whole.data.response
  return { ...whole.data, response: { ...response.data, clientDataJSON } }
}

// The challenge is opened here and not by the library: what is compared is its check value, its browser and its age.
function openChallenge(clientDataJSON: string, challenges: Challenges, use: ChallengeUse, now: Date) {
  const data = clientDataShape.safeParse(parseJson(Buffer.from(clientDataJSON, 'base64url').toString()))
  if (!data.success) return null
  return challenges.open(Buffer.from(data.data.challenge, 'base64url').toString(), use, now)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not JSON: the shape says no to it.
    return undefined
  }
}

async function orNull<T>(verify: () => Promise<T>): Promise<T | null> {
  try {
    return await verify()
  } catch (error) {
    // The library tells by exceptions what does not fit: origin, party, signature, counter. All of it is “no” here.
    if (error instanceof Error) return null
    throw error
  }
}
