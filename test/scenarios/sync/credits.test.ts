// Money that lies as a customer's credit, between billing and a ledger in which a payment belongs to one invoice: born bare and allocated
// afterwards, once, through lost answers, half of the way and a process that dies at any await; from either side; and where one side has
// lost it, a person is told.
import { afterEach, describe, expect, it } from '@jest/globals';
import type { LedgerPort, WriteRequest } from '../../../src/sync/ports/ledger-port';
import type { PaymentAtoms } from '../../../src/sync/records';
import { createKillSwitch } from '../../support/kill-switch';
import { ACTOR, contact, invoice, openSyncWorld, payment, type SyncWorld } from '../../support/sync-world';

let world: SyncWorld;
afterEach(() => world.close());

type Shares = readonly (readonly [string, number])[];
const sharesOf = (shares: Shares) => ({
  allocations: shares
    .map(([id, amountMinor]) => ({ invoice: { $ref: 'invoice' as const, id }, amountMinor }))
    .sort((a, b) => (a.invoice.id < b.invoice.id ? -1 : 1)),
});
const credit = (contactId: string, amountMinor: number, shares: Shares = []): PaymentAtoms =>
  payment(contactId, '', amountMinor, { isCredit: true, ...sharesOf(shares) });

/** One customer with two invoices of 120.00 on both sides. */
const open = async (options: Parameters<typeof openSyncWorld>[0] = {}) => {
  world = await openSyncWorld(options);
  const customer = world.billing.user.create('contact', contact('Acme'));
  const here = [
    world.billing.user.create('invoice', invoice('A-1', customer)),
    world.billing.user.create('invoice', invoice('A-2', customer)),
  ] as const;
  await world.approve();
  await world.settle();
  const idThere = (number: string): string =>
    world.ledger.live('invoice').find(({ projection: { atoms } }) => 'number' in atoms && atoms.number === number)
      ?.externalId ?? '';
  return {
    customer,
    here,
    there: [idThere('A-1'), idThere('A-2')] as const,
    customerThere: world.ledger.live('contact')[0]?.externalId ?? '',
  };
};
const creditsOf = (side: 'billing' | 'ledger') =>
  world[side].live('payment').map(({ projection, guards }) => {
    const { amountMinor, allocations } = (projection.atoms as PaymentAtoms).payment;
    return [amountMinor, guards.openMinor, allocations.map((one) => one.amountMinor).join('+')];
  });
const problems = async () => (await world.sync.problems.list(world.ref(), {})).items;
const agree = async (...credits: readonly (readonly [number, number, string])[]): Promise<void> => {
  expect(await problems()).toEqual([]);
  expect(creditsOf('billing')).toEqual(credits);
  expect(creditsOf('ledger')).toEqual(credits);
  const { lines, unequalAtRest } = await world.sync.standing(world.ref());
  expect(unequalAtRest).toBe(0);
  for (const { unexplainedMinor } of lines) expect(unexplainedMinor).toBe(0);
};
const quiet = async (): Promise<void> => {
  const writes = world.ledger.log.length + world.billing.writes.length;
  await world.sync.fullCompare(world.ref().connectionId);
  await world.settle();
  expect(world.ledger.log.length + world.billing.writes.length).toBe(writes);
};
const writesOf = (kind: 'payment') =>
  world.ledger.log.filter((entry) => entry.kind === kind && entry.applied).map(({ op }) => op);
const isWriteOf = (op: WriteRequest['op'], requests: readonly WriteRequest[]): boolean =>
  requests.some((request) => request.kind === 'payment' && request.op === op);

