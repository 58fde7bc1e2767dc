/** Texts of the console about signing keys. */
export const adminKeys = {
  heading: 'Signing keys',
  intro:
    'Tokens are signed with these. A new key is published before it signs, and an old one stays until the last token it signed has ended: nobody notices a change.',
  states: { next: 'next', current: 'signs now', retired: 'retired' },
  columns: { key: 'Key', state: 'State', since: 'Since', plan: 'What happens when' },
  made: 'made {moment}',
  plans: {
    next: 'Published, so that every MCP server learns of it. Signs from {moment} on ({relative}).',
    current: 'Signs since {since}. Is succeeded by itself {moment} ({relative}).',
    currentSoon: 'Signs since {since}, until its successor takes over {moment} ({relative}).',
    retired: 'Signed until {since}. Stays published until {moment} ({relative}), then it is destroyed.',
  },
  clockText: {
    overlap: 'Two keys of {alg} are published just now: tokens of both are good.',
    quiet: 'One key of {alg} is published. There is no change on the way.',
  },
  legend: { signs: 'signs', known: 'published', now: 'now (the line)' },
  empty: 'There is no signing key yet: the server makes the first one when it starts.',
  published: 'Published at {address}',
  rotate: {
    heading: 'Change keys now',
    text: 'Publishes a successor for each algorithm; it signs in {lead}, when every MCP server knows it. Tokens that are out stay good. Keys change by themselves every {every}.',
    submit: 'Begin the change',
  },
  replace: {
    heading: 'Replace at once',
    text: 'Only when a private key may be known to somebody else. Every key is destroyed and new ones sign at once: all tokens that are out stop working, and clients have to renew them.',
    confirm: 'Type {word} to confirm',
    word: 'replace',
    submit: 'Destroy and replace all keys',
    notConfirmed: 'Nothing was replaced: type {word} to confirm.',
  },
  failed: 'Nothing was changed: another instance of this server changed the keys at the same moment. Please try again.',
  recent: 'This needs a sign-in from the last few minutes; if yours is older, you are asked first.',
  done: {
    activated: '{alg}: the successor had been published long enough and signs now. The key before it stays published.',
    published: '{alg}: a successor is published. It signs when every MCP server has had the time to learn of it.',
    waiting: '{alg}: a successor was published already and waits for its time. Nothing else was done.',
    replaced: '{alg}: a new key signs now, and every older one is destroyed. Tokens from before are no longer good.',
  },
}
