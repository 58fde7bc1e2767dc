/** What can be wrong with an MCP server as somebody wrote it; `{text}` comes with its quotation marks. */
export const resources = {
  faults: {
    identifier: 'The identifier {text} is not an absolute http or https URL without fragment and user.',
    lifetime: 'The token lifetime must be a whole number of seconds from {least} to {most}.',
    alg: 'The signing algorithm {text} is not one of {known}.',
    name_long: 'The name is longer than {most} characters.',
    name_unseen: 'The name holds characters that cannot be seen.',
    aliases: 'There are more than {most} aliases.',
    alias: 'The alias {text} is not an absolute http or https URL without fragment and user.',
    scopes: 'There are more than {most} scopes.',
    scope_twice: 'The scope {text} is there twice.',
    scope_name: 'The scope {text} must be 1 to {most} printable ASCII characters without space, quote and backslash.',
    scope_reserved: 'The scope {text} has a meaning of its own in OpenID Connect; choose another name.',
    scope_wildcard:
      'The scope {text} means everything at once; name each permission, so that people know what they allow.',
    words: 'The scope {text} needs a description of 1 to {most} characters: the consent page shows it.',
    words_unseen: 'The description of the scope {text} holds characters that cannot be seen.',
    risk: 'The risk of the scope {text} is not one of {known}.',
    tools: 'The scope {text} names more than {most} tools.',
    tool_name:
      'The tool {tool} of the scope {text} must be 1 to 128 letters, digits, dots, slashes, hyphens and underscores.',
    access: 'Who may use it is not one of {known}.',
    second_factor: 'When two factors are needed is not one of {known}.',
    members: 'There are more than {most} people on the list.',
    taken: '{text} already belongs to the MCP server “{owner}”.',
  },
}
