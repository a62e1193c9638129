// The links as one run sees them. Where another run has written a row since this one saw it, what was read of its record before is worth
// nothing: beside the new memory of the row it would look like a change of the ledger, and be taken over. So it is forgotten before the
// row is handed out.

import type { Link } from '../links/link';
import type { LinkStore } from '../links/link-documents';

export const watchLinks = (store: LinkStore, onMoved: (link: Link) => void): LinkStore => {
  const seen = new Map<string, number>();
  const own = (link: Link): Link => {
    seen.set(link.id, link.revision);
    return link;
  };
  const looked = (link: Link): Link => {
    if (seen.get(link.id) !== link.revision) onMoved(link);
    return own(link);
  };
  const lookedAll = async function* (found: AsyncIterable<Link>): AsyncIterable<Link> {
    for await (const link of found) yield looked(link);
  };
  return {
    get: async (id) => {
      const found = await store.get(id);
      return found && looked(found);
    },
    by: async (side, kind, ids) => {
      const found = await store.by(side, kind, ids);
      for (const link of found.values()) looked(link);
      return found;
    },
    waitingFor: async (key) => (await store.waitingFor(key)).map(looked),
    withIntent: () => lookedAll(store.withIntent()),
    ofKind: (kind) => lookedAll(store.ofKind(kind)),
    inState: (state) => lookedAll(store.inState(state)),
    insert: async (link) => own(await store.insert(link)),
    save: async (link) => own(await store.save(link)),
    saveAll: async (changed, also) => {
      const saved = await store.saveAll(changed, also);
      for (const link of saved) if (link !== undefined) own(link);
      return saved;
    },
    remove: (link) => store.remove(link),
  };
};
