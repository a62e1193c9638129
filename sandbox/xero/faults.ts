// The faults that this rehearsal can play, by name. Each is switched on through POST /_sandbox/faults or by a test; `match`
// narrows it to requests whose "METHOD path" contains a text, so any of them works on the token endpoint as well.

export const FAULTS = {
  // Before anything happened
  'drop-request': 'The connection is reset; nothing was written.',
  'hang-before': 'No answer ever comes; nothing was written.',
  slow: 'The answer takes `ms` milliseconds of real time.',
  'html-503': 'Maintenance: 503 with an HTML page.',
  'text-503': '503 with the plain text “The Organisation is offline”.',
  'error-500-before': '500; nothing was written.',
  'token-expired': '401 TokenExpired.',
  'token-rejected': '401 AuthenticationUnsuccessful.',
  'scope-missing': '401 AuthorizationUnsuccessful.',
  forbidden: '403 as after a disconnect.',
  'rate-limit-minute': '429 minute. `retryAfter` seconds (0: no header).',
  'rate-limit-day': '429 day. `retryAfter` seconds (0: no header).',
  'rate-limit-concurrent': '429 concurrent, without Retry-After.',
  'rate-limit-app': '429 appminute, or as in `spelling`. `retryAfter` seconds (0: no header).',
  'html-in-200': '200 with an HTML page, as a proxy in between sends it; nothing was written.',
  // After it was written
  'error-500-after': '500 although the write was committed.',
  'lost-response': 'Committed, then the connection is reset without an answer.',
  'hang-after': 'Committed, then no answer ever comes.',
  'html-503-after': 'Committed, then a gateway answers 503 with HTML.',
  'unreadable-answer': '200 whose records carry an empty date.',
  'truncated-answer': '200 whose JSON ends in the middle.',
  'other-shape': '200 with JSON of another shape.',
  'odd-record':
    'The record called `of` (absent: each) carries nonsense; `as`: number-for-text, six-decimals, unknown-currency or year-one.',
  // Inside the rules
  'element-error': 'Element `index` (0) of a batch is refused with `message`.',
  'silent-lock': 'An edit behind a lock date answers 200 and is dropped.',
  'paid-edit-refused': 'An amount edited on a paid document is refused instead of dropped.',
  'rate-reset': 'New lines of a foreign document reset its CurrencyRate to that of the day.',
  'discount-lost': 'An update without lines drops the discounts and counts anew.',
  'quiet-update': 'A write does not move UpdatedDateUTC.',
  'idempotency-forgotten': 'The Idempotency-Key cache is empty when this call arrives.',
  // Lists
  'empty-list': 'A list answers 200 with no records.',
  'partial-page': 'A list leaves out the second half of its records.',
  'same-page': 'Each page of a list is the first one again, and says that more follow.',
  'read-lag': 'Lists do not show what changed in the last `seconds` (10).',
  // Webhooks
  'webhook-lost': 'A delivery never arrives.',
  'webhook-duplicate': 'A delivery arrives twice.',
  'webhook-late': 'A delivery waits for the flush after the next.',
  'webhook-reordered': 'Events are delivered in the opposite order.',
  'webhook-missigned': 'A delivery carries a wrong signature.',
} as const;
export type FaultName = keyof typeof FAULTS;
