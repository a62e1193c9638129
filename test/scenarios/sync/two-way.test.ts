// What people do to both books, and what the bridge makes of it. Each name is a rule of the sync algorithm.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ContactAtoms, PaymentAtoms } from '../../../src/sync/records';
import {
  ACTOR,
  allocation,
  contact,
  creditNote,
  invoice,
  moneyBlock,
  openSyncWorld,
  payment,
  type SyncWorld,
} from '../../support/sync-world';

let world: SyncWorld;
let acme: { here: string; there: string };
let first: { here: string; there: string };

/** One customer with one open invoice, on both sides, at rest. */
const openPair = async (options: Parameters<typeof openSyncWorld>[0] = {}): Promise<void> => {
  world = await openSyncWorld(options);
  const here = world.billing.user.create('contact', contact('Acme Ltd'));
  const document = world.billing.user.create('invoice', invoice('INV-1', here));
  await world.approve();
  await world.settle();
  acme = { here, there: world.ledger.live('contact')[0]?.externalId ?? '' };
  first = { here: document, there: world.ledger.live('invoice')[0]?.externalId ?? '' };
};
const twinOf = (id: string, kind: 'contact' | 'invoice' | 'payment' = 'contact') => world.ledger.get(kind, id);
const atomsHere = (id = acme.here) => world.billing.get('contact', id)?.projection.atoms as ContactAtoms;
const atomsThere = (id = acme.there) => twinOf(id)?.projection.atoms as ContactAtoms;
const problems = async () => (await world.sync.problems.list(world.ref())).items;
const writes = () => ({ there: world.ledger.log.length, here: world.billing.writes.length });

afterEach(() => world.close());

