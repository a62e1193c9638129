// What goes wrong between two systems, and what must not come of it. Names follow the weak points that were found in other bridges.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BridgeError } from '../../../src/core/errors';
import { connections } from '../../../src/sync/collections';
import type { ContactAtoms, InvoiceAtoms } from '../../../src/sync/records';
import {
  ACTOR,
  contact,
  invoice,
  moneyBlock,
  openSyncWorld,
  payment,
  type SyncWorld,
  TENANT,
  type WorldOptions,
} from '../../support/sync-world';

let world: SyncWorld;
let here: string;
let there: string;
let doc: { here: string; there: string };

const open = async (options: WorldOptions = {}): Promise<void> => {
  world = await openSyncWorld(options);
  here = world.billing.user.create('contact', contact("O'Brien \\ Sons"));
  const document = world.billing.user.create('invoice', invoice('INV-1', here));
  await world.approve();
  await world.settle();
  there = world.ledger.live('contact')[0]?.externalId ?? '';
  doc = { here: document, there: world.ledger.live('invoice')[0]?.externalId ?? '' };
};
const problems = async () => (await world.sync.problems.list(world.ref())).items;
const phoneHere = () => (world.billing.get('contact', here)?.projection.atoms as ContactAtoms | undefined)?.phone;
const writes = () => [world.ledger.log.length, world.billing.writes.length];
const cursors = async () => (await world.store.forTenant(TENANT).get(connections, world.ref().connectionId))?.cursors;

afterEach(() => world.close());

describe('feeds', () => {
  beforeEach(() => open());

  it('never move a cursor on an error, so that nothing in that window is lost', async () => {
    for (const fault of ['throttled', 'down', 'partialPage'] as const) {
      const before = await cursors();
      world.clock.advance(3_600_000);
      world.ledger.hands.edit('contact', there, { phone: `+44${fault.length}` });
      world.ledger.faults.read.push(fault);
      const run = await world.run();
      expect(run.state).toBe('stopped');
      expect(run.stoppedBecause).toBeTruthy();
      expect(await cursors()).toEqual(before);
      await world.run();
      expect(phoneHere()).toBe(`+44${fault.length}`);
    }
  });

  it('compare everything where an answer was cut off, or where the cursor is too old', async () => {
    world.ledger.hands.edit('contact', there, { phone: '+441' });
    world.ledger.faults.read.push('truncated');
    await world.run();
    expect(phoneHere()).toBe('+441');
    expect((await world.sync.connections.health(world.ref())).lastFullCompareAt).toBeDefined();
  });

  it('take an empty list for silence, not for deletion', async () => {
    const before = writes();
    world.ledger.faults.read.push('emptyList', 'emptyList', 'emptyList', 'emptyList', 'emptyList');
    await world.sync.fullCompare(world.ref().connectionId);
    await world.settle();
    expect(writes()).toEqual(before);
    expect(world.billing.live('invoice')).toHaveLength(1);
  });

  it('end the same whether webhooks are lost, doubled or late', async () => {
    const hint = { provider: 'memory', organisationId: 'org-1', kind: 'contact', externalId: there } as const;
    world.ledger.hands.edit('contact', there, { phone: '+441' });
    await world.sync.noteHints([hint, hint]);
    await world.sync.noteHints([hint]);
    await world.run({ skipPoll: true });
    expect(phoneHere()).toBe('+441');
    const before = writes();
    await world.sync.noteHints([hint]);
    await world.settle();
    expect(writes()).toEqual(before);
    expect(await world.sync.noteHints([{ ...hint, organisationId: 'somebody else' }])).toEqual({ noted: 0 });
  });

  it('see a change of billing whose outbox row was lost at the next full compare', async () => {
    world.billing.loseOutbox(true);
    world.billing.user.edit('contact', here, { phone: '+442' });
    world.billing.loseOutbox(false);
    await world.run();
    expect(world.ledger.get('contact', there)?.projection.atoms).toMatchObject({ phone: null });
    await world.sync.fullCompare(world.ref().connectionId);
    await world.run();
    expect(world.ledger.get('contact', there)?.projection.atoms).toMatchObject({ phone: '+442' });
  });

  it('bring back by a sweep what a lost nudge would have done', async () => {
    world.billing.user.edit('contact', here, { phone: '+443' });
    world.nudges.length = 0;
    expect((await world.sync.sweep()).nudged).toBe(1);
    expect(world.nudges).toContain('sweep');
    expect((await world.sync.connections.health(world.ref())).backlog).toBe(1);
  });
});

