// Makes certificates and keeps them. One listing of the ledger serves the full compare and the certificate; nothing is written in either
// book, and a certificate that is stored is never changed.
import { toInstant } from '../../core/clock';
import { BridgeError } from '../../core/errors';
import { DuplicateKeyError, findAll } from '../../store/port';
import { asking } from '../connection/asking';
import { findConnection } from '../connection/connection-documents';
import { bridgeFor } from '../connection/import';
import type { Bridge } from '../run/bridge';
import { fullCompare } from '../run/feeds';
import type { ConnectionRef, SyncDependencies } from '../service';
import { createAsked, expectActive, type OnRead } from './asked';
import {
  type CertificatesService,
  type CertificateView,
  hashOf,
  isNewsAfter,
  totalsOf,
  verdictOf,
} from './certificate';
import { type CertificateDocument, certificateChunks, certificates } from './documents';
import { collecting, countTwice, readBooks } from './reading';
import type { TallyRow } from './tally';

const CHUNK = 200;

export const createCertificates = (dependencies: SyncDependencies): CertificatesService => {
  const { store } = dependencies;
  const get = async (ref: ConnectionRef, id: string): Promise<CertificateDocument> => {
    const found = await store.forTenant(ref.tenantId).get(certificates, id);
    if (found?.connectionId !== ref.connectionId) throw new BridgeError('BB_NOT_FOUND', { kind: 'certificate', id });
    return found;
  };
  const latest = async (ref: ConnectionRef): Promise<CertificateDocument | undefined> =>
    (
      await store.forTenant(ref.tenantId).find(certificates, {
        where: { connectionId: ref.connectionId },
        order: { index: 'byNumber', direction: 'descending' },
        limit: 1,
      })
    ).items[0];
  const make = async (
    ref: ConnectionRef,
    by: Parameters<CertificatesService['make']>[1],
    onRead?: OnRead,
  ): Promise<CertificateView> => {
    const { rows, calls, marked } = await compare(dependencies, ref, onRead);
    const kept = async (triesLeft: number): Promise<CertificateDocument> => {
      try {
        return await keep(dependencies, ref, by, await latest(ref), rows, calls);
      } catch (error) {
        // Somebody else's got this number: ours is the one after it.
        if (!(error instanceof DuplicateKeyError) || triesLeft === 0) throw error;
        return kept(triesLeft - 1);
      }
    };
    const saved = await kept(5);
    if (marked > 0) await dependencies.nudge(ref.connectionId, 'full compare');
    return viewOf(saved);
  };
  return {
    ...createAsked(dependencies, make),
    make: (ref, by) => make(ref, by),
    latest: async (ref) => {
      await findConnection(store, ref);
      const found = await latest(ref);
      return found && viewOf(found);
    },
    get: async (ref, id) => viewOf(await get(ref, id)),
    list: async (ref, { limit = 30, after } = {}) => {
      await findConnection(store, ref);
      const page = await store.forTenant(ref.tenantId).find(certificates, {
        where: { connectionId: ref.connectionId },
        order: { index: 'byNumber', direction: 'descending' },
        limit,
        ...(after === undefined ? {} : { after }),
      });
      return { items: page.items.map(viewOf), ...(page.next ? { next: page.next } : {}) };
    },
    rows: async (ref, id) => {
      const { rowsOf } = await get(ref, id);
      const rows: TallyRow[] = [];
      const query = { where: { certificateId: rowsOf }, order: { index: 'byCertificate' } } as const;
      for await (const chunk of findAll(store.forTenant(ref.tenantId), certificateChunks, query)) {
        rows.push(...(JSON.parse(chunk.rows) as TallyRow[]));
      }
      return rows;
    },
  };
};

type Compared = { readonly rows: readonly TallyRow[]; readonly calls: number; readonly marked: number };

const compare = async (dependencies: SyncDependencies, ref: ConnectionRef, onRead?: OnRead): Promise<Compared> => {
  const connection = await expectActive(dependencies, ref);
  const bridge = await bridgeFor(dependencies, connection);
  return asking(bridge.ledgerName, async () => {
    await bridge.prepare();
    let marked = 0;
    const books = await readBooks(bridge, async (whole: Bridge) => {
      const { ledger, found } = collecting(whole.ledger, onRead);
      marked = await fullCompare({ ...whole, ledger });
      return found;
    });
    const rows = await countTwice(bridge, books, true);
    return { rows, calls: bridge.journal.result().calls, marked };
  });
};

const keep = async (
  { store, clock, ids }: SyncDependencies,
  ref: ConnectionRef,
  by: Parameters<CertificatesService['make']>[1],
  before: CertificateDocument | undefined,
  rows: readonly TallyRow[],
  calls: number,
): Promise<CertificateDocument> => {
  const totals = totalsOf(rows);
  const verdict = verdictOf(totals);
  const hash = hashOf(rows);
  const id = ids('cer');
  const isSame = before?.hash === hash;
  return store.transaction(async (scopes) => {
    const session = scopes.forTenant(ref.tenantId);
    for (let from = 0; !isSame && from < rows.length; from += CHUNK) {
      const chunk = JSON.stringify(rows.slice(from, from + CHUNK));
      await session.insert(certificateChunks, { id: ids('cek'), certificateId: id, position: from, rows: chunk });
    }
    const { unexplainedSums, ...counts } = totals;
    return session.insert(certificates, {
      id,
      connectionId: ref.connectionId,
      number: (before?.number ?? 0) + 1,
      madeAt: toInstant(clock.now()),
      occasion: 'actor' in by ? 'person' : by.occasion,
      ...('actor' in by ? { madeBy: by.actor.name } : {}),
      verdict,
      hash,
      isNews: isNewsAfter(before, { ...totals, verdict }),
      ...(before === undefined ? {} : { before: before.verdict }),
      ...counts,
      unexplainedSums: unexplainedSums.map((sum) => ({ ...sum })),
      rowCount: rows.length,
      rowsOf: isSame ? before.rowsOf : id,
      calls,
    });
  });
};

const viewOf = ({
  revision: _revision,
  tenantId: _tenantId,
  connectionId: _connectionId,
  number: _number,
  rowsOf: _rowsOf,
  madeBy,
  before,
  ...rest
}: CertificateDocument): CertificateView => ({
  ...rest,
  ...(madeBy === undefined ? {} : { madeBy }),
  ...(before === undefined ? {} : { before }),
});
