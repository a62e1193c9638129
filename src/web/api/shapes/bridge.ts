// How connections, mapping, matches, plans, runs and problems look in the API, and how the bridge's views are put so.
// Amounts leave as decimal strings; what is absent is null, so that callers need not tell two kinds of nothing apart.
import { z } from 'zod';
import { type CurrencyCode, formatMinor } from '../../../core/money';
import { RECORD_KINDS } from '../../../sync/records';
import type {
  AtomDifference,
  ConnectionHealth,
  ConnectionView,
  MappingView,
  MatchView,
  PlanRow,
  PlanView,
  ProblemView,
  RecordLabel,
  RunRow,
  RunView,
  Standing,
} from '../../../sync/service';
import { Amount } from '../amounts';

const date = z.iso.date();
const instant = z.iso.datetime();
const kind = z.enum(RECORD_KINDS);
const count = z.int();

const amountOf = (minor: number | undefined, currency: CurrencyCode | undefined): string | null =>
  minor === undefined || currency === undefined ? null : formatMinor(minor, currency);

// ---- connections ----------------------------------------------------------------------------------------------------------------

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
    why: z.string(),
    at: instant,
  })
  .meta({ id: 'SyncRunRow' });
export const showRunRow = (row: RunRow): z.input<typeof RunRowShape> => ({
  ...row,
  localId: row.localId ?? null,
  externalId: row.externalId ?? null,
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
            cause: z.enum(['unlinkedLocal', 'unlinkedExternal', 'waiting', 'blocked', 'conflict', 'beforeCutOver']),
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
      .object({ version: count, revenue: z.string(), taxCodes: keys, paymentAccounts: keys })
      .nullable()
      .meta({ description: 'Null before somebody has chosen' }),
    savedBy: z.string().nullable(),
    savedAt: instant.nullable(),
    cutOverDate: date.nullable(),
    pulledKinds: z.array(kind),
    gaps: z.array(z.string()).meta({ description: 'What it lacks or points at in vain, in sentences' }),
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
        },
  savedBy: view.savedBy ?? null,
  savedAt: view.savedAt ?? null,
  cutOverDate: view.cutOverDate ?? null,
  pulledKinds: [...view.pulledKinds],
  gaps: [...view.gaps],
});

// ---- matches, plans, problems ---------------------------------------------------------------------------------------------------

const Label = z
  .object({
    id: z.string(),
    name: z.string(),
    amount: Amount.nullable(),
    currency: z.string().nullable(),
    date: date.nullable(),
    url: z.string().nullable(),
  })
  .meta({ id: 'RecordLabel' });
const showLabel = (label: RecordLabel): z.input<typeof Label> => ({
  id: label.id,
  name: label.name,
  amount: amountOf(label.amountMinor, label.currency),
  currency: label.currency ?? null,
  date: label.date ?? null,
  url: label.url ?? null,
});

const Difference = z
  .object({
    atom: z.string(),
    local: z.unknown(),
    external: z.unknown(),
    suggestion: z.enum(['billing', 'ledger']).nullable(),
  })
  .meta({ id: 'Difference', description: 'One value that differs, as both sides have it; amounts in minor units' });
const showDifference = ({ atom, local, external, suggestion }: AtomDifference): z.input<typeof Difference> => ({
  atom,
  local,
  external,
  suggestion: suggestion ?? null,
});

export const MATCH_STATES = ['exact', 'suggested', 'ambiguous', 'decided'] as const;
export const MatchShape = z
  .object({
    id: z.string(),
    kind,
    state: z.enum(MATCH_STATES),
    score: count.meta({ description: '0 to 100' }),
    reason: z.string(),
    local: Label,
    external: Label,
    differences: z.array(Difference),
    decision: z.object({ verdict: z.enum(['link', 'separate']), by: z.string(), at: instant }).nullable(),
  })
  .meta({ id: 'Match' });
export const showMatch = (match: MatchView): z.input<typeof MatchShape> => ({
  ...match,
  local: showLabel(match.local),
  external: showLabel(match.external),
  differences: match.differences.map(showDifference),
  decision: match.decision ?? null,
});

const planOp = z.enum(['create', 'update', 'void', 'adopt', 'link', 'ask']);
const written = z
  .enum(['local', 'external', 'none'])
  .meta({ description: 'Which side is written: `local` is BillBridge, `external` the ledger' });
export const PlanShape = z
  .object({
    id: z.string(),
    hash: z.string().meta({ description: 'To be sent back with the approval: it stands for every row' }),
    builtAt: instant,
    counts: z.array(z.object({ kind, op: planOp, side: written, count })),
    rowCount: count,
    approvedBy: z.string().nullable(),
    approvedAt: instant.nullable(),
  })
  .meta({ id: 'Plan' });
export const showPlan = (plan: PlanView): z.input<typeof PlanShape> => ({
  id: plan.id,
  hash: plan.hash,
  builtAt: plan.builtAt,
  counts: [...plan.counts],
  rowCount: plan.rowCount,
  approvedBy: plan.approvedBy ?? null,
  approvedAt: plan.approvedAt ?? null,
});

export const PlanRowShape = z
  .object({
    kind,
    op: planOp,
    side: written,
    name: z.string(),
    amount: Amount.nullable(),
    currency: z.string().nullable(),
    date: date.nullable(),
    why: z.string(),
  })
  .meta({ id: 'PlanRow' });
export const showPlanRow = (row: PlanRow): z.input<typeof PlanRowShape> => ({
  kind: row.kind,
  op: row.op,
  side: row.side,
  name: row.name,
  amount: amountOf(row.amountMinor, row.currency),
  currency: row.currency ?? null,
  date: row.date ?? null,
  why: row.why,
});

export const PROBLEM_STATES = ['conflict', 'blocked', 'waiting'] as const;
export const PROBLEM_ACTIONS = ['retry', 'takeBilling', 'takeLedger', 'unlink', 'link', 'separate'] as const;
export const ProblemShape = z
  .object({
    id: z.string(),
    kind,
    state: z.enum(PROBLEM_STATES),
    code: z.string(),
    message: z.string(),
    fix: z.string(),
    since: instant,
    raw: z.string().nullable().meta({ description: 'The answer of the ledger, where it was not understood' }),
    local: Label.nullable(),
    external: Label.nullable(),
    differences: z.array(Difference),
    candidates: z.array(Label),
    actions: z.array(z.enum(PROBLEM_ACTIONS)),
  })
  .meta({ id: 'SyncProblem' });
export const showProblem = (problem: ProblemView): z.input<typeof ProblemShape> => ({
  id: problem.id,
  kind: problem.kind,
  state: problem.state,
  code: problem.code,
  message: problem.message,
  fix: problem.fix,
  since: problem.since,
  raw: problem.raw ?? null,
  local: problem.local === undefined ? null : showLabel(problem.local),
  external: problem.external === undefined ? null : showLabel(problem.external),
  differences: problem.differences.map(showDifference),
  candidates: problem.candidates.map(showLabel),
  actions: [...problem.actions],
});
