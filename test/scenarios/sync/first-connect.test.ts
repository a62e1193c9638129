// The road from consent to a quiet bridge.
import { afterEach, describe, expect, it } from '@jest/globals';
import { ACTOR, contact, invoice, openSyncWorld, payment, type SyncWorld } from '../../support/sync-world';

let world: SyncWorld;
afterEach(() => world.close());

const populate = (): void => {
  // Both sides know Acme and INV-1; each has something of its own.
  const acmeHere = world.billing.user.create('contact', contact('Acme Ltd'));
  world.billing.user.create('invoice', invoice('INV-1', acmeHere));
  const bolt = world.billing.user.create('contact', contact('Bolt & Co'));
  const second = world.billing.user.create('invoice', invoice('INV-2', bolt, 5_000));
  world.billing.user.create('payment', payment(bolt, second, 6_000));
  const acmeThere = world.ledger.hands.create(
    'contact',
    contact('ACME', { email: 'acmeltd@example.com', phone: '+44123' }),
  );
  world.ledger.hands.create('invoice', invoice('INV-1', acmeThere));
  const cora = world.ledger.hands.create('contact', contact('Cora GmbH'));
  const third = world.ledger.hands.create('invoice', invoice('INV-9', cora, 7_000));
  world.ledger.hands.create('payment', payment(cora, third, 8_400));
};

describe('connecting a ledger that both sides have lived without', () => {
  it('matches, plans, writes nothing before approval, then brings both sides level and stays quiet', async () => {
    world = await openSyncWorld();
    populate();
    const ref = await world.connect();
    await world.sync.mapping.save(ref, {
      choices: { revenue: '200', taxCodes: { standard: 'OUTPUT2' }, paymentAccounts: { '*:GBP': 'acc-090' } },
      actor: ACTOR,
    });
    while ((await world.sync.importStep(ref.connectionId)).more);
    expect((await world.sync.connections.get(ref)).state).toBe('review');
    expect((await world.sync.matches.counts(ref)).byState).toEqual({
      exact: 2,
      suggested: 0,
      ambiguous: 0,
      decided: 0,
    });
    await world.sync.matches.decideAllExact(ref, ACTOR);
    const plan = await world.sync.plans.build(ref);
    const rows = [];
    for await (const row of world.sync.plans.rows(ref, plan.id))
      rows.push(`${row.kind} ${row.op} ${row.side} ${row.name}`);
    expect(rows).toEqual([
      'contact update external Acme Ltd',
      'contact update local Acme Ltd',
      'contact ask none Acme Ltd',
      'contact create external Bolt & Co',
      'contact create local Cora GmbH',
      'contact update external Cora GmbH',
      'invoice adopt none INV-1',
      'invoice create external INV-2',
      'invoice create local INV-9',
      'payment create external Payment',
      'payment create local Payment',
    ]);
    expect(world.ledger.log).toEqual([]);
    expect(world.billing.writes).toEqual([]);

    await world.sync.plans.approve(ref, plan.hash, ACTOR);
    const first = await world.run();
    expect(first.state).toBe('done');
    expect(first.counts).toMatchObject({
      external: { created: 3, updated: 2, voided: 0 },
      local: { created: 3, updated: 1, voided: 0 },
      conflicts: 1,
      blocked: 0,
    });
    const [problem] = (await world.sync.problems.list(ref)).items;
    expect(problem).toMatchObject({
      code: 'bothChanged',
      differences: [{ atom: 'name', local: 'Acme Ltd', external: 'ACME' }],
    });
    await world.sync.problems.choose(ref, { problemId: problem?.id ?? '', take: 'billing', actor: ACTOR });
    await world.settle();
    expect((await world.sync.problems.counts(ref)).conflict).toBe(0);
    expect(world.ledger.live('contact').map(({ projection }) => projection.atoms)).toContainEqual(
      expect.objectContaining({ name: 'Acme Ltd' }),
    );

    const writes = [world.ledger.log.length, world.billing.writes.length];
    const calls = world.ledger.callCount();
    const quiet = await world.run();
    expect([world.ledger.log.length, world.billing.writes.length]).toEqual(writes);
    expect(world.ledger.callCount() - calls).toBeLessThanOrEqual(6);
    expect(quiet).toMatchObject({ state: 'done', left: 0, counts: { examined: 0 } });

    const standing = await world.sync.standing(ref);
    expect(standing).toMatchObject({ duplicates: 0, unequalAtRest: 0 });
    for (const line of standing.lines) {
      expect({ ...line, causes: [] }).toMatchObject({ differenceMinor: 0, unexplainedMinor: 0 });
      expect(line.local).toEqual(line.external);
    }
  });
});
