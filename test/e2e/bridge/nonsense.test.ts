// A ledger whose whole answers are nonsense: an HTML page with 200, JSON of another shape, a list that never ends. Nothing can be concluded
// from them, so nothing is: the connection says in words that it waits and for what, and goes on by itself where it stood.
import { afterEach, describe, expect, it } from '@jest/globals';
import { expectCertified } from './named-problem';
import { DATES, expectLevel, LEDGERS, openWorld, type World } from './world';

let world: World;
afterEach(() => world.close());

const NONSENSE = [
  ['an HTML page with 200', 'html-in-200', /something (else|that cannot be read)/],
  ['JSON of another shape', 'other-shape', /something else/],
  ['the same page for ever', 'same-page', /the same page again and again/],
] as const;

describe.each(LEDGERS)('on %s', (name, ledger) => {
  it.each(NONSENSE)(
    'waits in plain words while it answers with %s, and goes on by itself',
    async (_what, fault, says) => {
      world = await openWorld(ledger);
      const { desk, faults, clock, house, ref } = world;
      const mine = await world.invoice(await world.customer('New Here'), '80');
      desk.enterInvoice(world.thereNamed('Dot Boats').id, 'L-9', '60', DATES);
      faults.set({ name: fault });
      clock.advance(16 * 60_000);
      const calls = world.calls();
      await expect(house.sync.certificates.make(ref, { occasion: 'nightly' })).rejects.toThrow(says);
      for (let i = 0; i < 4; i++) {
        await world.run();
        clock.advance(60_000);
      }
      expect(world.calls() - calls).toBeLessThan(40);
      if (fault !== 'same-page') {
        const visitor = await world.owner();
        const page = await visitor.get(`/connections/${ref.connectionId}`);
        expect(page.status).toBe(200);
        expect(page.text).toMatch(new RegExp(`Nothing crosses at the moment: ${name} answer`));
        expect(page.text).toMatch(/Nothing is lost/);
        expect(page.text).toMatch(/tries again by itself/);
      }

      faults.clear();
      await world.settle();
      await world.night();
      expect(world.thereNumbered(mine.number ?? '')).toMatchObject({ totalMinor: mine.totalMinor });
      expect(await world.hereNumbered('L-9')).toMatchObject({ totalMinor: world.thereNumbered('L-9').totalMinor });
      const visitor = await world.owner();
      expect((await visitor.get(`/connections/${ref.connectionId}`)).text).not.toContain('Nothing crosses');
      await expectLevel(world);
      await expectCertified(world);
    },
    30_000,
  );
});
