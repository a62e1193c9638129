// The plan of every write before the first: counted, listed, downloadable, approved as a whole by its hash.
import type { ReportPdfParts } from '../../../connectors/pdf/report-document';
import { BridgeError } from '../../../core/errors';
import { formatMinor } from '../../../core/money';
import { RECORD_KINDS } from '../../../sync/records';
import type { ConnectionView, PlanCount, PlanRow, PlanView } from '../../../sync/service';
import { type Answer, page, redirect } from '../../http/answer';
import { csvLine } from '../../http/csv';
import { textOf } from '../../http/forms';
import { guarded, type Route, type SignedIn } from '../../http/routes';
import { approvalData, approvalLinkRoutes } from './approval-links';
import type { Made } from './approval-request';
import { type PaperStyle, paperStyleOf } from './paper-style';
import { actorOf, frameOf, refOf } from './parts';
import { type PlanLetterParts, planLetterRoutes } from './plan-letter';
import { planPaper } from './plan-paper';
import { amountView, capital, countOf, kindNames, ledgerName, opSign, sideWords } from './words';

/** Rows of one group that a page shows; the download has all of them. */
const ROWS_PER_GROUP = 100;

type PlanParts = PlanLetterParts & { readonly reportPdf: (paper: ReportPdfParts) => Promise<Buffer> };

export const planPages = (parts: PlanParts): readonly Route[] => [
  guarded('GET /connections/:id/plan', 'read', (incoming) => planPage(parts, incoming)),
  guarded('POST /connections/:id/plan', 'decide', async (incoming) => {
    await parts.sync.plans.build(refOf(incoming));
    return redirect(`/connections/${incoming.params.id}/plan`);
  }),
  guarded('GET /connections/:id/plan.csv', 'read', async (incoming) => {
    const ref = refOf(incoming);
    const plan = await parts.sync.plans.latest(ref);
    if (plan === undefined) throw new BridgeError('BB_NOT_FOUND', { kind: 'plan', id: ref.connectionId });
    return {
      kind: 'file',
      name: `plan-${plan.hash.slice(0, 9)}.csv`,
      type: 'text/csv; charset=utf-8',
      body: csvOf(parts.sync.plans.rows(ref, plan.id)),
    };
  }),
  guarded('GET /connections/:id/plan.pdf', 'read', async (incoming) => {
    const ref = refOf(incoming);
    const plan = await parts.sync.plans.latest(ref);
    if (plan === undefined) throw new BridgeError('BB_NOT_FOUND', { kind: 'plan', id: ref.connectionId });
    const connection = await parts.sync.connections.get(ref);
    const rows = parts.sync.plans.rows(ref, plan.id);
    return planFile(parts, { plan, connection, rows, style: paperStyleOf(incoming.visitor.business) });
  }),
  ...approvalLinkRoutes(parts, (incoming, made) => planPage(parts, incoming, made)),
  ...planLetterRoutes(parts, (incoming, made) => planPage(parts, incoming, made)),
  guarded('POST /connections/:id/plan/approve', 'decide', async (incoming) => {
    const hash = textOf(incoming.body, 'hash');
    const view = await parts.sync.plans.approve(refOf(incoming), hash, actorOf(incoming.visitor));
    return redirect(
      `/connections/${view.id}`,
      'The plan is approved and is being carried out. From now on both books are kept equal.',
    );
  }),
];

/** The paper of one plan: for the house, and for whoever holds a link to it. */
export const planFile = async (
  { reportPdf }: Pick<PlanParts, 'reportPdf'>,
  {
    plan,
    connection,
    rows,
    style,
  }: {
    readonly plan: PlanView;
    readonly connection: ConnectionView;
    readonly rows: AsyncIterable<PlanRow>;
    readonly style: PaperStyle;
  },
): Promise<Answer> => {
  const { organisation, provider } = connection;
  const facts = { ...style, organisation: organisation.name, ledger: ledgerName(provider) };
  return {
    kind: 'file',
    name: `plan-${plan.hash.slice(0, 9)}.pdf`,
    type: 'application/pdf',
    body: await reportPdf(await planPaper(plan, rows, facts)),
  };
};

/** All rows, one line each. */
export async function* csvOf(rows: AsyncIterable<PlanRow>): AsyncIterable<string> {
  yield csvLine(['operation', 'side', 'kind', 'record', 'amount', 'currency', 'date', 'why']);
  for await (const row of rows) {
    const amount =
      row.amountMinor === undefined || row.currency === undefined ? '' : formatMinor(row.amountMinor, row.currency);
    yield csvLine([row.op, row.side, row.kind, row.name, amount, row.currency ?? '', row.date ?? '', row.why]);
  }
}

