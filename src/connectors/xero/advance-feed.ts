// When overpayments and prepayments are listed beside the payments. Most days there are none, and each list is a call: so with every full
// compare, and at once where an invoice shows money of one that was not seen; by themselves only where a day has passed without a compare.
// Webhooks tell of them besides. A process that has just started waits for its turn like any other.
import type { Clock, Instant } from '../../core/clock';
import { toInstant } from '../../core/clock';
import type { ChangePage } from '../../sync/ports/ledger-port';
import type { AdvanceReader, AdvanceRows } from './advances';
import { InvoiceAnswer } from './answers';

export type AdvanceMemory = {
  readonly rows: AdvanceRows;
  /** Credited to an invoice by them, as the invoice told last. */
  readonly told: Map<string, string>;
  isWanted: boolean;
  readonly startedAt: number;
  listedAt?: number;
};
export const emptyAdvanceMemory = (now: Date): AdvanceMemory => ({
  rows: new Map(),
  told: new Map(),
  isWanted: false,
  startedAt: now.getTime(),
});

const LONGEST_MS = 24 * 3_600_000;
/** Nobody knows when they were listed last: then all of the last days. The full compare stands behind it. */
const FAR_BACK_MS = 3 * 86_400_000;
/** Stamps of lists that lag, and clocks that differ. */
const OVERLAP_MS = 10 * 60_000;

export const createAdvanceFeed = (deps: {
  readonly reader: AdvanceReader;
  readonly clock: Clock;
  readonly memory: AdvanceMemory;
}) => {
  const { reader, clock, memory } = deps;
  const noteListed = (at: number): void => {
    memory.listedAt = at;
    memory.isWanted = false;
  };
  return {
    /** Reads of invoices pass here: one that shows another sum than before has been given or lost some. */
    noteInvoice: (element: unknown): void => {
      const invoice = InvoiceAnswer.safeParse(element).data;
      if (invoice === undefined) return;
      const sums = [...invoice.Overpayments, ...invoice.Prepayments];
      const now = sums.map(({ OverpaymentID, PrepaymentID, AppliedAmount }) =>
        [OverpaymentID ?? PrepaymentID ?? '', AppliedAmount?.toFixed() ?? ''].join(' '),
      );
      const text = now.sort().join(', ');
      if (text === (memory.told.get(invoice.InvoiceID) ?? '')) return;
      memory.told.set(invoice.InvoiceID, text);
      memory.isWanted = true;
    },
    async *changes(since: Instant): AsyncIterable<ChangePage<'payment'>> {
      const at = clock.now().getTime();
      const { listedAt } = memory;
      if (!memory.isWanted && at - (listedAt ?? memory.startedAt) < LONGEST_MS) return;
      const from = Math.min(Date.parse(since), listedAt === undefined ? at - FAR_BACK_MS : listedAt - OVERLAP_MS);
      yield* reader.all({ since: toInstant(new Date(from)) });
      noteListed(at);
    },
    async *list(from: string | undefined): AsyncIterable<ChangePage<'payment'>> {
      const at = clock.now().getTime();
      yield* reader.all({ from });
      if (from === undefined) noteListed(at);
    },
  };
};
