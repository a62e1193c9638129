// The conflict desk: who changed what and when, one field this way and one that way, and one answer for many conflicts at once. Nothing
// is applied to values that nobody saw.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ContactAtoms } from '../../../src/sync/records';
import type { ProblemView } from '../../../src/sync/service';
import { ACTOR, contact, invoice, moneyBlock, openSyncWorld, type SyncWorld } from '../../support/sync-world';

let world: SyncWorld;
beforeEach(async () => {
  world = await openSyncWorld();
});
afterEach(() => world.close());

type Pair = { readonly here: string; readonly there: string };
/** So many customers, on both sides, at rest. */
const openPairs = async (count: number): Promise<readonly Pair[]> => {
  const here = Array.from({ length: count }, (_, i) => world.billing.user.create('contact', contact(`Customer ${i}`)));
  await world.approve();
  await world.settle();
  return here.map((id) => {
    const twin = world.ledger.live('contact').find(({ projection }) => atomsOf(projection).externalRef === id);
    return { here: id, there: twin?.externalId ?? '' };
  });
};
const atomsOf = (projection: unknown) => (projection as { readonly atoms: ContactAtoms }).atoms;
const nameHere = ({ here }: Pair) => atomsOf(world.billing.get('contact', here)?.projection).name;
const nameThere = ({ there }: Pair) => atomsOf(world.ledger.get('contact', there)?.projection).name;
const clash = ({ here, there }: Pair, label: string): void => {
  world.billing.user.edit('contact', here, { name: `${label} here` });
  world.ledger.hands.edit('contact', there, { name: `${label} there` });
};
const problems = async () => (await world.sync.problems.list(world.ref(), { limit: 1000 })).items;
const answersTo = (items: readonly ProblemView[]) => items.map(({ id, shownAs = '' }) => ({ problemId: id, shownAs }));
const takeAll = (items: readonly ProblemView[], take: 'billing' | 'ledger') =>
  world.sync.problems.chooseMany(world.ref(), { answers: answersTo(items), take, actor: ACTOR });

