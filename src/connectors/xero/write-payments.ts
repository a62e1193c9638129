// Writes of payments, and of refunds, which are payments on credit notes: made many at a time, taken back one by one, never changed.
import type { WriteOutcome } from '../../sync/ports/ledger-port';
import { elementsOf } from './answers';
import type { CallOptions } from './api';
import { type Outcomes, type Requests, recordFrom, sendBatch, type WriterDeps } from './batch';
import { PAYMENTS, REFUNDS, type Resource } from './kinds';
import { paymentBody } from './money-projection';
import { failedOutcome, judged } from './outcomes';
import { refundBody } from './refund-projection';

export const createPayments = (
  deps: WriterDeps,
  requests: Requests<'payment'>,
  options: CallOptions,
): Promise<Outcomes<'payment'>> =>
  sendBatch(deps, PAYMENTS, requests, (batch, key) => {
    const { known } = deps.context();
    const payments = batch.map(({ projection, tag }) => paymentBody(known, projection, tag));
    return deps.api.createPayments({ payments }, key, options);
  });

export const createRefunds = (
  deps: WriterDeps,
  requests: Requests<'refund'>,
  options: CallOptions,
): Promise<Outcomes<'refund'>> =>
  sendBatch(deps, REFUNDS, requests, (batch, key) => {
    const { known } = deps.context();
    const payments = batch.map(({ projection, tag }) => refundBody(known, projection, tag));
    return deps.api.createPayments({ payments }, key, options);
  });

/** Xero takes payments back one by one. */
export const deletePayments = async <K extends 'payment' | 'refund'>(
  deps: WriterDeps,
  resource: Resource<K>,
  requests: Requests<K>,
  options: CallOptions,
): Promise<Outcomes<K>> => {
  const outcomes: WriteOutcome<K>[] = [];
  for (const request of requests) {
    const answer = await deps.api.deletePayment(request.externalId ?? '', request.idempotencyKey, options);
    if (answer.verdict === 'failed') {
      outcomes.push(failedOutcome(request, answer));
      continue;
    }
    const elements = elementsOf(answer.json, resource.plural);
    outcomes.push(...judged([request], elements, (one, element) => recordFrom(deps, resource, one, element)));
  }
  return outcomes;
};
