// How connections, their mapping, runs and standing look in the API, and how the bridge's views are put so.
// Amounts leave as decimal strings; what is absent is null, so that callers need not tell two kinds of nothing apart.
import { z } from 'zod';
import { type CurrencyCode, formatMinor } from '../../../core/money';
import { CAUSES } from '../../../sync/certificate/causes';
import type { Glance, GlanceSum } from '../../../sync/connection/glance';
import { WARNINGS } from '../../../sync/health/forecast';
import { RECORD_KINDS } from '../../../sync/records';
import type { ConnectionHealth, ConnectionView, MappingView, RunRow, RunView, Standing } from '../../../sync/service';
import { Amount } from '../amounts';

const date = z.iso.date();
const instant = z.iso.datetime();
const kind = z.enum(RECORD_KINDS);
const count = z.int();

/** Null where there is no amount. */
export const amountOf = (minor: number | undefined, currency: CurrencyCode | undefined): string | null =>
  minor === undefined || currency === undefined ? null : formatMinor(minor, currency);

// ---- connections ----------------------------------------------------------------------------------------------------------------

const sums = z.array(z.object({ currency: z.string(), count, total: Amount }));
const GlanceShape = z
  .object({
    customers: z.object({ count, withoutEmail: count }),
    openInvoices: sums,
    overdue: sums,
    oldestOpen: z
      .object({ number: z.string(), customer: z.string(), dueDate: date, open: Amount, currency: z.string() })
      .nullable(),
    credits: sums,
    payments: sums,
  })
  .meta({ description: 'The books of the ledger as the last import read them; null until one has ended' });

const showSums = (of: readonly GlanceSum[]): z.input<typeof sums> =>
  of.map(({ currency, count, minor }) => ({ currency, count, total: formatMinor(minor, currency) }));
const showGlance = ({ customers, openInvoices, overdue, oldestOpen, credits, payments }: Glance) => ({
  customers,
  openInvoices: showSums(openInvoices),
  overdue: showSums(overdue),
  oldestOpen:
    oldestOpen === undefined
      ? null
      : {
          number: oldestOpen.number,
          customer: oldestOpen.customer,
          dueDate: oldestOpen.dueDate,
          open: formatMinor(oldestOpen.openMinor, oldestOpen.currency),
          currency: oldestOpen.currency,
        },
  credits: showSums(credits),
  payments: showSums(payments),
});

const state = z.enum(['connected', 'importing', 'matching', 'review', 'active', 'paused', 'disconnected']);
export const ConnectionShape = z
  .object({
    id: z.string(),
    provider: z.enum(['xero', 'quickbooks', 'memory']),
    state,
    resumesAs: state.nullable(),
    pausedBecause: z.string().nullable(),
    organisation: z.object({
      id: z.string(),
      name: z.string(),
      baseCurrency: z.string(),
      currencies: z.array(z.string()),
      country: z.string(),
      timeZone: z.string(),
      lockedThrough: date.nullable(),
      taxScheme: z.enum(['lineTax', 'documentTax', 'automatedSalesTax', 'none']),
      isDemo: z.boolean(),
      notices: z.array(z.string()),
    }),
    kinds: z.array(kind),
    progress: z.array(z.object({ kind, done: count, total: count.nullable(), finished: z.boolean() })),
    glance: GlanceShape.nullable(),
    hasMapping: z.boolean(),
    connectedAt: instant,
    activatedAt: instant.nullable(),
  })
  .meta({ id: 'Connection' });

export const showConnection = (view: ConnectionView): z.input<typeof ConnectionShape> => {
  const { id, provider, state, kinds, hasMapping, connectedAt, organisation } = view;
  const { name, baseCurrency, currencies, country, timeZone, taxScheme, isDemo, notices } = organisation;
  return {
    ...{ id, provider, state },
    resumesAs: view.resumesAs ?? null,
    pausedBecause: view.pausedBecause ?? null,
    organisation: {
      id: organisation.id,
      ...{ name, baseCurrency, currencies: [...currencies], country, timeZone },
      lockedThrough: organisation.lockedThrough ?? null,
      ...{ taxScheme, isDemo, notices: [...notices] },
    },
    kinds: [...kinds],
    progress: view.progress.map(({ total, ...row }) => ({ ...row, total: total ?? null })),
    glance: view.glance === undefined ? null : showGlance(view.glance),
    ...{ hasMapping, connectedAt },
    activatedAt: view.activatedAt ?? null,
  };
};

