/** Texts of every page: layout, navigation, footer, the page between, error pages. */
export const common = {
  /** The name of this language in itself. */
  languageName: 'English',
  languages: 'Language',
  skip: 'Skip to content',
  pages: 'Pages',
  account: 'Your account',
  console: 'Console',
  signOut: 'Sign out',
  /** What the sheet is headed with. */
  productAt: '{product} at {host}',
  quote: '“{text}”',
  areas: {
    connections: 'Connections',
    security: 'Security',
    sessions: 'Sessions',
    history: 'History',
    data: 'Your data',
    console: 'Home',
    resources: 'MCP servers',
    clients: 'Clients',
    approvals: 'Approvals',
    people: 'People',
    upstreams: 'Sign-in providers',
    consents: 'Consents',
    audit: 'Audit',
    keys: 'Keys',
    diagnostics: 'Diagnostics',
    settings: 'Settings',
  },
  continue: {
    heading: 'One moment',
    text: 'You are being taken on. If your app has opened, you can close this page. If nothing happens, follow the link.',
    link: 'Continue',
  },
  error: {
    support: 'When you ask for help, mention',
    otherwise: 'Something went wrong here',
    /** Headings by HTTP status. */
    headings: {
      400: 'This request does not work',
      401: 'Please sign in',
      403: 'This is not allowed',
      404: 'There is nothing here',
      405: 'This address does not do that',
      409: 'This is already done',
      413: 'That is too large',
      415: 'This request does not work',
      429: 'Too many attempts',
      503: 'Busy just now',
    },
  },
}
