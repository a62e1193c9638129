// How matches, plans and problems look in the API: what a person decides about the bridge. Amounts leave as decimal strings; what is
// absent is null.
import { z } from 'zod';
import { formatMinor } from '../../../core/money';
import { RECORD_KINDS } from '../../../sync/records';
import type {
  AtomDifference,
  ChangeNote,
  MatchView,
  PlanRow,
  PlanView,
  ProblemView,
  RecordLabel,
} from '../../../sync/service';
import { Amount } from '../amounts';
import { amountOf } from './bridge';

const date = z.iso.date();
const instant = z.iso.datetime();
const kind = z.enum(RECORD_KINDS);
const count = z.int();

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

const ChangeNoteShape = z
  .object({
    at: instant.nullable(),
    by: z.string().nullable(),
    of: z.enum(['field', 'record']).meta({ description: '`record`: the record changed then, maybe in another field' }),
  })
  .meta({ id: 'ChangeNote', description: 'Who gave this value, and when; what nobody told us is null' });
const showChange = (note: ChangeNote | undefined): z.input<typeof ChangeNoteShape> | null =>
  note === undefined ? null : { at: note.at ?? null, by: note.by ?? null, of: note.of };

const Difference = z
  .object({
    atom: z.string(),
    local: z.unknown(),
    external: z.unknown(),
    suggestion: z.enum(['billing', 'ledger']).nullable(),
    suggestedBecause: z.enum(['rule', 'newer', 'filled']).nullable(),
    localChange: ChangeNoteShape.nullable(),
    externalChange: ChangeNoteShape.nullable(),
  })
  .meta({ id: 'Difference', description: 'One value that differs, as both sides have it; amounts in minor units' });
const showDifference = (difference: AtomDifference): z.input<typeof Difference> => ({
  atom: difference.atom,
  local: difference.local,
  external: difference.external,
  suggestion: difference.suggestion ?? null,
  suggestedBecause: difference.suggestedBecause ?? null,
  localChange: showChange(difference.localChange),
  externalChange: showChange(difference.externalChange),
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
    totals: z
      .array(z.object({ kind, op: planOp, side: written, currency: z.string(), total: Amount }))
      .meta({ description: 'Of documents and money, each currency by itself' }),
    rowCount: count,
    cutOverDate: date.nullable(),
    approvedBy: z.string().nullable(),
    approvedAt: instant.nullable(),
  })
  .meta({ id: 'Plan' });
export const showPlan = (plan: PlanView): z.input<typeof PlanShape> => ({
  id: plan.id,
  hash: plan.hash,
  builtAt: plan.builtAt,
  counts: [...plan.counts],
  totals: plan.totals.map(({ sumMinor, ...row }) => ({ ...row, total: formatMinor(sumMinor, row.currency) })),
  rowCount: plan.rowCount,
  cutOverDate: plan.cutOverDate ?? null,
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
    shownAs: z
      .string()
      .nullable()
      .meta({ description: 'Stands for these values, to be handed back when many are answered at once' }),
    isAnswered: z.boolean().meta({ description: 'A person has answered; the next run carries it' }),
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
  shownAs: problem.shownAs ?? null,
  isAnswered: problem.isAnswered,
  candidates: problem.candidates.map(showLabel),
  actions: [...problem.actions],
});
