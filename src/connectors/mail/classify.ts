// What a failed SMTP conversation proves. One pure function: "it surely did not go out" is only said where the server said so, or where
// the message had not begun to be handed over.
import type { MailOutcome } from '../../billing/mail/mail-port';

export const outcomeOfError = (error: unknown, messageBegan: boolean): MailOutcome => {
  const { code, command, responseCode, response } = factsOf(error);
  if (code === 'EAUTH') {
    return { result: 'later', reason: 'The mail server does not accept our user and password: correct SMTP_URL.' };
  }
  if (responseCode >= 400 && responseCode < 500) {
    return { result: 'later', reason: `The mail server said: ${response}` };
  }
  if (responseCode >= 500) {
    const about = command === 'RCPT TO' ? 'address' : 'message';
    return { result: 'refused', about, reason: `The mail server refused it: ${response}` };
  }
  if (code === 'EENVELOPE') {
    return { result: 'refused', about: 'address', reason: 'This is not an address that mail can be sent to.' };
  }
  if (messageBegan) {
    const reason = 'The connection broke while the mail was handed over: it may have gone out, or not.';
    return { result: 'unknown', reason };
  }
  if (code === 'ETLS') return { result: 'later', reason: 'No secure connection to the mail server could be made.' };
  return {
    result: 'later',
    reason: 'The mail server could not be reached, or broke off before the mail was handed over.',
  };
};

const factsOf = (error: unknown) => {
  const fields = typeof error === 'object' && error !== null ? (error as Record<string, unknown>) : {};
  const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
  return {
    code: text(fields.code) ?? '',
    command: text(fields.command),
    responseCode: typeof fields.responseCode === 'number' ? fields.responseCode : 0,
    response: (text(fields.response) ?? '').replace(/\s+/g, ' ').slice(0, 300),
  };
};
