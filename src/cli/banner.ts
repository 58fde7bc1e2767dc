import { version } from '../config/version.ts'

/** What the start of a server tells the person who started it. */
export interface BannerFacts {
  /** Where it listens. */
  readonly url: string
  readonly issuer: string
  /** Null once an administrator exists. */
  readonly setupLink: string | null
  readonly hasResources: boolean
}

/** The words of a start, for standard error, so that standard output holds log lines alone. No secret but the one-time link. */
export function banner({ url, issuer, setupLink, hasResources }: BannerFacts): string {
  const head = [`  Sallyport ${version}`, `  issuer    ${issuer}`, ...(url === issuer ? [] : [`  listening ${url}`])]
  const next =
    setupLink !== null
      ? ['  next: open this link to create the first administrator (it works once)', `        ${setupLink}`]
      : hasResources
        ? [`  next: connect an MCP client, or see ${issuer}/admin`]
        : [`  next: add your MCP server at ${issuer}/admin/resources`]
  return `\n${[...head, '', ...next].join('\n')}\n\n`
}
