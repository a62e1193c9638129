// Writes of payments: made many at a time, taken back one by one, never changed.
import type { WriteOutcome } from '../../sync/ports/ledger-port';
import { elementsOf } from './answers';
import type { CallOptions } from './api';
import { type Outcomes, type Requests, recordFrom, sendBatch, type WriterDeps } from './batch';
import { PAYMENTS } from './kinds';
import { paymentBody } from './money-projection';
import { failedOutcome, judged } from './outcomes';

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

/** Xero takes payments back one by one. */
export const deletePayments = async (
  deps: WriterDeps,
  requests: Requests<'payment'>,
  options: CallOptions,
): Promise<Outcomes<'payment'>> => {
  const outcomes: WriteOutcome<'payment'>[] = [];
  for (const request of requests) {
    const answer = await deps.api.deletePayment(request.externalId ?? '', request.idempotencyKey, options);
    if (answer.verdict === 'failed') {
      outcomes.push(failedOutcome(request, answer));
      continue;
    }
    const elements = elementsOf(answer.json, PAYMENTS.plural);
    outcomes.push(...judged([request], elements, (one, element) => recordFrom(deps, PAYMENTS, one, element)));
  }
  return outcomes;
};
