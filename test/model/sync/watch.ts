// Stands between the bridge and both books and looks at every single call: I9, I10, I12, I14 and I16 are held at each write, not only
// at the end. What it sees is kept, not thrown: a thrown error would be taken for a fault of the ledger.

import { links } from '../../../src/sync/collections';
import { dateOf, type Intent, type Link } from '../../../src/sync/links/link';
import { readLink } from '../../../src/sync/links/link-documents';
import type { BillingPort, LocalWrite } from '../../../src/sync/ports/billing-port';
import type { Guards, LedgerPort, WriteRequest } from '../../../src/sync/ports/ledger-port';
import type { Projection, RecordKind } from '../../../src/sync/records';
import type { OpenableConnection } from '../../../src/sync/service';
import { type SyncWorld, TENANT } from '../../support/sync-world';
import { Finding } from './finding';

type Record = { readonly projection: Projection; readonly guards: Guards };
export type Watch = {
  ledger(port: LedgerPort, connection: OpenableConnection): LedgerPort;
  billing(port: BillingPort): BillingPort;
  /** Throws what was seen since. */
  report(): void;
};

export const createWatch = (world: () => SyncWorld, lockedThrough: () => string | null): Watch => {
  const seen: Finding[] = [];
  const see = (invariant: `I${number}`, says: string): void => void seen.push(new Finding(invariant, says));

  const linkOf = async (id: string): Promise<Link | undefined> => {
    const document = await world().store.forTenant(TENANT).get(links, id);
    return document && readLink(document);
  };

  /** I16 and I12: the intent stands under this very key, its owner has it alone, and it belongs to these books. */
  const beforeSending = async (request: WriteRequest, connection: OpenableConnection): Promise<void> => {
    const { kind, op, ref, idempotencyKey } = request;
    const link = await linkOf(ref);
    const what = `${kind} ${op} ${request.externalId ?? request.tag}`;
    if (link?.intent?.key !== idempotencyKey) see('I16', `${what} was sent without its intent`);
    if (link?.intent?.side !== 'external') see('I16', `${what} was sent under an intent of another side`);
    if (link?.lease === undefined) see('I16', `${what} was sent without the lease`);
    if (link && link.connectionId !== connection.connectionId) see('I12', `${what} went to another organisation`);
    if (link && (link.kind !== kind || link.externalId !== request.externalId)) {
      see('I12', `${what} was sent for ${link.kind} ${link.externalId}`);
    }
    if (link?.intent?.op === 'update' && request.op !== 'update') see('I10', `${what} was planned as an update`);
  };

  const compare = (
    where: string,
    kind: RecordKind,
    op: Intent['op'],
    [before, after]: readonly [Record | undefined, Record | undefined],
    locked: string | null,
  ): void => {
    if (before === undefined || JSON.stringify(before.projection) === JSON.stringify(after?.projection)) return;
    if (after === undefined) see('I10', `${where}: ${kind} was deleted, not cancelled`);
    else if (kind !== 'contact') {
      const frozen = frozenBecause(before, locked, kind, op);
      const changed = financial(kind).filter(
        (atom) => JSON.stringify(before.projection.atoms[atom]) !== JSON.stringify(after.projection.atoms[atom]),
      );
      const ended = before.projection.status === 'live' && after.projection.status === 'void';
      if (frozen && (changed.length > 0 || ended)) see('I9', `${where}: ${kind} is ${frozen} and got ${op} ${changed}`);
      if (!ended && before.projection.status !== after.projection.status) {
        see('I9', `${where}: ${kind} went from ${before.projection.status} to ${after.projection.status}`);
      }
    }
  };

  return {
    report: () => {
      const [first] = seen;
      if (first) throw first;
    },
    ledger: (port, connection) => ({
      ...port,
      write: async (requests, signal) => {
        const { ledger } = { ledger: world().ledgerOf(connection.organisationId) };
        for (const request of requests) await beforeSending(request as WriteRequest, connection);
        const keys = requests.map(({ idempotencyKey }) => idempotencyKey);
        if (new Set(keys).size < keys.length) see('I16', 'two writes went out under one key');
        const before = requests.map(({ kind, externalId }) => externalId && ledger.get(kind, externalId));
        const answers = await port.write(requests, signal);
        for (const [i, { kind, op, externalId }] of requests.entries()) {
          const after = externalId === undefined ? undefined : ledger.get(kind, externalId);
          compare('ledger', kind, op, [before[i] || undefined, after], lockedThrough());
        }
        return answers;
      },
    }),
    billing: (port) => ({
      ...port,
      write: async (write) => {
        const { kind, op, localId } = write as LocalWrite;
        const { billing } = world();
        const before = billing.get(kind, localId);
        const answer = await port.write(write);
        compare('billing', kind, op, [before, billing.get(kind, localId)], null);
        return answer;
      },
    }),
  };
};

const financial = (kind: RecordKind): readonly string[] =>
  kind === 'payment' || kind === 'allocation' ? [kind] : ['moneyBlock', 'contact'];

/** Money lies on it, the bank has seen it, its books are closed or it is over. */
const frozenBecause = (
  { projection, guards }: Record,
  locked: string | null,
  kind: RecordKind,
  op: Intent['op'],
): string | undefined => {
  const isDocument = kind === 'invoice' || kind === 'creditNote';
  const day = dateOf(kind, projection.atoms);
  if (projection.status === 'void') return 'over';
  if (guards.reconciled) return 'reconciled';
  if (isDocument && guards.allocatedMinor > 0) return 'paid';
  if (locked !== null && day !== undefined && day <= locked) return `in a closed period (${op})`;
  return undefined;
};
