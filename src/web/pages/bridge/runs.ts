// What the bridge wrote: its runs, and each row of one.
import { type Answer, page } from '../../http/answer';
import { guarded, type Route, type SignedIn } from '../../http/routes';
import { runView } from './connections';
import { type BridgeParts, frameOf, refOf } from './parts';
import { undoOffer } from './undo';
import { kindName, ledgerName, opSign, reasonWords, sideWords } from './words';

export const runPages = (parts: BridgeParts): readonly Route[] => [
  guarded('GET /connections/:id/runs', 'read', (incoming) => listPage(parts, incoming)),
  guarded('GET /connections/:id/runs/:run', 'read', (incoming) => onePage(parts, incoming)),
];

const listPage = async (parts: BridgeParts, incoming: SignedIn): Promise<Answer> => {
  const ref = refOf(incoming);
  const view = await parts.sync.connections.get(ref);
  const { after } = incoming.query;
  const runs = await parts.sync.runs.list(ref, { limit: 50, ...(after === undefined ? {} : { after }) });
  const base = `/connections/${view.id}/runs`;
  return page('connections', 'bridge/runs', 'Runs', {
    ...frameOf(view, incoming.visitor, 'runs'),
    base,
    runs: runs.items.map(runView),
    next: runs.next === undefined ? null : `${base}?after=${encodeURIComponent(runs.next)}`,
  });
};

const onePage = async (parts: BridgeParts, incoming: SignedIn): Promise<Answer> => {
  const ref = refOf(incoming);
  const view = await parts.sync.connections.get(ref);
  const run = await parts.sync.runs.get(ref, incoming.params.run ?? '');
  const { after } = incoming.query;
  const rows = await parts.sync.runs.rows(ref, run.id, { limit: 100, ...(after === undefined ? {} : { after }) });
  const base = `/connections/${view.id}/runs/${run.id}`;
  const ledger = ledgerName(view.provider);
  return page('connections', 'bridge/run', 'Run', {
    ...frameOf(view, incoming.visitor, 'runs'),
    ledger,
    undo: await undoOffer(parts, ref, run, rows.items.length > 0, incoming.visitor),
    run: { ...runView(run), why: reasonWords(run.reason), endedAt: run.endedAt ?? null },
    rows: rows.items.map((row) => ({
      ...opSign(row.op),
      kind: kindName(row.kind),
      where: sideWords(row.side, ledger),
      name: row.name,
      why: row.why,
      at: row.at,
    })),
    next: rows.next === undefined ? null : `${base}?after=${encodeURIComponent(rows.next)}`,
  });
};
