// The catalogue of what can go wrong in words: a stable code, an HTTP status, a sentence and the fix.
// Codes are public interface: never reuse one, never change its meaning.

export type Catalogue = {
  readonly [code: string]: { readonly status: number; readonly message: string; readonly fix: string };
};

/** `{name}` in message and fix is replaced from `details`. */
export const catalogue = {
  BB_INPUT_INVALID: { status: 400, message: '{problem}', fix: 'Correct the named field and send it again.' },
  BB_AUTH_REQUIRED: {
    status: 401,
    message: 'This needs a sign-in.',
    fix: 'Sign in, or send an API key as bearer token.',
  },
  BB_AUTH_FORBIDDEN: {
    status: 403,
    message: 'Your role ({role}) may not do this.',
    fix: 'Ask an owner of the business to do it or to change your role.',
  },
  BB_AUTH_SCOPE: {
    status: 403,
    message: 'This API key lacks the scope {scope}.',
    fix: 'Make a key with that scope under Settings, API keys.',
  },
  BB_AUTH_THROTTLED: { status: 429, message: 'Too many tries.', fix: 'Wait {minutes} minutes and try again.' },
  BB_FORM_STALE: {
    status: 403,
    message: 'This form is too old, or it was not sent from our page. Nothing was changed.',
    fix: 'Go back, load the page again and repeat what you did.',
  },
  BB_NOT_FOUND: {
    status: 404,
    message: 'There is no {kind} with the id {id}.',
    fix: 'Check the id; it may belong to another business.',
  },
  BB_STORE_STALE: {
    status: 412,
    message: 'This {kind} was changed by somebody else in the meantime.',
    fix: 'Look at it again and repeat your change.',
  },
  BB_STORE_DUPLICATE: {
    status: 409,
    message: 'There is already a {kind} with this {field}.',
    fix: 'Use another {field}, or change the existing record.',
  },
  BB_IDEMPOTENCY_REUSED: {
    status: 409,
    message: 'This Idempotency-Key was used before with other content.',
    fix: 'Send a new key for a new request.',
  },
  BB_RATE_LIMITED: { status: 429, message: 'Too many requests.', fix: 'Wait {seconds} seconds and try again.' },
  BB_BILLING_REFUSED: { status: 409, message: '{reason}', fix: '{remedy}' },
  BB_SYNC_REFUSED: { status: 409, message: '{reason}', fix: '{remedy}' },
  BB_CONNECT_FAILED: { status: 502, message: '{reason}', fix: '{remedy}' },
  BB_CONFIG_MISSING: { status: 503, message: '{reason}', fix: '{remedy}' },
  BB_INTERNAL: {
    status: 500,
    message: 'Something went wrong on our side. Nothing you entered was lost.',
    fix: 'Try again; if it stays, send us the reference {reference}.',
  },
} as const satisfies Catalogue;

export type ErrorCode = keyof typeof catalogue;
export type ErrorDetails = Readonly<Record<string, string | number>>;

const fill = (text: string, details: ErrorDetails): string =>
  text.replace(/\{(\w+)\}/g, (_, name: string) => String(details[name] ?? name));

/** A failure we expected, with words for a person. Bugs are plain assertions, not BridgeErrors. */
export class BridgeError extends Error {
  readonly status: number;
  readonly fix: string;

  constructor(
    readonly code: ErrorCode,
    readonly details: ErrorDetails = {},
    /** Field → what is wrong with it and how it looks when right. */
    readonly fields: Readonly<Record<string, string>> = {},
  ) {
    super(fill(catalogue[code].message, details));
    this.name = 'BridgeError';
    this.status = catalogue[code].status;
    this.fix = fill(catalogue[code].fix, details);
  }
}

/** A refusal of a billing rule, with the reason and what the person can do. */
export const refused = (reason: string, remedy: string): BridgeError =>
  new BridgeError('BB_BILLING_REFUSED', { reason, remedy });

export const unreachable = (value: never): never => {
  throw new Error(`unexpected value ${JSON.stringify(value)}`);
};
