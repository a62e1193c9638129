// A run taken back over the wire, on both rehearsal ledgers: what can be is, on the ledger's own terms; what cannot says why; nothing of it
// comes back by itself.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { UndoRow, UndoView } from '../../../src/sync/undo/undo-service';
import { expectExplained, LEDGERS, lineOf, openWorld, type World } from './world';

const ACTOR = { id: 'usr_owner', name: 'Olive Owner' };

describe.each(LEDGERS)('on %s', (_name, ledger) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(ledger);
  });
  afterAll(() => world.close());

  const undo = () => world.house.sync.undo;
  const rowsOf = async (id: string, can: boolean): Promise<readonly UndoRow[]> =>
    (await undo().rows(world.ref, id, { can, limit: 500 })).items;
  const takeBack = async (runId: string): Promise<UndoView> => {
    const plan = await undo().preview(world.ref, runId, ACTOR);
    await undo().approve(world.ref, plan.id, plan.hash, ACTOR);
    await world.settle();
    return undo().get(world.ref, plan.id);
  };
  const isCancelled = ({ number: own }: { readonly number: string | null }): boolean =>
    world.desk.invoices().find(({ number }) => number === own)?.isVoid ?? true;
  const wrote = async (name: string): Promise<string> => {
    for (const run of (await world.house.sync.runs.list(world.ref, { limit: 100 })).items) {
      const { items } = await world.house.sync.runs.rows(world.ref, run.id, { limit: 500 });
      if (items.some((row) => row.name === name)) return run.id;
    }
    throw new Error(`nobody wrote ${name}`);
  };

  it('takes a whole first sync back: what it sent, what it brought in, what it linked', async () => {
    const { house, tenantId } = world;
    for (const run of (await house.sync.runs.list(world.ref, { limit: 100 })).items) {
      const { items } = await house.sync.runs.rows(world.ref, run.id, { limit: 500 });
      if (items.length === 0) continue;
      const done = await takeBack(run.id);
      const refused = (await rowsOf(done.id, true)).filter(({ state }) => state !== 'done');
      expect([done.state, refused]).toEqual(['done', []]);
      for (const { why } of await rowsOf(done.id, false)) expect(why).toContain('our reference');
    }
    // Each side keeps what was its own.
    const here = (await house.billing.invoices.list(tenantId, { limit: 200 })).items;
    const living = here.filter(({ status }) => status !== 'void').map(({ number }) => number ?? '');
    expect(living.sort()).toEqual([1, 2, 3, 4, 5].map((i) => `INV-000${i}`));
    const there = world.desk.invoices().filter(({ isVoid }) => !isVoid);
    expect(there.map(({ number }) => number).sort()).toEqual(['INV-0003', 'L-1', 'L-2']);
    expect(world.desk.payments()).toMatchObject([{ amountMinor: 2_000 }]);
    await expectExplained(world);
  });

  it('puts back a price that a run changed, on both sides', async () => {
    const customer = await world.customer('Gus Gates');
    const invoice = await world.invoice(customer, '100');
    await world.settle();
    world.clock.advance(16 * 60_000);
    const { house, tenantId } = world;
    await house.billing.invoices.update(world.as(), invoice.id, { lines: [lineOf(ledger, '70')] });
    await world.settle();
    const done = await takeBack(await wrote(invoice.number ?? ''));
    expect(done).toMatchObject({ state: 'done', progress: { open: 0, done: 1, refused: 0 } });
    const here = await house.billing.invoices.get(tenantId, invoice.id);
    expect([here.totalMinor, world.thereNumbered(invoice.number ?? '').totalMinor]).toEqual([
      invoice.totalMinor,
      invoice.totalMinor,
    ]);
    await expectExplained(world);
  });

  it('cancels the copies of a run with the money on them, and leaves what was paid in the ledger since', async () => {
    const customer = await world.customer('Hal Harbour');
    const paidHere = await world.invoice(customer, '100');
    const open = await world.invoice(customer, '40');
    const paidThere = await world.invoice(customer, '55');
    await world.pay(customer, paidHere.totalMinor, [[paidHere, paidHere.totalMinor]]);
    await world.settle();
    const run = await wrote(open.number ?? '');
    world.clock.advance(16 * 60_000);
    world.desk.pay(world.thereNumbered(paidThere.number ?? ''), '20', '2026-03-02');
    await world.settle();
    const plan = await undo().preview(world.ref, run, ACTOR);
    const stays = Object.fromEntries((await rowsOf(plan.id, false)).map(({ name, why }) => [name, why]));
    expect(stays).toEqual({
      [paidThere.number ?? '']: expect.stringContaining('it was paid'),
      'Hal Harbour': '2 documents and payments of this customer stay',
    });
    const before = world.writes();
    await undo().approve(world.ref, plan.id, plan.hash, ACTOR);
    await world.settle();
    expect(world.writes()).toBeGreaterThan(before);
    expect(await undo().get(world.ref, plan.id)).toMatchObject({ state: 'done', progress: { open: 0, refused: 0 } });
    expect([paidHere, open, paidThere].map(isCancelled)).toEqual([true, true, false]);
    await expectExplained(world);
    await world.night();
    await expectExplained(world);
  });

  it('goes on in a new process where a killed one had stopped, and does nothing twice', async () => {
    const customer = await world.customer('Ida Island');
    await world.settle(); // of another run: it stays
    let killed = 0;
    for (const call of [1, 3, 4, 5, 6]) {
      const invoice = await world.invoice(customer, '30');
      const other = await world.invoice(customer, '31');
      await world.settle();
      const plan = await undo().preview(world.ref, await wrote(invoice.number ?? ''), ACTOR);
      world.clock.advance(16 * 60_000);
      await undo().approve(world.ref, plan.id, plan.hash, ACTOR);
      const before = world.writes();
      if (await world.dieAtCall(call)) killed++;
      await world.settle();
      const done = await undo().get(world.ref, plan.id);
      expect([call, done.state, done.progress.open, done.progress.refused]).toEqual([call, 'done', 0, 0]);
      expect([call, isCancelled(invoice), isCancelled(other)]).toEqual([call, true, true]);
      // Xero takes both in one request.
      expect([call, world.writes() - before]).toEqual([call, ledger === 'xero' ? 1 : 2]);
    }
    expect(killed).toBeGreaterThan(2);
    await expectExplained(world);
  });
});
