// An answer before it is sent, and the documented body of a refusal.
import type { Refusal } from '../books/refusal';

export type Answer = {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** The request that first gave it. */
  readonly requestId?: string;
};

export const answerOf = (refusal: Refusal): Answer => {
  const { status = 400, type, code, declineCode, param, charge, paymentIntent, headers } = refusal.details;
  return {
    status,
    ...(headers && { headers }),
    body: {
      error: {
        ...(charge && { charge }),
        ...(code && { code, doc_url: `https://stripe.com/docs/error-codes/${code.replaceAll('_', '-')}` }),
        ...(declineCode && { decline_code: declineCode }),
        message: refusal.message,
        ...(param && { param }),
        ...(paymentIntent && { payment_intent: { id: paymentIntent, object: 'payment_intent' } }),
        type: type ?? 'invalid_request_error',
      },
    },
  };
};

export const brokenAnswer: Answer = {
  status: 500,
  body: { error: { message: 'An unknown error occurred', type: 'api_error' } },
};
