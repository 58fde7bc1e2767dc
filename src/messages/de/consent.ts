import type { consent as source } from '../en/consent.ts'

/** Texts of the consent page and what follows it. */
export const consent: typeof source = {
  title: '{client} erlauben, {server} zu benutzen?',
  headings: {
    unverified: 'Ein Client, der sich „{client}“ nennt, möchte {server} in Ihrem Namen benutzen',
    'local-program': 'Ein Programm, das sich „{client}“ nennt, möchte {server} in Ihrem Namen benutzen',
    'domain-proven': '„{client}“ von {host} möchte {server} in Ihrem Namen benutzen',
    operator: '„{client}“ möchte {server} in Ihrem Namen benutzen',
  },
  badges: {
    unverified: 'hat sich selbst registriert, ungeprüft',
    'local-program': 'lokales Programm auf diesem Computer, ungeprüft',
    operator: 'von Ihrem Administrator hinzugefügt',
    allowed: 'von Ihrem Administrator erlaubt',
  },
  explanations: {
    'domain-proven': 'Diese Domain veröffentlicht die Beschreibung des Clients. Den Namen hat er selbst gewählt.',
    'domain-proven-local':
      'Diese Domain veröffentlicht die Beschreibung des Clients; den Namen hat er selbst gewählt. Welches Programm auf diesem Computer fragt, lässt sich nicht beweisen.',
    operator: 'Ein Administrator dieses Servers hat diesen Client hinzugefügt.',
    allowed: 'Er hat sich selbst registriert, und ein Administrator dieses Servers lässt ihn für alle zu.',
    unverified: 'Niemand bürgt für diesen Client. Den Namen hat er selbst gewählt.',
    'local-program': 'Es hat sich von irgendeinem Computer selbst registriert. Den Namen hat es selbst gewählt.',
  },
  reasons: {
    'new-resource': 'Sie haben diesem Client schon etwas erlaubt, aber nicht für diesen MCP-Server.',
    'new-redirect-host':
      'Sie haben diesem Client schon etwas erlaubt, aber damals ging die Antwort an einen anderen Ort.',
    'changed-document': 'Dieser Client beschreibt sich anders als damals, als Sie ihn erlaubt haben.',
    expired: 'Was Sie früher erlaubt haben, ist abgelaufen.',
    'new-scope': 'Er bittet um mehr, als Sie bisher erlaubt haben.',
    'cross-site-start':
      'Eine andere Website hat Sie hierher geschickt, deshalb werden Sie noch einmal gefragt. Erlauben Sie nur, was Sie wollten.',
    'unproven-local-client':
      'Jedes Programm auf diesem Computer könnte unter diesem Namen fragen, deshalb werden Sie jedes Mal gefragt.',
    'asked-by-client': 'Der Client wollte, dass Sie diese Seite noch einmal sehen.',
  },
  facts: {
    server: 'MCP-Server',
    destination: 'Antwort geht an',
    person: 'Sie sind',
    notYou: 'nicht Sie? wechseln',
  },
  destination: {
    loopback: 'ein Programm auf diesem Computer',
    private: 'die App, die auf {scheme} hört',
    loopbackLead: 'Machen Sie nur weiter, wenn Sie das gerade eben',
    loopbackRest: 'auf diesem Computer begonnen haben. Jedes Programm hier könnte an diesem Port lauschen.',
    privateLead: 'Machen Sie nur weiter, wenn Sie das gerade eben begonnen haben.',
    privateRest: 'Jede App auf diesem Gerät kann solche Adressen für sich beanspruchen.',
    otherHost: 'Das ist ein anderer Host als {host}, der die Beschreibung des Clients veröffentlicht.',
    stranger: 'Erlauben Sie es nur, wenn Sie {host} kennen und wollen, dass er in Ihrem Namen handelt.',
    punycode: 'Der Name dieses Hosts enthält Buchstaben außer a bis z, die wie andere aussehen können.',
  },
  permissions: {
    asks: 'Er bittet darum',
    will: 'Er wird können',
    none: 'Sich mit diesem MCP-Server verbinden. Der Server nennt keine einzelnen Rechte.',
    known: 'Schon erlaubt: {list}.',
    fresh: 'Neu: {list}.',
    required: 'nötig',
    requiredWhy: 'Ohne dieses Recht tut der Server nichts.',
    allowed: 'schon erlaubt',
    new: 'neu',
    newWhy: 'Das haben Sie bisher nicht erlaubt.',
    opens: (count: number) => `öffnet ${count} ${count === 1 ? 'Tool' : 'Tools'}`,
    raw: 'Wie Programme es nennen',
    identity: 'Er erfährt auch, wer Sie sind: die Kennung Ihres Kontos hier.',
    risks: {
      read: { title: 'Lesen', badge: 'liest nur', means: 'Es sieht Daten und ändert nichts.' },
      write: {
        title: 'Ändern',
        badge: 'ändert Daten',
        means: 'Es fügt Daten hinzu und ändert sie; was es tut, lässt sich berichtigen.',
      },
      destructive: {
        title: 'Nicht rückgängig zu machen',
        badge: 'nicht rückgängig zu machen',
        means: 'Es löscht oder tut, was sich nicht zurücknehmen lässt, und fragt Sie dabei nicht jedes Mal.',
      },
    },
  },
  duration: {
    stay: 'Verbunden bleiben',
    stayWhy:
      'Er darf weitermachen, ohne Sie noch einmal zu fragen. Ohne das muss er fragen, sobald sein erster Zugang endet.',
    label: 'Erlaubt für',
    hour: '1 Stunde',
    day: 'heute',
    month: '30 Tage',
    revoked: 'bis Sie es widerrufen',
    ends: 'Danach enden die Verbindung und ihr letzter Zugang von selbst.',
    today: 'Heute endet um Mitternacht UTC, {left}.',
    atMost: 'Spätestens nach {span} endet alles.',
  },
  elsewhere: {
    summary: 'Läuft das Programm auf einem anderen Rechner?',
    label: 'Einen Code zum Kopieren zeigen',
    why: 'Für SSH und Container: Ihr Browser erreicht das Programm dort nicht. Sie fügen den Code dort selbst ein.',
  },
  acknowledge: {
    label: 'Ich kenne {host} und will, dass er in meinem Namen handelt',
    missing: 'Noch wurde nichts erlaubt. Bestätigen Sie, dass Sie {host} kennen, oder wählen Sie Ablehnen.',
  },
  lookAlike: {
    title: 'Ist das der richtige {client}?',
    heading: 'Das ist nicht der Client {known}, den man hier benutzt',
    provenAs: 'Jener weist sich als {host} aus.',
    vouchedFor: 'Für jenen bürgt ein Administrator dieses Servers.',
    thisOne: 'Dieser nennt sich „{client}“, kam zuerst {since} hierher und schickt Sie zu {host}.',
    thisOneProven: 'Dieser nennt sich „{client}“, wird von {proven} beschrieben und schickt Sie zu {host}.',
    advice: 'Wenn Ihnen jemand einen Link geschickt hat oder Sie unsicher sind, lehnen Sie ab. Dann geschieht nichts.',
    label: 'Ich kenne {host} und will sehen, worum er bittet',
    missing: 'Bestätigen Sie, dass Sie {host} kennen, oder wählen Sie Ablehnen.',
    goOn: 'Weiter',
    note: 'Das ist nicht der Client {known}, den man hier benutzt.',
  },
  deny: 'Ablehnen',
  allow: 'Erlauben',
  about: {
    firstSeen: 'Hier zuerst gesehen am {date}',
    people: (count: number, many: string) =>
      count === 0
        ? 'hier benutzt ihn noch niemand'
        : count === 1
          ? 'hier benutzt ihn ein Mensch'
          : `hier benutzen ihn ${many} Menschen`,
    moreThan: 'mehr als {count}',
    changed: 'beschrieb sich bis {date} anders',
    revoke: 'widerrufen können Sie jederzeit unter {connections}',
    connections: 'Verbindungen',
    document: 'seine Beschreibung',
    policy: 'Datenschutz bei {host}',
    terms: 'Bedingungen bei {host}',
  },
  block: {
    summary: 'Trauen Sie diesem Client nicht?',
    forYou:
      'Er kann Sie nicht mehr fragen, was Sie ihm erlaubt haben, endet, und die Administratoren werden benachrichtigt.',
    forAll: 'Niemand hier kann ihn mehr benutzen, und was er hat, endet jetzt.',
    submit: 'Diesen Client sperren',
    submitForAll: 'Für alle sperren',
    heading: 'Dieser Client ist gesperrt',
    doneForYou:
      '„{client}“ kann Sie nicht mehr fragen. Was Sie ihm erlaubt hatten, ist beendet, und die Administratoren dieses Servers wurden benachrichtigt.',
    doneForAll: '„{client}“ ist für alle gesperrt. Was man ihm erlaubt hatte, ist beendet.',
    stands: 'Sie haben „{client}“ gesperrt. Er kann Sie um nichts bitten.',
    undo: 'Wieder fragen lassen',
  },
  vouch: {
    summary: 'Für Administratoren',
    text: 'Wenn Sie diesen Client kennen, lassen Sie ihn für alle zu: Er gilt als von den Administratoren erlaubt, und niemand wird unterwegs angehalten. Gefragt wird weiterhin jeder selbst.',
    submit: 'Für alle erlauben',
    done: 'Dieser Client ist jetzt für alle zugelassen. Für sich selbst werden Sie weiterhin gefragt.',
  },
  denied: {
    heading: 'Nichts wurde erlaubt',
    toldNow: 'Sie haben abgelehnt. „{client}“ hat nichts bekommen und erfährt das gerade unter {place}.',
    toldLater: 'Sie haben abgelehnt. „{client}“ hat nichts bekommen und erfährt das, wenn Sie zurück zu {place} gehen.',
    back: 'Zurück zum Client',
  },
  after: {
    title: 'Erlaubt',
    heading: '„{client}“ ist verbunden',
    text: 'Er darf {server} jetzt in Ihrem Namen benutzen. Sie werden weitergeleitet; diese Seite können Sie schließen.',
    textApp:
      'Er darf {server} jetzt in Ihrem Namen benutzen. Ihre App sollte sich öffnen; dann können Sie diese Seite schließen.',
    open: 'Weiter',
    manage: 'Verbindungen verwalten',
    stuck: 'Es passiert nichts?',
    stuckText:
      'Wenn Ihr Browser das Programm nicht erreicht, gehen Sie auf diese Seite zurück: Dort steht ein Code zum Kopieren.',
    showCode: 'Den Code zum Kopieren zeigen',
  },
  returned: {
    heading: 'Das ist schon beantwortet',
    text: '„{client}“ darf {server} in Ihrem Namen benutzen. Wenn er verbunden ist, schließen Sie diese Seite.',
    copyHeading: 'Die Antwort selbst zum Programm bringen',
    copyText:
      'Fügen Sie diese Adresse dort ein, wo das Programm danach fragt, oder öffnen Sie sie auf dem Rechner, auf dem es läuft. Sie gilt einmal, etwa eine Minute lang.',
    address: 'Adresse',
    code: 'Nur der Code',
    open: 'Noch einmal öffnen',
    late: 'Zu spät? Gehen Sie zurück zum Client und verbinden Sie sich noch einmal.',
  },
}
