/** Texts of letters. {product}: the name of this server; {host}: its host; {until}: the end of the link. */
export const mail = {
  greeting: 'Hello {name},',
  invitation: {
    subject: 'Your invitation to {product}',
    body: 'you have been invited to {product} at {host}. Choose a password, and your account {email} is yours.',
    button: 'Accept the invitation',
    otherwise: 'If you did not expect it, do nothing.',
  },
  reset: {
    subject: 'Choose a new password for {product}',
    body: 'somebody, hopefully you, asked for a new password for your account {email} at {host}.',
    button: 'Choose a new password',
    otherwise: 'If it was not you, do nothing: your password stays as it is.',
  },
  until: 'The link works once, until {until}.',
  plainLink: 'If the button does nothing, copy this address into your browser:',
  sentBy: 'Sent by {product} at {host}. Please do not answer.',
}