// ---- runs -------------------------------------------------------------------------------------------------------------------------

const writes = z.object({ created: count, updated: count, voided: count });
export const RunShape = z
  .object({
    id: z.string(),
    reason: z.string(),
    state: z.enum(['running', 'done', 'stopped']),
    stoppedBecause: z.string().nullable(),
    startedAt: instant,
    endedAt: instant.nullable(),
    counts: z.object({
      local: writes,
      external: writes,
      adopted: count,
      unchanged: count,
      waiting: count,
      blocked: count,
      conflicts: count,
      examined: count,
      calls: count,
    }),
    left: count.meta({ description: 'Changes left for the next run' }),
    notBefore: instant.nullable(),
  })
  .meta({ id: 'SyncRun' });
export const showRun = (run: RunView): z.input<typeof RunShape> => ({
  id: run.id,
  reason: run.reason,
  state: run.state,
  stoppedBecause: run.stoppedBecause ?? null,
  startedAt: run.startedAt,
  endedAt: run.endedAt ?? null,
  counts: run.counts,
  left: run.left,
  notBefore: run.notBefore ?? null,
});

export const RunRowShape = z
  .object({
    kind,
    op: z.enum(['create', 'update', 'void', 'adopt', 'retire']),
    side: z.enum(['local', 'external', 'none']).meta({ description: '`local` is BillBridge, `external` the ledger' }),
    name: z.string(),
    localId: z.string().nullable(),
    externalId: z.string().nullable(),
    amount: Amount.nullable(),
    currency: z.string().nullable(),
    why: z.string(),
    at: instant,
  })
  .meta({ id: 'SyncRunRow' });
export const showRunRow = ({ amountMinor, ...row }: RunRow): z.input<typeof RunRowShape> => ({
  ...row,
  localId: row.localId ?? null,
  externalId: row.externalId ?? null,
  amount: amountOf(amountMinor, row.currency),
  currency: row.currency ?? null,
});

const problemCounts = z.object({ conflict: count, blocked: count, waiting: count });
export const HealthShape = z
  .object({
    lastRun: RunShape.nullable(),
    lagMs: count.meta({ description: 'Age of the oldest change that has not crossed yet' }),
    backlog: count,
    oldestWaitingAt: instant.nullable(),
    budget: z.object({ usedToday: count, leftToday: count.nullable() }).nullable(),
    problems: problemCounts,
    lastPollAt: instant.nullable(),
    lastFullCompareAt: instant.nullable(),
    consent: z
      .object({ isLost: z.boolean(), endsAt: instant.nullable() })
      .nullable()
      .meta({ description: "The ledger's sign-in; it ends at `endsAt` if it is not used before" }),
    received: z
      .object({ month: z.string(), bytes: count, includedBytes: count.nullable() })
      .nullable()
      .meta({ description: 'What the ledger sent this month (UTC), at least' }),
    webhookHeardAt: instant.nullable(),
    webhookMissedAt: instant.nullable(),
    warnings: z.array(
      z.object({
        code: z.enum(WARNINGS),
        severity: z.enum(['stopped', 'soon', 'watch']),
        at: instant.nullable(),
        says: z.string(),
        fix: z.string(),
      }),
    ),
  })
  .meta({ id: 'ConnectionHealth' });
