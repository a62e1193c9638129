// Writes of credits: the money as an overpayment, its allocations given and taken back one call at a time, the whole voided. Where a later
// call of several fails after an earlier one took effect, nothing is claimed: the outcome is unknown and the record is looked at again.
import {
  type ExternalRecord,
  type LedgerProblem,
  LedgerUnavailable,
  type WriteOutcome,
  type WriteRequest,
} from '../../sync/ports/ledger-port';
import {
  type AdvanceKind,
  advanceBody,
  advanceIdOf,
  asCredit,
  movesBetween,
  splitAdvanceId,
} from './advance-projection';
import { ADVANCE_TYPES, type AdvanceReader, type AdvanceRow } from './advances';
import { AdvanceAnswer, AdvanceRowAnswer, elementsOf } from './answers';
import type { ApiAnswer, CallOptions, XeroApi } from './api';
import { formatAmount } from './arithmetic';
import type { Outcomes, Requests, WriterDeps } from './batch';
import { recordOf } from './kinds';
import { done, failedOutcome, judged, notMatched, notSent, refused, unknown } from './outcomes';

type Deps = WriterDeps & { readonly advances: AdvanceReader };
type Request = WriteRequest<'payment'>;
type Outcome = WriteOutcome<'payment'>;
type Ref = { readonly kind: AdvanceKind; readonly id: string };

/** Allocations follow as changes, once it is known where the money lies. */
export const createCredits = async (
  deps: Deps,
  requests: Requests<'payment'>,
  options: CallOptions,
): Promise<Outcomes<'payment'>> => {
  const outcomes: Outcome[] = [];
  for (const request of requests) outcomes.push(await createCredit(deps, request, options));
  return outcomes;
};

/** One call each, under the intent's own key: after a lost answer a repeat of it is recognised. */
const createCredit = async (deps: Deps, request: Request, options: CallOptions): Promise<Outcome> => {
  const { projection, tag, idempotencyKey } = request;
  const context = deps.context();
  if (projection.atoms.payment.allocations.length > 0) return refused(request, allocatedLater);
  const bankTransactions = [advanceBody(context.known, projection, tag, deps.publicUrl)];
  const answer = await deps.api.createBankTransactions({ bankTransactions } as never, idempotencyKey, options);
  if (answer.verdict === 'failed') return failedOutcome(request, answer);
  const [outcome] = judged([request], elementsOf(answer.json, 'BankTransactions'), (_, element) => {
    const row = AdvanceRowAnswer.safeParse(element).data;
    if (row?.OverpaymentID === undefined) return notMatched;
    const payment = asCredit(projection.atoms.payment);
    if (row.Total.toFixed() !== formatAmount(payment.amountMinor, payment.currency)) return notMatched;
    const stamps = { id: advanceIdOf('overpayment', row.OverpaymentID), stamp: row.UpdatedDateUTC };
    const guards = { allocatedMinor: 0, openMinor: payment.amountMinor, reconciled: false };
    return recordOf(context, 'payment', stamps, { projection: { status: 'live', atoms: { payment } }, guards, tag });
  });
  return outcome ?? unknown(request, notMatched);
};

/** Makes the allocations be the wanted ones, and answers with the record as it then stands. */
export const updateCredits = (deps: Deps, requests: Requests<'payment'>, options: CallOptions) =>
  oneByOne(requests, (request) => changed(deps, request, options, 'reallocate'));

/** Only what pays nothing can be voided, so its allocations go first. */
export const voidCredits = (deps: Deps, requests: Requests<'payment'>, options: CallOptions) =>
  oneByOne(requests, (request) => changed(deps, request, options, 'void'));

const oneByOne = async (
  requests: Requests<'payment'>,
  write: (request: Request) => Promise<Outcome>,
): Promise<Outcomes<'payment'>> => {
  const outcomes: Outcome[] = [];
  for (const request of requests) {
    try {
      outcomes.push(await write(request));
    } catch (error) {
      // Only reads throw, and the first of them comes before anything is sent.
      if (!(error instanceof LedgerUnavailable)) throw error;
      outcomes.push(notSent(request, error.problem));
    }
  }
  return outcomes;
};

