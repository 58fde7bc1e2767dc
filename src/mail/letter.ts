import { fileURLToPath } from 'node:url'
import { Eta } from 'eta'
import { formatFor } from '../messages/format.ts'
import { direction, type Locale, messagesFor } from '../messages/messages.ts'
import { fill } from '../messages/places.ts'
import type { Letter } from './mail.ts'

/** What a letter with a link is about. */
export interface LetterFacts {
  readonly kind: 'invitation' | 'reset'
  readonly locale: Locale
  readonly to: { readonly name: string; readonly address: string }
  /** Holds the secret of the link: it goes into the letter and nowhere else. */
  readonly url: string
  readonly endsAt: Date
  readonly product: string
  readonly issuerHost: string
  /** Colour of the button on a light ground, `#rrggbb`. */
  readonly accent?: string
}

const ownAccent = '#1f5f5b'
const viewsDir = fileURLToPath(new URL('../../views', import.meta.url))
const eta = new Eta({ views: viewsDir, cache: true, autoEscape: true })

/** Writes a letter with a link, as text and as HTML, in one language. Loads nothing, tracks nothing. */
export function writeLetter({ kind, locale, to, url, endsAt, product, issuerHost, accent }: LetterFacts): Letter {
  const { mail } = messagesFor(locale)
  const words = mail[kind]
  const values = {
    name: to.name,
    product,
    host: issuerHost,
    email: to.address,
    until: formatFor(locale).dateTime(endsAt).words,
  }
  const view = {
    locale,
    dir: direction(locale),
    subject: fill(words.subject, values),
    greeting: fill(mail.greeting, values),
    body: fill(words.body, values),
    button: words.button,
    url,
    until: fill(mail.until, values),
    otherwise: words.otherwise,
    sentBy: fill(mail.sentBy, values),
    plainLink: mail.plainLink,
    product,
    accent: accent ?? ownAccent,
  }
  const text = [view.greeting, view.body, url, view.until, view.otherwise, `-- \n${view.sentBy}`].join('\n\n')
  return { to, subject: view.subject, text: `${text}\n`, html: eta.render('mail/letter', view) }
}
