// The certificate: a verdict on both books at one moment, with the rows that it rests on. Verdict, totals and hash follow from the rows
// alone, so that the same books give the same certificate. Types of the facade and the pure rule; nothing is read here.
import { createHash } from 'node:crypto';
import type { Instant } from '../../core/clock';
import { canonicalJson, type JsonValue } from '../../core/json';
import type { CurrencyCode } from '../../core/money';
import type { Actor, ConnectionRef } from '../service';
import type { AskedCertificate } from './asked';
import type { TallyRow } from './tally';

/** `explained`: they differ, and every cent of it has a named cause. */
export const VERDICTS = ['equal', 'explained', 'unexplained'] as const;
export type Verdict = (typeof VERDICTS)[number];

export type CertificateTotals = {
  /** Documents in billing: invoices, credit notes, payments, allocated credits; customers are no documents. */
  readonly documents: number;
  readonly customers: number;
  /** Records behind every named cause. */
  readonly explained: number;
  readonly unexplained: number;
  readonly ourBug: number;
  /** Of all rows without their signs, so that nothing cancels out. What is still owed on invoices is a part of them and not added to it. */
  readonly unexplainedSums: readonly { readonly currency: CurrencyCode; readonly minor: number }[];
};

export type CertificateView = CertificateTotals & {
  readonly id: string;
  readonly madeAt: Instant;
  readonly occasion: 'nightly' | 'person';
  /** Who asked for it; absent for the nightly one. */
  readonly madeBy?: string;
  readonly verdict: Verdict;
  readonly hash: string;
  /** Verdict, or what is unexplained, is another than the time before. */
  readonly isNews: boolean;
  readonly before?: Verdict;
  readonly rowCount: number;
  /** Calls to the ledger that it cost. */
  readonly calls: number;
};

export type CertificatesService = {
  /**
   * Compares both books record by record (a full compare: what differs is also marked for the next run) and stores the outcome. Refused
   * before the plan is approved.
   */
  make(ref: ConnectionRef, by: { readonly actor: Actor } | { readonly occasion: 'nightly' }): Promise<CertificateView>;
  /** Stores the wish at once; a job makes it. While one is under way, a second wish is the same one. */
  ask(ref: ConnectionRef, by: { readonly actor: Actor }): Promise<AskedCertificate>;
  /** How far it is, or why it could not be made. */
  asked(ref: ConnectionRef): Promise<AskedCertificate | undefined>;
  latest(ref: ConnectionRef): Promise<CertificateView | undefined>;
  get(ref: ConnectionRef, certificateId: string): Promise<CertificateView>;
  /** Newest first. */
  list(
    ref: ConnectionRef,
    query?: { readonly limit?: number; readonly after?: string },
  ): Promise<{ readonly items: readonly CertificateView[]; readonly next?: string }>;
  rows(ref: ConnectionRef, certificateId: string): Promise<readonly TallyRow[]>;

  // -- for jobs --
  isAsked(connectionId: string): Promise<boolean>;
  /** Makes what was asked for. Throws where another try may help. */
  workOff(connectionId: string): Promise<void>;
};

export const totalsOf = (rows: readonly TallyRow[]): CertificateTotals => {
  const totals = { documents: 0, customers: 0, explained: 0, unexplained: 0, ourBug: 0 };
  const sums = new Map<CurrencyCode, { documents: number; open: number }>();
  for (const { kind, currency, local, causes, unexplained, ourBug } of rows) {
    if (kind === 'contact') totals.customers += local.count;
    else if (kind !== 'openInvoice') totals.documents += local.count;
    totals.explained += causes.reduce((sum, { count }) => sum + count, 0);
    totals.unexplained += unexplained.count;
    totals.ourBug += ourBug.count;
    if (currency === undefined) continue;
    const sum = sums.get(currency) ?? { documents: 0, open: 0 };
    sum[kind === 'openInvoice' ? 'open' : 'documents'] += Math.abs(unexplained.sumMinor);
    sums.set(currency, sum);
  }
  return {
    ...totals,
    unexplainedSums: [...sums]
      .map(([currency, { documents, open }]) => ({ currency, minor: Math.max(documents, open) }))
      .sort((a, b) => (a.currency < b.currency ? -1 : 1)),
  };
};

export const verdictOf = ({ explained, unexplained, ourBug, unexplainedSums }: CertificateTotals): Verdict => {
  if (unexplained > 0 || ourBug > 0 || unexplainedSums.some(({ minor }) => minor !== 0)) return 'unexplained';
  return explained > 0 ? 'explained' : 'equal';
};

export const hashOf = (rows: readonly TallyRow[]): string =>
  createHash('sha256')
    .update(canonicalJson(rows as unknown as JsonValue))
    .digest('hex');

type Judged = Pick<CertificateView, 'verdict' | 'unexplained' | 'ourBug' | 'unexplainedSums'>;

/** The first certificate is news only where it is bad. */
export const isNewsAfter = (before: Judged | undefined, now: Judged): boolean => {
  if (before === undefined) return now.verdict === 'unexplained';
  const told = ({ verdict, unexplained, ourBug, unexplainedSums }: Judged): JsonValue => [
    verdict,
    unexplained,
    ourBug,
    unexplainedSums.filter(({ minor }) => minor !== 0).map(({ currency, minor }) => [currency, minor]),
  ];
  return canonicalJson(told(before)) !== canonicalJson(told(now));
};
