// The faults that this rehearsal can play, by name. `match` narrows each: the text is looked for in "RCPT <address>" or "DATA <address>".

export const FAULTS = {
  recipientRefused: '550 at RCPT TO: no such user.',
  recipientDeferred: '451 at RCPT TO: try again later.',
  mailDeferred: '451 after DATA: nothing was kept.',
  mailRefused: '554 after DATA: nothing was kept.',
  dropAfterData: 'The mail is kept, then the connection is cut before the 250.',
  dropBeforeData: 'The connection is cut at RCPT TO: nothing was kept.',
  slow: 'The answer to DATA waits `ms` (1000) milliseconds.',
  bounce: 'The mail is accepted, and a delivery report says later that it could not be delivered.',
} as const;
export type FaultName = keyof typeof FAULTS;
