import type { diagnostics as source } from '../en/diagnostics.ts'

/** Texts of the console that find out what is wrong, and of the pages that explain an error code. */
export const diagnostics: typeof source = {
  heading: 'Diagnose',
  intro: 'Finden Sie heraus, warum etwas nicht funktioniert.',
  token: {
    heading: 'Ein Access-Token lesen',
    text: 'Es wird hier auf diesem Server zerlegt. Es wird weder behalten noch protokolliert und nicht wieder angezeigt.',
    label: 'Access-Token',
    submit: 'Lesen',
    another: 'Ein anderes lesen',
    result: 'Was dieses Token sagt',
    accept: 'Ein MCP-Server würde dieses Token annehmen.',
    refuse: 'Ein MCP-Server würde dieses Token ablehnen.',
    unreadable: 'Das lässt sich nicht als Token lesen.',
    findings: 'Was wir geprüft haben',
    header: 'Kopf',
    claims: 'Angaben',
    raw: 'Wie unterschrieben',
    tones: { good: 'gut', care: 'beachten', stop: 'Problem' },
  },
  findings: {
    empty: 'Es wurde nichts eingefügt.',
    too_long:
      'Es ist länger als {most} Zeichen. So lang ist kein Token dieses Servers; MCP-Server lehnen es ungelesen ab.',
    opaque:
      'Es hat keine Punkte, ist also kein Access-Token. Vielleicht ist es ein Refresh-Token oder ein Code: Das sind Geheimnisse des Clients. Haben Sie es irgendwo kopiert, kennen es vielleicht auch andere.',
    encrypted: 'Es hat fünf Teile, ist also verschlüsselt. Dieser Server stellt keine solchen Tokens aus.',
    segments: 'Es hat {count} Teile; ein unterschriebenes Token hat drei.',
    not_base64url:
      'Ein Teil enthält Zeichen oder ein Ende, die es in Base64url nicht gibt. Vermutlich wurde es nicht vollständig kopiert.',
    not_json: 'Ein Teil ist kein JSON. Vermutlich wurde es nicht vollständig kopiert.',
    duplicate: 'Eine Angabe steht doppelt darin: {names}. Leser wären sich uneinig, welche zählt.',
    alg_none: 'Es ist gar nicht unterschrieben. Jeder könnte es geschrieben haben.',
    alg_symmetric:
      'Es ist mit {alg} unterschrieben, also mit einem gemeinsamen Geheimnis. Das tut dieser Server nie; vielleicht wurde ein öffentlicher Schlüssel als Geheimnis missbraucht.',
    alg_unknown: 'Es nennt das Verfahren {alg}, mit dem dieser Server nicht unterschreibt.',
    embedded_key:
      'Es bringt einen Schlüssel oder dessen Adresse mit ({names}). Das wird nicht beachtet: Nur unsere eigenen Schlüssel zählen.',
    crit: 'Es verlangt Erweiterungen, die hier niemand kennt ({names}), und muss deshalb abgelehnt werden.',
    typ_good: 'Nach seinem Typ ist es ein Access-Token ({typ}).',
    typ_id_token:
      'Es ist ein ID-Token: Es sagt einem Client, wer sich angemeldet hat, und öffnet keinen MCP-Server. Der Client muss stattdessen das Access-Token senden.',
    typ_wrong: 'Sein Typ ist {typ}; ein Access-Token hat at+jwt.',
    typ_missing: 'Es hat keinen Typ; ein Access-Token hat at+jwt.',
    signature_good: 'Die Unterschrift stimmt. Der Schlüssel {kid} ist {state}.',
    signature_bad: 'Die Unterschrift stimmt nicht: Es wurde verändert, oder beim Kopieren ging etwas verloren.',
    key_unknown:
      'Es wurde mit dem Schlüssel {kid} unterschrieben, der keiner von unseren ist. Es stammt von einem anderen Server, oder sein Schlüssel wurde inzwischen vernichtet.',
    key_missing: 'Es nennt seinen Schlüssel nicht, und keiner von unseren passt.',
    alg_differs: 'Es nennt {alg}, aber der genannte Schlüssel unterschreibt mit {expected}.',
    issuer_good: 'Es kommt von diesem Server ({issuer}).',
    issuer_missing: 'Es sagt nicht, wer es ausgestellt hat.',
    issuer_near:
      'Als Aussteller nennt es {found}. Das ist fast, aber nicht genau {issuer}. Jedes Zeichen zählt, auch der Schrägstrich am Ende.',
    issuer_other: 'Es kommt von einem anderen Server: {found}. Hier ist es {issuer}.',
    audience_good: 'Es ist für {name} ({audience}).',
    audience_spelling:
      'Es ist für {audience}, eine andere Schreibweise von {identifier}. MCP-Server vergleichen jedes Zeichen.',
    audience_unknown: 'Es ist für {audience}. Dieser MCP-Server ist hier nicht eingetragen.',
    audience_many: 'Es ist für mehrere Server zugleich. Solche Tokens stellt dieser Server nie aus.',
    audience_missing: 'Es sagt nicht, für welchen MCP-Server es ist.',
    expires: 'Es gilt bis {moment} ({relative}).',
    expired:
      'Es ist abgelaufen: {moment} ({relative}). Der Client hätte es erneuern sollen; wenn nicht, verbinden Sie ihn neu.',
    expiry_wrong: 'Es sagt nicht richtig, wann es endet.',
    life_long: 'Es gilt {life}, länger als jedes Token dieses Servers (höchstens eine Stunde).',
    not_yet: 'Es gilt erst ab {moment} ({relative}). Die Uhr seines Ausstellers oder dieses Servers geht falsch.',
    issued_ahead:
      'Es wurde in der Zukunft ausgestellt: {moment}. Die Uhr seines Ausstellers oder dieses Servers geht falsch.',
    claims_missing: 'Es fehlen Angaben, die jedes Access-Token hat: {names}.',
    person: 'Es handelt als {email}.',
    person_gone: 'Die Person, als die es handelt, hat hier kein Konto mehr.',
    person_disabled: 'Das Konto von {email} ist gesperrt.',
    machine: 'Es handelt für den Client selbst, für keine Person.',
    client_good: 'Es wurde {client} gegeben.',
    client_gone: 'Der Client, dem es gegeben wurde ({client}), ist hier nicht registriert.',
    client_state: 'Der Client, dem es gegeben wurde, {client}, ist nicht zugelassen: {state}.',
    scope_good: 'Es darf: {scopes}.',
    scope_none: 'Es enthält keine einzige Berechtigung.',
    scope_unknown: 'Es enthält Berechtigungen, die der MCP-Server nicht (mehr) hat: {scopes}.',
    grant_alive: 'Die Verbindung, zu der es gehört, besteht.',
    grant_paused:
      'Die Verbindung, zu der es gehört, ist angehalten. Sie bekommt kein neues Token; dieses gilt bis zu seinem Ende.',
    grant_gone:
      'Die Verbindung, zu der es gehört, wurde widerrufen oder ist zu Ende. Sie bekommt kein neues Token; dieses gilt bis zu seinem Ende.',
    grant_unknown: 'Zu welcher Verbindung es gehört, steht nicht im Protokoll.',
  },
  keyStates: {
    current: 'der, der gerade unterschreibt',
    next: 'veröffentlicht und unterschreibt noch nicht',
    retired: 'abgelöst, aber noch veröffentlicht',
  },
  clientStates: {
    pending: 'er wartet auf einen Administrator',
    blocked: 'er ist gesperrt',
    removed: 'er wurde entfernt',
  },
  failures: {
    heading: 'Was zuletzt schiefging',
    text: 'Ablehnungen der letzten 24 Stunden, die neueste zuerst. Jede Fehlerseite zeigt die ID ihrer Anfrage: Suchen Sie hier danach.',
    label: 'ID einer Anfrage',
    submit: 'Suchen',
    clear: 'Den letzten Tag zeigen',
    none: 'In den letzten 24 Stunden wurde nichts abgelehnt.',
    notFound:
      'Unter dieser ID steht nichts. Entweder wurde sie nicht vollständig kopiert, oder die Anfrage wurde abgelehnt, bevor sie mit einem Client oder einer Person zu tun hatte; die Logdatei des Servers hält jede Anfrage fest.',
    cut: 'Unter den neuesten Ereignissen nicht gefunden. Ältere wurden noch nicht durchsucht.',
    goOn: 'Weitersuchen',
    columns: { when: 'Wann', what: 'Was', why: 'Warum', request: 'Anfrage' },
    noReason: 'ohne Code',
    more: 'Alles im Protokoll',
  },
  codes: {
    heading: 'Was ein Fehlercode bedeutet',
    text: 'Die Codes, die Clients und Fehlerseiten zeigen, mit ihrer Ursache und dem, was hilft.',
    label: 'Fehlercode',
    submit: 'Erklären',
    all: 'Alle Codes',
    unknown: 'Einen Fehlercode {code} hat dieser Server nicht.',
    cause: 'Was er bedeutet',
    cure: 'Was hilft',
    home: 'Zu Ihren eigenen Seiten',
  },
  explained: {
    invalid_request: {
      cause: 'Der Anfrage fehlt etwas, etwas steht doppelt darin, oder sie ist falsch gebaut.',
      cure: 'Hier können Sie nichts tun: Der Client sendet das Falsche. Aktualisieren Sie ihn; hilft das nicht, geben Sie seinem Entwickler den Text neben dem Code.',
    },
    invalid_client: {
      cause: 'Der Client ist hier nicht bekannt oder konnte sich nicht ausweisen.',
      cure: 'Entfernen Sie die Verbindung im Client und fügen Sie sie neu hinzu, damit er sich neu registriert. Ein vom Administrator angelegter Client braucht ID und Geheimnis genau so, wie sie angezeigt wurden.',
    },
    invalid_grant: {
      cause:
        'Der Code oder das Refresh-Token ist unbekannt, verbraucht, abgelaufen oder widerrufen oder gehört zu einem anderen Client, einer anderen Adresse oder einem anderen MCP-Server.',
      cure: 'Verbinden Sie im Client neu. Kommt es oft vor: Läuft der Client zweimal mit kopierten Einstellungen, oder behält er ein altes Token?',
    },
    invalid_scope: {
      cause: 'Der Client bittet um eine Berechtigung, die der MCP-Server nicht hat oder die er nicht haben darf.',
      cure: 'Vergleichen Sie die Berechtigungen des MCP-Servers hier mit denen, die er in seiner eigenen Beschreibung nennt.',
    },
    invalid_target: {
      cause:
        'Der Client bittet um einen MCP-Server, der hier nicht eingetragen ist, um keinen, obwohl es mehrere gibt, oder um mehr als einen.',
      cure: 'Ein Administrator trägt die Adresse unter „MCP-Server“ ein oder ergänzt die Schreibweise des Clients als weitere Adresse.',
    },
    unauthorized_client: {
      cause:
        'Der Client ist bekannt, darf das aber nicht: Er wartet auf einen Administrator oder hat nie gesagt, dass er diesen Weg nutzt.',
      cure: 'Sehen Sie unter „Clients“ nach, ob er wartet. Sonst entfernen Sie die Verbindung im Client und fügen sie neu hinzu.',
    },
    unsupported_grant_type: {
      cause: 'Der Client bittet auf eine Weise um Tokens, die dieser Server nicht anbietet.',
      cure: 'Dieser Server kennt Autorisierungscodes, Refresh-Tokens und Client-Zugangsdaten. Wählen Sie im Client eines davon.',
    },
    unsupported_response_type: {
      cause: 'Der Client möchte seine Antwort auf eine Weise, die OAuth 2.1 aufgegeben hat.',
      cure: 'Wählen Sie im Client den Autorisierungscode mit PKCE, oder aktualisieren Sie ihn.',
    },
    access_denied: {
      cause: 'Jemand hat abgelehnt oder darf diesen MCP-Server nicht nutzen.',
      cure: 'War es ein Versehen, verbinden Sie neu und erlauben es. Wer einen MCP-Server nutzen darf, steht auf dessen Seite in der Konsole.',
    },
    login_required: {
      cause: 'Der Client wollte eine Antwort ohne Seite, aber in diesem Browser ist niemand angemeldet.',
      cure: 'Verbinden Sie im Client neu; diesmal muss er eine Seite öffnen.',
    },
    consent_required: {
      cause: 'Der Client wollte eine Antwort ohne Seite, aber das wurde noch nicht erlaubt.',
      cure: 'Verbinden Sie im Client neu; diesmal muss er eine Seite öffnen.',
    },
    invalid_redirect_uri: {
      cause:
        'Die Adresse, an die die Antwort gehen soll, hat der Client nicht registriert. Sie könnte jemand anderem gehören, deshalb wird nichts dorthin gesendet.',
      cure: 'Entfernen Sie die Verbindung im Client und fügen Sie sie neu hinzu, damit er seine jetzige Adresse registriert.',
    },
    invalid_client_metadata: {
      cause: 'Was der Client bei der Registrierung über sich sagt, lässt sich nicht annehmen.',
      cure: 'Der Text neben dem Code nennt die Angabe. Der Entwickler des Clients muss sie ändern.',
    },
    invalid_token: {
      cause: 'Das Token gilt nicht: Es ist abgelaufen, für einen anderen Server bestimmt, widerrufen oder verändert.',
      cure: 'Fügen Sie es unter „Diagnose“ ein, um zu sehen, was nicht stimmt. Meist genügt es, im Client neu zu verbinden.',
    },
    insufficient_scope: {
      cause: 'Das Token ist in Ordnung, enthält aber die Berechtigung nicht, die es hier braucht.',
      cure: 'Lassen Sie den Client um mehr bitten: Er öffnet die Seite noch einmal und nennt, was neu ist.',
    },
    session_not_found: {
      cause: 'Die Seite hat zu lange gewartet, wurde schon beantwortet oder gehört zu einem anderen Browser.',
      cure: 'Gehen Sie zurück zum Client und verbinden Sie neu, in diesem Browser.',
    },
    already_answered: {
      cause: 'Ein anderer Tab dieses Browsers hat dieselbe Frage beantwortet.',
      cure: 'Gehen Sie zurück zum Client. Ist er nicht verbunden, verbinden Sie neu.',
    },
    removed: {
      cause: 'Der Client nutzt eine Registrierung, die hier entfernt wurde.',
      cure: 'Entfernen Sie die Verbindung im Client und fügen Sie sie neu hinzu; er registriert sich neu.',
    },
    blocked: {
      cause: 'Ein Administrator dieses Servers hat den Client gesperrt.',
      cure: 'Fragen Sie einen Administrator. Unter „Clients“ lässt er sich entsperren.',
    },
    pending: {
      cause: 'Clients müssen hier von einem Administrator zugelassen werden, und dieser wartet noch.',
      cure: 'Fragen Sie einen Administrator. Er findet ihn bei den Zulassungen.',
    },
    not_found: {
      cause: 'Unter dieser Adresse ist nichts, oder sie ist nicht für Ihr Konto.',
      cure: 'Prüfen Sie die Adresse. Die Seiten der Konsole sind nur für Administratoren.',
    },
    cross_site_request: {
      cause: 'Ein Formular kam von einer anderen Website, oder der Browser hat das zugehörige Cookie verloren.',
      cure: 'Laden Sie die Seite neu und senden Sie das Formular noch einmal. Der Browser muss Cookies dieses Servers annehmen.',
    },
    signed_out: {
      cause: 'Die Sitzung endete, bevor das Formular gesendet wurde.',
      cure: 'Melden Sie sich an und senden Sie es noch einmal.',
    },
    busy: {
      cause: 'Es melden sich mehr Menschen an, als dieser Server auf einmal prüfen kann.',
      cure: 'Warten Sie ein paar Sekunden und versuchen Sie es noch einmal.',
    },
    temporarily_unavailable: {
      cause: 'Der Server kann gerade nicht in seine Datenbank schreiben. Nichts wurde geändert.',
      cure: 'Warten Sie einen Moment und versuchen Sie es noch einmal. Für den Betreiber: Ist die Festplatte voll, antwortet die Datenbank?',
    },
    server_error: {
      cause: 'Hier ist etwas kaputtgegangen. Weder der Client noch die Person kann etwas dafür.',
      cure: 'Versuchen Sie es noch einmal. Bleibt es dabei, geben Sie dem Betreiber die ID der Anfrage: Darunter steht mehr im Log.',
    },
  },
}
