const passwordHint = 'At least 8 characters; spaces and any letters are welcome.'

/** Texts of sign-in, sign-out, setup and change of password. */
export const login = {
  signIn: {
    heading: 'Sign in',
    /** {client}: the name it gives itself; {server}: the MCP server's name; {address}: its address. */
    asks: '“{client}” asks to use {server} {address}',
    claim: 'The name in quotes is the client’s own choice.',
    next: 'Sign in first. What it may do is asked on the next page.',
    email: 'E-mail address',
    password: 'Password',
    submit: 'Sign in',
    cancel: 'Cancel',
    forgotten: 'Forgot your password?',
    faults: {
      refused: 'This e-mail address and password do not let you in. Please check both and try again.',
      missing: 'Please enter your e-mail address and your password.',
      wait: 'Too many sign-ins have failed. Please try again in {wait}. A browser in which you have signed in before, or a new password, lets you in sooner.',
    },
  },
  /** For somebody who is signed in, before acts on secrets, keys and people. */
  again: {
    heading: 'Is it still you?',
    why: {
      '1': 'This page needs a sign-in from the last few minutes. Sign in once more, and you are there.',
      posted:
        'Nothing was changed yet: this act needs a sign-in from the last few minutes. Sign in once more, and you come back to the form to send it again.',
    },
  },
  cancelled: {
    heading: 'Nothing was allowed',
    text: 'You did not sign in, and nothing was allowed.',
    back: 'Back to the client',
  },
  signOut: {
    heading: 'Sign out?',
    text: 'You will be signed out of this browser. Clients that you have connected stay connected.',
    submit: 'Sign out',
    stay: 'Stay signed in',
  },
  setup: {
    heading: 'Create the first administrator',
    text: 'This server is new. Whoever fills in this form looks after it: MCP servers, clients and people.',
    name: 'Your name',
    email: 'E-mail address',
    password: 'Password',
    passwordHint,
    submit: 'Create and sign in',
    passwordsOff:
      'Signing in with passwords is switched off on this server. This one counts only when they are switched on again: on the next page, add a passkey or link an account before you sign out.',
    refused: 'Nothing was created yet. Please look at the marked fields.',
    faults: {
      name: { empty: 'Please enter a name of up to 100 characters.' },
      email: {
        not_an_address: 'Please enter an e-mail address.',
        taken: 'There is an account with this e-mail address already.',
      },
    },
  },
  /** Behind the link of an invitation. */
  invitation: {
    heading: 'Welcome, {name}',
    text: 'You have been invited to {product}. Choose a password for your account {email}, and you are signed in.',
    password: 'Password',
    submit: 'Accept and sign in',
    refused: 'Nothing is lost: the invitation is still good. Please look at the marked field.',
  },
  /** Behind the link of a forgotten password. */
  reset: {
    heading: 'Choose a new password',
    text: 'For your account {email}. You will be signed out everywhere, and every client you have connected has to be connected again.',
    password: 'New password',
    submit: 'Change password',
    refused: 'Your password was not changed yet; the link is still good. Please look at the marked field.',
    done: 'Your password is changed. Sign in with the new one.',
  },
  forgotten: {
    heading: 'Forgot your password?',
    askedHeading: 'Look into your mail',
    texts: {
      ask: 'Tell us your e-mail address, and we send a letter with a link to choose a new one.',
      asked:
        'If there is an account with this address, a letter is on its way to it. Its link works once, for an hour. If nothing arrives, look into the folder for spam, or ask the administrator of this server.',
      by_hand:
        'This server sends no mail. Ask its administrator: they can give you a link with which you choose a new password.',
    },
    email: 'E-mail address',
    submit: 'Send the letter',
    back: 'Back to the sign-in',
  },
  security: {
    heading: 'Security',
    section: 'Change your password',
    text: 'Your other sessions end, and every client you have connected has to be connected again.',
    current: 'Current password',
    password: 'New password',
    passwordHint,
    submit: 'Change password',
    done: 'Your password is changed. Your other sessions and all connections have ended.',
    refused: 'Your password was not changed.',
    wrongCurrent: 'This is not your current password.',
  },
  /** What is wrong with a new password; invitations and resets use them, too. */
  passwordFaults: {
    too_short: 'Please take at least 8 characters. Several words in a row are a good start.',
    too_long: 'Please take 128 characters at most.',
    common: 'This password is one that everybody tries first. Please take another one.',
    about_you:
      'This is little more than a name that everybody knows: yours, your address, or this server’s. Please take another one.',
  },
}
