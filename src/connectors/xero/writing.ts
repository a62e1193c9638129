// Writes of one kind and op, batched. Every request gets exactly one outcome and nothing is thrown: an error of our own after something may
// have been sent is an unknown outcome, like a lost answer.
import type { LedgerProblem, WriteOutcome, WriteRequest } from '../../sync/ports/ledger-port';
import type { RecordKind } from '../../sync/records';
import { splitAdvanceId } from './advance-projection';
import type { AdvanceReader } from './advances';
import type { CallOptions } from './api';
import type { Outcomes, Requests, WriterDeps } from './batch';
import { CREDIT_NOTES, INVOICES, PAYMENTS, REFUNDS } from './kinds';
import { BATCH_SIZE, WRITE_TIMEOUT_MS } from './limits';
import { notSent, refused, unknown } from './outcomes';
import { createCredits, updateCredits, voidCredits } from './write-advances';
import { createAllocations, deleteAllocations } from './write-allocations';
import { writeContacts } from './write-contacts';
import { writeDocuments } from './write-documents';
import { createPayments, createRefunds, deletePayments } from './write-payments';

type Deps = WriterDeps & { readonly advances: AdvanceReader };

/** Plain payments and credits may come in one batch. */
const writePayments = async (
  deps: Deps,
  requests: Requests<'payment'>,
  op: WriteRequest['op'],
  options: CallOptions,
): Promise<Outcomes<'payment'>> => {
  const isCredit = ({ projection, externalId }: WriteRequest<'payment'>): boolean =>
    externalId === undefined ? projection.atoms.payment.isCredit === true : splitAdvanceId(externalId) !== undefined;
  const credits = requests.filter(isCredit);
  const plain = requests.filter((request) => !isCredit(request));
  switch (op) {
    case 'create':
      return [...(await createPayments(deps, plain, options)), ...(await createCredits(deps, credits, options))];
    case 'void':
      return [
        ...(await deletePayments(deps, PAYMENTS, plain, options)),
        ...(await voidCredits(deps, credits, options)),
      ];
    case 'update': {
      const fixed = plain.map((request) => refused(request, fixedAtBirth));
      return [...fixed, ...(await updateCredits(deps, credits, options))];
    }
    case 'unarchive':
      return requests.map((request) => refused(request, fixedAtBirth));
  }
};

export const createWriter = (deps: Deps) => {
  const { clock } = deps;

  const writeKind = async (requests: Requests<RecordKind>, options: CallOptions): Promise<Outcomes<RecordKind>> => {
    const [first] = requests;
    if (first === undefined) return [];
    const { kind, op } = first;
    switch (kind) {
      case 'contact':
        return writeContacts(deps, requests as Requests<'contact'>, options);
      case 'invoice':
        return writeDocuments(deps, INVOICES, requests as Requests<'invoice'>, options);
      case 'creditNote':
        return writeDocuments(deps, CREDIT_NOTES, requests as Requests<'creditNote'>, options);
      case 'payment':
        return writePayments(deps, requests as Requests<'payment'>, op, options);
      case 'refund':
        if (op === 'create') return createRefunds(deps, requests as Requests<'refund'>, options);
        if (op === 'void') return deletePayments(deps, REFUNDS, requests as Requests<'refund'>, options);
        return requests.map((request) => refused(request, fixedAtBirth));
      case 'allocation':
        if (op === 'create') return createAllocations(deps, requests as Requests<'allocation'>, options);
        if (op === 'void') return deleteAllocations(deps, requests as Requests<'allocation'>, options);
        return requests.map((request) => refused(request, fixedAtBirth));
    }
  };

  return async <K extends RecordKind>(requests: Requests<K>, signal?: AbortSignal): Promise<Outcomes<K>> => {
    if (signal?.aborted) return requests.map((request) => notSent(request, calledOff));
    const deadlineMs = clock.now().getTime() + WRITE_TIMEOUT_MS;
    const outcomes: WriteOutcome<RecordKind>[] = [];
    for (let i = 0; i < requests.length; i += BATCH_SIZE) {
      const batch = requests.slice(i, i + BATCH_SIZE);
      try {
        outcomes.push(...(await writeKind(batch, { purpose: 'sync', signal, deadlineMs })));
      } catch (error) {
        // Only the name: what was thrown may hold what was sent.
        const problem: LedgerProblem = {
          class: 'bug',
          message: `Our own error (${error instanceof Error ? error.name : 'unknown'}) while writing to Xero.`,
        };
        outcomes.push(...batch.map((request) => unknown(request, problem)));
      }
    }
    return outcomes as WriteOutcome<K>[];
  };
};

const calledOff: LedgerProblem = { class: 'transient', message: 'This was called off before it was sent.' };
const fixedAtBirth: LedgerProblem = {
  class: 'unsupported',
  message: 'Xero does not change a payment or an allocation: it is taken back and made anew.',
};