const changed = async (
  deps: Deps,
  request: Request,
  options: CallOptions,
  how: 'reallocate' | 'void',
): Promise<Outcome> => {
  const ref = splitAdvanceId(request.externalId ?? '');
  const element = ref === undefined ? undefined : await deps.advances.element(ref.kind, ref.id, options);
  if (ref === undefined || element === undefined) return refused(request, notThere);
  const advance = AdvanceAnswer.safeParse(element).data;
  if (advance === undefined) return notSent(request, notMatched);
  const { payment } = request.projection.atoms;
  const wanted = how === 'void' ? [] : asCredit(payment).allocations;
  const { remove, give } = movesBetween(advance.Allocations, advance.CurrencyCode, wanted);
  const row = how === 'void' ? await deps.advances.rowOf(ref.kind, ref.id, advance.Date, options) : undefined;
  if (how === 'void' && row === undefined) return refused(request, noRow);
  let hasEffect = false;
  const failed = (answer: Extract<ApiAnswer, { verdict: 'failed' }>): Outcome =>
    hasEffect ? unknown(request, answer.problem) : failedOutcome(request, answer);
  for (const allocationId of remove) {
    const answer = await deps.api.deleteAdvanceAllocation(ref, allocationId, options);
    if (answer.verdict === 'failed') return failed(answer);
    hasEffect = true;
  }
  if (give.length > 0) {
    const today = deps.clock.now().toISOString().slice(0, 10);
    const answer = await giveOut(deps.api, ref, request, { give, today }, options);
    if (answer.verdict === 'failed') return failed(answer);
  }
  if (row !== undefined) {
    const bankTransactions = [rowTakenBack(ref.kind, row)];
    const { bankTransactionId: id } = row;
    const answer = await deps.api.updateBankTransaction(
      id,
      { bankTransactions } as never,
      request.idempotencyKey,
      options,
    );
    if (answer.verdict === 'failed') return failed(answer);
  }
  return asItStands(deps, request, options);
};

/** Xero's own document asks for type, account and lines with every change; the lines stay as their ids say. */
const rowTakenBack = (kind: AdvanceKind, { bankTransactionId, accountId, lineItemIds }: AdvanceRow): object => ({
  bankTransactionID: bankTransactionId,
  type: ADVANCE_TYPES[kind],
  bankAccount: { accountID: accountId },
  lineItems: lineItemIds.map((lineItemID) => ({ lineItemID })),
  status: 'DELETED',
});

const giveOut = (
  api: XeroApi,
  ref: Ref,
  { projection, idempotencyKey }: Request,
  { give, today }: { readonly give: Request['projection']['atoms']['payment']['allocations']; readonly today: string },
  options: CallOptions,
): Promise<ApiAnswer> => {
  const { currency, date } = projection.atoms.payment;
  // On the day of the deed: the day the money came in may be in a closed period by now.
  const day = date > today ? date : today;
  const allocations = give.map(({ invoice, amountMinor }) => ({
    invoice: { invoiceID: invoice.id },
    amount: Number(formatAmount(amountMinor, currency)),
    date: day,
  }));
  return api.createAdvanceAllocations(ref, { allocations } as never, idempotencyKey, options);
};

/** A 200 is no proof of effect: what was written is read again. */
const asItStands = async (deps: Deps, request: Request, options: CallOptions): Promise<Outcome> => {
  const externalId = request.externalId ?? '';
  let record: ExternalRecord<'payment'> | undefined;
  try {
    const reading = (await deps.advances.read([externalId], options)).get(externalId);
    record = reading?.state === 'present' ? reading.record : undefined;
  } catch (error) {
    if (!(error instanceof LedgerUnavailable)) throw error;
    return unknown(request, error.problem);
  }
  return record === undefined ? unknown(request, notMatched) : done(request, record);
};

const notThere: LedgerProblem = { class: 'notFound', message: 'The overpayment is not in Xero.' };
const noRow: LedgerProblem = {
  class: 'unsupported',
  message: 'Xero shows no bank transaction of its own for this overpayment, so only a person can void it there.',
};
const allocatedLater: LedgerProblem = {
  class: 'bug',
  message: 'An overpayment is made first and allocated afterwards.',
};
