import type { resources as source } from '../en/resources.ts'

/** Was an einem MCP-Server, wie ihn jemand aufgeschrieben hat, falsch sein kann. */
export const resources: typeof source = {
  faults: {
    identifier:
      'Die Adresse {text} ist keine vollständige Adresse mit http oder https, ohne Fragment und Benutzernamen.',
    lifetime: 'Die Lebensdauer eines Tokens muss eine ganze Zahl von Sekunden von {least} bis {most} sein.',
    alg: 'Das Signaturverfahren {text} ist keines von {known}.',
    name_long: 'Der Name ist länger als {most} Zeichen.',
    name_unseen: 'Der Name enthält Zeichen, die man nicht sieht.',
    aliases: 'Es sind mehr als {most} Aliasse.',
    alias: 'Der Alias {text} ist keine vollständige Adresse mit http oder https, ohne Fragment und Benutzernamen.',
    scopes: 'Es sind mehr als {most} Berechtigungen.',
    scope_twice: 'Die Berechtigung {text} steht zweimal da.',
    scope_name:
      'Die Berechtigung {text} muss aus 1 bis {most} druckbaren ASCII-Zeichen bestehen, ohne Leerzeichen, Anführungszeichen und Backslash.',
    scope_reserved:
      'Die Berechtigung {text} hat in OpenID Connect eine eigene Bedeutung; wählen Sie einen anderen Namen.',
    scope_wildcard:
      'Die Berechtigung {text} bedeutet alles auf einmal; nennen Sie jede einzeln, damit Menschen wissen, was sie erlauben.',
    words: 'Die Berechtigung {text} braucht Worte von 1 bis {most} Zeichen: Die Zustimmungsseite zeigt sie.',
    words_unseen: 'Die Worte der Berechtigung {text} enthalten Zeichen, die man nicht sieht.',
    risk: 'Das Risiko der Berechtigung {text} ist keines von {known}.',
    tools: 'Die Berechtigung {text} nennt mehr als {most} Tools.',
    tool_name:
      'Das Tool {tool} der Berechtigung {text} muss aus 1 bis 128 Buchstaben, Ziffern, Punkten, Schrägstrichen, Binde- und Unterstrichen bestehen.',
    access: 'Wer ihn nutzen darf, ist keines von {known}.',
    second_factor: 'Wann zwei Faktoren nötig sind, ist keines von {known}.',
    members: 'Auf der Liste stehen mehr als {most} Personen.',
    taken: '{text} gehört schon zum MCP-Server „{owner}“.',
  },
}