describe('edits', () => {
  beforeEach(() => openPair());

  it('carries a change of billing to the ledger, sending only what changed', async () => {
    world.billing.user.edit('contact', acme.here, { phone: '+44 20 1' });
    await world.run();
    expect(atomsThere().phone).toBe('+44201');
    expect(world.ledger.log.at(-1)).toMatchObject({ op: 'update', atoms: ['phone'] });
  });

  it('does not send back what the ledger trimmed', async () => {
    world.billing.user.edit('contact', acme.here, { name: `  ${'Long name '.repeat(9)}` });
    await world.run();
    const before = writes();
    await world.settle();
    expect(await problems()).toEqual([]);
    expect(writes()).toEqual(before);
  });

  it('carries a change of the ledger to billing', async () => {
    world.ledger.hands.edit('contact', acme.there, { phone: '+4420' });
    await world.run();
    expect(atomsHere().phone).toBe('+4420');
  });

  it('merges different fields edited on both sides without asking', async () => {
    world.billing.user.edit('contact', acme.here, { email: 'new@acme.test' });
    world.ledger.hands.edit('contact', acme.there, { phone: '+4420' });
    await world.settle();
    expect([atomsHere(), atomsThere()].map(({ email, phone }) => [email, phone])).toEqual([
      ['new@acme.test', '+4420'],
      ['new@acme.test', '+4420'],
    ]);
    expect(await problems()).toEqual([]);
  });

  it('takes the same edit made on both sides for no conflict', async () => {
    world.billing.user.edit('contact', acme.here, { name: 'Acme plc' });
    world.ledger.hands.edit('contact', acme.there, { name: 'Acme plc' });
    const before = writes();
    await world.settle();
    expect(writes()).toEqual(before);
    expect(await problems()).toEqual([]);
  });

  it('asks when both sides changed a name, and freezes only that field', async () => {
    world.billing.user.edit('contact', acme.here, { name: 'Acme plc', phone: '+441' });
    world.ledger.hands.edit('contact', acme.there, { name: 'ACME Group' });
    await world.settle();
    expect(await problems()).toMatchObject([{ state: 'conflict', differences: [{ atom: 'name' }] }]);
    expect([atomsHere().name, atomsThere().name, atomsThere().phone]).toEqual(['Acme plc', 'ACME Group', '+441']);
  });

  it('applies a choice for the values shown, and asks anew where one has moved', async () => {
    world.billing.user.edit('contact', acme.here, { name: 'Acme plc' });
    world.ledger.hands.edit('contact', acme.there, { name: 'ACME Group' });
    await world.settle();
    const [asked] = await problems();
    world.ledger.hands.edit('contact', acme.there, { name: 'ACME Holding' });
    await world.sync.problems.choose(world.ref(), { problemId: asked?.id ?? '', take: 'billing', actor: ACTOR });
    await world.settle();
    expect(await problems()).toMatchObject([{ differences: [{ atom: 'name', external: 'ACME Holding' }] }]);
    await world.sync.problems.choose(world.ref(), { problemId: asked?.id ?? '', take: 'ledger', actor: ACTOR });
    await world.settle();
    expect(atomsHere().name).toBe('ACME Holding');
    expect(await problems()).toEqual([]);
  });

  it('restores what only billing owns, twice, then asks instead of fighting', async () => {
    for (const ref of ['X-1', 'X-2', 'X-3']) {
      world.ledger.hands.edit('contact', acme.there, { externalRef: ref });
      await world.settle();
    }
    expect(atomsThere().externalRef).toBe('X-3');
    expect(await problems()).toMatchObject([{ code: 'restoredTooOften' }]);
    world.clock.advance(30 * 86_400_000);
    await world.settle();
    expect(atomsThere().externalRef).toBe('X-3'); // time alone never restarts it
  });

  it('asks before an issued amount that both sides changed is written anywhere', async () => {
    world.billing.user.edit('invoice', first.here, { moneyBlock: moneyBlock(11_000) });
    world.ledger.hands.edit('invoice', first.there, { moneyBlock: moneyBlock(12_000), reference: 'PO 9' });
    const before = writes();
    await world.settle();
    expect(writes()).toEqual(before); // a money record is frozen as a whole
    expect(await problems()).toMatchObject([{ kind: 'invoice', differences: [{ atom: 'moneyBlock' }] }]);
  });

  it('blocks lines that do not add up instead of spreading the difference', async () => {
    world.billing.user.edit('invoice', first.here, { moneyBlock: moneyBlock(11_000, { totalMinor: 13_201 }) });
    await world.settle();
    expect(await problems()).toMatchObject([{ state: 'blocked', code: 'totalsDiffer' }]);
  });

  it('names the lock date, and goes on when it moves', async () => {
    world.ledger.setOrganisation({ lockedThrough: '2026-03-31' });
    world.clock.advance(61 * 60_000); // soon after the last look the ledger itself would say no
    world.billing.user.create('invoice', invoice('INV-2', acme.here));
    await world.settle();
    const [locked] = await problems();
    expect(locked).toMatchObject({ code: 'periodLocked', state: 'blocked' });
    expect(locked?.message).toContain('1 Mar 2026');
    world.ledger.setOrganisation({ lockedThrough: '2026-01-31' });
    await world.sync.problems.retry(world.ref(), locked?.id ?? '', ACTOR);
    await world.settle();
    expect(await problems()).toEqual([]);
    expect(world.ledger.live('invoice')).toHaveLength(2);
  });

  it('does not send twice what the ledger refused, until something moves', async () => {
    world.ledger.faults.write.push('answersButDropsChange');
    world.billing.user.edit('invoice', first.here, { reference: 'PO 1' });
    await world.settle();
    expect(await problems()).toMatchObject([{ code: 'notTaken' }]);
    const before = writes();
    await world.sync.fullCompare(world.ref().connectionId);
    await world.settle();
    expect(writes()).toEqual(before);
    world.billing.user.edit('invoice', first.here, { reference: 'PO 2' });
    await world.settle();
    expect(world.ledger.get('invoice', first.there)?.projection.atoms).toMatchObject({ reference: 'PO 2' });
    expect(await problems()).toEqual([]);
  });
});

