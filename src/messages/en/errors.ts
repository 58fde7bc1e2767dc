/**
 * What the page of an error says, by the error's code or by the `words` it names. `{places}` are filled from its `values`.
 * A code without an entry says the English message of the error itself.
 */
export const errors = {
  // web
  not_found: 'There is no page at this address.',
  not_found_here: 'There is no page at this address, or it is not for your account.',
  wrong_method: 'This address does not take that kind of request.',
  bad_request: 'This server could not read the request.',
  unreadable_form: 'The form holds characters that this server cannot read.',
  unsupported_form: 'This address takes web forms only.',
  form_too_large: 'This form is larger than anything this server asks for.',
  cross_site_request:
    'This form did not come from this site, or this browser has forgotten it since. Go back, load the page again and send it once more.',
  signed_out: 'You have been signed out in the meantime. Sign in and send the form again.',
  server_error: 'This is our fault, and it has been noted. Please try again in a moment.',

  // credentials, login
  busy: 'Many people are signing in just now. Please try again in a few seconds.',
  password_too_long: 'This password is too long.',
  setup_closed:
    'This setup link does not work: it was used, a newer start of the server replaced it, or it was not copied in full. The log of the last start holds the link that counts, as long as there is no administrator.',
  interaction_expired:
    'This page is no longer valid: it waited too long, was answered already, or belongs to another browser. Go back to the client and connect again.',
}
