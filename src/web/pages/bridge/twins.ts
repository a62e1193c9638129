// How a record here stands to its twin in the ledger, in a word, for the record's own page; and the address that documents in the ledger
// link back to.

import type { Store } from '../../../store/port';
import { links } from '../../../sync/collections';
import type { RecordKind } from '../../../sync/records';
import type { Sync } from '../../../sync/service';
import { redirect } from '../../http/answer';
import { guarded, type Route } from '../../http/routes';
import type { TwinView } from '../billing/parts';
import { ledgerName } from './words';

type Parts = { readonly sync: Sync; readonly store: Store };

export const twinFinder =
  ({ sync, store }: Parts) =>
  async (tenantId: string, kind: RecordKind, localId: string): Promise<TwinView | null> => {
    const [connection] = (await sync.connections.list(tenantId)).filter(
      ({ state }) => state === 'active' || state === 'paused',
    );
    if (connection === undefined) return null;
    const found = await store.forTenant(tenantId).find(links, {
      where: { connectionId: connection.id, kind, localId },
      limit: 1,
    });
    const [link] = found.items;
    const ledger = ledgerName(connection.provider);
    const base = `/connections/${connection.id}/problems`;
    if (link === undefined) return { ledger, status: 'draft', words: `Not in ${ledger}`, href: null, ledgerUrl: null };
    const problem = `${base}/${encodeURIComponent(link.id)}`;
    switch (link.state) {
      case 'linked':
        return link.intentAt === undefined
          ? { ledger, status: 'agrees', words: 'Agrees', href: null, ledgerUrl: null }
          : { ledger, status: 'waiting', words: 'On its way', href: null, ledgerUrl: null };
      case 'waiting':
        return { ledger, status: 'waiting', words: 'Waits for another record', href: problem, ledgerUrl: null };
      case 'conflict':
        return { ledger, status: 'conflict', words: 'In conflict', href: problem, ledgerUrl: null };
      case 'blocked':
        return { ledger, status: 'overdue', words: 'Held up', href: problem, ledgerUrl: null };
      case 'retired':
        return { ledger, status: 'void', words: 'No longer linked', href: null, ledgerUrl: null };
    }
  };

const PLACES: Readonly<Record<string, string>> = {
  cus: 'customers',
  inv: 'invoices',
  crn: 'credit-notes',
  pay: 'payments',
};

/** A tag is `bb:<localId>:<generation>`; the record's page decides whether the visitor may see it. */
export const openPages = (): readonly Route[] => [
  guarded('GET /open/:tag', 'read', async ({ params }) => {
    const [, localId = '', prefix = ''] = /^bb:((\w{3})_\w+)(?::\d+)?$/.exec(params.tag ?? '') ?? [];
    const place = PLACES[prefix];
    return redirect(place === undefined ? '/' : `/${place}/${localId}`);
  }),
];
