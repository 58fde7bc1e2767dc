/** Texts of the error pages of the protocol. */
export const provider = {
  /** What happened, by error code. An empty heading is that of the status. */
  pages: {
    invalid_client: {
      heading: 'This client is not known here',
      message: 'The program that sent you here uses a registration that this server does not have.',
      steps: [
        'Go back to the program, remove this connection there and add it again: it will register anew.',
        'If it was set up by hand, check its client id with the administrator of this server.',
      ],
    },
    removed: {
      heading: 'This client was removed from this server',
      message: '{client} still uses a registration that has been removed.',
      steps: [
        'Go back to the program, remove or sign out of this connection there, and connect again: it will register anew.',
      ],
    },
    blocked: {
      heading: 'This client is blocked',
      message: 'An administrator of this server has blocked {client}.',
      steps: ['If you need it, ask the administrator of this server.'],
    },
    pending: {
      heading: 'This client waits to be let in',
      message: 'An administrator of this server has to let {client} in first.',
      steps: ['Ask the administrator of this server, and connect again after that.'],
    },
    registration_closed: {
      heading: 'This client may not come in here',
      message:
        'This server lets in only clients that its administrator has added or let in. {client} is not one of them.',
      steps: ['Ask the administrator of this server to let it in for everyone, and connect again after that.'],
    },
    not_invited: {
      heading: 'This client was not invited',
      message: 'This server lets in clients that were invited. {client} registered without an invitation.',
      steps: [
        'Ask the administrator of this server for a registration token, or to let this client in.',
        'With a token: remove this connection in the program and add it again; it will register anew.',
      ],
    },
    host_not_listed: {
      heading: 'Answers may not go there',
      message:
        'This server sends answers to certain addresses only, and the one that {client} asks for is not on its list.',
      steps: ['If you need this program, tell the administrator of this server the address below.'],
    },
    document_refused: {
      heading: 'This client may not come in here',
      message: 'This server does not take the description by which {client} introduces itself.',
      steps: ['If you need it, give the administrator of this server the text below.'],
    },
    invalid_redirect_uri: {
      heading: 'This request would send you somewhere else',
      message:
        'The address to which the answer should go is not one that {client} has registered. Nothing was sent anywhere.',
      steps: [
        'If you did not start this yourself, close this page.',
        'If you did, go back to the program, remove this connection there and add it again: it will register its present address.',
      ],
    },
    invalid_target: {
      heading: 'This MCP server is not known here',
      message: '{client} asked for access to an MCP server that is not registered with this authorization server.',
      steps: [
        'Check the address of the MCP server in the program.',
        'An administrator can add it under “MCP servers”, also under the other spellings that clients use.',
      ],
    },
    invalid_scope: {
      heading: 'This permission does not exist',
      message: '{client} asked for permissions that the MCP server does not have.',
      steps: ['An administrator can compare the permissions here with those that the MCP server lists.'],
    },
    access_denied: { heading: 'You said no', message: 'Nothing was allowed and nothing was shared.', steps: [] },
    login_required: {
      heading: 'You are not signed in here',
      message: '{client} asked for an answer without a page, but you are not signed in here.',
      steps: ['Go back to the program and connect again.'],
    },
    consent_required: {
      heading: 'You have not allowed this yet',
      message: '{client} asked for an answer without a page, but you have not allowed this yet.',
      steps: ['Go back to the program and connect again.'],
    },
    session_not_found: {
      heading: 'This page has had its time',
      message: 'The request behind it is finished, has expired, or was begun in another browser.',
      steps: ['Go back to the program you were using and connect again.'],
    },
    already_answered: {
      heading: 'This was answered already',
      message: 'Another tab of this browser has finished this request.',
      steps: ['Go back to the program; if it is not connected, connect again.'],
    },
    temporarily_unavailable: {
      heading: 'Not just now',
      message: 'The server cannot do this at the moment, so nothing was allowed.',
      steps: ['Wait a moment and try again from the program you were using.'],
    },
    server_error: {
      heading: 'Something went wrong here',
      message: 'That was our fault; it has been written to the log.',
      steps: ['Go back to the program and try again in a moment.'],
    },
    other: {
      heading: 'This request does not work',
      message: '{client} made a request that this server cannot answer.',
      steps: [
        'Go back to the program and try again. If it happens again, give the text below to whoever looks after the program.',
      ],
    },
  },
  theProgram: 'The program that sent you here',
  /** The same within a sentence. */
  programWithin: 'the program that sent you here',
  back: 'Back to {client} at {place}',
  asked: {
    redirect: 'Address it asked for',
    registered: 'Addresses it has registered',
    resource: 'MCP server it asked for',
    known: 'Known here at that host',
    nothing: 'none',
    noResource: 'it named none',
    scope: 'Permissions it asked for',
  },
  developer: 'For the developer of the program',
  support: 'To copy when you ask for help',
  explain: 'What does {code} mean?',
  home: 'To your own pages',
  inProgram: 'In {program}',
  /** How to connect anew, by program. */
  programs: {
    claude: 'Open the settings, then Connectors. Remove or disconnect this connector, add it again, and connect.',
    claudeCode: 'Type /mcp in a session, choose this server, clear its authentication, and authenticate again.',
    chatgpt: 'Open the settings, then Apps & Connectors. Disconnect this connector, and connect it again.',
    vscode:
      'Run “Authentication: Remove Dynamic Authentication Providers” from the command palette, then start the server again from the list of MCP servers.',
    cursor: 'Open the settings, then Tools & MCP. Log out of this server beside its name, and press Connect again.',
    inspector: 'Open the Auth settings, press “Clear OAuth State”, then Connect.',
  },
}
