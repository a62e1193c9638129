// The faults that this rehearsal can play, by name. `match` narrows each to requests whose "METHOD path" contains a text.
import { WEBHOOK_FAULTS } from '../shared/webhooks';

export const FAULTS = {
  dropBeforeCommit: 'The connection is reset; nothing was done.',
  dropAfterCommit: 'It was done, then the connection is reset without an answer.',
  hangAfterCommit: 'It was done, and no answer ever comes.',
  errorBeforeCommit: '500 at the edge; nothing was done and the idempotency key is still free.',
  errorAfterCommit: 'It was done, then 500; the idempotency key replays that 500.',
  rateLimited: '429; nothing was done.',
  lockTimeout: '429 with code lock_timeout; nothing was done.',
  keyInUse: '409: another request with this idempotency key is under way.',
  slow: 'The work begins after `ms` (1000) milliseconds of real time.',
  truncatedAnswer: 'It was done; the JSON ends in the middle.',
  keyRevoked: '401, as for a key that was rolled.',
  accountDisconnected: '403, as for an account that has left the platform.',
  ...WEBHOOK_FAULTS,
} as const;
export type FaultName = keyof typeof FAULTS;
