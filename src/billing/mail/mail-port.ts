// Outgoing mail as billing sees it: one finished message, and what became of it. Nothing throws. Implementation: connectors/mail.

export type MailAddress = { readonly name: string; readonly address: string };

export type OutgoingMail = {
  /** Without angle brackets. Fixed before the first attempt: a repeat carries the same one. */
  readonly messageId: string;
  /** Instant of this attempt, by the house's clock: a rehearsal may be on another day. */
  readonly date: string;
  /** Shown as sender; the address is the server's own. */
  readonly fromName: string;
  readonly replyTo: MailAddress | null;
  readonly to: MailAddress;
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  /** Message-IDs of the thread, oldest first. */
  readonly references: readonly string[];
  /** Where one press, by the reader or by the mail program, ends reminders; null for mails that are not reminders. */
  readonly unsubscribeUrl: string | null;
  readonly attachments: readonly { readonly name: string; readonly type: string; readonly body: Buffer }[];
};

export type MailOutcome =
  /** The server took it. Not a proof that it was delivered. */
  | { readonly result: 'sent' }
  /** No outgoing mail is set up: nothing left the house. */
  | { readonly result: 'kept' }
  /** It surely did not go out; the same message may be tried again. */
  | { readonly result: 'later'; readonly reason: string }
  /** It did not go out and never will, to this address or as this message. */
  | { readonly result: 'refused'; readonly reason: string; readonly about: 'address' | 'message' }
  /** It may have gone out: never tried again by itself. */
  | { readonly result: 'unknown'; readonly reason: string };

export type MailPort = {
  /** Domain of Message-IDs. */
  readonly domain: string;
  send(mail: OutgoingMail): Promise<MailOutcome>;
  close(): Promise<void>;
};
