// Room: mail. Letters to people: how they look, and sending them through the operator's mail server. Why one is sent, and
// what its link does, belongs to accounts/. Serves no path.

/** A letter, ready to be sent. */
export interface Letter {
  readonly to: { readonly name: string; readonly address: string }
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** Why a letter did not go out, as far as an administrator can do something about it. */
export type MailFault = 'unreachable' | 'not_trusted' | 'sign_in_refused' | 'refused' | 'too_busy' | 'unknown'

/** Sends letters. */
export interface Mailer {
  /**
   * Hands a letter to the mail server.
   *
   * @returns null once the server has taken it over, otherwise why it did not; the log has the server's answer
   * @throws nothing: a letter that cannot be sent must not undo what it tells of
   */
  send(letter: Letter): Promise<MailFault | null>
}
