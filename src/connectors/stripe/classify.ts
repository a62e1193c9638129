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

const SECRET = /\b(sk|rk|whsec|pk)_[A-Za-z0-9_*]+/g;

export const classifyStripe = (error: unknown): StripeFailure => {
  const { type, statusCode, code, message } = (typeof error === 'object' && error !== null ? error : {}) as Facts;
  const reason =
    typeof message === 'string' ? message.replace(SECRET, '[key]').slice(0, 300) : 'Stripe gave no answer.';
  if (statusCode === 404 || code === 'resource_missing') return { kind: 'notFound', reason };
  switch (type) {
    case 'StripeInvalidRequestError':
    case 'StripeCardError':
    case 'StripeAuthenticationError':
    case 'StripePermissionError':
    case 'StripeIdempotencyError':
      return { kind: 'refused', reason };
    // A limit is not a refusal of this request, and 409 and 5xx may hide an effect: ask again with the same key.
    default:
      return { kind: 'unknown', reason };
  }
};