export const showHealth = (health: ConnectionHealth): z.input<typeof HealthShape> => ({
  lastRun: health.lastRun === undefined ? null : showRun(health.lastRun),
  lagMs: health.lagMs,
  backlog: health.backlog,
  oldestWaitingAt: health.oldestWaitingAt ?? null,
  budget:
    health.budget === undefined
      ? null
      : { usedToday: health.budget.usedToday, leftToday: health.budget.leftToday ?? null },
  problems: health.problems,
  lastPollAt: health.lastPollAt ?? null,
  lastFullCompareAt: health.lastFullCompareAt ?? null,
  consent:
    health.consent === undefined ? null : { isLost: health.consent.isLost, endsAt: health.consent.endsAt ?? null },
  received:
    health.received === undefined ? null : { ...health.received, includedBytes: health.received.includedBytes ?? null },
  webhookHeardAt: health.webhookHeardAt ?? null,
  webhookMissedAt: health.webhookMissedAt ?? null,
  warnings: health.warnings.map(({ at, ...warning }) => ({ ...warning, at: at ?? null })),
});

// ---- standing ---------------------------------------------------------------------------------------------------------------------

const side = z.object({ count, sum: Amount.nullable() });
export const StandingShape = z
  .object({
    at: instant,
    lines: z.array(
      z.object({
        kind: z.enum([...RECORD_KINDS, 'openInvoice']),
        currency: z.string().nullable().meta({ description: 'Null for contacts, which have no sum' }),
        local: side,
        external: side,
        difference: Amount.nullable(),
        causes: z.array(
          z.object({
            cause: z.enum(CAUSES),
            count,
            sum: Amount.nullable(),
          }),
        ),
        unexplained: Amount.nullable(),
      }),
    ),
    duplicates: count,
    unequalAtRest: count,
    calls: count,
    callsToday: count.nullable(),
  })
  .meta({ id: 'Standing' });
export const showStanding = (standing: Standing): z.input<typeof StandingShape> => ({
  at: standing.at,
  lines: standing.lines.map((line) => {
    const { currency } = line;
    const sideOf = (each: { readonly count: number; readonly sumMinor: number }) => ({
      count: each.count,
      sum: amountOf(each.sumMinor, currency),
    });
    return {
      kind: line.kind,
      currency: currency ?? null,
      local: sideOf(line.local),
      external: sideOf(line.external),
      difference: amountOf(line.differenceMinor, currency),
      causes: line.causes.map(({ cause, ...each }) => ({ cause, ...sideOf(each) })),
      unexplained: amountOf(line.unexplainedMinor, currency),
    };
  }),
  duplicates: standing.duplicates,
  unequalAtRest: standing.unequalAtRest,
  calls: standing.calls,
  callsToday: standing.callsToday ?? null,
});

// ---- mapping ------------------------------------------------------------------------------------------------------------------------

const keys = z.record(z.string(), z.string());
export const MappingShape = z
  .object({
    current: z
      .object({
        version: count,
        revenue: z.string(),
        taxCodes: keys,
        paymentAccounts: keys,
        payouts: z.record(z.string(), keys),
      })
      .nullable()
      .meta({ description: 'Null before somebody has chosen' }),
    savedBy: z.string().nullable(),
    savedAt: instant.nullable(),
    cutOverDate: date.nullable(),
    pulledKinds: z.array(kind),
    gaps: z
      .array(z.string())
      .meta({ description: 'What it pointed at in vain when the lists of the ledger were read last, in sentences' }),
  })
  .meta({ id: 'Mapping' });
export const showMapping = (view: MappingView): z.input<typeof MappingShape> => ({
  current:
    view.current === undefined
      ? null
      : {
          version: view.current.version,
          revenue: view.current.revenue,
          taxCodes: { ...view.current.taxCodes },
          paymentAccounts: { ...view.current.paymentAccounts },
          payouts: Object.fromEntries(
            Object.entries(view.current.payouts ?? {}).map(([currency, choices]) => [currency, { ...choices }]),
          ),
        },
  savedBy: view.savedBy ?? null,
  savedAt: view.savedAt ?? null,
  cutOverDate: view.cutOverDate ?? null,
  pulledKinds: [...view.pulledKinds],
  gaps: [...view.gaps],
});