describe('one conflict', () => {
  it('says who changed each field and when, and what nobody told', async () => {
    const [acme] = await openPairs(1);
    if (acme === undefined) throw new Error('no pair');
    world.clock.advance(60_000);
    clash(acme, 'Acme');
    world.clock.advance(60_000);
    world.billing.user.edit('contact', acme.here, { phone: '+441' });
    await world.settle();
    const [listed] = await problems();
    const seen = await world.sync.problems.get(world.ref(), listed?.id ?? '');
    expect(seen.differences).toMatchObject([
      {
        atom: 'name',
        localChange: { by: 'Ada', at: '2026-03-02T09:01:00.000Z', of: 'field' },
        externalChange: { of: 'record' },
      },
    ]);
    expect(seen.differences[0]?.externalChange?.by).toBeUndefined();
    expect(Date.parse(seen.differences[0]?.externalChange?.at ?? '')).toBeGreaterThan(0);
  });

  it('takes one field from here and another from the ledger', async () => {
    const [acme] = await openPairs(1);
    if (acme === undefined) throw new Error('no pair');
    world.billing.user.edit('contact', acme.here, { name: 'Here', email: 'here@acme.test' });
    world.ledger.hands.edit('contact', acme.there, { name: 'There', email: 'there@acme.test' });
    await world.settle();
    const [asked] = await problems();
    const choose = (take: Record<string, 'billing' | 'ledger'>, shownAs = asked?.shownAs ?? '') =>
      world.sync.problems.choose(world.ref(), { problemId: asked?.id ?? '', take, shownAs, actor: ACTOR });
    await choose({ name: 'billing', email: 'ledger' });
    expect((await problems())[0]?.isAnswered).toBe(true);
    await world.settle();
    expect(await problems()).toEqual([]);
    expect([nameHere(acme), nameThere(acme)]).toEqual(['Here', 'Here']);
    expect(atomsOf(world.billing.get('contact', acme.here)?.projection).email).toBe('there@acme.test');
  });

  it('carries each field its own way, what had been put back too often as well', async () => {
    const [acme] = await openPairs(1);
    if (acme === undefined) throw new Error('no pair');
    for (const externalRef of ['X-1', 'X-2', 'X-3']) {
      world.ledger.hands.edit('contact', acme.there, { externalRef });
      await world.settle();
    }
    clash(acme, 'Acme');
    await world.settle();
    const [asked] = await problems();
    expect(asked?.differences.map(({ atom }) => atom).toSorted()).toEqual(['externalRef', 'name']);
    await world.sync.problems.choose(world.ref(), {
      problemId: asked?.id ?? '',
      take: { name: 'ledger', externalRef: 'billing' },
      actor: ACTOR,
    });
    await world.settle();
    expect(await problems()).toEqual([]);
    expect([nameHere(acme), nameThere(acme)]).toEqual(['Acme there', 'Acme there']);
    expect(atomsOf(world.ledger.get('contact', acme.there)?.projection).externalRef).toBe(acme.here);
  });

  it('leaves open what was not chosen, and carries the rest', async () => {
    const [acme] = await openPairs(1);
    if (acme === undefined) throw new Error('no pair');
    world.billing.user.edit('contact', acme.here, { name: 'Here', email: 'here@acme.test' });
    world.ledger.hands.edit('contact', acme.there, { name: 'There', email: 'there@acme.test' });
    await world.settle();
    const [asked] = await problems();
    await world.sync.problems.choose(world.ref(), {
      problemId: asked?.id ?? '',
      take: { name: 'ledger' },
      actor: ACTOR,
    });
    await world.settle();
    expect([nameHere(acme), nameThere(acme)]).toEqual(['There', 'There']);
    expect(await problems()).toMatchObject([{ isAnswered: false, differences: [{ atom: 'email' }] }]);
  });

  it('remembers half an answer about a frozen document until the other half is given', async () => {
    const here = world.billing.user.create('contact', contact('Acme Ltd'));
    const first = world.billing.user.create('invoice', invoice('INV-1', here));
    await world.approve();
    await world.settle();
    const there = world.ledger.live('invoice')[0]?.externalId ?? '';
    const [mine, theirs] = ['2026-04-10', '2026-04-20'].map((dueDate) => ({ issueDate: '2026-03-01', dueDate }));
    world.billing.user.edit('invoice', first, { moneyBlock: moneyBlock(11_000), dates: mine as never });
    world.ledger.hands.edit('invoice', there, { moneyBlock: moneyBlock(12_000), dates: theirs as never });
    await world.settle();
    const choose = async (take: Record<string, 'billing' | 'ledger'>) => {
      const [asked] = await problems();
      await world.sync.problems.choose(world.ref(), { problemId: asked?.id ?? '', take, actor: ACTOR });
      const before = world.ledger.log.length + world.billing.writes.length;
      await world.settle();
      return world.ledger.log.length + world.billing.writes.length - before;
    };
    expect(await choose({ dates: 'billing' })).toBe(0); // frozen as a whole
    expect(await problems()).toMatchObject([{ differences: [{ atom: 'moneyBlock' }] }]);
    expect(await choose({ moneyBlock: 'ledger' })).toBe(2);
    expect(await problems()).toEqual([]);
    const both = [world.billing.get('invoice', first), world.ledger.get('invoice', there)];
    for (const record of both) {
      expect(record?.projection.atoms).toMatchObject({ dates: mine, moneyBlock: { netMinor: 12_000 } });
    }
  });

  it('refuses an answer to a question that is another one by now', async () => {
    const [acme] = await openPairs(1);
    if (acme === undefined) throw new Error('no pair');
    clash(acme, 'Acme');
    await world.settle();
    const [asked] = await problems();
    world.ledger.hands.edit('contact', acme.there, { name: 'Acme elsewhere' });
    await world.settle();
    await expect(
      world.sync.problems.choose(world.ref(), {
        problemId: asked?.id ?? '',
        take: 'billing',
        shownAs: asked?.shownAs ?? '',
        actor: ACTOR,
      }),
    ).rejects.toMatchObject({ code: 'BB_STORE_STALE' });
    expect(nameThere(acme)).toBe('Acme elsewhere');
  });
});

