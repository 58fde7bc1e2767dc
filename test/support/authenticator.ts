// An authenticator of software: makes passkeys and answers challenges as a browser would send them (WebAuthn L2 §6, §7).
import { createHash, createSign, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'

/** What a test may want to be different. */
export interface AnswerOptions {
  readonly origin?: string
  readonly userVerified?: boolean
  readonly backedUp?: boolean
  readonly counter?: number
  /** Whose passkey it says it is; the owner when absent. */
  readonly userHandle?: string
}

/** A key in somebody's hands. */
export interface SoftPasskey {
  readonly id: string
  /** Answers the options of `navigator.credentials.get()`. */
  answer(options: string, over?: AnswerOptions): string
}

/** Makes a key by the options of `navigator.credentials.create()`; `registration` is what the browser would post. */
export function makePasskey(
  options: string,
  origin: string,
  over: AnswerOptions = {},
): { readonly passkey: SoftPasskey; readonly registration: string } {
  const { challenge, rp, user }: { challenge: string; rp: { id: string }; user: { id: string } } = JSON.parse(options)
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const rawId = randomBytes(32)
  const id = rawId.toString('base64url')
  const attested = Buffer.concat([Buffer.alloc(16), uint16(rawId.length), rawId, coseKey(publicKey)])
  const authData = Buffer.concat([authenticatorData(rp.id, over, 0x40), attested])
  const attestationObject = Buffer.concat([
    Buffer.from([0xa3]),
    text('fmt'),
    text('none'),
    text('attStmt'),
    Buffer.from([0xa0]),
    text('authData'),
    bytes(authData),
  ])
  const registration = JSON.stringify({
    id,
    rawId: id,
    type: 'public-key',
    clientExtensionResults: {},
    response: {
      clientDataJSON: clientData('webauthn.create', challenge, over.origin ?? origin).toString('base64url'),
      attestationObject: attestationObject.toString('base64url'),
      transports: ['internal'],
    },
  })
  const passkey = { id, answer: (asked: string, how: AnswerOptions = {}) => sign(asked, how) }
  return { passkey, registration }

  function sign(asked: string, how: AnswerOptions): string {
    const request: { challenge: string; rpId: string } = JSON.parse(asked)
    const data = clientData('webauthn.get', request.challenge, how.origin ?? origin)
    const authenticator = authenticatorData(request.rpId, { ...over, ...how }, 0)
    const signed = Buffer.concat([authenticator, createHash('sha256').update(data).digest()])
    return JSON.stringify({
      id,
      rawId: id,
      type: 'public-key',
      clientExtensionResults: {},
      response: {
        clientDataJSON: data.toString('base64url'),
        authenticatorData: authenticator.toString('base64url'),
        signature: createSign('sha256').update(signed).sign(privateKey).toString('base64url'),
        userHandle: how.userHandle === undefined ? user.id : Buffer.from(how.userHandle).toString('base64url'),
      },
    })
  }
}

/** The options on a page of ours. */
export function optionsOn({ body }: { readonly body: string }): string {
  const escaped = /data-options="([^"]+)"/.exec(body)?.[1] ?? ''
  return escaped.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&')
}

function clientData(type: string, challenge: string, origin: string): Buffer {
  return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }))
}

function authenticatorData(rpId: string, over: AnswerOptions, more: number): Buffer {
  const { userVerified = true, backedUp = true, counter = 0 } = over
  // User present; verified; may be backed up, and is.
  const flags = 0x01 | (userVerified ? 0x04 : 0) | (backedUp ? 0x18 : 0) | more
  const count = Buffer.alloc(4)
  count.writeUInt32BE(counter)
  return Buffer.concat([createHash('sha256').update(rpId).digest(), Buffer.from([flags]), count])
}

// COSE_Key of ES256 on P-256: {1: 2, 3: -7, -1: 1, -2: x, -3: y} (RFC 9053 §7.1).
function coseKey(publicKey: KeyObject): Buffer {
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
  const point = (label: number, value: string) =>
    Buffer.concat([Buffer.from([label]), bytes(Buffer.from(value, 'base64url'))])
  return Buffer.concat([Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01]), point(0x21, x), point(0x22, y)])
}

function uint16(value: number): Buffer {
  const two = Buffer.alloc(2)
  two.writeUInt16BE(value)
  return two
}

// CBOR, RFC 8949 §3: short texts, and byte strings of up to 65535.
function text(value: string): Buffer {
  return Buffer.concat([Buffer.from([0x60 + value.length]), Buffer.from(value)])
}

function bytes(value: Buffer): Buffer {
  const head =
    value.length < 256 ? Buffer.from([0x58, value.length]) : Buffer.concat([Buffer.from([0x59]), uint16(value.length)])
  return Buffer.concat([head, value])
}
