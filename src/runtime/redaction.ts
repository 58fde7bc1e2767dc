// What must never reach a log line, in two nets: members with a telling name, and values that look like a live secret.

const hidden = '[hidden]'

// Our own choice: names are compared without case, `-` and `_`, so `access_token`, `accessToken` and `Access-Token` are one.
const secretMembers = new Set(
  [
    'authorization',
    'proxy_authorization',
    'cookie',
    'cookies',
    'set_cookie',
    'password',
    'new_password',
    'secret',
    'secrets',
    'client_secret',
    'client_assertion',
    'token',
    'access_token',
    'refresh_token',
    'id_token',
    'id_token_hint',
    'registration_access_token',
    'initial_access_token',
    'subject_token',
    'code_verifier',
    'authorization_code',
    'setup_token',
    'csrf',
    'private_key',
    'jwks_private',
    'body',
    'rawbody',
    'form',
  ].map(plain),
)

// Deep enough for an error with a cause and its details; a cycle ends here, too.
const deepest = 6

/**
 * Copies a log object with every secretly named member replaced, at any depth up to six.
 * Errors are described by name, message, stack, code and cause; dates and buffers stay one value.
 */
export function redactMembers(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (depth >= deepest) return '[deep]'
  if (value instanceof Date || value instanceof URL) return value
  if (ArrayBuffer.isView(value)) return '[bytes]'
  if (Array.isArray(value)) return value.map((item) => redactMembers(item, depth + 1))
  if (value instanceof Map) return redactMembers(Object.fromEntries(value), depth)
  if (value instanceof Error) return describeError(value, depth)
  const copy: Record<string, unknown> = {}
  for (const [name, member] of Object.entries(value)) {
    copy[name] = isSecretMember(name) && member !== undefined ? hidden : redactMembers(member, depth + 1)
  }
  return copy
}

// `?code=…`, `&token=…` in any address, `Bearer …` and `Basic …` credentials, and compact JWS values.
const patterns: readonly [RegExp, string][] = [
  [
    /([?&](?:code|state|token|access_token|refresh_token|id_token|id_token_hint|client_secret|client_assertion|code_verifier|password|_csrf)=)[^&\s"'\\]+/gi,
    `$1${hidden}`,
  ],
  [/\b(Bearer|Basic|DPoP) +[\w.~+/=-]{16,}/gi, `$1 ${hidden}`],
  [/\beyJ[\w-]{8,}\.[\w-]{4,}\.[\w-]*/g, hidden],
  [/(\/setup\/)[\w-]{16,}/g, `$1${hidden}`],
]

/** Replaces values that look like live secrets in a finished line of text. */
export function redactText(line: string): string {
  let clean = line
  for (const [pattern, replacement] of patterns) clean = clean.replace(pattern, replacement)
  return clean
}

function isSecretMember(name: string): boolean {
  return secretMembers.has(plain(name))
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[-_]/g, '')
}

function describeError(error: Error, depth: number): Record<string, unknown> {
  const described: Record<string, unknown> = { type: error.name, message: error.message, stack: error.stack }
  for (const [name, member] of Object.entries(error)) {
    described[name] = isSecretMember(name) ? hidden : redactMembers(member, depth + 1)
  }
  if (error.cause !== undefined) described.cause = redactMembers(error.cause, depth + 1)
  return described
}
