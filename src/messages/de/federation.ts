import type { federation as english } from '../en/federation.ts'

/** Deutsch. */
export const federation: typeof english = {
  anUpstream: 'dem anderen Anbieter',
  ways: {
    button: 'Weiter mit {upstream}',
    none: 'Zurzeit kann sich hier niemand anmelden. Wenden Sie sich an die Verwaltung dieses Servers.',
  },
  card: {
    title: 'Weiter zu {upstream}?',
    next: 'Anmelden bei',
    afterwards: 'Danach kommen Sie zu diesem Server zurück. Erlaubt wird nichts, bevor Sie es hier sagen.',
    second:
      '{upstream} bittet Sie vielleicht um eine eigene Zustimmung. Sie gilt diesem Server und sagt nichts über „{client}“.',
    goOn: 'Weiter zu {upstream}',
    back: 'Anders anmelden',
  },
  waysOn: {
    signIn: 'Zurück zur Anmeldung',
    security: 'Zurück zu Ihrer Sicherheitsseite',
  },
  refusals: {
    malformed: {
      heading: 'Mit dieser Antwort können wir nichts anfangen',
      text: 'In der Adresse, mit der Sie kamen, fehlt etwas, oder es steht zu viel darin. Es ist nichts geschehen. Gehen Sie dorthin zurück, wo Sie begonnen haben, und melden Sie sich noch einmal an.',
    },
    spent: {
      heading: 'Diese Anmeldung ist vorbei',
      text: 'Sie wurde schon benutzt oder hat länger als zehn Minuten gewartet. Wenn Sie „Zurück“ gedrückt oder einen alten Tab geöffnet haben, gehen Sie einfach dorthin zurück, wo Sie begonnen haben, und melden Sie sich noch einmal an.',
    },
    other_browser: {
      heading: 'Diese Anmeldung begann in einem anderen Browser',
      text: 'Niemand wurde angemeldet. Wenn Ihnen jemand einen Link geschickt hat, der hierher führt, folgen Sie ihm nicht: Er hätte Sie für jemand anderen angemeldet. Haben Sie selbst begonnen, gehen Sie zu jenem Browser zurück oder beginnen Sie in diesem von vorn.',
    },
    mixed_up: {
      heading: 'Diese Antwort kam von der falschen Stelle',
      text: 'Sie wurden zu einem Anbieter geschickt, und die Antwort kam an der Adresse eines anderen an. Niemand wurde angemeldet. Gehen Sie dorthin zurück, wo Sie begonnen haben, und melden Sie sich noch einmal an.',
    },
    gone: {
      heading: 'Dieser Weg zur Anmeldung hat sich geändert',
      text: 'Die Verwaltung hat ihn geändert oder entfernt, während Sie unterwegs waren. Niemand wurde angemeldet. Gehen Sie zurück und wählen Sie, wie Sie sich anmelden.',
    },
    interaction_over: {
      heading: 'Der Client wartet nicht mehr',
      text: 'Sie sind von {upstream} zurück, aber die Anfrage des Clients ist vorbei: Sie hat zu lange gewartet oder wurde in einem anderen Tab beantwortet. Gehen Sie zum Client zurück und verbinden Sie ihn neu.',
    },
    signed_out: {
      heading: 'Sie sind hier abgemeldet',
      text: 'Es wurde nichts verknüpft: Sie haben sich abgemeldet oder als jemand anderes angemeldet, während Sie bei {upstream} waren. Melden Sie sich an und verknüpfen Sie noch einmal.',
    },
    other_person: {
      heading: 'Das war jemand anderes',
      text: 'Wir wollten wissen, ob Sie es noch sind, und {upstream} hat jemand anderen angemeldet. Es hat sich nichts geändert. Versuchen Sie es mit dem dortigen Konto, das mit Ihrem hiesigen verknüpft ist.',
    },
    upstream_down: {
      heading: '{upstream} antwortet nicht',
      text: 'Der Anbieter ist ausgefallen oder gerade zu langsam. Verloren ist nichts: Versuchen Sie es in einer Minute noch einmal oder melden Sie sich anders an.',
    },
    upstream_refused: {
      heading: 'Diese Antwort von {upstream} können wir nicht annehmen',
      text: 'Was zurückkam, hat unsere Prüfungen nicht bestanden; niemand wurde angemeldet. Versuchen Sie es noch einmal. Geschieht es wieder, zeigen Sie die Zeilen unten der Verwaltung dieses Servers.',
    },
    upstream_denied: {
      heading: 'Sie haben sich bei {upstream} nicht angemeldet',
      text: 'Die Anmeldung wurde dort abgebrochen oder nicht erlaubt. Hier wurde niemand angemeldet. Versuchen Sie es noch einmal oder melden Sie sich anders an.',
    },
    person_disabled: {
      heading: 'Dieser Weg zur Anmeldung hat sich geändert',
      text: 'Die Verwaltung hat {upstream} abgeschaltet. Melden Sie sich anders an.',
    },
    person_issuer: {
      heading: '{upstream} steht Ihrer Organisation hier nicht offen',
      text: 'Sie haben sich dort angemeldet, aber Angehörige Ihrer dortigen Organisation dürfen sich hier nicht anmelden. Wenden Sie sich an die Verwaltung dieses Servers.',
    },
    person_tenant: {
      heading: '{upstream} steht Ihrer Organisation hier nicht offen',
      text: 'Sie haben sich dort angemeldet, aber Angehörige Ihrer dortigen Organisation dürfen sich hier nicht anmelden. Versuchen Sie es mit einem anderen dortigen Konto oder wenden Sie sich an die Verwaltung dieses Servers.',
    },
    person_domain: {
      heading: 'Mit dieser E-Mail-Adresse geht es hier nicht',
      text: 'Sie haben sich bei {upstream} angemeldet, aber dieser Server nimmt nur bestätigte Adressen bestimmter Domains. Versuchen Sie es mit einem anderen dortigen Konto oder wenden Sie sich an die Verwaltung dieses Servers.',
    },
    person_group: {
      heading: 'Sie sind in keiner Gruppe, die sich hier anmelden darf',
      text: 'Sie haben sich bei {upstream} angemeldet, aber nur Mitglieder bestimmter dortiger Gruppen dürfen sich hier anmelden. Wenden Sie sich an die Verwaltung dieses Servers.',
    },
    person_no_new_accounts: {
      heading: 'Sie haben hier noch kein Konto',
      text: 'Sie haben sich bei {upstream} angemeldet, aber niemand hier ist mit Ihnen dort verknüpft. Wenn Sie hier ein Konto haben, melden Sie sich anders daran an und verknüpfen Sie {upstream} auf Ihrer Sicherheitsseite; sonst wenden Sie sich an die Verwaltung dieses Servers.',
    },
    person_no_email: {
      heading: '{upstream} hat uns Ihre E-Mail-Adresse nicht genannt',
      text: 'Ein Konto hier braucht eine. Erlauben Sie {upstream}, sie weiterzugeben, und versuchen Sie es noch einmal, oder wenden Sie sich an die Verwaltung dieses Servers.',
    },
    person_email_unverified: {
      heading: 'Ihre E-Mail-Adresse ist bei {upstream} nicht bestätigt',
      text: 'Ein Konto hier braucht eine bestätigte Adresse. Bestätigen Sie sie dort und versuchen Sie es noch einmal, oder wenden Sie sich an die Verwaltung dieses Servers.',
    },
    person_email_taken: {
      heading: 'Mit dieser Adresse gibt es schon ein Konto',
      text: 'Zu Ihrer Sicherheit verbinden wir Konten nicht allein ihrer Adresse wegen. Melden Sie sich an jenem Konto wie gewohnt an und verknüpfen Sie {upstream} dann auf Ihrer Sicherheitsseite.',
    },
    person_account_disabled: {
      heading: 'Ihr Konto ist gesperrt',
      text: 'Sie haben sich bei {upstream} angemeldet, aber Ihr Konto hier ist gesperrt. Wenden Sie sich an die Verwaltung dieses Servers.',
    },
    link_disabled: {
      heading: 'Es wurde nichts verknüpft',
      text: 'Die Verwaltung hat {upstream} abgeschaltet.',
    },
    link_issuer: {
      heading: 'Es wurde nichts verknüpft',
      text: '{upstream} steht Angehörigen Ihrer dortigen Organisation nicht offen. Wenden Sie sich an die Verwaltung dieses Servers.',
    },
    link_tenant: {
      heading: 'Es wurde nichts verknüpft',
      text: '{upstream} steht Angehörigen Ihrer dortigen Organisation nicht offen. Wenden Sie sich an die Verwaltung dieses Servers.',
    },
    link_domain: {
      heading: 'Es wurde nichts verknüpft',
      text: 'Mit {upstream} nimmt dieser Server nur bestätigte Adressen bestimmter Domains.',
    },
    link_group: {
      heading: 'Es wurde nichts verknüpft',
      text: 'Nur Mitglieder bestimmter Gruppen bei {upstream} dürfen es hier benutzen. Wenden Sie sich an die Verwaltung dieses Servers.',
    },
    link_no_new_accounts: {
      heading: 'Es wurde nichts verknüpft',
      text: '{upstream} lässt sich gerade nicht verknüpfen. Wenden Sie sich an die Verwaltung dieses Servers.',
    },
    link_no_email: {
      heading: 'Es wurde nichts verknüpft',
      text: '{upstream} hat uns Ihre E-Mail-Adresse nicht genannt. Erlauben Sie die Weitergabe und versuchen Sie es noch einmal.',
    },
    link_email_unverified: {
      heading: 'Es wurde nichts verknüpft',
      text: 'Ihre E-Mail-Adresse ist bei {upstream} nicht bestätigt. Bestätigen Sie sie dort und versuchen Sie es noch einmal.',
    },
    link_taken: {
      heading: 'Es wurde nichts verknüpft',
      text: 'Dieses Konto bei {upstream} gehört schon zu einem anderen Konto hier. Nehmen Sie es dort zuerst weg oder melden Sie sich bei {upstream} als jemand anderes an.',
    },
    link_linked_already: {
      heading: 'Es war schon verknüpft',
      text: 'Dieses Konto bei {upstream} ist mit Ihrem verknüpft. Es gibt nichts mehr zu tun.',
    },
    link_gone: {
      heading: 'Es wurde nichts verknüpft',
      text: 'Ihr Konto hat sich inzwischen geändert. Melden Sie sich neu an und verknüpfen Sie {upstream} noch einmal.',
    },
  },
}
