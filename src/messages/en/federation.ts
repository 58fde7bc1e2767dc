/** Texts of signing in through a provider upstream. {upstream} is the name that an administrator gave it. */
export const federation = {
  /** Where its name is not known any more. */
  anUpstream: 'the other provider',
  /** On the sign-in page. */
  ways: {
    button: 'Continue with {upstream}',
    none: 'Nobody can sign in here at the moment. Ask the administrator of this server.',
  },
  /** Before the hop, inside an authorization. */
  card: {
    title: 'Continue to {upstream}?',
    next: 'You sign in at',
    afterwards: 'Afterwards you come back to this server. Nothing is allowed before you say so here.',
    /** {client}: the name it gives itself. */
    second:
      '{upstream} may ask you for a consent of its own. That one is for this server and says nothing about “{client}”.',
    goOn: 'Continue to {upstream}',
    back: 'Sign in another way',
  },
  waysOn: {
    signIn: 'Back to the sign-in',
    security: 'Back to your security page',
  },
  /** Why a hop ended without a sign-in. */
  refusals: {
    malformed: {
      heading: 'This is no answer we can use',
      text: 'Something is missing from the address that you came with, or there is too much in it. Nothing happened. Go back to where you began and sign in once more.',
    },
    spent: {
      heading: 'This sign-in is over',
      text: 'It was used already, or it waited longer than ten minutes. If you pressed Back or opened an old tab, just go back to where you began and sign in once more.',
    },
    other_browser: {
      heading: 'This sign-in began in another browser',
      text: 'Nobody was signed in. If somebody sent you a link that led here, do not follow it: it would have signed you in for them. If you began this yourself, go back to that browser, or start again in this one.',
    },
    mixed_up: {
      heading: 'This answer came from the wrong place',
      text: 'You were sent to one provider, and an answer came back at the address of another. Nobody was signed in. Go back to where you began and sign in once more.',
    },
    gone: {
      heading: 'This way to sign in has changed',
      text: 'An administrator changed or removed it while you were away. Nobody was signed in. Go back and choose how to sign in.',
    },
    interaction_over: {
      heading: 'The client does not wait any more',
      text: 'You came back from {upstream}, but the request of the client is over: it waited too long or was answered in another tab. Go back to the client and connect again.',
    },
    signed_out: {
      heading: 'You are signed out here',
      text: 'Nothing was linked: you signed out, or signed in as somebody else, while you were at {upstream}. Sign in and link it once more.',
    },
    other_person: {
      heading: 'That was somebody else',
      text: 'We asked whether it is still you, and {upstream} signed somebody else in. Nothing has changed. Try again with the account there that is linked to yours here.',
    },
    upstream_down: {
      heading: '{upstream} does not answer',
      text: 'It is down, or too slow just now. Nothing is lost: try again in a minute, or sign in another way.',
    },
    upstream_refused: {
      heading: 'We cannot accept this answer of {upstream}',
      text: 'What came back did not pass our checks, so nobody was signed in. Try again; if it happens again, show the lines below to the administrator of this server.',
    },
    upstream_denied: {
      heading: 'You did not sign in at {upstream}',
      text: 'The sign-in was cancelled there, or it was not allowed. Nobody was signed in here. Try again, or sign in another way.',
    },
    person_disabled: {
      heading: 'This way to sign in has changed',
      text: 'An administrator has switched {upstream} off. Sign in another way.',
    },
    person_issuer: {
      heading: '{upstream} is not open to your organisation here',
      text: 'You signed in there, but people of your organisation there may not sign in here. Ask the administrator of this server.',
    },
    person_tenant: {
      heading: '{upstream} is not open to your organisation here',
      text: 'You signed in there, but people of your organisation there may not sign in here. Try with another account there, or ask the administrator of this server.',
    },
    person_domain: {
      heading: 'This e-mail address may not sign in here',
      text: 'You signed in at {upstream}, but this server takes confirmed addresses of certain domains only. Try with another account there, or ask the administrator of this server.',
    },
    person_group: {
      heading: 'You are not in a group that may sign in here',
      text: 'You signed in at {upstream}, but only members of certain groups there may sign in here. Ask the administrator of this server.',
    },
    person_no_new_accounts: {
      heading: 'You have no account here yet',
      text: 'You signed in at {upstream}, but nobody here is linked to you there. If you have an account here, sign in to it another way and link {upstream} on your security page; otherwise ask the administrator of this server.',
    },
    person_no_email: {
      heading: '{upstream} did not tell us your e-mail address',
      text: 'An account here needs one. Allow {upstream} to share it and try again, or ask the administrator of this server.',
    },
    person_email_unverified: {
      heading: 'Your e-mail address is not confirmed at {upstream}',
      text: 'An account here needs a confirmed address. Confirm it there and try again, or ask the administrator of this server.',
    },
    person_email_taken: {
      heading: 'There is an account with this address already',
      text: 'For your safety we do not join accounts by their address alone. Sign in to that account the way you usually do, then link {upstream} on your security page.',
    },
    person_account_disabled: {
      heading: 'Your account is disabled',
      text: 'You signed in at {upstream}, but your account here is disabled. Ask the administrator of this server.',
    },
    link_disabled: {
      heading: 'Nothing was linked',
      text: 'An administrator has switched {upstream} off.',
    },
    link_issuer: {
      heading: 'Nothing was linked',
      text: '{upstream} is not open to people of your organisation there. Ask the administrator of this server.',
    },
    link_tenant: {
      heading: 'Nothing was linked',
      text: '{upstream} is not open to people of your organisation there. Ask the administrator of this server.',
    },
    link_domain: {
      heading: 'Nothing was linked',
      text: 'With {upstream}, this server takes confirmed addresses of certain domains only.',
    },
    link_group: {
      heading: 'Nothing was linked',
      text: 'Only members of certain groups at {upstream} may use it here. Ask the administrator of this server.',
    },
    link_no_new_accounts: {
      heading: 'Nothing was linked',
      text: '{upstream} cannot be linked just now. Ask the administrator of this server.',
    },
    link_no_email: {
      heading: 'Nothing was linked',
      text: '{upstream} did not tell us your e-mail address. Allow it to share it and try again.',
    },
    link_email_unverified: {
      heading: 'Nothing was linked',
      text: 'Your e-mail address is not confirmed at {upstream}. Confirm it there and try again.',
    },
    link_taken: {
      heading: 'Nothing was linked',
      text: 'This account at {upstream} belongs to another account here already. Take it away there first, or sign in at {upstream} as somebody else.',
    },
    link_linked_already: {
      heading: 'It was linked already',
      text: 'This account at {upstream} is linked to yours. There is nothing left to do.',
    },
    link_gone: {
      heading: 'Nothing was linked',
      text: 'Your account changed meanwhile. Sign in again and link {upstream} once more.',
    },
  },
}
