// The certificate over living books: made from both books as they are, each difference under the cause that the bridge itself gives it, a
// wrong cent found, and nothing said on the strength of one reading.
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Cause } from '../../../src/sync/certificate/causes';
import type { LedgerPort, Reading } from '../../../src/sync/ports/ledger-port';
import type { InvoiceAtoms } from '../../../src/sync/records';
import {
  ACTOR,
  contact,
  invoice,
  moneyBlock,
  openSyncWorld,
  payment,
  type SyncWorld,
  type WorldOptions,
} from '../../support/sync-world';

let world: SyncWorld;
afterEach(() => world.close());

const make = () => world.sync.certificates.make(world.ref(), { actor: ACTOR });
const rowsOf = async (id: string) => world.sync.certificates.rows(world.ref(), id);
const causesIn = async (id: string) =>
  (await rowsOf(id)).flatMap(({ month, kind, causes }) =>
    causes.map(({ cause, count, sumMinor }): [string, string, Cause, number, number] => [
      ...([month, kind] as const),
      ...([cause, count, sumMinor] as const),
    ]),
  );
/** Acme with INV-1 (120.00, paid) and INV-2 (60.00) on both sides. */
const openWorld = async (options: WorldOptions = {}): Promise<{ readonly acme: string; readonly second: string }> => {
  world = await openSyncWorld(options);
  const acme = world.billing.user.create('contact', contact('Acme Ltd'));
  const first = world.billing.user.create('invoice', invoice('INV-1', acme, 10_000));
  const second = world.billing.user.create('invoice', invoice('INV-2', acme, 5_000));
  world.billing.user.create('payment', payment(acme, first, 12_000));
  await world.approve();
  await world.settle();
  return { acme, second };
};

/** Lists and reads show INV-2 with other money, and with the version that it had: an edit that the ledger did not mark. */
const falsified = (port: LedgerPort, isOn: () => boolean, isInReads = true): LedgerPort => {
  const falsify = <R extends Reading>(reading: R): R => {
    if (!isOn() || reading.state !== 'present' || reading.record.kind !== 'invoice') return reading;
    const atoms = reading.record.projection.atoms as InvoiceAtoms;
    if (atoms.number !== 'INV-2') return reading;
    const projection = { ...reading.record.projection, atoms: { ...atoms, moneyBlock: moneyBlock(4_999) } };
    return { ...reading, record: { ...reading.record, projection } };
  };
  return {
    ...port,
    list: async function* (kind, options) {
      for await (const page of port.list(kind, options)) {
        yield {
          ...page,
          readings: page.readings.map(({ reading, ...rest }) => ({ ...rest, reading: falsify(reading) })),
        };
      }
    },
    read: async (kind, ids, purpose) => {
      const found = await port.read(kind, ids, purpose);
      return isInReads ? new Map([...found].map(([id, reading]) => [id, falsify(reading)])) : found;
    },
  };
};

