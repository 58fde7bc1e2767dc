import type { approvals as source } from '../en/approvals.ts'

/** Texts of the queue of clients that wait for an administrator, and of the page for the people who wait with them. */
export const approvals: typeof source = {
  waiting: {
    heading: 'Diesen Client muss erst jemand freigeben',
    asks: '„{client}“ möchte {server} nutzen. Neue Clients warten hier, bis die Administration sie angesehen hat.',
    noted: 'Ihre Anfrage ist vermerkt. Es wurde nichts erlaubt und nichts an den Client gesendet.',
    next: 'So geht es weiter',
    steps: [
      'Sagen Sie der Administration dieses Servers, dass Sie warten.',
      'Ist der Client freigegeben, verbinden Sie ihn noch einmal aus Ihrem Programm, oder sehen Sie hier erneut nach.',
    ],
    facts: { name: 'Nennt sich', host: 'Nachgewiesener Host', answers: 'Antworten gehen an', you: 'Sie sind' },
    unproven: 'keiner',
    again: 'Erneut nachsehen',
    switch: 'Anderes Konto verwenden',
    decide: 'Freigaben öffnen',
  },
  title: 'Freigaben',
  lead: 'Clients, die sich selbst registriert haben, warten hier, bis Sie sie freigeben. Namen sind eigene Angaben der Clients.',
  off: 'Neue Clients werden derzeit nicht aufgehalten: Die Registrierung steht auf „{mode}“. Um jeden zuerst anzusehen, setzen Sie {setting} auf {value}.',
  earlier: (count: string) => `${count} frühere Registrierungen desselben Programms`,
  empty: 'Niemand wartet. Verbindet jemand einen Client, der hier neu ist, erscheint er auf dieser Seite.',
  emptyHint: 'Registrierte Clients, die noch niemand benutzt hat, stehen bei den Clients unter „wartet“.',
  toWaiting: 'Wartende Clients',
  asks: '„{client}“ fragt an',
  since: 'Wartet seit {since}',
  people: (count: number) => (count === 1 ? '1 Person wartet' : `${count} Personen warten`),
  morePeople: (count: number) => `und ${count} weitere`,
  asked: 'angefragt {when}',
  known: 'Was bekannt ist',
  facts: {
    origin: 'Herkunft',
    provenHost: 'Nachgewiesener Host',
    answers: 'Antworten gehen an',
    website: 'Angegebene Website',
    registered: 'Zuerst gesehen',
    alike: 'Weitere mit diesem Namen und diesen Adressen',
  },
  alike: (count: number) => (count === 1 ? '1 weiterer' : `${count} weitere`),
  warnings: {
    unproven:
      'Nichts belegt, von wem er stammt. Fragen Sie die Person, ob sie diesen Client gerade selbst gestartet hat.',
    loopback:
      'Er antwortet einem Programm auf dem Computer der Person. Jedes Programm dort kann sich als dieses ausgeben.',
  },
  act: {
    everyone: 'Für alle freigeben',
    person: 'Für diese Person freigeben',
    personLabel: 'Für diese Person freigeben: {person}',
    never: 'Nie',
    neverLabel: '„{client}“ nie freigeben',
  },
  hint: 'Für diese Person: Für alle anderen wartet der Client weiter. Nie: Er wird gesperrt, auch für den nächsten Versuch aller.',
  more: 'Spätere Anfragen',
  details: 'Einzelheiten',
}