describe('ends', () => {
  beforeEach(() => openPair());

  it('voids in the ledger what billing cancelled, and comes to rest', async () => {
    world.billing.user.setStatus('invoice', first.here, 'void');
    await world.settle();
    expect(twinOf(first.there, 'invoice')?.projection.status).toBe('void');
    const before = writes();
    await world.settle();
    expect(writes()).toEqual(before);
  });

  it('cancels in billing what the ledger voided, also where the voided document reads zeroed', async () => {
    world.ledger.hands.edit('invoice', first.there, {
      moneyBlock: moneyBlock(0, { lines: [], taxMinor: 0, totalMinor: 0 }),
    });
    world.ledger.hands.setStatus('invoice', first.there, 'void');
    await world.settle();
    expect(world.billing.get('invoice', first.here)?.projection).toMatchObject({
      status: 'void',
      atoms: { moneyBlock: { totalMinor: 12_000 } },
    });
    expect(await problems()).toEqual([]);
  });

  it('cancels, never deletes, in billing what was deleted in the ledger', async () => {
    world.ledger.hands.setStatus('invoice', first.there, 'deleted');
    await world.settle();
    expect(world.billing.get('invoice', first.here)?.projection.status).toBe('void');
  });

  it('asks when one side cancelled what the other edited, and offers only what can be written', async () => {
    world.billing.user.setStatus('invoice', first.here, 'void');
    world.ledger.hands.edit('invoice', first.there, { reference: 'PO 7' });
    await world.settle();
    const [asked] = await problems();
    expect(asked).toMatchObject({ code: 'statusClash', state: 'conflict' });
    expect(asked?.actions).toContain('takeBilling');
    expect(asked?.actions).not.toContain('takeLedger');
    await world.sync.problems.choose(world.ref(), { problemId: asked?.id ?? '', take: 'billing', actor: ACTOR });
    await world.settle();
    expect(twinOf(first.there, 'invoice')?.projection.status).toBe('void');
    expect(await problems()).toEqual([]);
  });

  it('leaves a paid invoice untouched in billing when the ledger voids it, and says so', async () => {
    world.billing.user.create('payment', payment(acme.here, first.here, 5_000));
    await world.settle();
    world.ledger.hands.setStatus('invoice', first.there, 'void');
    await world.settle();
    expect(world.billing.get('invoice', first.here)?.projection.status).toBe('live');
    expect((await problems()).map(({ state }) => state)).toContain('blocked');
  });

  it('brings an archived contact back where the other side went on editing it', async () => {
    world.ledger.hands.setStatus('contact', acme.there, 'archived');
    world.billing.user.edit('contact', acme.here, { phone: '+4411' });
    await world.settle();
    expect(atomsThere().phone).toBe('+4411');
    expect(twinOf(acme.there)?.projection.status).toBe('live');
    expect(await problems()).toEqual([]);
  });

  it('follows a contact that was merged into another one', async () => {
    const survivor = world.ledger.hands.create('contact', contact('Acme Group', { email: 'acmeltd@example.com' }));
    world.ledger.hands.merge(acme.there, survivor);
    await world.settle();
    const { items } = await world.sync.problems.list(world.ref());
    expect(items.map(({ kind, code }) => `${kind} ${code}`)).toEqual(['contact bothChanged']);
    expect(world.billing.live('contact')).toHaveLength(1);
    expect(world.billing.get('invoice', first.here)?.projection.atoms).toMatchObject({ contact: { id: acme.here } });
  });
});

