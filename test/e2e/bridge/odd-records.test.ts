// A ledger whose answers hold nonsense in one record: a number where text belongs, an amount with six decimals, a currency that nobody knows,
// a date of year one. The record is named and kept, nothing is made of the nonsense, and everything else crosses.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectNamed, retry } from './named-problem';
import { DATES, expectLevel, LEDGERS, openWorld, type World } from './world';

let world: World;

const ODDITIES = [
  ['a number where text belongs', 'number-for-text', 'A', /is a number where a text belongs/],
  ['an amount with six decimals', 'six-decimals', 'B', /the amount [\d.]+0001 has more decimals than (GBP|USD)/],
  ['a currency that nobody knows', 'unknown-currency', 'C', /nobody knows the currency XQZ/],
  ['a date of year one', 'year-one', 'D', /Date is no date/],
] as const;
const NAMED = {
  kind: 'invoice',
  code: 'notUnderstood',
  says: /could not be read in (Xero|QuickBooks)/,
  fix: /Open the record in (Xero|QuickBooks), save it again, then retry/,
} as const;

describe.each(LEDGERS)('on %s', (_name, ledger) => {
  beforeAll(async () => {
    world = await openWorld(ledger);
  });
  afterAll(() => world.close());

  it.each(ODDITIES)(
    'takes nothing over from a new invoice with %s',
    async (_what, as, letter, says) => {
      const { desk, faults, house, tenantId } = world;
      const [odd, even] = [`L-9${letter}`, `L-8${letter}`];
      const dot = world.thereNamed('Dot Boats').id;
      faults.set({ name: 'odd-record', parameters: { of: odd, as } });
      desk.enterInvoice(dot, odd, '60', DATES);
      desk.enterInvoice(dot, even, '70', DATES);
      desk.changePhone(dot, `020 9${letter}`);
      const mine = await world.invoice(await world.customer(`New ${letter}`), '80');
      await world.flushWebhooks();
      await world.settle();
      const problem = await expectNamed(world, { ...NAMED, says });
      expect(problem.message).toContain(`${as === 'number-for-text' ? '4711' : odd} could not be read in`);
      expect(problem.external?.name).toBe(as === 'number-for-text' ? '4711' : odd);
      expect(problem.raw).toContain(as === 'number-for-text' ? '4711' : odd);
      expect(await house.billing.invoices.byNumber(tenantId, odd)).toBeUndefined();
      expect(await world.hereNumbered(even)).toMatchObject({ totalMinor: world.thereNumbered(even).totalMinor });
      expect(await world.hereNamed('Dot Boats')).toMatchObject({ phone: `020 9${letter}` });
      expect(world.thereNumbered(mine.number ?? '')).toMatchObject({ totalMinor: mine.totalMinor });
      await world.night();
      await expectNamed(world, NAMED);

      faults.clear();
      await retry(world, problem);
      expect(await world.hereNumbered(odd)).toMatchObject({ totalMinor: world.thereNumbered(odd).totalMinor });
      await expectLevel(world);
    },
    30_000,
  );

  it.each(ODDITIES)(
    'leaves a linked invoice as it is while the ledger shows it with %s',
    async (_what, as, letter, says) => {
      const { desk, faults } = world;
      const dueDate = `2026-05-0${ODDITIES.findIndex(([, , each]) => each === letter) + 1}`;
      const before = await world.hereNumbered('L-1');
      faults.set({ name: 'odd-record', parameters: { of: 'L-1', as } });
      desk.changeDueDate(world.thereNumbered('L-1').id, dueDate);
      desk.changePhone(world.thereNamed('Eve Inn').id, `020 7${letter}`);
      await world.flushWebhooks();
      await world.settle();
      await world.night();
      const problem = await expectNamed(world, { ...NAMED, says });
      expect(problem.message).toContain('L-1 could not be read in');
      expect(await world.hereNumbered('L-1')).toEqual(before);
      expect(await world.hereNamed('Eve Inn')).toMatchObject({ phone: `020 7${letter}` });

      faults.clear();
      await retry(world, problem);
      expect(await world.hereNumbered('L-1')).toMatchObject({ dueDate });
      await expectLevel(world);
    },
    30_000,
  );

  it('keeps a customer whose name came as a number', async () => {
    const { desk, faults } = world;
    const before = await world.hereNamed('Dot Boats');
    faults.set({ name: 'odd-record', parameters: { of: 'Dot Boats', as: 'number-for-text' } });
    const dot = world.thereNamed('Dot Boats').id;
    desk.changePhone(dot, '020 9');
    desk.enterInvoice(dot, 'L-9', '60', DATES);
    await world.flushWebhooks();
    await world.settle();
    const problem = await expectNamed(world, { ...NAMED, kind: 'contact' });
    expect(await world.hereNamed('Dot Boats')).toEqual(before);
    expect(await world.hereNumbered('L-9')).toMatchObject({ totalMinor: world.thereNumbered('L-9').totalMinor });

    faults.clear();
    await retry(world, problem);
    expect(await world.hereNamed('Dot Boats')).toMatchObject({ phone: '020 9' });
    await expectLevel(world);
  }, 30_000);
});