describe('a credit recorded here', () => {
  it('is born bare in the ledger and allocated there afterwards, and a second run writes nothing', async () => {
    const { customer, here } = await open();
    world.billing.user.create('payment', credit(customer, 1_500, [[here[0], 900]]));
    await world.settle();
    await agree([1_500, 600, '900']);
    expect(writesOf('payment')).toEqual(['create', 'update']);
    await quiet();
  });

  it('follows what it pays later, and is taken back as a whole', async () => {
    const { customer, here } = await open();
    const id = world.billing.user.create('payment', credit(customer, 1_500));
    await world.settle();
    await agree([1_500, 1_500, '']);
    world.billing.user.edit(
      'payment',
      id,
      credit(customer, 1_500, [
        [here[0], 900],
        [here[1], 600],
      ]),
    );
    await world.settle();
    await agree([1_500, 0, '900+600']);
    world.billing.user.edit('payment', id, credit(customer, 1_500, [[here[1], 600]]));
    await world.settle();
    await agree([1_500, 900, '600']);
    await quiet();
    world.billing.user.setStatus('payment', id, 'void');
    await world.settle();
    await agree();
    await quiet();
  });

  it('waits with its allocation for an invoice that has not crossed', async () => {
    const { customer } = await open();
    const late = world.billing.user.create('invoice', invoice('A-3', customer));
    world.billing.user.create('payment', credit(customer, 1_500, [[late, 1_200]]));
    await world.settle();
    await agree([1_500, 300, '1200']);
  });

  it.each(['create', 'update'] as const)('whose %s meets any fault stands there once', async (op) => {
    for (const fault of ['commitThenTimeout', 'errorAfterCommit', 'drop', 'throttled'] as const) {
      let isArmed = false;
      const { customer, here } = await open({
        wrapLedger: (port) => ({
          ...port,
          write: (async (requests: readonly WriteRequest[], signal?: AbortSignal) => {
            if (isArmed && isWriteOf(op, requests)) {
              isArmed = false;
              world.ledger.faults.write.push(fault);
            }
            return port.write(requests, signal);
          }) as LedgerPort['write'],
        }),
      });
      world.billing.user.create('payment', credit(customer, 1_500, [[here[0], 900]]));
      isArmed = true;
      await world.run();
      await world.settle();
      expect([fault, isArmed]).toEqual([fault, false]);
      await agree([1_500, 600, '900']);
      await quiet();
      await world.close();
    }
    await open(); // closed after the test like any other
  });

  it('of which the ledger answers with a yes and keeps nothing is a named problem, with the debt as it was', async () => {
    const { customer, here, there } = await open();
    const id = world.billing.user.create('payment', credit(customer, 1_500));
    await world.settle();
    world.ledger.faults.write.push('answersButDropsChange');
    world.billing.user.edit('payment', id, credit(customer, 1_500, [[here[0], 900]]));
    await world.settle();
    expect(await problems()).toMatchObject([{ kind: 'payment', code: 'notTaken' }]);
    expect(world.ledger.get('invoice', there[0])?.guards.openMinor).toBe(12_000);
    expect(creditsOf('ledger')).toEqual([[1_500, 1_500, '']]);
  });

  it('of which the ledger did half and then lost its answer is brought to its end, not asked about', async () => {
    let halves = 0;
    const { customer, here } = await open({
      wrapLedger: (port) => ({
        ...port,
        // Takes the old allocation off, and no answer comes.
        write: (async (requests: readonly WriteRequest[], signal?: AbortSignal) => {
          const [request] = requests;
          if (halves !== 1 || request === undefined || !isWriteOf('update', requests)) {
            return port.write(requests as never, signal);
          }
          halves = 2;
          const { payment: wanted } = request.projection.atoms as PaymentAtoms;
          const bare = { ...request.projection, atoms: { payment: { ...wanted, allocations: [] } } };
          await port.write([{ ...request, idempotencyKey: 'half', projection: bare }] as never, signal);
          return [{ ref: request.ref, result: 'unknown', problem: { class: 'transient', message: 'no answer' } }];
        }) as LedgerPort['write'],
      }),
    });
    const id = world.billing.user.create('payment', credit(customer, 1_500, [[here[0], 900]]));
    await world.settle();
    halves = 1;
    world.billing.user.edit('payment', id, credit(customer, 1_500, [[here[1], 700]]));
    await world.settle();
    expect(halves).toBe(2);
    await agree([1_500, 800, '700']);
    await quiet();
  });

  it('stands once on either side wherever the process dies', async () => {
    const kill = createKillSwitch();
    const { customer, here } = await open({
      wrapLedger: kill.ledger,
      wrapBilling: kill.billing,
      wrapStore: kill.store,
    });
    let at = 1;
    let expected: (readonly [number, number, string])[] = [];
    for (let hit = true; hit; at += 11) {
      world.billing.user.create('payment', credit(customer, 500, [[here[0], 1]]));
      kill.arm(at);
      await world.run().catch(() => undefined);
      hit = kill.wasKilled();
      kill.disarm();
      world.clock.advance(5 * 60_000);
      await world.settle();
      expected = [...expected, [500, 499, '1']];
      expect([at, creditsOf('ledger')]).toEqual([at, expected]);
    }
    expect(at).toBeGreaterThan(50);
    await agree(...expected);
  }, 60_000);
});

