// Taking a run back: what can be and what cannot, with the reason and the money, before anything is written; then how far it is. Read by
// everybody, pressed by the owner.
import { BridgeError } from '../../../core/errors';
import type { ConnectionRef, RunView } from '../../../sync/service';
import type { UndoCount, UndoRow, UndoVerdict, UndoView } from '../../../sync/undo/undo-service';
import { may } from '../../access';
import { type Answer, page, redirect } from '../../http/answer';
import { idText, textOf } from '../../http/forms';
import { guarded, type Route, type SignedIn } from '../../http/routes';
import type { Visitor } from '../../http/visitor';
import { actorOf, type BridgeParts, frameOf, refOf } from './parts';
import { amountView, capital, countOf, kindName, ledgerName, reasonWords, sideWords } from './words';

const ROWS = 100;

export const undoPages = (parts: BridgeParts): readonly Route[] => [
  guarded('GET /connections/:id/runs/:run/undo', 'read', (incoming) => undoPage(parts, incoming)),
  guarded('POST /connections/:id/runs/:run/undo', 'undo', async (incoming) => {
    const ref = refOf(incoming);
    const run = await parts.sync.runs.get(ref, incoming.params.run ?? '');
    await parts.sync.undo.preview(ref, run.id, actorOf(incoming.visitor));
    return redirect(addressOf(ref, run.id));
  }),
  guarded('POST /connections/:id/runs/:run/undo/approve', 'undo', async (incoming) => {
    const { ref, run, undoId } = await named(parts, incoming);
    await parts.sync.undo.approve(ref, undoId, textOf(incoming.body, 'hash'), actorOf(incoming.visitor));
    return redirect(addressOf(ref, run.id));
  }),
  guarded('POST /connections/:id/runs/:run/undo/again', 'undo', async (incoming) => {
    const { ref, run, undoId } = await named(parts, incoming);
    await parts.sync.undo.copyAgain(ref, undoId, actorOf(incoming.visitor));
    return redirect(
      addressOf(ref, run.id),
      'They are being copied again. What a ledger refuses stands under Problems.',
    );
  }),
];

/** The undo that a form names, which must be one of the run in the address. */
const named = async (parts: BridgeParts, incoming: SignedIn) => {
  const ref = refOf(incoming);
  const run = await parts.sync.runs.get(ref, incoming.params.run ?? '');
  const undoId = idText(textOf(incoming.body, 'undo'), 'undo');
  const plan = await parts.sync.undo.get(ref, undoId);
  if (plan.runId !== run.id) throw new BridgeError('BB_NOT_FOUND', { kind: 'undo', id: undoId });
  return { ref, run, undoId };
};

const addressOf = ({ connectionId }: ConnectionRef, runId: string): string =>
  `/connections/${connectionId}/runs/${runId}/undo`;

/** What the page of a run offers: to look at what could be taken back, or where that stands. Null where nothing was written. */
export const undoOffer = async (
  parts: BridgeParts,
  ref: ConnectionRef,
  run: RunView,
  wroteSomething: boolean,
  visitor: Visitor,
): Promise<object | null> => {
  if (run.state === 'running' || !wroteSomething) return null;
  const plan = await parts.sync.undo.ofRun(ref, run.id);
  const isBegun = plan !== undefined && plan.state !== 'planned';
  if (!isBegun && !may(visitor.role, 'undo')) return null;
  return {
    href: addressOf(ref, run.id),
    isBegun,
    isRunning: plan?.state === 'running',
    by: plan?.approvedBy ?? null,
    at: plan?.approvedAt ?? null,
  };
};

const undoPage = async (parts: BridgeParts, incoming: SignedIn): Promise<Answer> => {
  const ref = refOf(incoming);
  const view = await parts.sync.connections.get(ref);
  const run = await parts.sync.runs.get(ref, incoming.params.run ?? '');
  const plan = await parts.sync.undo.ofRun(ref, run.id);
  const ledger = ledgerName(view.provider);
  const base = addressOf(ref, run.id);
  return page('connections', 'bridge/undo', 'Take a run back', {
    ...frameOf(view, incoming.visitor, 'runs'),
    ledger,
    base,
    runHref: `/connections/${view.id}/runs/${run.id}`,
    runWhy: reasonWords(run.reason),
    runAt: run.startedAt,
    mayUndo: may(incoming.visitor.role, 'undo'),
    isLive: view.state === 'active',
    plan: plan === undefined ? null : planView(plan),
    able: plan === undefined ? null : await listOf(parts, incoming, plan, true, ledger),
    unable: plan === undefined ? null : await listOf(parts, incoming, plan, false, ledger),
  });
};

