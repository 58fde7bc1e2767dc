import type { adminSettings as source } from '../en/admin-settings.ts'

/** Texte der Seite der Einstellungen. */
export const adminSettings: typeof source = {
  title: 'Einstellungen',
  lead: 'Was in diesem Prozess gilt und woher jeder Wert kommt. Einstellungen werden beim Start gelesen; ändern Sie sie dort und starten Sie den Server neu.',
  same: 'Dasselbe auf der Kommandozeile: {command}',
  setting: 'Einstellung',
  value: 'Wert',
  from: 'Kommt aus',
  set: 'gesetzt',
  notSet: 'nicht gesetzt',
  none: 'keiner',
  origins: {
    environment: 'Umgebung',
    secret_file: 'Datei, die {name} nennt',
    file: 'aus der Datei',
    default: 'Vorgabe',
    made: 'beim ersten Start erzeugt',
  },
  changed: 'Weicht von der Vorgabe ab',
  groups: {
    server: 'Dieser Server',
    clients: 'Clients',
    lifetimes: 'Lebensdauern',
    look: 'Aussehen',
    mail: 'Post',
    operation: 'Betrieb',
  },
  limits: {
    heading: 'Grenzen',
    lead: 'Wie viele Anfragen durchkommen, bevor die nächste warten muss. Raten an Passwörtern und Codes wird außerdem gebremst.',
    off: 'Aus: RATE_LIMITS ist aus. Raten an Passwörtern und Codes wird trotzdem gebremst.',
    name: 'Grenze',
    atMost: 'Höchstens',
    counted: 'Gezählt',
    rule: {
      address: '{points} in {window} von einer Adresse',
      account: '{points} in {window} für ein Konto',
      client: '{points} in {window} für einen Client',
      everyone: '{points} in {window} von allen zusammen',
    },
    isOff: 'aus',
    here: 'von jedem Prozess für sich',
    together: 'von allen Prozessen gemeinsam',
  },
  file: {
    heading: 'Konfigurationsdatei',
    none: 'Es gibt keine. SALLYPORT_CONFIG nennt eine; ihre MCP-Server und Clients sind hier nur zu lesen.',
    holds: 'Sie enthält {resources} MCP-Server, {clients} Clients und {documents} hinterlegte Client-Dokumente.',
  },
}