describe('answers', () => {
  beforeEach(() => open());

  it('that time out after the ledger booked a payment never make a second one', async () => {
    world.billing.user.create('payment', payment(here, doc.here, 5_000));
    world.ledger.faults.write.push('commitThenTimeout');
    await world.run();
    await world.settle();
    expect(world.ledger.live('payment')).toHaveLength(1);
    expect(await problems()).toEqual([]);
  });

  it('that never came are repeated under the same key, and only after the time-out and the settling delay', async () => {
    world.billing.user.create('invoice', invoice('INV-2', here));
    world.ledger.faults.write.push('drop');
    const lost = await world.run();
    expect(lost.left).toBeGreaterThan(0);
    expect(Date.parse(lost.notBefore ?? '') - world.clock.now().getTime()).toBeGreaterThanOrEqual(60_000);
    world.clock.advance(45_000);
    await world.run();
    expect(world.ledger.log.filter(({ kind, op }) => kind === 'invoice' && op === 'create')).toHaveLength(2);
    world.clock.advance(60_000);
    await world.run();
    const keys = world.ledger.log.filter(({ kind, op }) => kind === 'invoice' && op === 'create').map(({ key }) => key);
    expect(keys).toHaveLength(3);
    expect(keys[2]).toBe(keys[1]);
    expect(world.ledger.live('invoice')).toHaveLength(2);
  });

  it('that refuse a repeat count once a look-up proved absence: it is blocked, not repeated for ever', async () => {
    world.billing.user.create('payment', payment(here, doc.here, 5_000));
    world.ledger.faults.write.push('drop');
    await world.run();
    world.ledger.hands.setStatus('invoice', doc.there, 'void');
    await world.settle();
    expect((await problems()).filter(({ kind }) => kind === 'payment')).toMatchObject([
      { state: 'blocked', code: 'validation' },
    ]);
    const before = writes();
    await world.sync.fullCompare(world.ref().connectionId);
    await world.settle();
    expect(writes()).toEqual(before);
  });

  it('that a name is taken by somebody who is no customer block the record, whether it is new or renamed', async () => {
    world.ledger.takeName('Vendor Ltd');
    world.billing.user.create('contact', contact('Vendor Ltd'));
    world.billing.user.edit('contact', here, { name: 'Vendor Ltd' });
    await world.settle();
    expect((await problems()).map(({ state, code }) => `${state} ${code}`)).toEqual([
      'blocked duplicate',
      'blocked duplicate',
    ]);
    const before = writes();
    world.clock.advance(3_600_000);
    await world.settle();
    expect(writes()).toEqual(before);
  });

  it('about a stale token lead to a new look, not to an overwrite of what the accountant typed', async () => {
    world.billing.user.edit('contact', here, { name: 'Ours Ltd' });
    world.ledger.faults.write.push('stale');
    await world.run();
    await world.settle();
    expect(world.ledger.get('contact', there)?.projection.atoms).toMatchObject({ name: 'Ours Ltd' });
    expect(await problems()).toEqual([]);
  });

  it('that nobody understands park that record with the raw answer, and the rest of the run goes on', async () => {
    const bolt = world.ledger.hands.create('contact', contact('Bolt'));
    const odd = world.ledger.hands.create('invoice', invoice('L-1', bolt));
    world.ledger.hands.create('invoice', invoice('L-2', bolt));
    world.ledger.hands.garble('invoice', odd);
    await world.settle();
    expect(await problems()).toMatchObject([
      { code: 'notUnderstood', state: 'blocked', raw: expect.stringContaining('Garbled') },
    ]);
    expect(
      world.billing
        .live('invoice')
        .map(({ projection }) => (projection.atoms as InvoiceAtoms).number)
        .toSorted(),
    ).toEqual(['INV-1', 'L-2']);
    world.ledger.hands.garble('invoice', odd, false);
    await world.settle();
    expect(await problems()).toEqual([]);
    expect(world.billing.live('invoice')).toHaveLength(3);
  });

  it('that the sign-in is gone pause the connection; reconnecting the same organisation resumes with all its links', async () => {
    world.ledger.setRevoked(true);
    await world.run();
    expect(await world.sync.connections.get(world.ref())).toMatchObject({ state: 'paused', resumesAs: 'active' });
    world.billing.user.edit('contact', here, { phone: '+449' });
    world.ledger.setRevoked(false);
    expect((await world.connect()).connectionId).toBe(world.ref().connectionId);
    await world.settle();
    expect(world.ledger.get('contact', there)?.projection.atoms).toMatchObject({ phone: '+449' });
    expect(world.ledger.live('contact')).toHaveLength(1);
  });
});

