import type { mail as source } from '../en/mail.ts'

/** Texts of letters. */
export const mail: typeof source = {
  greeting: 'Guten Tag {name},',
  invitation: {
    subject: 'Ihre Einladung zu {product}',
    body: 'Sie sind zu {product} auf {host} eingeladen. Wählen Sie ein Passwort, dann gehört das Konto {email} Ihnen.',
    button: 'Einladung annehmen',
    otherwise: 'Wenn Sie nichts erwartet haben, brauchen Sie nichts zu tun.',
  },
  reset: {
    subject: 'Neues Passwort für {product}',
    body: 'jemand, hoffentlich Sie selbst, hat für Ihr Konto {email} auf {host} ein neues Passwort verlangt.',
    button: 'Neues Passwort wählen',
    otherwise: 'Wenn Sie das nicht waren, brauchen Sie nichts zu tun: Ihr Passwort bleibt, wie es ist.',
  },
  until: 'Der Link funktioniert einmal, bis {until}.',
  plainLink: 'Wenn der Knopf nichts tut, kopieren Sie diese Adresse in Ihren Browser:',
  sentBy: 'Gesendet von {product} auf {host}. Bitte antworten Sie nicht.',
}
