// A request that Stripe would refuse, in Stripe's words. The HTTP side turns it into the documented error body.

export type RefusalDetails = {
  readonly status?: number;
  readonly type?: 'invalid_request_error' | 'card_error' | 'idempotency_error' | 'api_error';
  readonly code?: string;
  readonly declineCode?: string;
  readonly param?: string;
  readonly charge?: string;
  readonly paymentIntent?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Work had begun: the refusal is what the idempotency key remembers. */
  readonly began?: boolean;
};

export class Refusal extends Error {
  constructor(
    message: string,
    readonly details: RefusalDetails = {},
  ) {
    super(message);
    this.name = 'Refusal';
  }
}

export const noSuch = (kind: string, id: string, param = 'id'): Refusal =>
  new Refusal(`No such ${kind}: '${id}'`, { status: 404, code: 'resource_missing', param });