const planView = (plan: UndoView): object => {
  const { progress, state } = plan;
  return {
    id: plan.id,
    hash: plan.hash,
    shortHash: plan.hash.slice(0, 9),
    isPlanned: state === 'planned',
    isRunning: state === 'running',
    isDone: state === 'done',
    builtAt: plan.builtAt,
    builtBy: plan.builtBy,
    approvedBy: plan.approvedBy ?? null,
    approvedAt: plan.approvedAt ?? null,
    endedAt: plan.endedAt ?? null,
    able: plan.able,
    unable: plan.unable,
    total: plan.able + plan.unable,
    sums: sumsOf(plan.counts),
    settled: progress.done + progress.refused,
    done: progress.done,
    refused: progress.refused,
    open: progress.open,
    copiedAgainBy: plan.copiedAgainBy ?? null,
    copiedAgainAt: plan.copiedAgainAt ?? null,
    // What was only put back is equal on both sides: nothing to copy.
    canCopyAgain:
      state === 'done' &&
      progress.done > 0 &&
      plan.copiedAgainAt === undefined &&
      plan.counts.some(({ verdict }) => verdict === 'void' || verdict === 'archive' || verdict === 'unlink'),
  };
};

/** Money that goes out of the books by what is cancelled, per currency. */
const sumsOf = (counts: readonly UndoCount[]): readonly object[] => {
  const sums = new Map<string, number>();
  for (const { verdict, currency, sumMinor } of counts) {
    if (verdict === 'void' && currency !== undefined) sums.set(currency, (sums.get(currency) ?? 0) + sumMinor);
  }
  return [...sums].map(([currency, minor]) => ({ currency, minor }));
};

type Words = { readonly css: string; readonly sign: string; readonly word: string; readonly summary: string };
const WORDS: Readonly<Record<UndoVerdict, Words>> = {
  void: { css: 'drop', sign: '−', word: 'cancel', summary: 'cancelled' },
  archive: { css: 'drop', sign: '−', word: 'archive', summary: 'archived' },
  restore: { css: 'change', sign: '~', word: 'put back', summary: 'set back to what was there before' },
  unlink: { css: 'same', sign: '≠', word: 'part', summary: 'parted; both records stay as they are' },
  nothing: { css: 'same', sign: '=', word: 'back already', summary: 'back already' },
  cannot: { css: 'stay', sign: '!', word: 'stays', summary: 'cannot be taken back' },
};

const isAble = (verdict: UndoVerdict): boolean => verdict !== 'nothing' && verdict !== 'cannot';

const listOf = async (
  parts: BridgeParts,
  incoming: SignedIn,
  plan: UndoView,
  can: boolean,
  ledger: string,
): Promise<object> => {
  const name = can ? 'able' : 'unable';
  const after = incoming.query[name];
  const found = await parts.sync.undo.rows(refOf(incoming), plan.id, {
    can,
    limit: ROWS,
    ...(after === undefined ? {} : { after }),
  });
  return {
    counts: plan.counts.filter(({ verdict }) => isAble(verdict) === can).map(countView),
    rows: found.items.map((row) => rowView(row, ledger)),
    next: found.next === undefined ? null : `?${name}=${encodeURIComponent(found.next)}`,
  };
};

const countView = ({ verdict, kind, count, currency, sumMinor }: UndoCount): object => ({
  ...WORDS[verdict],
  records: countOf(count, kind),
  amount: currency === undefined || sumMinor === 0 ? null : { minor: sumMinor, currency },
});

const rowView = (row: UndoRow, ledger: string): object => ({
  ...WORDS[row.verdict],
  kind: kindName(row.kind),
  name: row.name,
  date: row.date ?? null,
  where: isAble(row.verdict) ? '' : sideWords(row.side, ledger),
  why: isAble(row.verdict) && row.state !== 'refused' && row.state !== 'done' ? capital(row.why) : row.why,
  state: row.state,
  isRefused: row.state === 'refused',
  isDone: row.state === 'done',
  amount: amountView(row),
});
