import type { doctor as english } from '../en/doctor.ts'

export const doctor: typeof english = {
  heading: 'Einen MCP-Server untersuchen',
  text: 'Geht den Weg eines Clients, vom ersten 401 bis zum Token-Endpunkt, so wie jeder Client ihn ginge, und sagt, was nicht stimmt. Es darf jeder MCP-Server mit jedem Autorisierungsserver sein.',
  address: 'Adresse des MCP-Servers',
  addressHint: 'So, wie Clients sie bekommen, zum Beispiel https://tools.example.com/mcp',
  badAddress:
    'Das ist keine Adresse, die man einem Client geben könnte. Sie beginnt mit https:// und enthält weder Namen noch Passwort.',
  register: 'Dort dürfen Clients auch dann registriert werden, wenn sie sich nicht wieder entfernen lassen',
  registerHint:
    'Ohne dies werden Clients nur registriert, wo der Server sie wieder entfernen lässt, und sofort entfernt.',
  submit: 'Untersuchen',
  again: 'Einen anderen untersuchen',
  result: 'Was bei {address} gefunden wurde',
  server: 'Autorisierungsserver',
  noServer: 'keiner gefunden',
  verdicts: {
    green: 'Jeder Client kann sich verbinden.',
    amber: 'Clients können sich verbinden, aber nicht alle oder nicht auf Dauer.',
    red: 'Etwas ist kaputt.',
  },
  lights: { green: 'gut', amber: 'Vorsicht', red: 'kaputt', untried: 'nicht versucht' },
  clients: 'Clients',
  steps: 'Schritte',
  columns: { client: 'Client', light: 'Verbindet sich', way: 'Bekannt durch', trouble: 'Wegen' },
  ways: {
    document: 'sein Dokument',
    registration: 'Registrierung',
    given: 'den genannten Client',
    untried: 'nicht versucht',
    none: 'nichts',
  },
  change: 'Zu ändern: {change}',
  concerns: 'Betrifft {clients}.',
  everyone: 'alle',
  nothing: 'Hier stimmt alles.',
  faults: {
    refused: 'die Verbindung wurde abgelehnt',
    certificate: 'dem Zertifikat wird nicht vertraut',
    no_tls: 'was dort antwortet, spricht kein TLS',
    network: 'die Verbindung kam nicht zustande oder brach ab',
    not_found: 'der Name hat keine Adresse',
    timeout: 'sie war nicht rechtzeitig vollständig',
    too_large: 'sie ist größer, als hier gelesen wird',
    encoding: 'sie ist komprimiert, obwohl niemand darum gebeten hat',
    busy: 'im Augenblick wird zu viel auf einmal abgerufen',
    limited: 'der Host wurde in dieser Minute zu oft gefragt',
    proxy: 'der Proxy hat die Anfrage nicht durchgelassen',
    redirected: 'sie führt woandershin',
    address_refused: 'die Adresse ist intern und hier nicht erlaubt',
    url_refused: 'abgerufen wird nur https, oder http von diesem Rechner, wo das erlaubt ist',
  },
  left: 'Beim Autorisierungsserver zurückgeblieben: {ids}',
  stepNames: {
    challenge: 'Erster Aufruf und Challenge',
    resource_metadata: 'Metadaten des MCP-Servers',
    server_metadata: 'Metadaten des Autorisierungsservers',
    cors: 'Von einer Seite im Browser aus',
    registration: 'Den Client bekannt machen',
    authorize: 'Autorisierungsanfrage',
    token: 'Token-Endpunkt',
    call: 'Aufruf mit einem Token',
  },
  findings: {
    server_internal: {
      what: '{host} liegt auf einer internen Adresse, die von hier aus nicht angesprochen wird.',
      change:
        'einen privaten Host ausdrücklich erlauben (SALLYPORT_EGRESS_ALLOWED_HOSTS) oder „sallyport doctor“ mit der Adresse aufrufen; Link-local-Adressen werden nie angesprochen.',
    },
    server_not_https: {
      what: '{host} wird nicht über https erreicht.',
      change: 'den MCP-Server über https anbieten; Tokens dürfen nicht offen unterwegs sein.',
    },
    server_redirects: {
      what: 'Die Adresse antwortet mit einer Weiterleitung ({status} nach {to}), der Clients mit einem Token nicht folgen.',
      change: 'Clients die Adresse geben, zu der sie führt.',
    },
    server_unreachable: {
      what: 'Von {host} kam keine Antwort ({fault}).',
      change: 'Host, Port und Zertifikat prüfen, und ob der Server läuft.',
    },
    cloud_cannot_reach: {
      what: 'Was in der Cloud seines Herstellers läuft, erreicht {host} nicht: {client}.',
      change: 'dem Server eine öffentliche https-Adresse geben; solange noch entwickelt wird, so lassen.',
    },
    not_mcp: {
      what: 'Was auf einen POST an {address} antwortet, ist kein MCP-Server ({status}, {type}).',
      change: 'die Adresse prüfen; ein MCP-Server antwortet mit JSON-RPC, oder mit 401, wenn er geschützt ist.',
    },
    open: {
      what: 'Der Server antwortet ohne Token ({status}): Nichts ist geschützt.',
      change: 'jede Anfrage ohne Token mit 401 und einer Bearer-Challenge beantworten.',
    },
    nothing_there: {
      what: 'Ein POST an {address} wird mit {status} beantwortet: Dort ist kein MCP-Endpunkt.',
      change: 'den Pfad prüfen; Streamable HTTP nimmt POST an der Adresse an, die Clients bekommen.',
    },
    fails: {
      what: 'Der Server scheitert ({status}), wenn kein Token mitkommt.',
      change: 'in sein Protokoll sehen; eine Anfrage ohne Token muss mit 401 beantwortet werden.',
    },
    wrong_status: {
      what: 'Eine Anfrage ohne Token wird mit {status} beantwortet statt mit 401, darum beginnt kein Client mit der Anmeldung.',
      change: 'mit 401 antworten; 403 heißt, dass eine Anmeldung nichts nützt.',
    },
    any_token: {
      what: 'Der Server nimmt ein Token an, das niemand ausgestellt hat.',
      change: 'zuerst Signatur, Aussteller, Empfänger und Ablauf jedes Tokens prüfen.',
    },
    bad_token_status: {
      what: 'Ein schlechtes Token wird mit {status} beantwortet statt mit 401, darum melden sich Clients nicht neu an.',
      change: 'mit 401 und error=invalid_token antworten.',
    },
    bad_token_silent: {
      what: 'Das 401 für ein schlechtes Token sagt nicht error=invalid_token.',
      change: 'es hinzufügen, damit ein Client weiß, dass es am Token liegt.',
    },
    no_challenge: {
      what: 'Das 401 hat kein WWW-Authenticate mit Bearer-Challenge; Clients müssen raten, wo die Metadaten sind.',
      change: 'WWW-Authenticate: Bearer resource_metadata=… hinzufügen.',
    },
    malformed_challenge: {
      what: 'Die Challenge ist nicht richtig geschrieben: {challenge}',
      change: 'zwischen zwei Parameter ein Komma und um jede URL Anführungszeichen setzen.',
    },
    no_pointer: {
      what: 'Die Challenge sagt nicht, wo die Metadaten sind.',
      change: 'resource_metadata=… in die Challenge aufnehmen.',
    },
    foreign_pointer: {
      what: 'Die Challenge zeigt auf {pointer}, das eine andere Herkunft hat.',
      change: 'das Dokument bei der Herkunft des MCP-Servers anbieten und dorthin zeigen.',
    },
    early_error: {
      what: 'Die Challenge sagt error={error}, obwohl kein Token geschickt wurde.',
      change: 'error bei Anfragen ohne Token aus der Challenge weglassen.',
    },
    offline_in_challenge: {
      what: 'Die Challenge verlangt offline_access, das keine Berechtigung eines MCP-Servers ist.',
      change: 'es herausnehmen; über Refresh-Tokens entscheidet der Autorisierungsserver.',
    },
    no_document: {
      what: 'Unter {url} gibt es keine Metadaten.',
      change: 'dort das Dokument nach RFC 9728 anbieten, als application/json und ohne Token.',
    },
    dead_pointer: {
      what: 'Die Challenge zeigt auf {pointer}, und dort gibt es keine Metadaten.',
      change: 'das Dokument dort anbieten oder auf {url} zeigen.',
    },
    bad_document: {
      what: 'Was unter {url} liegt, ist kein Dokument nach RFC 9728.',
      change: 'JSON mit resource und authorization_servers anbieten, als application/json.',
    },
    not_at_path: {
      what: 'Die Metadaten liegen nicht unter {url}, wo Clients suchen, die der Challenge nicht folgen.',
      change: 'sie auch dort anbieten.',
    },
    other_resource: {
      what: 'Das Dokument spricht von {resource}, nicht von {address}.',
      change: 'resource Zeichen für Zeichen zu der Adresse machen, die Clients bekommen.',
    },
    resource_above: {
      what: 'Das Dokument spricht von {resource}; das liegt über {address}.',
      change: 'resource zur Adresse selbst machen; manche Clients wollen beide gleich.',
    },
    resource_above_refused: {
      what: 'Das Dokument spricht von {resource}; dieser Client will genau {address}.',
      change: 'resource zu der Adresse machen, die Clients bekommen.',
    },
    resource_spelling: {
      what: 'resource ist {resource}, eine andere Schreibweise von {address}.',
      change: 'überall dieselbe Schreibweise benutzen: im Dokument, in Tokens und für Clients.',
    },
    no_server_named: {
      what: 'Das Dokument nennt keinen erreichbaren Autorisierungsserver ({named}).',
      change: 'den Aussteller des Autorisierungsservers als ersten in authorization_servers schreiben.',
    },
    offline_in_document: {
      what: 'scopes_supported enthält offline_access, das keine Berechtigung eines MCP-Servers ist.',
      change: 'es aus dem Dokument nehmen.',
    },
    no_scopes: {
      what: 'Weder die Challenge noch das Dokument nennt Berechtigungen, darum verlangen Clients keine.',
      change: 'in der Challenge die Berechtigungen für die erste Verbindung nennen.',
    },
    no_metadata: {
      what: 'Der Autorisierungsserver {issuer} hat unter keiner seiner Adressen Metadaten.',
      change: 'sie unter {url} anbieten.',
    },
    issuer_not_https: {
      what: 'Der Autorisierungsserver {issuer} wird nicht über https erreicht.',
      change: 'ihn über https anbieten.',
    },
    issuer_internal: {
      what: 'Der Autorisierungsserver {issuer} liegt auf einer internen Adresse, und solche darf ein Server nicht ungefragt nennen.',
      change:
        'seinen Host erlauben: --allow-internal oder --allow-loopback, oder SALLYPORT_EGRESS_ALLOWED_HOSTS, das auch für die Konsole gilt.',
    },
    issuer_unreachable: {
      what: 'Vom Autorisierungsserver {issuer} kam keine Antwort ({fault}).',
      change: 'die Adresse in authorization_servers prüfen, und ob sie von außen erreichbar ist.',
    },
    bad_metadata: {
      what: 'Was unter {url} liegt, sind keine Metadaten.',
      change: 'ein JSON-Objekt als application/json anbieten.',
    },
    failing_spelling: {
      what: '{url} scheitert ({status}); Clients hören dort auf und versuchen die nächste Adresse nicht.',
      change: 'mit 404 antworten, wo kein Dokument ist, oder es anbieten.',
    },
    missing_spelling: {
      what: 'Unter {url}, wo Clients zuerst suchen, gibt es keine Metadaten.',
      change: 'dort dasselbe Dokument anbieten.',
    },
    spellings_differ: {
      what: 'Die Metadaten nennen an verschiedenen Adressen verschiedene Aussteller: {issuers}',
      change: 'überall ein und dasselbe Dokument anbieten.',
    },
    other_issuer: {
      what: 'Die Metadaten sagen, dass sie zu {says} gehören, nicht zu {issuer}.',
      change: 'Aussteller und Eintrag in authorization_servers Zeichen für Zeichen gleich machen.',
    },
    issuer_slash: {
      what: 'Der Aussteller heißt einmal {says} und einmal {issuer}: Ein Schrägstrich ist verschieden.',
      change: 'ihn in authorization_servers, in den Metadaten und in Tokens gleich schreiben.',
    },
    issuer_slash_refused: {
      what: 'Der Aussteller heißt einmal {says} und einmal {issuer}; dieser Client vergleicht jedes Zeichen.',
      change: 'ihn in authorization_servers, in den Metadaten und in Tokens gleich schreiben.',
    },
    no_pkce: {
      what: 'Die Metadaten sagen nicht, dass der Server PKCE beherrscht; dann müssen Clients ihn ablehnen.',
      change: 'code_challenge_methods_supported: [S256] hinzufügen.',
    },
    no_s256: {
      what: 'Der Server nennt die PKCE-Methode S256 nicht ({methods}).',
      change: 'S256 anbieten und in code_challenge_methods_supported nennen.',
    },
    no_endpoint: { what: 'Die Metadaten haben kein {name}, das eine Adresse wäre.', change: 'es hinzufügen.' },
    endpoint_not_https: { what: '{name} ist nicht https: {url}', change: 'ihm eine https-Adresse geben.' },
    no_code: {
      what: 'Die Metadaten nennen den Antworttyp „code“ nicht ({types}).',
      change: 'response_types_supported: [code] hinzufügen.',
    },
    openid_incomplete: {
      what: 'Dem OpenID-Dokument {url} fehlen {names}; Clients können es nicht lesen.',
      change: 'sie hinzufügen oder Metadaten nach RFC 8414 anbieten.',
    },
    no_none: {
      what: 'Der Server nennt „none“ nicht unter den Arten, wie Clients sich ausweisen ({methods}), und MCP-Clients haben kein Geheimnis.',
      change: 'none in token_endpoint_auth_methods_supported aufnehmen und öffentliche Clients zulassen.',
    },
    no_refresh: {
      what: 'Der Server nennt refresh_token nicht, darum melden sich Personen neu an, sobald ein Token endet.',
      change: 'Refresh-Tokens ausstellen und die Art in grant_types_supported nennen.',
    },
    no_iss: {
      what: 'Der Server verspricht nicht, sich in seinen Antworten zu nennen (iss); ein Client mehrerer Server kann getäuscht werden.',
      change: 'iss senden und authorization_response_iss_parameter_supported auf true setzen (RFC 9207).',
    },
    server_scopes: {
      what: 'Der Autorisierungsserver nennt {names} nicht; dieser Client nimmt seine Berechtigungen von dort.',
      change: 'die Berechtigungen des MCP-Servers in scopes_supported des Autorisierungsservers nennen.',
    },
    cors_server: {
      what: 'Eine Seite im Browser darf dem MCP-Server kein Token schicken.',
      change:
        'die Vorabanfrage mit Access-Control-Allow-Origin beantworten, und mit Authorization und Content-Type in Access-Control-Allow-Headers.',
    },
    cors_challenge: {
      what: 'Eine Seite im Browser kann die Challenge nicht lesen.',
      change: 'dem 401 Access-Control-Allow-Origin und Access-Control-Expose-Headers: WWW-Authenticate mitgeben.',
    },
    cors_resource_metadata: {
      what: 'Eine Seite im Browser kann {url} nicht lesen.',
      change: 'Access-Control-Allow-Origin: * mitgeben.',
    },
    cors_server_metadata: {
      what: 'Eine Seite im Browser kann {url} nicht lesen.',
      change: 'Access-Control-Allow-Origin: * mitgeben.',
    },
    cors_token: {
      what: 'Eine Seite im Browser kann die Antworten von {url} nicht lesen.',
      change: 'dem Token-Endpunkt Access-Control-Allow-Origin mitgeben.',
    },
    cors_registration: {
      what: 'Eine Seite im Browser kann sich unter {url} nicht registrieren.',
      change:
        'die Vorabanfrage mit Access-Control-Allow-Origin beantworten, und mit Content-Type in Access-Control-Allow-Headers.',
    },
    no_way_in: {
      what: '{client} kann sich nicht bekannt machen: Es gibt keinen Registrierungsendpunkt, und Dokumente sind dafür nicht angekündigt.',
      change:
        'Client-Dokumente oder Registrierung anbieten, oder einen Client anlegen und seine Kennung dort eintragen.',
    },
    no_documents: {
      what: 'Der Server nimmt keine Client-Dokumente an, darum registriert sich {client} jedes Mal neu; MCP rät davon inzwischen ab.',
      change: 'sie annehmen und client_id_metadata_document_supported auf true setzen.',
    },
    registration_untried: {
      what: 'Nichts wurde registriert, weil es nicht so aussieht, als ließen sich Clients dort wieder entfernen.',
      change: 'es erlauben (--register oder das Kästchen auf der Seite) oder einen Client nennen (--client-id).',
    },
    registration_unreachable: {
      what: 'Vom Registrierungsendpunkt {url} kam keine Antwort ({fault}).',
      change: 'registration_endpoint prüfen.',
    },
    registration_closed: {
      what: 'Die Registrierung ist für Fremde geschlossen ({status}).',
      change: 'sie öffnen, Client-Dokumente annehmen oder Clients von Hand anlegen.',
    },
    registration_refused: {
      what: 'Die Registrierung von {client} wird abgelehnt: {error}',
      change: 'zulassen, was dieser Client registriert; Unbekanntes übergehen, Loopback und eigene Schemata annehmen.',
    },
    registration_not_json: {
      what: 'Der Registrierungsendpunkt {url} antwortet nicht mit JSON ({status}).',
      change: 'mit JSON antworten, auch bei Fehlern (RFC 7591).',
    },
    registration_no_echo: {
      what: 'Die Registrierung von {client} kam ohne {uris} zurück.',
      change: 'jede Rücksprungadresse registrieren und alle zurückschicken, oder das Ganze mit einem Fehler ablehnen.',
    },
    registration_secret: {
      what: '{client} wollte kein Geheimnis und wurde für {method} registriert.',
      change: 'so registrieren, wie verlangt: token_endpoint_auth_method none.',
    },
    registration_no_refresh: {
      what: '{client} wurde ohne refresh_token registriert, darum melden sich Personen neu an, sobald ein Token endet.',
      change: 'Clients diese Art lassen.',
    },
    registration_dangerous: {
      what: 'Eine Rücksprungadresse, die ein Skript ausführt (javascript:), wurde registriert.',
      change: 'javascript:, data: und ähnliche Schemata ablehnen.',
    },
    left_behind: {
      what: 'Clients dieser Untersuchung sind noch registriert: {ids}',
      change: 'sie entfernen; mit einer Verwaltung nach RFC 7592 gehen sie von selbst.',
    },
    authorize_untried: {
      what: '{client} macht für jede Verbindung ein eigenes Dokument, dessen Adresse niemand vorher kennen kann, und an seiner Stelle ließ sich nichts versuchen.',
      change: 'es einmal verbinden, um es zu wissen.',
    },
    kin_passed: {
      what: '{client} macht für jede Verbindung ein eigenes Dokument, dessen Adresse niemand vorher kennen kann; ein anderes auf demselben Host, {document}, wird eingelassen, und seine Redirect-URIs ließen sich nicht versuchen.',
      change: 'es einmal verbinden, um sicher zu sein, oder Registrierungen für den Versuch erlauben (--register).',
    },
    kin_refused: {
      what: '{client} macht für jede Verbindung ein eigenes Dokument; ein anderes auf demselben Host, {document}, wird nicht eingelassen ({says}).',
      change: 'den Autorisierungsserver Dokumente von diesem Host abrufen lassen.',
    },
    stand_in_passed: {
      what: '{client} macht für jede Verbindung ein eigenes Dokument, dessen Adresse niemand vorher kennen kann; an seiner Stelle wurden ein anderes auf demselben Host, {document}, und eine Registrierung mit seinen Redirect-URIs eingelassen.',
      change: 'es einmal verbinden, um sicher zu sein.',
    },
    stand_in_refused: {
      what: 'Eine Registrierung mit den Redirect-URIs von {client}, anstelle seines Dokuments, wird nicht eingelassen: {says}',
      change: 'seine Redirect-URIs einlassen: {uris}',
    },
    authorize_unreachable: {
      what: 'Vom Autorisierungsendpunkt kam keine Antwort ({fault}).',
      change: 'authorization_endpoint prüfen.',
    },
    document_refused: {
      what: 'Der Server nimmt das Dokument von {client} nicht an ({status}): {document}',
      change: 'ihn diese Adresse abrufen lassen oder ihm eine Kopie geben.',
    },
    authorize_fails: {
      what: 'Die Autorisierungsanfrage von {client} endet auf einer Fehlerseite ({status}).',
      change: 'in das Protokoll des Autorisierungsservers sehen.',
    },
    authorize_error: {
      what: 'Die Autorisierungsanfrage von {client} wird abgelehnt: {error}',
      change: 'zulassen, was dieser Client verlangt; weglassen, was nicht gewährt wird.',
    },
    resource_refused: {
      what: 'Der Autorisierungsserver kennt {resource} nicht: {description}',
      change: 'den MCP-Server dort unter genau dieser Adresse registrieren.',
    },
    loopback_port: {
      what: 'Der Server verlangt den Loopback-Port, der registriert wurde; {client} nimmt jedes Mal einen anderen.',
      change: 'den Port von Loopback-Adressen nicht beachten (RFC 8252 §7.3).',
    },
    open_redirector: {
      what: 'Der Server schickt Personen zu einer Rücksprungadresse, die der Client nie registriert hat.',
      change: 'Rücksprungadressen genau vergleichen und sonst eine Fehlerseite zeigen.',
    },
    redirect_unchecked: {
      what: 'Der Server beginnt die Anmeldung für eine Rücksprungadresse, die nie registriert wurde.',
      change: 'sie sofort mit einer eigenen Seite ablehnen.',
    },
    resource_ignored: {
      what: 'Der Server nimmt eine Ressource an, die es nicht geben kann; seine Tokens sind vielleicht an keinen MCP-Server gebunden.',
      change: 'RFC 8707 beachten: Unbekanntes mit invalid_target ablehnen, Bekanntes in aud schreiben.',
    },
    pkce_optional: {
      what: 'Der Server nimmt Anfragen ohne PKCE an.',
      change: 'code_challenge von jedem Client verlangen.',
    },
    iss_missing: {
      what: 'Der Server verspricht iss in seinen Antworten und lässt es weg; Clients weisen sie darum zurück.',
      change: 'iss in jeder Antwort senden, auch in Fehlern.',
    },
    iss_other: {
      what: 'Eine Antwort sagt, dass sie von {says} kommt, nicht von {issuer}.',
      change: 'iss zum Aussteller der Metadaten machen.',
    },
    token_unreachable: {
      what: 'Vom Token-Endpunkt {url} kam keine Antwort ({fault}).',
      change: 'token_endpoint prüfen.',
    },
    token_takes_anything: {
      what: 'Der Token-Endpunkt {url} nimmt einen Code an, den niemand ausgestellt hat.',
      change: 'nur ausgestellte Codes einlösen, und jeden einmal.',
    },
    token_not_json: {
      what: 'Der Token-Endpunkt {url} sagt seine Fehler nicht in JSON ({status}).',
      change: 'mit einem JSON-Objekt antworten, das error enthält.',
    },
    token_wrong_answer: {
      what: 'Der Token-Endpunkt {url} beantwortet einen schlechten Code mit {status}.',
      change: 'mit 400 und invalid_grant antworten.',
    },
    token_public_refused: {
      what: 'Der Token-Endpunkt {url} lehnt einen Client ohne Geheimnis ab.',
      change: 'öffentliche Clients Codes allein mit PKCE einlösen lassen.',
    },
    login_failed: { what: 'Niemand konnte angemeldet werden: {fault}', change: 'lesen, was die Antwort sagt.' },
    token_answer_cached: {
      what: 'Die Antwort mit dem Token darf von Zwischenspeichern behalten werden.',
      change: 'Cache-Control: no-store senden.',
    },
    token_no_scope: {
      what: 'Die Antwort mit dem Token sagt nicht, welche Berechtigungen es hat.',
      change: 'scope immer senden, sonst können Clients später nicht mehr verlangen.',
    },
    token_no_refresh: {
      what: 'Es gibt kein Refresh-Token, darum melden sich Personen neu an, wenn das Token endet.',
      change: 'Clients eines ausstellen, die diese Art registriert haben.',
    },
    call_untried: {
      what: 'Mit einem Token wurde nichts aufgerufen, weil keines da ist.',
      change: 'auf der Befehlszeile eines angeben (--token) oder sich anmelden (--login).',
    },
    token_expired: { what: 'Das Token ist abgelaufen.', change: 'ein neues nehmen.' },
    token_other_issuer: {
      what: 'Das Token kommt von {says}, nicht von {issuer}.',
      change: 'den Aussteller in Tokens und Metadaten gleich machen.',
    },
    token_other_audience: {
      what: 'Das Token ist für {says}, nicht für {resource}.',
      change: 'die Ressource, die der Client genannt hat, in aud schreiben (RFC 8707).',
    },
    token_no_audience: {
      what: 'Das Token sagt nicht, für welchen Server es ist; jeder Server, der dem Aussteller traut, nähme es an.',
      change: '{resource} in aud schreiben (RFC 8707).',
    },
    token_opaque: {
      what: 'Das Token ist kein JWT, darum lässt sich hier nichts darin lesen.',
      change: 'sicherstellen, dass der MCP-Server fragt, für wen es ausgestellt wurde.',
    },
    token_long: {
      what: 'Das Token gilt {minutes} Minuten.',
      change: 'eine Stunde ist lang; Refresh-Tokens benutzen.',
    },
    call_unreachable: {
      what: 'Auf den Aufruf mit Token kam keine Antwort ({fault}).',
      change: 'in das Protokoll des MCP-Servers sehen.',
    },
    call_refused: {
      what: 'Der MCP-Server lehnt das Token ab: {reason}',
      change: 'Aussteller, Empfänger und Schlüssel seiner Prüfung mit denen des Tokens vergleichen.',
    },
    call_forbidden: {
      what: 'Das Token hat zu wenige Berechtigungen für einen ersten Aufruf ({scope}).',
      change: 'diese Berechtigungen in der Challenge verlangen oder den Handschlag mit jedem guten Token zulassen.',
    },
    call_fails: {
      what: 'Der Aufruf mit Token wird mit {status} beantwortet.',
      change: 'in das Protokoll des MCP-Servers sehen.',
    },
    no_tools: { what: 'Es kam keine Liste von Werkzeugen zurück.', change: 'tools/list beantworten.' },
  },
}
