import type { adminKeys as source } from '../en/admin-keys.ts'

/** Texts of the console about signing keys. */
export const adminKeys: typeof source = {
  heading: 'Signaturschlüssel',
  intro:
    'Damit werden Tokens unterschrieben. Ein neuer Schlüssel wird veröffentlicht, bevor er unterschreibt, und ein alter bleibt, bis das letzte Token von ihm geendet hat: Niemand merkt einen Wechsel.',
  states: { next: 'der nächste', current: 'unterschreibt', retired: 'abgelöst' },
  columns: { key: 'Schlüssel', state: 'Zustand', since: 'Seit', plan: 'Was wann geschieht' },
  made: 'erzeugt {moment}',
  plans: {
    next: 'Veröffentlicht, damit jeder MCP-Server ihn kennenlernt. Unterschreibt ab {moment} ({relative}).',
    current: 'Unterschreibt seit {since}. Wird von selbst abgelöst: {moment} ({relative}).',
    currentSoon: 'Unterschreibt seit {since}, bis sein Nachfolger übernimmt: {moment} ({relative}).',
    retired: 'Unterschrieb bis {since}. Bleibt veröffentlicht bis {moment} ({relative}), dann wird er vernichtet.',
  },
  clockText: {
    overlap: 'Von {alg} sind gerade mehrere Schlüssel veröffentlicht: Tokens von allen gelten.',
    quiet: 'Von {alg} ist ein Schlüssel veröffentlicht. Kein Wechsel steht an.',
  },
  legend: { signs: 'unterschreibt', known: 'veröffentlicht', now: 'jetzt (die Linie)' },
  empty: 'Noch gibt es keinen Signaturschlüssel: Der Server erzeugt den ersten beim Start.',
  published: 'Veröffentlicht unter {address}',
  rotate: {
    heading: 'Jetzt wechseln',
    text: 'Veröffentlicht für jedes Verfahren einen Nachfolger. Er unterschreibt nach {lead}, wenn jeder MCP-Server ihn kennt. Ausgegebene Tokens gelten weiter. Von selbst wechseln Schlüssel alle {every}.',
    submit: 'Wechsel beginnen',
  },
  replace: {
    heading: 'Sofort ersetzen',
    text: 'Nur wenn jemand anderes einen privaten Schlüssel kennen könnte. Alle Schlüssel werden vernichtet, neue unterschreiben sofort: Kein ausgegebenes Token gilt mehr, und Clients müssen sie erneuern.',
    confirm: 'Tippen Sie zur Bestätigung {word}',
    word: 'ersetzen',
    submit: 'Alle Schlüssel vernichten und ersetzen',
    notConfirmed: 'Nichts wurde ersetzt: Tippen Sie zur Bestätigung {word}.',
  },
  failed:
    'Nichts wurde geändert: Eine andere Instanz dieses Servers hat die Schlüssel im selben Moment geändert. Bitte versuchen Sie es noch einmal.',
  recent: 'Dafür müssen Sie sich in den letzten Minuten angemeldet haben; sonst fragen wir Sie zuerst.',
  done: {
    activated:
      '{alg}: Der Nachfolger war lange genug veröffentlicht und unterschreibt jetzt. Der vorige bleibt veröffentlicht.',
    published: '{alg}: Ein Nachfolger ist veröffentlicht. Er unterschreibt, sobald jeder MCP-Server ihn kennen kann.',
    waiting: '{alg}: Ein Nachfolger war schon veröffentlicht und wartet auf seine Zeit. Sonst geschah nichts.',
    replaced:
      '{alg}: Ein neuer Schlüssel unterschreibt jetzt, alle älteren sind vernichtet. Tokens von vorher gelten nicht mehr.',
  },
}
