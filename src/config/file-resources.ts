import { canonicalResource } from '../oauth/resource-uri.ts'
import type { FileResource } from './config.ts'
import type { FileResourceContent } from './file-schema.ts'

/** Takes a fault at a place of the file. */
export type FaultAt = (place: string, problem: string, cure: string) => void

/** The MCP servers of the file in canonical spelling; faulty ones are reported and left out. */
export function readResources(contents: readonly FileResourceContent[], at: FaultAt): FileResource[] {
  const taken = new Set<string>()

  // One spelling may lead to one MCP server only: an alias that is another's identifier would bind tokens to the wrong one.
  function take(place: string, text: string): string | undefined {
    const canonical = canonicalResource(text)
    if (canonical === null)
      at(place, 'is no resource identifier', 'write an absolute http or https URL without fragment and user name')
    else if (taken.has(canonical)) at(place, `names ${canonical} a second time`, 'name every MCP server once')
    else {
      taken.add(canonical)
      return canonical
    }
    return undefined
  }

  return contents.flatMap((content, index) => {
    const identifier = take(`resources[${index}].identifier`, content.identifier)
    const aliases = content.aliases.flatMap((alias, position) => {
      // An alias that only differs in spelling needs no row: comparison is canonical.
      if (identifier !== undefined && canonicalResource(alias) === identifier) return []
      return take(`resources[${index}].aliases[${position}]`, alias) ?? []
    })
    if (identifier === undefined) return []
    return {
      identifier,
      name: content.name,
      aliases,
      tokenLifetimeSeconds: content.token_lifetime_seconds,
      signingAlg: content.signing_alg,
      secondFactor: content.second_factor,
      scopes: Object.entries(content.scopes).map(([name, { description, risk, default: isDefault, tools }]) => ({
        name,
        description,
        risk,
        isDefault,
        tools,
      })),
    }
  })
}