describe('a credit of the ledger', () => {
  it('comes in as one payment, and what it pays follows from either side', async () => {
    const { customerThere, customer, there, here } = await open();
    const made = world.ledger.hands.create('payment', credit(customerThere, 1_500, [[there[0], 400]]));
    await world.settle();
    await agree([1_500, 1_100, '400']);
    world.ledger.hands.edit('payment', made, credit(customerThere, 1_500, [[there[1], 400]]));
    await world.settle();
    await agree([1_500, 1_100, '400']);
    const [{ localId } = { localId: '' }] = world.billing.live('payment');
    world.billing.user.edit(
      'payment',
      localId,
      credit(customer, 1_500, [
        [here[0], 1_000],
        [here[1], 400],
      ]),
    );
    await world.settle();
    await agree([1_500, 100, '1000+400']);
    await quiet();
  });

  it.each(['void', 'deleted'] as const)('that is %s there is taken back here', async (status) => {
    const { customerThere, there } = await open();
    const made = world.ledger.hands.create('payment', credit(customerThere, 1_500, [[there[0], 400]]));
    await world.settle();
    world.ledger.hands.setStatus('payment', made, status);
    await world.sync.fullCompare(world.ref().connectionId);
    await world.settle();
    expect(await problems()).toEqual([]);
    expect([creditsOf('billing'), creditsOf('ledger')]).toEqual([[], []]);
    await quiet();
  });

  it('that two people allocate differently at once is a question to a person, and no cent of it is spent twice', async () => {
    const { customerThere, customer, there, here } = await open();
    const made = world.ledger.hands.create('payment', credit(customerThere, 1_000));
    await world.settle();
    const [{ localId } = { localId: '' }] = world.billing.live('payment');
    world.ledger.hands.edit('payment', made, credit(customerThere, 1_000, [[there[0], 1_000]]));
    world.billing.user.edit('payment', localId, credit(customer, 1_000, [[here[1], 1_000]]));
    await world.settle();
    const [problem, ...others] = await problems();
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ kind: 'payment', code: 'bothChanged' });
    expect(creditsOf('ledger')).toEqual([[1_000, 0, '1000']]);
    const take = { payment: 'billing' } as const;
    const [problemId, shownAs] = [problem?.id ?? '', problem?.shownAs ?? ''];
    await world.sync.problems.choose(world.ref(), { problemId, take, shownAs, actor: ACTOR });
    await world.settle();
    expect(world.ledger.get('invoice', there[1])?.guards.openMinor).toBe(11_000);
    await agree([1_000, 0, '1000']);
  });

  it('of which a part pays a document from before the cut-over is a named problem, and goes on once that part is off', async () => {
    world = await openSyncWorld();
    const { hands } = world.ledger;
    const customer = hands.create('contact', contact('Acme'));
    const dates = { issueDate: '2025-06-01', dueDate: '2025-07-01' };
    const old = hands.create('invoice', invoice('OLD', customer, 10_000, { dates }));
    const fresh = hands.create('invoice', invoice('NEW', customer, 10_000));
    await world.approve({ cutOverDate: '2026-01-01' });
    await world.settle();
    const mixed = hands.create(
      'payment',
      credit(customer, 1_000, [
        [old, 600],
        [fresh, 300],
      ]),
    );
    const oldAlone = hands.create('payment', payment(customer, old, 500));
    await world.settle();
    const named = {
      code: 'staysOut',
      message: expect.stringContaining('Part of it is on OLD'),
      external: { id: mixed },
    };
    expect(await problems()).toMatchObject([named]);
    expect(creditsOf('billing')).toEqual([]);
    for (const { unexplainedMinor } of (await world.sync.standing(world.ref())).lines) expect(unexplainedMinor).toBe(0);
    await quiet();
    hands.edit('payment', mixed, credit(customer, 1_000, [[fresh, 300]]));
    await world.settle();
    expect(await problems()).toEqual([]);
    expect(creditsOf('billing')).toEqual([[1_000, 700, '300']]);
    hands.edit('payment', mixed, credit(customer, 1_000, [[old, 1_000]]));
    await world.settle();
    expect(await problems()).toMatchObject([named]);
    expect(world.ledger.get('payment', oldAlone)?.projection.status).toBe('live');
  });

  it('voided there while it is allocated here is a named problem, never a second credit', async () => {
    const { customerThere, customer, here } = await open();
    const made = world.ledger.hands.create('payment', credit(customerThere, 1_000));
    await world.settle();
    const [{ localId } = { localId: '' }] = world.billing.live('payment');
    world.ledger.hands.setStatus('payment', made, 'void');
    world.billing.user.edit('payment', localId, credit(customer, 1_000, [[here[1], 1_000]]));
    await world.settle();
    expect(creditsOf('ledger')).toEqual([]);
    expect(await problems()).toMatchObject([
      { kind: 'payment', code: 'statusClash', actions: expect.arrayContaining(['takeLedger']) },
    ]);
  });
});
