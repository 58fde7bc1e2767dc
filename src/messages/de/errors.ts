import type { errors as source } from '../en/errors.ts'

/** What the page of an error says. */
export const errors: typeof source = {
  // web
  not_found: 'Unter dieser Adresse gibt es keine Seite.',
  not_found_here: 'Unter dieser Adresse gibt es keine Seite, oder sie ist nicht für Ihr Konto bestimmt.',
  wrong_method: 'Diese Adresse nimmt solche Anfragen nicht an.',
  bad_request: 'Dieser Server konnte die Anfrage nicht lesen.',
  unreadable_form: 'Das Formular enthält Zeichen, die dieser Server nicht lesen kann.',
  unsupported_form: 'Diese Adresse nimmt nur Web-Formulare an.',
  form_too_large: 'Dieses Formular ist größer als alles, wonach dieser Server fragt.',
  cross_site_request:
    'Dieses Formular kam nicht von dieser Website, oder dieser Browser hat es inzwischen vergessen. Gehen Sie zurück, laden Sie die Seite neu und senden Sie es noch einmal.',
  signed_out: 'Sie wurden inzwischen abgemeldet. Melden Sie sich an und senden Sie das Formular noch einmal.',
  server_error: 'Das ist unser Fehler, und er ist vermerkt. Bitte versuchen Sie es gleich noch einmal.',

  // credentials, login
  busy: 'Gerade melden sich viele Menschen an. Bitte versuchen Sie es in ein paar Sekunden noch einmal.',
  password_too_long: 'Dieses Passwort ist zu lang.',
  setup_closed:
    'Dieser Einrichtungslink funktioniert nicht: Er wurde benutzt, durch einen neueren Start des Servers ersetzt oder nicht vollständig kopiert. Solange es noch keinen Administrator gibt, steht der gültige Link im Log des letzten Starts.',
  interaction_expired:
    'Diese Seite gilt nicht mehr: Sie hat zu lange gewartet, wurde schon beantwortet oder gehört zu einem anderen Browser. Gehen Sie zurück zum Client und verbinden Sie sich noch einmal.',
}
