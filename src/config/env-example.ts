import { prefix, type Setting, settings } from './schema.ts'

/** The text of `.env.example`: every setting with its words and default, commented out, so that a copy changes nothing. */
export function envExample(): string {
  const head = [
    '# Every setting of Sallyport. Copy this file to .env and take the # away from the lines you change;',
    '# variables of the environment win over .env. Written by `npm run env-example`.',
  ]
  return `${[...head, ...Object.values(settings).flatMap(describe)].join('\n')}\n`
}

function describe(setting: Setting): string[] {
  const name = `${prefix}${setting.name}`
  const also = setting.alsoNamed === undefined ? '' : `; ${setting.alsoNamed} counts when this one is absent`
  const file = setting.secret === true ? [`#${name}_FILE=`] : []
  return ['', `# ${setting.doc}${also}`, `#${name}=${setting.default ?? ''}`, ...file]
}
