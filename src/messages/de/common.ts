import type { common as source } from '../en/common.ts'

/** Texts of every page: layout, navigation, footer, the page between, error pages. */
export const common: typeof source = {
  languageName: 'Deutsch',
  languages: 'Sprache',
  skip: 'Zum Inhalt springen',
  pages: 'Seiten',
  account: 'Ihr Konto',
  console: 'Konsole',
  signOut: 'Abmelden',
  productAt: '{product} auf {host}',
  quote: '„{text}“',
  areas: {
    connections: 'Verbindungen',
    security: 'Sicherheit',
    sessions: 'Sitzungen',
    history: 'Verlauf',
    data: 'Ihre Daten',
    console: 'Übersicht',
    resources: 'MCP-Server',
    clients: 'Clients',
    approvals: 'Freigaben',
    people: 'Personen',
    consents: 'Zustimmungen',
    audit: 'Protokoll',
  },
  continue: {
    heading: 'Einen Moment',
    text: 'Es geht gleich weiter. Hat sich Ihre App geöffnet, können Sie diese Seite schließen. Passiert nichts, folgen Sie dem Link.',
    link: 'Weiter',
  },
  error: {
    support: 'Wenn Sie um Hilfe bitten, nennen Sie',
    otherwise: 'Hier ist etwas schiefgegangen',
    headings: {
      400: 'Diese Anfrage funktioniert nicht',
      401: 'Bitte melden Sie sich an',
      403: 'Das ist nicht erlaubt',
      404: 'Hier ist nichts',
      405: 'Diese Adresse kann das nicht',
      409: 'Das ist schon erledigt',
      413: 'Das ist zu groß',
      415: 'Diese Anfrage funktioniert nicht',
      429: 'Zu viele Versuche',
      503: 'Gerade ist viel los',
    },
  },
}