describe('doubles', () => {
  beforeEach(() => open());

  it('are never made by two workers that run at once', async () => {
    for (let i = 0; i < 10; i++) {
      const customer = world.billing.user.create('contact', contact(`C ${i}`, { email: `c${i}@x.test` }));
      world.billing.user.create(
        'payment',
        payment(customer, world.billing.user.create('invoice', invoice(`D-${i}`, customer)), 100),
      );
      world.ledger.hands.create(
        'invoice',
        invoice(`E-${i}`, world.ledger.hands.create('contact', contact(`T ${i}`, { email: `t${i}@x.test` }))),
      );
    }
    await Promise.all([world.run(), world.run(), world.run()]);
    await world.settle();
    expect(world.ledger.live('invoice')).toHaveLength(21);
    expect(world.billing.live('invoice')).toHaveLength(21);
    expect(world.ledger.live('payment')).toHaveLength(10);
    expect(await problems()).toEqual([]);
  });

  it('of a name are asked about instead of being created beside each other or overwritten', async () => {
    world.ledger.hands.create('contact', contact('Twin Ltd', { email: 'other@twin.test' }));
    const twin = world.billing.user.create('contact', contact('Twin Ltd'));
    world.billing.user.create('invoice', invoice('INV-2', twin));
    await world.settle();
    const open = await problems();
    expect(open.map(({ kind, code, state }) => `${kind} ${code} ${state}`).toSorted()).toEqual([
      'contact maybeSame conflict',
      'contact maybeSame conflict',
      'invoice waiting waiting',
    ]);
    const asked = open.find(({ kind, local }) => kind === 'contact' && local);
    await world.sync.problems.link(world.ref(), {
      problemId: asked?.id ?? '',
      candidateId: asked?.candidates[0]?.id ?? '',
      actor: ACTOR,
    });
    await world.settle();
    expect((await problems()).map(({ code }) => code)).toEqual(['bothChanged']); // the two e-mail addresses
    expect(world.ledger.live('invoice')).toHaveLength(2);
  });

  it('that a person says are two are kept apart and created', async () => {
    const bolt = world.ledger.hands.create('contact', contact('John Smith', { email: 'a@x.test' }));
    const mine = world.billing.user.create('contact', contact('Zoe Quinn', { email: 'a@x.test' }));
    await world.settle();
    for (const problem of await problems()) {
      if (problem.actions.includes('separate')) await world.sync.problems.separate(world.ref(), problem.id, ACTOR);
    }
    await world.settle();
    expect(await problems()).toEqual([]);
    expect(world.ledger.live('contact')).toHaveLength(3);
    expect(world.billing.live('contact')).toHaveLength(3);
    expect([bolt, mine]).toHaveLength(2);
  });

  it('of our number in the ledger are no proof that it is ours', async () => {
    world.ledger.hands.create('invoice', invoice('INV-2', there, 99_900));
    world.billing.user.create('invoice', invoice('INV-2', here));
    await world.settle();
    expect((await problems()).map(({ code }) => code)).toEqual(['maybeSame', 'maybeSame']);
    expect(world.billing.live('invoice')).toHaveLength(2);
  });

  it('stay unlinked once a person unlinked them', async () => {
    world.billing.user.edit('contact', here, { name: 'A' });
    world.ledger.hands.edit('contact', there, { name: 'B' });
    await world.settle();
    const [asked] = await problems();
    await world.sync.problems.unlink(world.ref(), asked?.id ?? '', ACTOR);
    const before = writes();
    await world.sync.fullCompare(world.ref().connectionId);
    await world.settle();
    expect(writes()).toEqual(before);
    expect(await problems()).toEqual([]);
  });

  it('leave their documents linked and level when a person parts two customers', async () => {
    world.billing.user.edit('contact', here, { name: 'A' });
    world.ledger.hands.edit('contact', there, { name: 'B' });
    await world.settle();
    const [asked] = await problems();
    await world.sync.problems.unlink(world.ref(), asked?.id ?? '', ACTOR);
    world.ledger.hands.edit('invoice', doc.there, { reference: 'PO 7' });
    await world.settle();
    expect(world.billing.get('invoice', doc.here)).toMatchObject({ projection: { atoms: { reference: 'PO 7' } } });
    expect(await world.sync.standing(world.ref())).toMatchObject({ unequalAtRest: 0 });
    expect(await problems()).toEqual([]);
  });
});

