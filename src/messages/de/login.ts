import type { login as source } from '../en/login.ts'

const passwordHint = 'Mindestens 8 Zeichen; Leerzeichen und alle Buchstaben sind willkommen.'

/** Texts of sign-in, sign-out, setup and change of password. */
export const login: typeof source = {
  signIn: {
    heading: 'Anmelden',
    asks: '„{client}“ möchte {server} {address} benutzen',
    claim: 'Den Namen in Anführungszeichen hat der Client selbst gewählt.',
    next: 'Melden Sie sich zuerst an. Was er darf, wird auf der nächsten Seite gefragt.',
    email: 'E-Mail-Adresse',
    password: 'Passwort',
    submit: 'Anmelden',
    cancel: 'Abbrechen',
    forgotten: 'Passwort vergessen?',
    faults: {
      refused: 'Mit dieser E-Mail-Adresse und diesem Passwort kommen Sie nicht hinein. Bitte prüfen Sie beides.',
      wait: 'Zu viele Anmeldungen sind fehlgeschlagen. Bitte versuchen Sie es in {wait} noch einmal. Ein Browser, in dem Sie schon angemeldet waren, oder ein neues Passwort lässt Sie früher hinein.',
      missing: 'Bitte geben Sie Ihre E-Mail-Adresse und Ihr Passwort ein.',
    },
  },
  again: {
    heading: 'Sind das noch Sie?',
    why: {
      '1': 'Diese Seite verlangt eine Anmeldung aus den letzten Minuten. Melden Sie sich noch einmal an, dann sind Sie da.',
      posted:
        'Noch wurde nichts geändert: Dafür ist eine Anmeldung aus den letzten Minuten nötig. Melden Sie sich noch einmal an; danach kommen Sie zum Formular zurück und können es noch einmal senden.',
    },
  },
  cancelled: {
    heading: 'Nichts wurde erlaubt',
    text: 'Sie haben sich nicht angemeldet, und nichts wurde erlaubt.',
    back: 'Zurück zum Client',
  },
  signOut: {
    heading: 'Abmelden?',
    text: 'Sie werden in diesem Browser abgemeldet. Clients, die Sie verbunden haben, bleiben verbunden.',
    submit: 'Abmelden',
    stay: 'Angemeldet bleiben',
  },
  setup: {
    heading: 'Den ersten Administrator anlegen',
    text: 'Dieser Server ist neu. Wer dieses Formular ausfüllt, kümmert sich um ihn: um MCP-Server, Clients und Menschen.',
    name: 'Ihr Name',
    email: 'E-Mail-Adresse',
    password: 'Passwort',
    passwordHint,
    submit: 'Anlegen und anmelden',
    passwordsOff:
      'Die Anmeldung mit Passwörtern ist auf diesem Server ausgeschaltet. Dieses zählt erst, wenn sie wieder eingeschaltet wird: Fügen Sie auf der nächsten Seite einen Passkey hinzu oder verknüpfen Sie ein Konto, bevor Sie sich abmelden.',
    refused: 'Noch wurde nichts angelegt. Bitte sehen Sie sich die markierten Felder an.',
    faults: {
      name: { empty: 'Bitte geben Sie einen Namen von höchstens 100 Zeichen ein.' },
      email: {
        not_an_address: 'Bitte geben Sie eine E-Mail-Adresse ein.',
        taken: 'Es gibt schon ein Konto mit dieser E-Mail-Adresse.',
      },
    },
  },
  invitation: {
    heading: 'Willkommen, {name}',
    text: 'Sie sind zu {product} eingeladen. Wählen Sie ein Passwort für Ihr Konto {email}, dann sind Sie angemeldet.',
    password: 'Passwort',
    submit: 'Annehmen und anmelden',
    refused: 'Nichts ist verloren: Die Einladung gilt noch. Bitte sehen Sie sich das markierte Feld an.',
  },
  reset: {
    heading: 'Ein neues Passwort wählen',
    text: 'Für Ihr Konto {email}. Sie werden überall abgemeldet, und jeder Client, den Sie verbunden haben, muss neu verbunden werden.',
    password: 'Neues Passwort',
    submit: 'Passwort ändern',
    refused: 'Ihr Passwort wurde noch nicht geändert; der Link gilt noch. Bitte sehen Sie sich das markierte Feld an.',
    done: 'Ihr Passwort ist geändert. Melden Sie sich mit dem neuen an.',
  },
  forgotten: {
    heading: 'Passwort vergessen?',
    askedHeading: 'Sehen Sie in Ihre Mail',
    texts: {
      ask: 'Nennen Sie uns Ihre E-Mail-Adresse. Wir senden einen Brief mit einem Link, um ein neues zu wählen.',
      asked:
        'Wenn es ein Konto mit dieser Adresse gibt, ist ein Brief dorthin unterwegs. Sein Link funktioniert einmal, eine Stunde lang. Kommt nichts an, sehen Sie im Spam-Ordner nach oder fragen Sie den Administrator dieses Servers.',
      by_hand:
        'Dieser Server sendet keine Mail. Fragen Sie seinen Administrator: Er kann Ihnen einen Link geben, mit dem Sie ein neues Passwort wählen.',
    },
    email: 'E-Mail-Adresse',
    submit: 'Brief senden',
    back: 'Zurück zur Anmeldung',
  },
  security: {
    heading: 'Sicherheit',
    section: 'Passwort ändern',
    text: 'Ihre anderen Sitzungen enden, und jeder Client, den Sie verbunden haben, muss neu verbunden werden.',
    current: 'Aktuelles Passwort',
    password: 'Neues Passwort',
    passwordHint,
    submit: 'Passwort ändern',
    done: 'Ihr Passwort ist geändert. Ihre anderen Sitzungen und alle Verbindungen sind beendet.',
    refused: 'Ihr Passwort wurde nicht geändert.',
    wrongCurrent: 'Das ist nicht Ihr aktuelles Passwort.',
  },
  passwordFaults: {
    too_short: 'Bitte nehmen Sie mindestens 8 Zeichen. Mehrere Wörter hintereinander sind ein guter Anfang.',
    too_long: 'Bitte nehmen Sie höchstens 128 Zeichen.',
    common: 'Dieses Passwort probieren alle zuerst. Bitte nehmen Sie ein anderes.',
    about_you:
      'Das ist kaum mehr als ein Name, den alle kennen: Ihrer, Ihre Adresse oder der dieses Servers. Bitte nehmen Sie etwas anderes.',
  },
}
