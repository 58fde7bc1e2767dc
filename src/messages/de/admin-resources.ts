import type { adminResources as source } from '../en/admin-resources.ts'

/** Texte der Seiten über MCP-Server. */
export const adminResources: typeof source = {
  list: {
    heading: 'MCP-Server',
    lead: 'Für diese Server werden Tokens ausgestellt und für keine anderen.',
    add: 'MCP-Server hinzufügen',
    empty:
      'Noch kein MCP-Server. Geben Sie die Adresse an, unter der Clients ihn erreichen; was er über sich sagt, wird dort gelesen.',
    addFirst: 'Den ersten hinzufügen',
    search: 'Name oder Adresse',
    searchSubmit: 'Suchen',
    nothingFits: 'Kein MCP-Server passt dazu.',
    server: 'MCP-Server',
    permissions: 'Berechtigungen',
    access: 'Wer ihn nutzen darf',
    lastToken: 'Letztes Token',
    test: 'Prüfung',
    act: 'Aktion',
    open: 'Öffnen',
    show: 'Ansehen',
    more: 'Weitere Server',
    first: 'Erste Server',
    aliases: (count: number) => (count === 1 ? 'und ein Alias' : `und ${count} Aliasse`),
    scopes: (count: number) => (count === 1 ? 'eine Berechtigung' : `${count} Berechtigungen`),
    destructive: (count: number) => (count === 1 ? 'eine zerstört' : `${count} zerstören`),
    noToken: 'zuletzt keines',
    notTested: 'nicht geprüft',
  },
  setByFile: 'aus der Datei',
  setByFileText: 'Dieser Server kommt aus der Konfigurationsdatei. Ändern Sie ihn dort und starten Sie den Server neu.',
  lights: { green: 'funktioniert', amber: 'funktioniert teilweise', red: 'funktioniert nicht' },
  accesses: { everyone: 'alle', admins: 'die Administration', listed: 'Personen der Liste' },
  add: {
    heading: 'MCP-Server hinzufügen',
    text: 'Geben Sie die Adresse an, unter der Clients ihn erreichen. Dieser Server sieht dann ohne Token dort nach, wie ein Client es täte, und liest, was der MCP-Server über sich sagt.',
    address: 'Adresse des MCP-Servers',
    hint: 'Zum Beispiel https://mcp.example/mcp',
    look: 'Dort nachsehen',
    byHand: 'Stattdessen von Hand ausfüllen',
    noAddress: 'Bitte geben Sie eine vollständige Adresse mit http oder https an, ohne Benutzernamen und Fragment.',
    found: 'Das sagt der Server unter {address} über sich. Lesen Sie es, ändern Sie es, fügen Sie ihn dann hinzu.',
    notFound:
      'Dort wurde keine Beschreibung gefunden. Füllen Sie aus, was der Server kann; was er ausliefern soll, steht nach dem Hinzufügen da.',
    foreign: 'Die Beschreibung dort spricht von einem anderen Server, {resource}. Nichts davon wurde übernommen.',
    leftOut: 'Weggelassen, weil sie alles auf einmal bedeuten oder eine eigene Bedeutung haben: {scopes}',
    seen: 'Was zu sehen war',
    guess: 'Risiko und Worte der Berechtigungen sind aus den Namen geraten. Menschen lesen sie, wenn sie entscheiden.',
  },
  form: {
    all: 'Alle MCP-Server',
    address: 'Adresse',
    addressHint: 'Wie Clients ihn erreichen. Sie steht als Empfänger in jedem Token und bleibt deshalb, wie sie ist.',
    addressStays: 'Die Adresse bleibt: Tokens und Prüfer enthalten sie.',
    name: 'Name',
    nameHint: 'Menschen sehen ihn, wenn sie gefragt werden. Leer heißt: die Adresse.',
    aliases: 'Aliasse',
    aliasesHint: 'Andere Schreibweisen, die Clients schicken, eine je Zeile.',
    tokens: 'Zugriffstokens',
    lifetime: 'Sekunden, die ein Token lebt',
    lifetimeHint:
      'Wo nur auf die Unterschrift geschaut wird, lebt ein Token bis zu seinem Ende: je kürzer, desto eher wirkt ein Widerruf. Ein Server, der der Liste der Widerrufe folgt oder nachfragt, weist es in Sekunden ab.',
    signature: 'Signatur',
    permissions: 'Berechtigungen',
    permissionsText:
      'Menschen lesen die Worte, Programme schicken den Scope. Die Zustimmungsseite zeigt die Tools. Eine leere Zeile zählt nicht.',
    scope: 'Scope-Name',
    words: 'Worte für Menschen',
    risk: 'Risiko',
    isDefault: 'Wird von selbst erbeten',
    risks: { read: 'liest', write: 'ändert', destructive: 'nicht umkehrbar' },
    tools: 'Tools, die sie öffnet, durch Leerzeichen getrennt',
    scopeOf: 'Scope-Name {row}',
    wordsOf: 'Worte von {row}',
    riskOf: 'Risiko von {row}',
    toolsOf: 'Tools von {row}, durch Leerzeichen getrennt',
    defaultOf: '{row} von selbst erbeten',
    moreRows: 'Mehr Zeilen',
    access: 'Wer ihn nutzen darf',
    accessHint:
      'Wer nicht darf, erfährt es, bevor er gefragt wird, und bekommt kein Token. Wer ausgeschlossen wird, verliert, was er erlaubt hatte.',
    everyone: 'Alle, die hier ein Konto haben',
    admins: 'Nur die Administration',
    listed: 'Nur die Personen dieser Liste',
    secondFactor: 'Wann zwei Faktoren nötig sind, um hier etwas zu erlauben',
    secondFactors: {
      never: 'Nicht wegen dieses Servers',
      destructive: 'Wenn ein Client etwas verlangt, das sich nicht rückgängig machen lässt',
      always: 'Immer',
    },
    secondFactorHint:
      'Wer einen zweiten Faktor hat, wird ohnehin danach gefragt. Wer keinen hat, richtet einen ein, sobald ein Client kommt.',
    people: 'E-Mail-Adressen, eine je Zeile',
    unknownPerson: 'Es gibt kein Konto mit der E-Mail-Adresse {email}.',
    save: 'Speichern',
    add: 'Hinzufügen',
    nothingSaved: 'Nichts wurde gespeichert.',
    saved: 'Gespeichert.',
    added:
      'Hinzugefügt. Sorgen Sie nun dafür, dass der Server Clients hierher schickt: Unten steht, was er ausliefern soll.',
    faults: {
      no_address: 'Geben Sie die Adresse des MCP-Servers an.',
      too_long: 'Einer der Texte ist zu lang.',
      lifetime: 'Die Lebensdauer eines Tokens ist eine ganze Zahl von Sekunden.',
      wrong_risk: 'Wählen Sie das Risiko jeder Berechtigung aus der Liste.',
    },
  },
  light: {
    heading: 'Prüfung',
    text: 'Fragt den Server ohne Token, wie ein Client es täte, und liest seine Beschreibung.',
    run: 'Jetzt prüfen',
    never: 'Nicht geprüft, seit dieser Server gestartet ist oder die Angaben oben geändert wurden.',
    at: 'Geprüft {at}',
  },
  facts: {
    lastToken: 'Letztes Token',
    none: (count: string) => `keines unter den letzten ${count} Ereignissen`,
    added: 'Hinzugefügt',
    changed: 'Geändert',
    consents: 'Zustimmungen',
    consentsLink: 'Zeigen, wer was erlaubt hat',
    introspectors: 'Darf nach seinen Token fragen',
    noIntrospector: 'niemand',
    addIntrospector: 'Einen Client dafür hinzufügen',
  },
  serve: {
    heading: 'Was der Server ausliefern soll',
    text: 'Über diese zwei Antworten finden Clients diesen Autorisierungsserver. Das Prüfer-Paket gibt beide von selbst.',
    challenge: 'Aufforderung in seiner 401',
    challengeHint: 'Auf jede Anfrage ohne gutes Token, mit Status 401.',
    document: 'Seine Beschreibung',
    documentHint: 'Unter {address}, als application/json, lesbar von überall.',
    code: 'Oder der Prüfer erledigt es',
    codeHint: 'Für Express; fetch, Koa, Hono, Fastify und das MCP-SDK haben ihren eigenen Einstieg.',
  },
  remove: {
    summary: 'Diesen MCP-Server entfernen …',
    text: 'Für ihn wird kein Token mehr ausgestellt, und alles, was Menschen für ihn erlaubt haben, endet. Wo nur auf die Unterschrift geschaut wird, leben Tokens, die unterwegs sind, noch bis zu {span}.',
    type: 'Geben Sie zur Bestätigung {name} ein',
    submit: 'Endgültig entfernen',
  },
  findings: {
    challenge_right: 'Er antwortet mit 401 und sagt, wo seine Beschreibung liegt.',
    resource_right: 'Seine Beschreibung nennt ihn {identifier}.',
    issuer_right: 'Seine Beschreibung schickt Clients zu diesem Server.',
    get_refused:
      'Er beantwortet GET mit 405, bevor er nach einem Token sieht. Die Prüfung des Tokens soll zuerst kommen, mit 401.',
    no_pointer: 'Seine 401 sagt nicht, wo die Beschreibung liegt. Ergänzen Sie resource_metadata mit {metadataUrl}.',
    pointer_elsewhere:
      'Seine 401 zeigt auf {pointer}. Neuere Clients erwarten die Beschreibung unter {metadataUrl}; liefern Sie sie auch dort aus.',
    offline_in_challenge:
      'Seine Aufforderung verlangt offline_access. Nehmen Sie es heraus: Ob Tokens erneuert werden, entscheidet sich hier.',
    offline_in_document:
      'Seine Beschreibung führt offline_access auf. Nehmen Sie es heraus: Ob Tokens erneuert werden, entscheidet sich hier.',
    other_spelling:
      'Seine Beschreibung nennt ihn {resource}. Strenge Clients vergleichen Buchstabe für Buchstabe: Schreiben Sie {identifier}.',
    issuer_spelling:
      'Seine Beschreibung schreibt diesen Server anders. In authorization_servers gehört genau {issuer}.',
    unknown_scopes:
      'Seine Beschreibung führt Berechtigungen auf, die hier niemand kennt: {scopes}. Ergänzen Sie sie hier oder streichen Sie sie dort.',
    plain_http:
      'Seine Adresse ist einfaches http und nicht auf dieser Maschine, also lässt sie sich von hier nicht prüfen. Geben Sie ihm https.',
    not_public:
      'Der Host {host} ist nicht öffentlich und wurde nicht angesprochen. Nennen Sie ihn in SALLYPORT_EGRESS_ALLOWED_HOSTS, damit er geprüft werden kann.',
    no_host: 'Der Host {host} hat keine Adresse. Prüfen Sie Schreibweise und Namensserver.',
    too_slow:
      'Binnen drei Sekunden kam kein Ende einer Antwort. Vielleicht ist es ein Strom, der allen offensteht: Verlangen Sie zuerst ein Token.',
    redirected:
      'Er antwortet mit einer Umleitung. Registrieren Sie die Adresse, unter der der Server wirklich liegt; Clients folgen nicht.',
    unreachable: 'Zu {host} kam keine Verbindung zustande. Läuft der Server, und ist sein Zertifikat gut?',
    open: 'Er antwortet ohne Token mit {status}: Alle können ihn benutzen. Verlangen Sie ein Token, mit 401.',
    nothing_there: 'Unter {address} ist nichts: Er antwortet mit {status}. Prüfen Sie den Pfad.',
    broken: 'Er scheitert mit {status}. Sehen Sie in sein Log.',
    wrong_status: 'Ohne Token antwortet er mit {status}. Es muss 401 sein, sonst beginnen Clients keine Anmeldung.',
    no_challenge:
      'Seine 401 hat keine Bearer-Aufforderung. Ergänzen Sie den Header WWW-Authenticate, wie er unten steht.',
    foreign_pointer:
      'Seine 401 zeigt auf einen anderen Host, {pointer}. Clients lehnen das ab: Liefern Sie die Beschreibung unter {metadataUrl} aus.',
    no_document: 'Unter {metadataUrl} liegt keine Beschreibung. Liefern Sie dort das Dokument aus, das unten steht.',
    bad_document:
      'Was unter {metadataUrl} liegt, ist keine Beschreibung: Es muss JSON mit dem Mitglied resource sein und application/json heißen.',
    other_resource:
      'Seine Beschreibung handelt von {resource}. Sie muss {identifier} nennen, sonst lehnen Clients sie ab.',
    issuer_missing: 'Seine Beschreibung nennt diesen Server nicht. Schreiben Sie {issuer} in authorization_servers.',
  },
}
