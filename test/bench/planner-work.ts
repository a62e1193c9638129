// What the benchmark of the planner measures, in a process of its own so that its memory is its own: 50,000 linked invoices of eight lines,
// read from what the store and the wire hand over, looked at and found unchanged. In lots, as a run holds them. Answers its parent in one line.

import { connections, type LinkDocument } from '../../src/sync/collections';
import { bridgeFor } from '../../src/sync/connection/import';
import type { Link } from '../../src/sync/links/link';
import { readLink } from '../../src/sync/links/link-documents';
import { planPair } from '../../src/sync/planner/plan';
import type { LocalRecord } from '../../src/sync/ports/billing-port';
import type { ExternalRecord } from '../../src/sync/ports/ledger-port';
import type { InvoiceAtoms } from '../../src/sync/records';
import type { Bridge } from '../../src/sync/run/bridge';
import { viewOf } from '../../src/sync/run/pairs';
import { twinsFrom } from '../../src/sync/run/twins';
import { invoice, openSyncWorld, TENANT } from '../support/sync-world';

const PAIRS = 50_000;
const LOT = 2_000;
const LINES = 8;

/** As they arrive: one text for the row, one for the record of each side. */
type Arrived = { readonly row: LinkDocument; readonly local: string; readonly external: string };

const atomsOf = (i: number, contactId: string): InvoiceAtoms => {
  const plain = invoice(`INV-${String(i).padStart(6, '0')}`, contactId);
  const [line] = plain.moneyBlock.lines;
  if (line === undefined) throw new Error('an invoice has a line');
  const lines = Array.from({ length: LINES }, (_, n) => ({ ...line, description: `Work of day ${n + 1}, job ${i}` }));
  const netMinor = lines.reduce((sum, one) => sum + one.netMinor, 0);
  const taxMinor = netMinor / 5;
  return {
    ...plain,
    moneyBlock: { ...plain.moneyBlock, lines, netMinor, taxMinor, totalMinor: netMinor + taxMinor },
    accounts: lines.map(() => null),
  };
};

const arrive = (i: number, { connectionId, mapVersion }: Bridge): Arrived => {
  const here = { status: 'live', atoms: atomsOf(i, 'cus_1') };
  const there = { status: 'live', atoms: atomsOf(i, 'con-1') };
  const [localId, externalId] = [`inv_${i}`, `inv-${i}`];
  const guards = { allocatedMinor: 0, openMinor: here.atoms.moneyBlock.totalMinor, reconciled: false };
  const memory = { baseLocal: here, baseExternal: there, generation: 0, held: [], restores: [], separateFrom: [] };
  return {
    row: {
      ...{ id: `lnk_${i}`, revision: 1, tenantId: TENANT, connectionId, kind: 'invoice', state: 'linked' },
      ...{ localId, externalId },
      memory: JSON.stringify({ ...memory, mapVersion, localRevision: 1, externalVersion: 'v1' }),
    } as LinkDocument,
    local: JSON.stringify({ kind: 'invoice', localId, revision: 1, projection: here, guards }),
    external: JSON.stringify({ kind: 'invoice', externalId, version: 'v1', projection: there, guards }),
  };
};

const planLot = (bridge: Bridge, lot: readonly Arrived[]): number => {
  const contact = { localId: 'cus_1', externalId: 'con-1', baseExternal: { atoms: {} } } as unknown as Link;
  const twins = twinsFrom((_, { $ref }) => ($ref === 'contact' ? contact : undefined));
  let unchanged = 0;
  for (const { row, local, external } of lot) {
    const localRecord = JSON.parse(local) as LocalRecord;
    const externalRecord = JSON.parse(external) as ExternalRecord;
    const decision = planPair(
      viewOf(
        bridge,
        {
          kind: 'invoice',
          entries: [],
          link: readLink(row),
          localId: localRecord.localId,
          externalId: externalRecord.externalId,
          local: { state: 'present', projection: localRecord.projection },
          external: { state: 'present', projection: externalRecord.projection },
          localRecord,
          externalRecord,
        },
        twins,
      ),
    );
    if (decision.do === 'none') unchanged++;
  }
  return unchanged;
};

const work = async (): Promise<void> => {
  const world = await openSyncWorld();
  const { connectionId } = await world.approve();
  const connection = await world.store.forTenant(TENANT).get(connections, connectionId);
  if (connection === undefined) throw new Error('the connection is there');
  const bridge = await bridgeFor(world.dependencies, connection);
  let seconds = 0;
  let unchanged = 0;
  for (let from = 0; from < PAIRS; from += LOT) {
    const lot = Array.from({ length: LOT }, (_, n) => arrive(from + n, bridge));
    const startedAt = performance.now();
    unchanged += planLot(bridge, lot);
    seconds += (performance.now() - startedAt) / 1_000;
  }
  await world.close();
  const megabytes = process.resourceUsage().maxRSS / 1_024;
  process.stdout.write(`${JSON.stringify({ pairs: PAIRS, unchanged, seconds, megabytes })}\n`);
};

void work();