/** `made`: what the form for an approval link has just come to. */
export const planPage = async (parts: PlanParts, incoming: SignedIn, made: Made = {}): Promise<Answer> => {
  const ref = refOf(incoming);
  const view = await parts.sync.connections.get(ref);
  const plan = await parts.sync.plans.latest(ref);
  const mapping = await parts.sync.mapping.get(ref);
  const matches = await parts.sync.matches.counts(ref);
  const ledger = ledgerName(view.provider);
  const base = `/connections/${view.id}/plan`;
  const frame = {
    ...frameOf(view, incoming.visitor, 'plan'),
    ledger,
    base,
    mappingHref: `/connections/${view.id}/mapping`,
    matchesHref: `/connections/${view.id}/matches`,
    needsMapping: mapping.current === undefined,
    undecided: matches.byState.exact + matches.byState.suggested + matches.byState.ambiguous,
  };
  if (plan === undefined) return page('connections', 'bridge/plan', 'Plan', { ...frame, plan: null });
  const groups = await groupsOf(parts.sync.plans.rows(ref, plan.id), ledger);
  return page(
    'connections',
    'bridge/plan',
    'Plan',
    {
      ...frame,
      plan: planView(plan, ledger),
      groups,
      approval: await approvalData(parts, ref, plan, made),
    },
    { status: made.failure === undefined ? 200 : 422 },
  );
};

/** Counts, money and the words of the button. */
export const planView = (plan: PlanView, ledger: string): object => {
  const sum = (isWanted: (count: PlanCount) => boolean): number =>
    plan.counts.filter(isWanted).reduce((total, { count }) => total + count, 0);
  const there = sum(({ side }) => side === 'external');
  const here = sum(({ side }) => side === 'local');
  return {
    hash: plan.hash,
    shortHash: plan.hash.slice(0, 9),
    cutOverDate: plan.cutOverDate ?? null,
    builtAt: plan.builtAt,
    creates: sum(({ op }) => op === 'create'),
    changes: sum(({ op }) => op === 'update'),
    voids: sum(({ op }) => op === 'void'),
    equal: sum(({ op }) => op === 'adopt' || op === 'link'),
    asks: sum(({ op }) => op === 'ask'),
    writes: there + here,
    money: moneyLines(plan, ledger),
    there,
    here,
    button: buttonWords(there, here, ledger),
    approvedBy: plan.approvedBy ?? null,
    approvedAt: plan.approvedAt ?? null,
  };
};

/** "creates 214 invoices, 182,400.00 EUR in Xero", one line per kind and currency; what writes nothing is left out. */
const moneyLines = ({ counts, totals }: PlanView, ledger: string): readonly object[] =>
  totals
    .filter(({ side }) => side !== 'none')
    .map(({ kind, op, side, currency, sumMinor }) => {
      const count = counts.find((each) => each.kind === kind && each.op === op && each.side === side)?.count ?? 0;
      return { ...opSign(op), what: countOf(count, kind), where: sideWords(side, ledger), currency, sumMinor };
    });

const buttonWords = (there: number, here: number, ledger: string): string => {
  const records = (count: number): string => `${count} ${count === 1 ? 'record' : 'records'}`;
  if (there > 0 && here > 0) return `Write ${records(there)} to ${ledger} and ${here} here`;
  if (there > 0) return `Write ${records(there)} to ${ledger}`;
  if (here > 0) return `Bring ${records(here)} in from ${ledger}`;
  return 'Start: nothing has to be written';
};

const groupsOf = async (rows: AsyncIterable<PlanRow>, ledger: string): Promise<readonly object[]> => {
  const groups = new Map(RECORD_KINDS.map((kind) => [kind, { rows: [] as object[], more: 0, equal: 0 }]));
  for await (const row of rows) {
    const group = groups.get(row.kind);
    if (group === undefined) continue;
    if (row.op === 'adopt' || row.op === 'link') group.equal += 1;
    else if (group.rows.length < ROWS_PER_GROUP) {
      group.rows.push({
        ...opSign(row.op),
        where: sideWords(row.side, ledger),
        name: row.name,
        amount: amountView(row),
        date: row.date ?? null,
        why: row.why,
      });
    } else group.more += 1;
  }
  return [...groups]
    .filter(([, group]) => group.rows.length > 0 || group.equal > 0)
    .map(([kind, group]) => ({ name: capital(kindNames(kind)), names: kindNames(kind), ...group }));
};
