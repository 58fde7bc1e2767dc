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
  file: {
    heading: 'Konfigurationsdatei',
    none: 'Es gibt keine. SALLYPORT_CONFIG nennt eine; ihre MCP-Server und Clients sind hier nur zu lesen.',
    holds: 'Sie enthält {resources} MCP-Server, {clients} Clients und {documents} hinterlegte Client-Dokumente.',
  },
}
