// The faults that this rehearsal can play, by name. Each is switched on through POST /_sandbox/faults or by a test; `match`
// narrows it to requests whose "METHOD path?query" contains a text, so most of them work on the token endpoint as well.

export const FAULTS = {
  // Before anything happened
  'drop-request': 'The connection is reset; nothing was written.',
  'hang-before': 'No answer ever comes; nothing was written.',
  slow: 'The answer takes `ms` milliseconds of real time.',
  'html-500-before': '500 with an HTML page; nothing was written.',
  'html-503': '503 with an HTML page; nothing was written.',
  'system-error': 'A Fault of code 10000 with status 500; nothing was written.',
  'text-in-200': '200 with a sentence instead of JSON, as for a lapsed company.',
  'html-in-200': '200 with an HTML page, as a proxy in between sends it; nothing was written.',
  'fault-in-200': '200 whose body is a Fault of code 6000; nothing was written.',
  'token-expired': '401, code 3200.',
  'token-expired-xml': '401, code 3200, as XML.',
  'user-removed': 'The connecting user has lost access: code 120.',
  disconnected: '403, code 3100.',
  'rate-limit': '429, code 3001.',
  'rate-limit-padded': '429, code 003001.',
  'rate-limit-retry-after': '429 with Retry-After of `seconds` (30).',
  'rate-limit-month': '429 as for the monthly quota of the partner program: it does not go away by waiting a minute.',
  // After it was written
  'lost-response': 'Committed, then the connection is reset without an answer.',
  'hang-after': 'Committed, then no answer ever comes.',
  'html-500-after': 'Committed, then 500 with an HTML page.',
  'html-503-after': 'Committed, then 503 with an HTML page.',
  'truncated-answer': 'Committed; the JSON ends in the middle.',
  'other-shape': 'Committed; the answer is JSON of another shape.',
  'odd-record':
    'The record called `of` (absent: each) carries nonsense; `as`: number-for-text, six-decimals, unknown-currency or year-one.',
  // Inside the rules
  'requestid-forgotten': 'The request ids seen so far are forgotten when this call arrives.',
  'batch-item-throttled': 'Item `bId` of a batch (the first where none is named) carries the throttle fault alone.',
  'closed-as-5010': 'A closed period answers with code 5010, as seen in the field.',
  'clock-skew': 'The clock of the service runs `seconds` ahead (negative: behind).',
  // Lists
  'empty-list': 'A query answers with no rows.',
  'short-page': 'A query leaves out the second half of its page.',
  'same-page': 'Each page of a query is full, and shows the first rows again.',
  'read-lag': 'Queries and change data show rows as they were before changes of the last `seconds` (10).',
  'old-tokens': 'Queries show the SyncToken before the present one.',
  'lists-without-lines': 'Queries show invoices without their lines.',
  'cdc-truncated': 'Change data stops after `rows` (1000) objects and says nothing of it.',
  // Tokens
  'token-answer-lost': 'The token endpoint works and its answer is lost.',
  'token-unavailable': 'The token endpoint answers 503.',
  'rotate-always': 'Every refresh changes the value of the refresh token.',
  'grant-refused': 'The token endpoint answers invalid_grant.',
  // Webhooks
  'webhook-lost': 'A delivery never arrives.',
  'webhook-duplicate': 'A delivery arrives twice.',
  'webhook-late': 'A delivery waits for the flush after the next.',
  'webhook-reordered': 'Events are delivered in the opposite order.',
  'webhook-void-verb': 'CloudEvents of a delivery say `void` where they usually say `voided`.',
  'webhook-missigned': 'A delivery carries a wrong signature.',
} as const;
export type FaultName = keyof typeof FAULTS;
