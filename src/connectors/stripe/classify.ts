// One pure function from an error of Stripe's library to what it proves. Only the message is kept: the error itself carries headers.

export type StripeFailure =
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'unknown'; readonly reason: string }
  | { readonly kind: 'notFound'; readonly reason: string };

type Facts = {
  readonly type?: unknown;
  readonly statusCode?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
};

/** Keys, and the token of a pay link where Stripe quotes an address back. */
const SECRET = /\b(?:sk|rk|whsec|pk)_[\w*]+|(?<=\/pay\/)[\w-]+/g;

export const classifyStripe = (error: unknown): StripeFailure => {
  const { type, statusCode, code, message } = (typeof error === 'object' && error !== null ? error : {}) as Facts;
  const reason =
    typeof message === 'string' ? message.replace(SECRET, '[redacted]').slice(0, 300) : 'Stripe gave no answer.';
  if (statusCode === 404 || code === 'resource_missing') return { kind: 'notFound', reason };
  // A limit is not a refusal of this request, and 409 (its key is in use) and 5xx may hide an effect: ask again with the same key.
  if (typeof statusCode === 'number' && (statusCode === 409 || statusCode === 429 || statusCode >= 500)) {
    return { kind: 'unknown', reason };
  }
  switch (type) {
    case 'StripeInvalidRequestError':
    case 'StripeCardError':
    case 'StripeAuthenticationError':
    case 'StripePermissionError':
    case 'StripeIdempotencyError':
      return { kind: 'refused', reason };
    default:
      return { kind: 'unknown', reason };
  }
};
