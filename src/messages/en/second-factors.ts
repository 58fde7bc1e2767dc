/** Texts of second factors: proving one, setting one up, looking after them. */
export const factors = {
  /** One more step of a sign-in. */
  prove: {
    heading: 'One more step',
    /** {email}: whose sign-in it is. */
    texts: {
      code: 'Open your authenticator app and enter the six digits that it shows for {email}.',
      passkey: 'Confirm with a passkey that it is you, {email}.',
      recovery: 'Enter one of the recovery codes of {email}. Each of them works once.',
    },
    code: 'Code',
    codeHint: 'Six digits; a new code every 30 seconds.',
    recoveryCode: 'Recovery code',
    recoveryHint: 'Four groups of four, as they stand on your paper.',
    submit: 'Continue',
    passkeySubmit: 'Use a passkey',
    or: 'or',
    toRecovery: 'I have neither at hand: use a recovery code',
    toFactors: 'Use the authenticator app or a passkey instead',
    onlyPasskey: 'This request takes a passkey only: nobody can pass one on to another site by mistake.',
    nothingLeft: 'Lost everything? An administrator of this server can reset your second factors.',
    restart: 'Sign in as somebody else',
    cancel: 'Cancel',
    faults: {
      wrong_code: 'This code is not right, or it was used already. Take the next one that the app shows.',
      wrong_recovery: 'This recovery code is not right, or it was used already.',
      wrong_passkey: 'This passkey did not fit. Please try again.',
      missing: 'Please enter a code.',
    },
    ended: {
      heading: 'Please sign in again',
      text: 'This sign-in has ended: too many codes were wrong, or it waited for more than ten minutes. Nobody was signed in.',
      submit: 'To the sign-in',
    },
  },
  /** Around every button that needs the script. */
  passkey: {
    signIn: 'Sign in with a passkey',
    noScript: 'Passkeys need JavaScript, and this browser has it switched off.',
    unsupported: 'This browser cannot use passkeys.',
    failed: 'Nothing was confirmed. Perhaps it was cancelled or took too long; please try again.',
    known: 'This device holds a passkey for your account already.',
    refused:
      'This passkey does not let you in here. Perhaps it was removed, or this page has been open for too long; please try again.',
  },
  setup: {
    heading: 'Set up a second step',
    why: {
      console: 'The console opens only with a second step at sign-in. Set one up now; it takes a minute.',
      demanded:
        'This server asks for a second step at sign-in, and you have none yet. Set one up now; it takes a minute.',
      phishing_resistant:
        'This request takes a passkey only, and you have none yet. Create one now; it takes a moment.',
      own: 'Whoever knows your password gets no further without it.',
    },
    passkeyHeading: 'Passkey',
    passkeyText:
      'Your device or password manager keeps a key and asks for your finger, face or PIN. No other site can ask for it, and it lets you sign in without a password, too.',
    passkeyName: 'Name of the passkey',
    passkeyNameHint: 'For your list, for example where it is kept.',
    passkeySubmit: 'Create a passkey',
    usualName: 'Passkey',
    noScript:
      'Creating a passkey needs JavaScript, and this browser has it switched off. An authenticator app works without.',
    noScriptAlone:
      'Creating a passkey needs JavaScript, and this browser has it switched off. Switch it on for this address and load the page again.',
    appHeading: 'Authenticator app',
    appText: 'An app on your phone shows six digits that change every 30 seconds. Any of them will do.',
    appSubmit: 'Use an app',
    faults: {
      passkey: 'The passkey was not stored: it did not fit, or this page has been open for too long. Please try again.',
      name: 'Please give the passkey a name of up to 60 characters.',
      full: 'Nothing was stored: there is a second step already, or there are as many passkeys as there may be.',
    },
    back: 'Back',
  },
  app: {
    heading: 'Set up your authenticator app',
    scan: 'Scan this picture with the app.',
    picture: 'QR code for the authenticator app; the text below says the same',
    byHand: 'Or type this key into the app: {place}, time-based, six digits.',
    key: 'Key',
    code: 'Code that the app shows now',
    codeHint: 'Six digits. With it we know that the app is set up.',
    submit: 'Finish',
    replaces: 'The app that you have set up before stops working for this account.',
    faults: {
      wrong: 'This code does not fit. Check that the clock of your phone is right, and take the next code.',
      too_late: 'This page has been open for too long, or something was set up in the meantime. Here is a new picture.',
    },
  },
  recovery: {
    heading: 'Your recovery codes',
    text: 'With one of these you get in when you have lost phone and passkey. Each works once. Print them or write them down; they are shown this one time only.',
    list: 'Recovery codes',
    others: 'Your other sessions have ended.',
    submit: 'I have kept them',
  },
  security: {
    state: {
      two: 'Your sign-in takes two steps.',
      one: 'Your password alone lets in whoever knows it. A second step shuts them out.',
    },
    passkeys: {
      heading: 'Passkeys',
      text: 'They let you sign in without a password, and no other site can ask for them.',
      none: 'You have no passkey yet.',
      add: 'Add a passkey',
      backedUp: 'kept in sync between devices',
      oneDevice: 'on one device',
      created: 'created {date}',
      lastUsed: 'last used {date}',
      neverUsed: 'not used yet',
      name: 'Name',
      rename: 'Rename',
      remove: 'Remove',
      edit: 'Rename or remove',
      impossible: 'Passkeys need this server to have a name: browsers keep none for a numeric address.',
    },
    app: {
      heading: 'Authenticator app',
      none: 'Not set up.',
      since: 'Set up {date}, {used}.',
      lastUsed: 'last used {date}',
      neverUsed: 'not used since',
      setUp: 'Set up an app',
      replace: 'Set up another phone',
      remove: 'Remove',
    },
    recovery: {
      heading: 'Recovery codes',
      none: 'You get ten of them with your first second step.',
      left: (count: number) => (count === 1 ? 'One code is left.' : `${count} codes are left.`),
      made: 'Made {date}.',
      renew: 'Make new codes',
      renewHint: 'The old ones are void then.',
    },
    identities: {
      heading: 'Linked accounts',
      text: 'Accounts at other providers with which you sign in here.',
      open: 'See and link accounts',
    },
    done: {
      password: 'Your password is changed. Your other sessions and all connections have ended.',
      authenticator: 'Your authenticator app is set up.',
      authenticator_removed: 'Your authenticator app is removed.',
      passkey: 'Your passkey is stored.',
      passkey_renamed: 'The passkey has its new name.',
      passkey_removed: 'The passkey is removed. Delete it from your device or password manager, too.',
    },
    faults: {
      passkey_name: 'Please give the passkey a name of up to 60 characters. Nothing was changed.',
      last_way: 'This passkey is the only way into your account. Set a password or add another passkey first.',
      gone: 'There is no such passkey of yours (any more).',
    },
  },
}