describe('settings', () => {
  const remap = () =>
    world.sync.mapping.save(world.ref(), {
      choices: { revenue: '200', taxCodes: { standard: 'OUTPUT3' }, paymentAccounts: { '*:GBP': 'acc-090' } },
      actor: ACTOR,
    });

  it('that change are compared anew, without a write where both sides still agree', async () => {
    await open();
    const before = writes();
    await remap();
    await world.settle();
    expect(writes()).toEqual(before);
    expect(await problems()).toEqual([]);
    world.ledger.hands.edit('contact', there, { phone: '+447' });
    await world.settle();
    expect(phoneHere()).toBe('+447');
  });

  it('that make amounts unequal are asked about, not pushed over the books', async () => {
    await open();
    const [line] = moneyBlock(10_000).lines;
    await remap();
    world.ledger.hands.edit('invoice', doc.there, {
      moneyBlock: moneyBlock(10_000, { lines: [{ ...(line as NonNullable<typeof line>), taxRate: 'ledger:OUTPUT2' }] }),
    });
    const before = writes();
    await world.settle();
    expect(writes()).toEqual(before);
    expect(await problems()).toMatchObject([{ kind: 'invoice', differences: [{ atom: 'moneyBlock' }] }]);
  });

  it('with a cut-over date leave older documents alone, and what was paid on them', async () => {
    world = await openSyncWorld();
    const customer = world.billing.user.create('contact', contact('Acme'));
    const dates = { issueDate: '2025-12-01', dueDate: '2025-12-31' };
    const old = world.billing.user.create('invoice', invoice('OLD-1', customer, 100, { dates }));
    world.billing.user.create('payment', payment(customer, old, 120, { date: '2025-12-20' }));
    world.billing.user.create('invoice', invoice('NEW-1', customer));
    await world.approve({ cutOverDate: '2026-01-01' });
    await world.settle();
    expect(world.ledger.live('invoice').map(({ projection }) => (projection.atoms as InvoiceAtoms).number)).toEqual([
      'NEW-1',
    ]);
    expect(world.ledger.live('payment')).toEqual([]);
    expect(await problems()).toEqual([]);
    const standing = await world.sync.standing(world.ref());
    expect(standing.lines.find(({ kind }) => kind === 'invoice')).toMatchObject({
      differenceMinor: 120,
      unexplainedMinor: 0,
      causes: [{ cause: 'beforeCutOver', count: 1, sumMinor: 120 }],
    });
  });
});

