import type { factors as source } from '../en/second-factors.ts'

/** Texte der zweiten Faktoren: nachweisen, einrichten, verwalten. */
export const factors: typeof source = {
  prove: {
    heading: 'Noch ein Schritt',
    texts: {
      code: 'Öffnen Sie Ihre Authentifizierungs-App und geben Sie die sechs Ziffern ein, die sie für {email} anzeigt.',
      passkey: 'Bestätigen Sie mit einem Passkey, dass Sie es sind, {email}.',
      recovery: 'Geben Sie einen der Wiederherstellungscodes von {email} ein. Jeder gilt einmal.',
    },
    code: 'Code',
    codeHint: 'Sechs Ziffern; alle 30 Sekunden ein neuer Code.',
    recoveryCode: 'Wiederherstellungscode',
    recoveryHint: 'Vier Gruppen zu vier Zeichen, wie sie auf Ihrem Zettel stehen.',
    submit: 'Weiter',
    passkeySubmit: 'Passkey verwenden',
    or: 'oder',
    toRecovery: 'Ich habe beides nicht zur Hand: Wiederherstellungscode verwenden',
    toFactors: 'Stattdessen Authentifizierungs-App oder Passkey verwenden',
    onlyPasskey:
      'Diese Anfrage nimmt nur einen Passkey an: Den kann niemand aus Versehen an eine andere Seite weitergeben.',
    nothingLeft: 'Alles verloren? Wer diesen Server verwaltet, kann Ihre zweiten Faktoren zurücksetzen.',
    restart: 'Mit einem anderen Konto anmelden',
    cancel: 'Abbrechen',
    faults: {
      wrong_code: 'Dieser Code stimmt nicht oder wurde schon verwendet. Nehmen Sie den nächsten, den die App anzeigt.',
      wrong_recovery: 'Dieser Wiederherstellungscode stimmt nicht oder wurde schon verwendet.',
      wrong_passkey: 'Dieser Passkey passte nicht. Bitte versuchen Sie es noch einmal.',
      missing: 'Bitte geben Sie einen Code ein.',
    },
    ended: {
      heading: 'Bitte melden Sie sich neu an',
      text: 'Diese Anmeldung ist beendet: Zu viele Codes waren falsch, oder sie hat länger als zehn Minuten gewartet. Es wurde niemand angemeldet.',
      submit: 'Zur Anmeldung',
    },
  },
  passkey: {
    signIn: 'Mit einem Passkey anmelden',
    noScript: 'Passkeys brauchen JavaScript, und in diesem Browser ist es ausgeschaltet.',
    unsupported: 'Dieser Browser kann keine Passkeys verwenden.',
    failed:
      'Es wurde nichts bestätigt. Vielleicht wurde abgebrochen, oder es hat zu lange gedauert; bitte versuchen Sie es noch einmal.',
    known: 'Dieses Gerät hat schon einen Passkey für Ihr Konto.',
    refused:
      'Mit diesem Passkey kommen Sie hier nicht hinein. Vielleicht wurde er entfernt, oder diese Seite war zu lange offen; bitte versuchen Sie es noch einmal.',
  },
  setup: {
    heading: 'Zweiten Schritt einrichten',
    why: {
      console:
        'Die Verwaltung öffnet sich nur mit einem zweiten Schritt bei der Anmeldung. Richten Sie jetzt einen ein; es dauert eine Minute.',
      demanded:
        'Dieser Server verlangt einen zweiten Schritt bei der Anmeldung, und Sie haben noch keinen. Richten Sie jetzt einen ein; es dauert eine Minute.',
      phishing_resistant:
        'Diese Anfrage nimmt nur einen Passkey an, und Sie haben noch keinen. Erstellen Sie jetzt einen; es dauert nur einen Augenblick.',
      own: 'Wer Ihr Passwort kennt, kommt ohne ihn nicht weiter.',
    },
    passkeyHeading: 'Passkey',
    passkeyText:
      'Ihr Gerät oder Ihr Passwortmanager bewahrt einen Schlüssel auf und fragt nach Finger, Gesicht oder PIN. Keine andere Seite kann danach fragen, und Sie können sich damit auch ohne Passwort anmelden.',
    passkeyName: 'Name des Passkeys',
    passkeyNameHint: 'Für Ihre Liste, zum Beispiel wo er liegt.',
    passkeySubmit: 'Passkey erstellen',
    usualName: 'Passkey',
    noScript:
      'Um einen Passkey zu erstellen, braucht es JavaScript, und in diesem Browser ist es ausgeschaltet. Eine Authentifizierungs-App geht auch ohne.',
    noScriptAlone:
      'Um einen Passkey zu erstellen, braucht es JavaScript, und in diesem Browser ist es ausgeschaltet. Schalten Sie es für diese Adresse ein und laden Sie die Seite neu.',
    appHeading: 'Authentifizierungs-App',
    appText:
      'Eine App auf Ihrem Telefon zeigt sechs Ziffern, die alle 30 Sekunden wechseln. Jede solche App ist recht.',
    appSubmit: 'App verwenden',
    faults: {
      passkey:
        'Der Passkey wurde nicht gespeichert: Er passte nicht, oder diese Seite war zu lange offen. Bitte versuchen Sie es noch einmal.',
      name: 'Bitte geben Sie dem Passkey einen Namen von höchstens 60 Zeichen.',
      full: 'Es wurde nichts gespeichert: Es gibt schon einen zweiten Schritt, oder es sind so viele Passkeys da, wie es sein dürfen.',
    },
    back: 'Zurück',
  },
  app: {
    heading: 'Authentifizierungs-App einrichten',
    scan: 'Scannen Sie dieses Bild mit der App.',
    picture: 'QR-Code für die Authentifizierungs-App; der Text darunter sagt dasselbe',
    byHand: 'Oder tippen Sie diesen Schlüssel in die App: {place}, zeitbasiert, sechs Ziffern.',
    key: 'Schlüssel',
    code: 'Code, den die App jetzt anzeigt',
    codeHint: 'Sechs Ziffern. Damit wissen wir, dass die App eingerichtet ist.',
    submit: 'Fertig',
    replaces: 'Die App, die Sie vorher eingerichtet haben, gilt für dieses Konto dann nicht mehr.',
    faults: {
      wrong: 'Dieser Code passt nicht. Prüfen Sie, ob die Uhr Ihres Telefons stimmt, und nehmen Sie den nächsten Code.',
      too_late:
        'Diese Seite war zu lange offen, oder inzwischen wurde schon etwas eingerichtet. Hier ist ein neues Bild.',
    },
  },
  recovery: {
    heading: 'Ihre Wiederherstellungscodes',
    text: 'Mit einem davon kommen Sie hinein, wenn Telefon und Passkey verloren sind. Jeder gilt einmal. Drucken Sie sie aus oder schreiben Sie sie ab; sie werden nur dieses eine Mal gezeigt.',
    list: 'Wiederherstellungscodes',
    others: 'Ihre anderen Sitzungen sind beendet.',
    submit: 'Ich habe sie aufbewahrt',
  },
  security: {
    state: {
      two: 'Ihre Anmeldung geht in zwei Schritten.',
      one: 'Ihr Passwort allein lässt jeden hinein, der es kennt. Ein zweiter Schritt sperrt ihn aus.',
    },
    passkeys: {
      heading: 'Passkeys',
      text: 'Mit ihnen melden Sie sich ohne Passwort an, und keine andere Seite kann danach fragen.',
      none: 'Sie haben noch keinen Passkey.',
      add: 'Passkey hinzufügen',
      backedUp: 'wird zwischen Geräten abgeglichen',
      oneDevice: 'auf einem Gerät',
      created: 'erstellt am {date}',
      lastUsed: 'zuletzt verwendet am {date}',
      neverUsed: 'noch nicht verwendet',
      name: 'Name',
      rename: 'Umbenennen',
      remove: 'Entfernen',
      edit: 'Umbenennen oder entfernen',
      impossible:
        'Für Passkeys braucht dieser Server einen Namen: Zu einer Adresse aus Zahlen bewahren Browser keine auf.',
    },
    app: {
      heading: 'Authentifizierungs-App',
      none: 'Nicht eingerichtet.',
      since: 'Eingerichtet am {date}, {used}.',
      lastUsed: 'zuletzt verwendet am {date}',
      neverUsed: 'seitdem nicht verwendet',
      setUp: 'App einrichten',
      replace: 'Anderes Telefon einrichten',
      remove: 'Entfernen',
    },
    recovery: {
      heading: 'Wiederherstellungscodes',
      none: 'Sie bekommen zehn davon mit Ihrem ersten zweiten Schritt.',
      left: (count: number) => (count === 1 ? 'Ein Code ist übrig.' : `${count} Codes sind übrig.`),
      made: 'Gemacht am {date}.',
      renew: 'Neue Codes machen',
      renewHint: 'Die alten gelten dann nicht mehr.',
    },
    identities: {
      heading: 'Verknüpfte Konten',
      text: 'Konten bei anderen Anbietern, mit denen Sie sich hier anmelden.',
      open: 'Konten ansehen und verknüpfen',
    },
    done: {
      password: 'Ihr Passwort ist geändert. Ihre anderen Sitzungen und alle Verbindungen sind beendet.',
      authenticator: 'Ihre Authentifizierungs-App ist eingerichtet.',
      authenticator_removed: 'Ihre Authentifizierungs-App ist entfernt.',
      passkey: 'Ihr Passkey ist gespeichert.',
      passkey_renamed: 'Der Passkey hat seinen neuen Namen.',
      passkey_removed: 'Der Passkey ist entfernt. Löschen Sie ihn auch auf Ihrem Gerät oder im Passwortmanager.',
    },
    faults: {
      passkey_name: 'Bitte geben Sie dem Passkey einen Namen von höchstens 60 Zeichen. Es wurde nichts geändert.',
      last_way:
        'Dieser Passkey ist der einzige Weg in Ihr Konto. Wählen Sie zuerst ein Passwort oder fügen Sie einen weiteren Passkey hinzu.',
      gone: 'Es gibt keinen solchen Passkey von Ihnen (mehr).',
    },
  },
}