describe('many conflicts at once', () => {
  it('takes one side for 500, each with the values shown for it, and asks nobody again', async () => {
    const pairs = await openPairs(500);
    for (const [i, pair] of pairs.entries()) clash(pair, `C${i}`);
    await world.settle();
    const open = await problems();
    expect(open).toHaveLength(500);
    expect(await takeAll(open, 'ledger')).toEqual({ applied: 500, askedAnew: [], refused: [] });
    await world.settle();
    expect(await problems()).toEqual([]);
    expect(pairs.map(nameHere)).toEqual(pairs.map((_, i) => `C${i} there`));
  });

  it('asks anew about what moved before the answer, on either side, and carries the others', async () => {
    const pairs = await openPairs(4);
    for (const [i, pair] of pairs.entries()) clash(pair, `C${i}`);
    await world.settle();
    const open = await problems();
    const [seen, movedHere, movedThere, movedAfter] = pairs as [Pair, Pair, Pair, Pair];
    world.ledger.hands.edit('contact', movedThere.there, { name: 'Moved there' });
    await world.settle(); // a run has put this question anew
    world.billing.user.edit('contact', movedHere.here, { name: 'Moved here' }); // no run has seen this yet
    const answer = await takeAll(open, 'billing');
    expect(answer.applied).toBe(2);
    expect(answer.askedAnew.map(({ name }) => name).toSorted()).toEqual(['C1 here', 'C2 here']);
    world.ledger.hands.edit('contact', movedAfter.there, { name: 'Moved after' }); // found by the run that carries it
    await world.settle();
    expect(nameThere(seen)).toBe('C0 here');
    expect([movedHere, movedThere, movedAfter].map(nameThere)).toEqual(['C1 there', 'Moved there', 'Moved after']);
    expect((await problems()).map(({ differences }) => [differences[0]?.local, differences[0]?.external])).toEqual(
      expect.arrayContaining([
        ['Moved here', 'C1 there'],
        ['C2 here', 'Moved there'],
        ['C3 here', 'Moved after'],
      ]),
    );
  });

  it('says of each it could not answer why, and answers the others', async () => {
    const here = world.billing.user.create('contact', contact('Acme Ltd'));
    const first = world.billing.user.create('invoice', invoice('INV-1', here));
    await world.approve();
    await world.settle();
    const acme = { here, there: world.ledger.live('contact')[0]?.externalId ?? '' };
    clash(acme, 'Acme');
    const twin = world.ledger.live('invoice')[0]?.externalId ?? '';
    world.ledger.hands.edit('invoice', twin, { moneyBlock: moneyBlock(12_000) });
    world.billing.user.setStatus('invoice', first, 'void');
    await world.settle();
    const open = await problems();
    const answer = await world.sync.problems.chooseMany(world.ref(), {
      answers: [...answersTo(open), { problemId: 'lnk_nobody', shownAs: 'x' }],
      take: 'ledger',
      actor: ACTOR,
    });
    expect(answer).toMatchObject({ applied: 1, askedAnew: [] });
    expect(answer.refused.map(({ name, reason }) => [name, reason])).toEqual(
      expect.arrayContaining([
        ['INV-1', 'No write can carry that choice.'],
        ['lnk_nobody', 'It is no conflict any more.'],
      ]),
    );
  });

  it('refuses none and more than 500, and reaches no other business', async () => {
    const [acme] = await openPairs(1);
    if (acme === undefined) throw new Error('no pair');
    clash(acme, 'Acme');
    await world.settle();
    const open = await problems();
    await expect(takeAll([], 'billing')).rejects.toMatchObject({ code: 'BB_INPUT_INVALID' });
    const many = Array.from({ length: 501 }, (_, i) => ({ problemId: `lnk_${i}`, shownAs: 'x' }));
    await expect(
      world.sync.problems.chooseMany(world.ref(), { answers: many, take: 'billing', actor: ACTOR }),
    ).rejects.toMatchObject({ code: 'BB_INPUT_INVALID' });
    await expect(
      world.sync.problems.chooseMany(
        { ...world.ref(), tenantId: 'ten_other' },
        { answers: answersTo(open), take: 'billing', actor: ACTOR },
      ),
    ).rejects.toMatchObject({ code: 'BB_NOT_FOUND' });
  });
});