describe('a certificate', () => {
  it('says that both books agree, and costs one listing of the ledger', async () => {
    await openWorld();
    const made = await make();
    expect(made).toMatchObject({
      verdict: 'equal',
      documents: 3,
      customers: 1,
      unexplained: 0,
      ourBug: 0,
      isNews: false,
    });
    expect(made.unexplainedSums).toEqual([{ currency: 'GBP', minor: 0 }]);
    // Six kinds in one page each, the settings and the chart.
    expect(made.calls).toBeLessThanOrEqual(8);
    const rows = await rowsOf(made.id);
    expect(rows.map(({ month, kind, local, external }) => [month, kind, local, external])).toEqual([
      ['', 'contact', { count: 1, sumMinor: 0 }, { count: 1, sumMinor: 0 }],
      ['2026-03', 'invoice', { count: 2, sumMinor: 18_000 }, { count: 2, sumMinor: 18_000 }],
      ['2026-03', 'openInvoice', { count: 1, sumMinor: 6_000 }, { count: 1, sumMinor: 6_000 }],
      ['2026-03', 'payment', { count: 1, sumMinor: 12_000 }, { count: 1, sumMinor: 12_000 }],
    ]);
  });

  it('names what is on its way, what was refused and what waits for a decision', async () => {
    const { acme, second } = await openWorld();
    world.billing.user.create(
      'invoice',
      invoice('INV-3', acme, 1_000, { dates: { issueDate: '2026-02-10', dueDate: '2026-03-10' } }),
    );
    expect(await causesIn((await make()).id)).toEqual([
      ['2026-02', 'invoice', 'unlinkedLocal', 1, 1_200],
      ['2026-02', 'openInvoice', 'unlinkedLocal', 1, 1_200],
    ]);
    await world.settle();
    expect((await make()).verdict).toBe('equal');

    // Both sides rewrite the same invoice: a person is asked.
    const there = world.ledger
      .live('invoice')
      .find(({ projection }) => (projection.atoms as InvoiceAtoms).number === 'INV-2');
    world.billing.user.edit('invoice', second, { moneyBlock: moneyBlock(5_500) });
    world.ledger.hands.edit('invoice', there?.externalId ?? '', { moneyBlock: moneyBlock(4_000) });
    expect(await causesIn((await make()).id)).toEqual([
      ['2026-03', 'invoice', 'underWay', 1, 1_800],
      ['2026-03', 'openInvoice', 'underWay', 1, 1_800],
    ]);
    await world.settle();
    const made = await make();
    expect(await causesIn(made.id)).toEqual([
      ['2026-03', 'invoice', 'conflict', 1, 1_800],
      ['2026-03', 'openInvoice', 'conflict', 1, 1_800],
    ]);
    const [part] = (await rowsOf(made.id)).flatMap(({ causes }) => causes);
    const [problem] = (await world.sync.problems.list(world.ref())).items;
    expect(part?.examples).toMatchObject([{ name: 'INV-2', minor: 1_800, linkId: problem?.id }]);
  });

  it('does not count what was cancelled, and explains what is older than the cut-over', async () => {
    world = await openSyncWorld();
    const acme = world.billing.user.create('contact', contact('Acme Ltd'));
    const old = { dates: { issueDate: '2025-12-31', dueDate: '2026-01-31' } };
    world.billing.user.create('invoice', invoice('INV-0', acme, 2_000, old));
    const third = world.billing.user.create('invoice', invoice('INV-1', acme, 10_000));
    await world.approve({ cutOverDate: '2026-01-01' });
    await world.settle();
    world.billing.user.setStatus('invoice', third, 'void');
    await world.settle();
    const made = await make();
    expect(await causesIn(made.id)).toEqual([
      ['2025-12', 'invoice', 'beforeCutOver', 1, 2_400],
      ['2025-12', 'openInvoice', 'beforeCutOver', 1, 2_400],
    ]);
    expect([made.verdict, made.documents]).toEqual(['explained', 1]);
  });

  it('finds a wrong amount that no cause explains, to the cent, and calls it news', async () => {
    let isOn = false;
    await openWorld({ wrapLedger: (port) => falsified(port, () => isOn) });
    expect((await make()).verdict).toBe('equal');
    isOn = true;
    const made = await make();
    expect(made).toMatchObject({ verdict: 'unexplained', before: 'equal', isNews: true, unexplained: 1, ourBug: 1 });
    // Net 49.99 and its tax against 50.00: one cent off.
    expect(made.unexplainedSums).toEqual([{ currency: 'GBP', minor: 1 }]);
    const row = (await rowsOf(made.id)).find(({ kind }) => kind === 'invoice');
    expect(row?.unexplained).toMatchObject({ count: 1, sumMinor: 1, examples: [{ name: 'INV-2', minor: 1 }] });
    // Said once: the same again is no news.
    expect(await make()).toMatchObject({ verdict: 'unexplained', isNews: false });
    isOn = false;
    expect(await make()).toMatchObject({ verdict: 'equal', isNews: true });
  });

  it('reads once more by id before it says that something is wrong: a list may lag', async () => {
    let isOn = false;
    await openWorld({ wrapLedger: (port) => falsified(port, () => isOn, false) });
    isOn = true;
    expect(await make()).toMatchObject({ verdict: 'equal', unexplained: 0, ourBug: 0 });
  });

  it('keeps each one as it was, and the rows of equal ones once', async () => {
    const { acme } = await openWorld();
    const first = await make();
    world.clock.advance(86_400_000);
    const second = await world.sync.certificates.make(world.ref(), { occasion: 'nightly' });
    world.billing.user.create('invoice', invoice('INV-4', acme));
    await world.settle();
    world.clock.advance(86_400_000);
    const third = await world.sync.certificates.make(world.ref(), { occasion: 'nightly' });
    expect([second.hash === first.hash, third.hash === first.hash]).toEqual([true, false]);
    const { items } = await world.sync.certificates.list(world.ref());
    expect(items.map(({ id }) => id)).toEqual([third.id, second.id, first.id]);
    expect(items.map(({ occasion, madeBy }) => [occasion, madeBy])).toEqual([
      ['nightly', undefined],
      ['nightly', undefined],
      ['person', 'Ada'],
    ]);
    expect(await rowsOf(second.id)).toEqual(await rowsOf(first.id));
    expect((await rowsOf(third.id)).find(({ kind }) => kind === 'invoice')?.local.count).toBe(3);
  });

  it('gives two that are made at once their places in the history', async () => {
    await openWorld();
    const made = await Promise.all([make(), make(), make()]);
    const { items } = await world.sync.certificates.list(world.ref());
    expect(items.map(({ id }) => id).toSorted()).toEqual(made.map(({ id }) => id).toSorted());
    expect(items.filter(({ before }) => before === undefined)).toHaveLength(1);
  });

  it('compares everything on the way: what a lost hint hid is marked and crosses', async () => {
    const { acme } = await openWorld();
    world.billing.user.edit('contact', acme, { phone: '020 7946 0000' });
    for (const { sequence } of await world.billing.port.pendingChanges(100))
      await world.billing.port.acknowledge([sequence]);
    await make();
    expect(world.nudges.at(-1)).toBe('full compare');
    await world.run({ skipPoll: true });
    expect(world.ledger.live('contact')[0]?.projection.atoms).toMatchObject({ phone: '02079460000' });
  });

  it('is refused before the plan is approved, and hidden from another business', async () => {
    world = await openSyncWorld();
    await world.connect();
    await expect(make()).rejects.toMatchObject({ code: 'BB_SYNC_REFUSED' });
    await world.approve();
    const { id } = await make();
    const stranger = { ...world.ref(), tenantId: 'ten_other' };
    await expect(world.sync.certificates.get(stranger, id)).rejects.toMatchObject({ code: 'BB_NOT_FOUND' });
    await expect(world.sync.certificates.rows(stranger, id)).rejects.toMatchObject({ code: 'BB_NOT_FOUND' });
    await expect(world.sync.certificates.latest(stranger)).rejects.toMatchObject({ code: 'BB_NOT_FOUND' });
    await expect(world.sync.certificates.list(stranger)).rejects.toMatchObject({ code: 'BB_NOT_FOUND' });
  });
});
