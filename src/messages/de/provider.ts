import type { provider as source } from '../en/provider.ts'

/** Texts of the error pages of the protocol. */
export const provider: typeof source = {
  pages: {
    invalid_client: {
      heading: 'Diesen Client kennen wir hier nicht',
      message:
        'Das Programm, das Sie hierher geschickt hat, nutzt eine Registrierung, die es auf diesem Server nicht gibt.',
      steps: [
        'Gehen Sie zurück zum Programm, entfernen Sie dort diese Verbindung und fügen Sie sie neu hinzu: Es registriert sich neu.',
        'Wurde es von Hand eingerichtet, prüfen Sie seine Client-ID mit dem Administrator dieses Servers.',
      ],
    },
    removed: {
      heading: 'Dieser Client wurde von diesem Server entfernt',
      message: '{client} nutzt noch eine Registrierung, die entfernt wurde.',
      steps: [
        'Gehen Sie zurück zum Programm, entfernen Sie dort diese Verbindung und verbinden Sie neu: Es registriert sich neu.',
      ],
    },
    blocked: {
      heading: 'Dieser Client ist gesperrt',
      message: 'Ein Administrator dieses Servers hat {client} gesperrt.',
      steps: ['Wenn Sie ihn brauchen, fragen Sie den Administrator dieses Servers.'],
    },
    pending: {
      heading: 'Dieser Client wartet auf Zulassung',
      message: 'Ein Administrator dieses Servers muss {client} erst zulassen.',
      steps: ['Fragen Sie den Administrator dieses Servers, und verbinden Sie danach neu.'],
    },
    registration_closed: {
      heading: 'Dieser Client darf hier nicht herein',
      message:
        'Dieser Server lässt nur Clients herein, die sein Administrator eingetragen oder zugelassen hat. {client} gehört nicht dazu.',
      steps: [
        'Bitten Sie den Administrator dieses Servers, ihn für alle zuzulassen, und verbinden Sie ihn danach erneut.',
      ],
    },
    not_invited: {
      heading: 'Dieser Client wurde nicht eingeladen',
      message: 'Dieser Server lässt eingeladene Clients herein. {client} hat sich ohne Einladung registriert.',
      steps: [
        'Bitten Sie den Administrator dieses Servers um ein Registrierungstoken oder darum, diesen Client zuzulassen.',
        'Mit einem Token: Entfernen Sie diese Verbindung im Programm und fügen Sie sie neu hinzu; es registriert sich dann neu.',
      ],
    },
    host_not_listed: {
      heading: 'Dorthin darf keine Antwort gehen',
      message:
        'Dieser Server schickt Antworten nur an bestimmte Adressen, und die, um die {client} bittet, steht nicht auf seiner Liste.',
      steps: ['Wenn Sie dieses Programm brauchen, nennen Sie dem Administrator dieses Servers die Adresse unten.'],
    },
    document_refused: {
      heading: 'Dieser Client darf hier nicht herein',
      message: 'Dieser Server nimmt die Beschreibung nicht an, mit der {client} sich vorstellt.',
      steps: ['Wenn Sie ihn brauchen, geben Sie dem Administrator dieses Servers den Text unten.'],
    },
    invalid_redirect_uri: {
      heading: 'Diese Anfrage würde Sie woandershin schicken',
      message:
        'Die Adresse, an die die Antwort gehen soll, gehört nicht zu denen, die {client} registriert hat. Nichts wurde irgendwohin gesendet.',
      steps: [
        'Haben Sie das nicht selbst begonnen, schließen Sie diese Seite.',
        'Sonst gehen Sie zurück zum Programm, entfernen Sie dort diese Verbindung und fügen Sie sie neu hinzu: Es registriert seine jetzige Adresse.',
      ],
    },
    invalid_target: {
      heading: 'Diesen MCP-Server kennen wir hier nicht',
      message:
        '{client} bittet um Zugang zu einem MCP-Server, der bei diesem Autorisierungsserver nicht eingetragen ist.',
      steps: [
        'Prüfen Sie die Adresse des MCP-Servers im Programm.',
        'Ein Administrator kann ihn unter „MCP-Server“ eintragen, auch mit den anderen Schreibweisen, die Clients benutzen.',
      ],
    },
    invalid_scope: {
      heading: 'Diese Berechtigung gibt es nicht',
      message: '{client} bittet um Berechtigungen, die der MCP-Server nicht hat.',
      steps: ['Ein Administrator kann die Berechtigungen hier mit denen vergleichen, die der MCP-Server nennt.'],
    },
    access_denied: {
      heading: 'Sie haben abgelehnt',
      message: 'Nichts wurde erlaubt und nichts weitergegeben.',
      steps: [],
    },
    login_required: {
      heading: 'Sie sind hier nicht angemeldet',
      message: '{client} wollte eine Antwort ohne Seite, aber Sie sind hier nicht angemeldet.',
      steps: ['Gehen Sie zurück zum Programm und verbinden Sie neu.'],
    },
    consent_required: {
      heading: 'Das haben Sie noch nicht erlaubt',
      message: '{client} wollte eine Antwort ohne Seite, aber Sie haben das noch nicht erlaubt.',
      steps: ['Gehen Sie zurück zum Programm und verbinden Sie neu.'],
    },
    session_not_found: {
      heading: 'Die Zeit dieser Seite ist um',
      message: 'Die Anfrage dahinter ist erledigt, abgelaufen oder wurde in einem anderen Browser begonnen.',
      steps: ['Gehen Sie zurück zum Programm, das Sie benutzt haben, und verbinden Sie neu.'],
    },
    already_answered: {
      heading: 'Das wurde schon beantwortet',
      message: 'Ein anderer Tab dieses Browsers hat diese Anfrage erledigt.',
      steps: ['Gehen Sie zurück zum Programm; ist es nicht verbunden, verbinden Sie neu.'],
    },
    temporarily_unavailable: {
      heading: 'Gerade geht es nicht',
      message: 'Der Server kann das im Moment nicht tun, deshalb wurde nichts erlaubt.',
      steps: ['Warten Sie einen Moment und versuchen Sie es noch einmal aus dem Programm, das Sie benutzt haben.'],
    },
    server_error: {
      heading: 'Hier ist etwas schiefgegangen',
      message: 'Das war unser Fehler; er steht im Log.',
      steps: ['Gehen Sie zurück zum Programm und versuchen Sie es gleich noch einmal.'],
    },
    other: {
      heading: 'Diese Anfrage funktioniert nicht',
      message: '{client} hat eine Anfrage gestellt, die dieser Server nicht beantworten kann.',
      steps: [
        'Gehen Sie zurück zum Programm und versuchen Sie es noch einmal. Bleibt es dabei, geben Sie den Text unten weiter an alle, die sich um das Programm kümmern.',
      ],
    },
  },
  theProgram: 'Das Programm, das Sie hierher geschickt hat,',
  programWithin: 'das Programm, das Sie hierher geschickt hat,',
  back: 'Zurück zu {client} auf {place}',
  asked: {
    redirect: 'Verlangte Adresse',
    registered: 'Registrierte Adressen',
    resource: 'Verlangter MCP-Server',
    known: 'Hier bekannt auf diesem Host',
    nothing: 'keine',
    noResource: 'es nannte keinen',
    scope: 'Verlangte Berechtigungen',
  },
  developer: 'Für den Entwickler des Programms',
  support: 'Zum Kopieren, wenn Sie um Hilfe bitten',
  explain: 'Was bedeutet {code}?',
  home: 'Zu Ihren eigenen Seiten',
  inProgram: 'So geht es in {program}',
  programs: {
    claude:
      'Öffnen Sie in den Einstellungen „Connectors“. Trennen oder entfernen Sie diesen Connector, fügen Sie ihn neu hinzu und verbinden Sie ihn.',
    claudeCode:
      'Tippen Sie in einer Sitzung /mcp, wählen Sie diesen Server, löschen Sie seine Anmeldung und melden Sie ihn neu an.',
    chatgpt:
      'Öffnen Sie in den Einstellungen „Apps & Connectors“. Trennen Sie diesen Connector und verbinden Sie ihn neu.',
    vscode:
      'Rufen Sie in der Befehlspalette „Authentication: Remove Dynamic Authentication Providers“ auf und starten Sie den Server dann neu aus der Liste der MCP-Server.',
    cursor:
      'Öffnen Sie in den Einstellungen „Tools & MCP“. Melden Sie sich neben dem Namen dieses Servers ab und drücken Sie wieder „Connect“.',
    inspector: 'Öffnen Sie die Einstellungen unter „Auth“, drücken Sie „Clear OAuth State“ und dann „Connect“.',
  },
}