describe('connections', () => {
  it('write nothing before approval, and refuse a plan that is no longer true', async () => {
    world = await openSyncWorld();
    world.billing.user.create('contact', contact('Acme'));
    const ref = await world.connect();
    await world.sync.mapping.save(ref, {
      choices: { revenue: '200', taxCodes: {}, paymentAccounts: {} },
      actor: ACTOR,
    });
    while ((await world.sync.importStep(ref.connectionId)).more);
    const plan = await world.sync.plans.build(ref);
    await world.run();
    expect(writes()).toEqual([0, 0]);
    world.billing.user.create('contact', contact('Bolt'));
    await expect(world.sync.plans.approve(ref, plan.hash, ACTOR)).rejects.toThrow(/changed since/);
    await world.sync.plans.approve(ref, (await world.sync.plans.build(ref)).hash, ACTOR);
    await world.settle();
    expect(world.ledger.live('contact')).toHaveLength(2);
  });

  it('belong to one business: another one may not connect the same organisation, nor see its connection', async () => {
    await open();
    const request = { provider: 'memory', organisationId: 'org-1', grantId: 'g', actor: ACTOR } as const;
    await expect(world.sync.connections.begin({ ...request, tenantId: 'ten_other' })).rejects.toThrow(
      /another business/,
    );
    const foreign = { tenantId: 'ten_other', connectionId: world.ref().connectionId };
    await expect(world.sync.connections.get(foreign)).rejects.toThrow(BridgeError);
    await expect(world.sync.problems.list(foreign)).rejects.toThrow(BridgeError);
    await expect(
      world.sync.connections.begin({ ...request, tenantId: TENANT, organisationId: 'org-2' }),
    ).rejects.toThrow(/Another organisation/);
  });

  it('to another organisation start from import and review, with no shared links', async () => {
    await open();
    await world.sync.connections.disconnect(world.ref(), ACTOR);
    expect((await world.run()).counts.examined).toBe(0);
    const other = await world.sync.connections.begin({
      tenantId: TENANT,
      provider: 'memory',
      organisationId: 'org-2',
      grantId: 'g',
      actor: ACTOR,
    });
    expect(other).toMatchObject({ state: 'connected' });
    expect((await world.sync.matches.counts({ tenantId: TENANT, connectionId: other.id })).byState.exact).toBe(0);
  });

  it('survive a kill in the middle of the import', async () => {
    world = await openSyncWorld({ pageSize: 2 });
    for (let i = 0; i < 5; i++) world.ledger.hands.create('contact', contact(`C ${i}`, { email: `c${i}@x.test` }));
    const ref = await world.connect();
    world.ledger.faults.read.push('partialPage');
    await expect(world.sync.importStep(ref.connectionId)).rejects.toThrow();
    while ((await world.sync.importStep(ref.connectionId)).more);
    const { progress, state } = await world.sync.connections.get(ref);
    expect(state).toBe('review');
    expect(progress).toContainEqual({ kind: 'contact', done: 5, total: 5, finished: true });
  });
});

describe('asked whether an invoice may be chased', () => {
  beforeEach(() => open());
  const ask = async () => (await world.sync.refresh({ tenantId: TENANT, invoiceIds: [doc.here] })).get(doc.here);

  it('brings in what was paid a second ago', async () => {
    world.ledger.hands.create('payment', payment(there, doc.there, 12_000));
    expect(await ask()).toEqual({ state: 'fresh' });
    expect(world.billing.get('invoice', doc.here)?.guards.openMinor).toBe(0);
  });

  it('holds in doubt: ledger away, sign-in gone, an open question', async () => {
    world.ledger.setDown(true);
    expect(await ask()).toMatchObject({ state: 'held' });
    world.ledger.setDown(false);
    world.billing.user.edit('invoice', doc.here, { moneyBlock: moneyBlock(1_000) });
    world.ledger.hands.edit('invoice', doc.there, { moneyBlock: moneyBlock(2_000) });
    expect(await ask()).toMatchObject({ state: 'held', reason: expect.stringContaining('INV-1') });
  });

  it('says fresh where no ledger is connected', async () => {
    const answers = await world.sync.refresh({ tenantId: 'ten_alone', invoiceIds: ['inv_1'] });
    expect(answers.get('inv_1')).toEqual({ state: 'fresh' });
  });
});