describe('money', () => {
  beforeEach(() => openPair());

  it('books a payment once on each side, whoever entered it', async () => {
    world.billing.user.create('payment', payment(acme.here, first.here, 5_000));
    world.ledger.hands.create('payment', payment(acme.there, first.there, 2_000, { reference: 'bank' }));
    await world.settle();
    expect(world.ledger.live('payment')).toHaveLength(2);
    expect(world.billing.live('payment')).toHaveLength(2);
    expect(world.billing.get('invoice', first.here)?.guards.openMinor).toBe(5_000);
    expect(await problems()).toEqual([]);
  });

  it('asks when the same payment seems to be entered on both sides', async () => {
    world.billing.user.create('payment', payment(acme.here, first.here, 5_000));
    world.ledger.hands.create('payment', payment(acme.there, first.there, 5_000, { date: '2026-03-03' }));
    const before = writes();
    await world.settle();
    expect(writes()).toEqual(before);
    expect((await problems()).map(({ code }) => code)).toEqual(['maybeSame', 'maybeSame']);
    const [asked] = (await problems()).filter(({ local }) => local);
    await world.sync.problems.link(world.ref(), {
      problemId: asked?.id ?? '',
      candidateId: asked?.candidates[0]?.id ?? '',
      actor: ACTOR,
    });
    await world.settle();
    expect(world.ledger.live('payment')).toHaveLength(1);
    expect(world.billing.live('payment')).toHaveLength(1);
  });

  it('replaces an edited payment by reversal and a new one, never by a second one beside it', async () => {
    const paid = world.billing.user.create('payment', payment(acme.here, first.here, 5_000));
    await world.settle();
    world.billing.user.edit('payment', paid, payment(acme.here, first.here, 4_000));
    await world.settle();
    expect(world.ledger.live('payment').map(({ guards }) => guards.allocatedMinor)).toEqual([4_000]);
    expect(world.ledger.all('payment').map(({ tag }) => tag)).toEqual([`bb:${paid}:0`, `bb:${paid}:1`]);
    expect(world.billing.live('payment')).toHaveLength(1);
  });

  it('reverses in billing a payment that the ledger removed', async () => {
    const paid = world.billing.user.create('payment', payment(acme.here, first.here, 5_000));
    await world.settle();
    world.ledger.hands.setStatus('payment', world.ledger.live('payment')[0]?.externalId ?? '', 'deleted');
    await world.settle();
    expect(world.billing.get('payment', paid)?.projection.status).toBe('void');
  });

  it('sends invoice, payment, credit note and allocation of one afternoon in one run, parents first', async () => {
    const bolt = world.billing.user.create('contact', contact('Bolt'));
    const second = world.billing.user.create('invoice', invoice('INV-2', bolt));
    const credit = world.billing.user.create('creditNote', creditNote('CN-1', bolt));
    world.billing.user.create('payment', payment(bolt, second, 6_000));
    world.billing.user.create('allocation', allocation(credit, second, 1_200));
    const run = await world.run();
    expect(run.counts.external.created).toBe(5);
    expect(run.left).toBe(0);
    expect(world.ledger.log.map(({ kind }) => kind).slice(-5)).toEqual([
      'contact',
      'invoice',
      'creditNote',
      'payment',
      'allocation',
    ]);
  });

  it('lets a record wait for what it belongs to, and wakes it', async () => {
    world.ledger.setOrganisation({ currencies: ['GBP'] });
    const second = world.billing.user.create(
      'invoice',
      invoice('INV-2', acme.here, 10_000, {
        moneyBlock: moneyBlock(10_000, { currency: 'EUR' }),
      }),
    );
    world.billing.user.create('payment', payment(acme.here, second, 1_000, { currency: 'EUR' }));
    await world.settle();
    expect((await problems()).map(({ kind, state }) => `${kind} ${state}`).toSorted()).toEqual([
      'invoice blocked',
      'payment waiting',
    ]);
    world.ledger.setOrganisation({ currencies: ['GBP', 'EUR'] });
    await world.sync.problems.retry(
      world.ref(),
      (await problems()).find(({ kind }) => kind === 'invoice')?.id ?? '',
      ACTOR,
    );
    await world.settle();
    expect(await problems()).toEqual([]);
    expect(world.ledger.live('payment')).toHaveLength(1);
  });

  it('sends an edit of the amount before the payment that would freeze it', async () => {
    world.billing.user.edit('invoice', first.here, { moneyBlock: moneyBlock(20_000) });
    world.billing.user.create('payment', payment(acme.here, first.here, 24_000));
    await world.settle();
    expect(await problems()).toEqual([]);
    expect(world.ledger.get('invoice', first.there)?.guards.openMinor).toBe(0);
  });
});

describe('where a payment is one record with all its allocations', () => {
  it('edits it in place', async () => {
    await openPair({ capabilities: { paymentUnit: 'payment', canEditPayments: true } });
    const second = world.billing.user.create('invoice', invoice('INV-2', acme.here, 5_000));
    const paid = world.billing.user.create('payment', payment(acme.here, first.here, 5_000));
    await world.settle();
    const both: PaymentAtoms = payment(acme.here, first.here, 5_000, {
      amountMinor: 7_000,
      allocations: [
        { invoice: { $ref: 'invoice', id: first.here }, amountMinor: 5_000 },
        { invoice: { $ref: 'invoice', id: second }, amountMinor: 2_000 },
      ],
    });
    world.billing.user.edit('payment', paid, both);
    await world.settle();
    expect(world.ledger.all('payment')).toHaveLength(1);
    expect(world.ledger.live('payment')[0]?.guards).toMatchObject({ allocatedMinor: 7_000, openMinor: 0 });
  });
});
