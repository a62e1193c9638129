// The log of what was decided between the two books: both values, who or which rule, and which one stands. Nothing here can be edited.
import type { DecisionEntry } from '../../../sync/service';
import { type Answer, page } from '../../http/answer';
import { guarded, type Route, type SignedIn } from '../../http/routes';
import { type BridgeParts, frameOf, refOf } from './parts';
import { atomValueWords, atomWords, capital, kindName, ledgerName } from './words';

export const decisionPages = (parts: BridgeParts): readonly Route[] => [
  guarded('GET /connections/:id/decisions', 'read', (incoming) => list(parts, incoming)),
];

const list = async (parts: BridgeParts, incoming: SignedIn): Promise<Answer> => {
  const ref = refOf(incoming);
  const view = await parts.sync.connections.get(ref);
  const { after } = incoming.query;
  const found = await parts.sync.policies.log(ref, { limit: 50, ...(after === undefined ? {} : { after }) });
  const base = `/connections/${view.id}/decisions`;
  const ledger = ledgerName(view.provider);
  return page('connections', 'bridge/decisions', 'Decisions', {
    ...frameOf(view, incoming.visitor, 'policy'),
    ledger,
    entries: found.items.map((entry) => entryView(entry, ledger, incoming.visitor.business.locale)),
    next: found.next === undefined ? null : `${base}?after=${encodeURIComponent(found.next)}`,
  });
};

const entryView = (entry: DecisionEntry, ledger: string, locale: string): object => ({
  at: entry.at,
  who: entry.by === 'person' ? entry.who : entry.by === 'direction' ? 'Put back' : 'By rule',
  name: entry.name ?? null,
  kind: entry.kind === undefined ? null : kindName(entry.kind),
  what: capital(entry.what),
  values: entry.values.map(({ atom, local, external, stands }) => ({
    words: atomWords(atom),
    local: atomValueWords(local, 'here', locale),
    external: atomValueWords(external, `in ${ledger}`, locale),
    isLocal: stands === 'billing',
  })),
});
