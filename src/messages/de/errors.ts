import type { errors as source } from '../en/errors.ts'

/** What the page of an error says. */
export const errors: typeof source = {
  // web
  no_page: 'Unter dieser Adresse gibt es keine Seite.',
  no_page_for_you: 'Unter dieser Adresse gibt es keine Seite, oder sie ist nicht für Ihr Konto bestimmt.',
  wrong_method: 'Diese Adresse nimmt solche Anfragen nicht an.',
  unreadable_request: 'Dieser Server konnte die Anfrage nicht lesen.',
  unreadable_form: 'Das Formular enthält Zeichen, die dieser Server nicht lesen kann.',
  unsupported_form: 'Diese Adresse nimmt nur Web-Formulare an.',
  form_too_large: 'Dieses Formular ist größer als alles, wonach dieser Server fragt.',
  cross_site_request:
    'Dieses Formular kam nicht von dieser Website, oder dieser Browser hat es inzwischen vergessen. Gehen Sie zurück, laden Sie die Seite neu und senden Sie es noch einmal.',
  signed_out: 'Sie wurden inzwischen abgemeldet. Melden Sie sich an und senden Sie das Formular noch einmal.',
  server_error: 'Das ist unser Fehler, und er ist vermerkt. Bitte versuchen Sie es gleich noch einmal.',

  // limits
  too_many_requests:
    'Aus Ihrem Netz kamen zu viele Anfragen. Verloren ist nichts: Bitte versuchen Sie es in {wait} noch einmal.',
  too_many_requests_of_you:
    'Das waren viele Anfragen in kurzer Zeit. Verloren ist nichts: Bitte versuchen Sie es in {wait} noch einmal.',
  too_many_requests_everywhere:
    'Gerade verlangen das zu viele Menschen. Verloren ist nichts: Bitte versuchen Sie es in {wait} noch einmal.',

  // credentials, login
  busy: 'Gerade melden sich viele Menschen an. Bitte versuchen Sie es in ein paar Sekunden noch einmal.',
  too_many_failures: 'Zu viele Versuche sind fehlgeschlagen. Bitte versuchen Sie es in {wait} noch einmal.',
  password_too_long: 'Dieses Passwort ist zu lang.',
  setup_closed:
    'Dieser Einrichtungslink funktioniert nicht: Er wurde benutzt, durch einen neueren Start des Servers ersetzt oder nicht vollständig kopiert. Solange es noch keinen Administrator gibt, steht der gültige Link im Log des letzten Starts.',
  invitation_closed:
    'Diese Einladung funktioniert nicht: Sie wurde angenommen, ist abgelaufen, durch eine neuere ersetzt oder nicht vollständig kopiert. Bitten Sie um eine neue.',
  reset_closed:
    'Dieser Link funktioniert nicht: Er wurde benutzt, ist abgelaufen oder nicht vollständig kopiert. Auf der Anmeldeseite bekommen Sie einen neuen.',
  interaction_expired:
    'Diese Seite gilt nicht mehr: Sie hat zu lange gewartet, wurde schon beantwortet oder gehört zu einem anderen Browser. Gehen Sie zurück zum Client und verbinden Sie sich noch einmal.',

  // federation
  upstream_unknown:
    'Über diesen Anbieter kann sich hier niemand (mehr) anmelden. Gehen Sie zurück und wählen Sie einen anderen Weg.',

  // consent
  unknown_client:
    'Dieser Client ist hier nicht mehr registriert. Entfernen Sie die Verbindung im Client und fügen Sie sie neu hinzu; er registriert sich dann wieder.',
  client_blocked:
    'Ein Administrator dieses Servers hat diesen Client gesperrt. Fragen Sie dort nach, wenn Sie ihn brauchen.',
  client_pending:
    'Dieser Client wartet, bis ein Administrator dieses Servers ihn zulässt. Versuchen Sie es danach noch einmal.',
  asked_resource_gone:
    'Der MCP-Server, nach dem der Client gefragt hat, ist hier nicht mehr registriert. Fragen Sie den Administrator dieses Servers.',
  resource_not_for_you:
    'Dieser MCP-Server steht nur bestimmten Personen offen, und Sie gehören nicht dazu. Bitte wenden Sie sich an die Administration dieses Servers.',
  account_disabled: 'Ihr Konto ist gesperrt. Fragen Sie den Administrator dieses Servers.',
  already_answered:
    'Diese Frage ist schon beantwortet. Wenn der Client nicht weitermacht, beginnen Sie die Verbindung dort noch einmal.',
  choose_duration: 'Wählen Sie eine der Zeitspannen.',
  client_changed:
    'Der Client beschreibt sich anders als bei der Erstellung dieser Seite. Nichts wurde erlaubt: Gehen Sie zurück zu ihm und verbinden Sie sich noch einmal.',
  allow_or_deny: 'Wählen Sie Erlauben oder Ablehnen.',

  // me
  connection_not_found: 'Eine solche Verbindung haben Sie nicht. Vielleicht ist sie schon beendet.',
  connection_not_named: 'Das Formular sagt nicht, welche Verbindung gemeint ist.',
  connection_in_use: 'Diese Verbindung wird gerade benutzt. Bitte versuchen Sie es noch einmal.',
  nothing_left_to_allow: 'Von dieser Verbindung bliebe nichts übrig. Widerrufen Sie sie stattdessen.',
  session_not_found: 'Eine solche Sitzung haben Sie nicht. Vielleicht ist sie schon beendet.',

  // admin
  resource_not_found: 'Dieser MCP-Server ist hier nicht (mehr) registriert.',
  resource_set_by_file:
    'Der MCP-Server „{name}“ kommt aus der Konfigurationsdatei. Ändern Sie ihn dort und starten Sie den Server neu.',
  client_not_found: 'Dieser Client ist hier nicht (mehr) registriert.',
  client_set_by_file: 'Dieser Client kommt aus der Konfigurationsdatei. Ändern Sie ihn dort.',
  client_blocked_already: 'Dieser Client ist bereits gesperrt.',
  invalid_host: 'Das ist kein Hostname. Geben Sie einen wie evil.example ein, ohne Pfad und Port.',
  host_blocked: 'Dieser Host ist bereits gesperrt.',
  host_not_blocked: 'Dieser Host ist nicht gesperrt.',
  client_not_blocked: 'Dieser Client ist nicht gesperrt.',
  client_not_waiting: 'Dieser Client wartet nicht (mehr). Vielleicht hat gerade jemand anders entschieden.',
  approval_not_waiting:
    'Diese Person wartet nicht (mehr) auf diesen Client. Vielleicht hat gerade jemand anders entschieden.',
  client_introspects_origin:
    'Nur Clients, die hier oder von der Konfigurationsdatei hinzugefügt wurden, dürfen nach fremden Token fragen.',
  client_introspects_invalid:
    'Es wurde nichts geändert. Ein Client, der nach Token fragt, muss sich ausweisen, und er kann nach höchstens 100 MCP-Servern fragen.',
  client_introspects_race:
    'Jemand hat diesen Client im selben Moment geändert. Es wurde nichts geändert; sehen Sie ihn noch einmal an.',
  client_exists: 'Es gibt oder gab einen Client mit dieser ID. Wählen Sie eine andere.',
  clean_up_changed:
    'Inzwischen würden andere Clients entfernt, als die Vorschau gezeigt hat. Es wurde nichts entfernt; sehen Sie sich die neue Vorschau an.',
  clean_up_empty: 'Sagen Sie, welche Clients gehen dürfen: nie benutzte, ungenutzte oder beide.',
  clean_up_range: 'Stunden und Tage müssen ganze Zahlen ab 1 sein.',
  token_note: 'Sagen Sie mit höchstens 100 Zeichen, wofür das Token ist.',
  token_uses: 'Wie oft: von 1 bis 10.000.',
  token_days: 'Tage: von 1 bis 365.',
  token_not_found: 'Dieses Registrierungstoken gibt es nicht. Vielleicht wurde es schon widerrufen.',
  client_name_not_typed:
    'Es wurde nichts entfernt. Gehen Sie zurück und tippen Sie zur Bestätigung den Namen des Clients, „{name}“.',
  upstream_invalid: 'Der Dienst wurde nicht gespeichert: {faults}',
  upstream_not_found: 'Diesen Anmeldedienst gibt es hier nicht (mehr).',
  upstream_exists: 'Es gibt schon einen Anmeldedienst mit der Kennung {id}.',
  upstream_set_by_file:
    'Der Anmeldedienst „{name}“ ist in der Konfigurationsdatei festgelegt. Ändern Sie ihn dort und starten Sie den Server neu.',
  upstream_last_way_in:
    'Nichts wurde geändert: Passwörter sind ausgeschaltet, und ohne „{name}“ könnte sich kein Administrator mehr anmelden.',
  identity_not_found: 'Dieses verknüpfte Konto gibt es nicht. Vielleicht wurde es schon gelöst.',
  passwords_off_links:
    'Passwörter sind hier ausgeschaltet, ein Link zu einem neuen Passwort würde also nichts öffnen. Ein Konto entsteht bei der ersten Anmeldung mit einem Dienst, der Konten anlegt.',
  passwords_off:
    'Die Anmeldung mit einem Passwort dieses Servers ist ausgeschaltet. Nehmen Sie einen der anderen Wege auf der Anmeldeseite.',
  person_not_found: 'Ein solches Konto gibt es hier nicht (mehr).',
  consent_not_found: 'Eine solche Zustimmung gibt es nicht. Vielleicht ist sie schon beendet.',
  not_confirmed: 'Nichts wurde entfernt. Gehen Sie zurück und tippen Sie „{word}“ zur Bestätigung.',
}
