/** Texts of the page of settings. */
export const adminSettings = {
  title: 'Settings',
  lead: 'What counts in this process, and where each value comes from. Settings are read at the start; change them there and start the server again.',
  same: 'The same on the command line: {command}',
  setting: 'Setting',
  value: 'Value',
  from: 'Comes from',
  set: 'set',
  notSet: 'not set',
  none: 'none',
  origins: {
    environment: 'environment',
    secret_file: 'file named by {name}',
    file: 'set by file',
    default: 'default',
    made: 'made at the first start',
  },
  changed: 'Changed from its default',
  groups: {
    server: 'Server',
    clients: 'Clients',
    lifetimes: 'Lifetimes',
    look: 'Look',
    mail: 'Mail',
    operation: 'Operation',
  },
  file: {
    heading: 'Configuration file',
    none: 'There is none. SALLYPORT_CONFIG names one; MCP servers and clients of it are shown read-only here.',
    holds: 'It holds {resources} MCP servers, {clients} clients and {documents} pinned client documents.',
  },
}
