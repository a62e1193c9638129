// Random people, random faults, random kills: whatever order they come in, both books end equal or a problem says why, nothing exists
// twice, and no edit of a person is lost without a trace. A failure prints seed and path; `fc.assert` replays it with both.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { findAll } from '../../../src/store/port';
import { links, syncAudit } from '../../../src/sync/collections';
import type { ContactAtoms, InvoiceAtoms, RecordKind } from '../../../src/sync/records';
import { createKillSwitch, Killed, type KillSwitch } from '../../support/kill-switch';
import type { ReadFault, WriteFault } from '../../support/memory-ledger';
import { contact, invoice, moneyBlock, openSyncWorld, payment, type SyncWorld, TENANT } from '../../support/sync-world';
import { expectAtRest, expectFrozenStaysFrozen, expectNoDuplicates, withIntentCheck } from './invariants';

type Side = 'here' | 'there';
type Step =
  | { readonly do: 'edit'; readonly side: Side; readonly which: number; readonly atom: 'phone' | 'email' | 'taxNumber' }
  | { readonly do: 'refer'; readonly side: Side; readonly which: number }
  | { readonly do: 'amount'; readonly side: Side; readonly which: number; readonly net: number }
  | { readonly do: 'customer'; readonly side: Side }
  | { readonly do: 'invoice'; readonly side: Side; readonly which: number }
  | { readonly do: 'pay'; readonly side: Side; readonly which: number; readonly amount: number }
  | { readonly do: 'void'; readonly side: Side; readonly which: number }
  | { readonly do: 'archive'; readonly side: Side; readonly which: number }
  | { readonly do: 'run' }
  | { readonly do: 'twoRuns' }
  | { readonly do: 'kill'; readonly at: number }
  | { readonly do: 'writeFault'; readonly fault: WriteFault }
  | { readonly do: 'readFault'; readonly fault: ReadFault }
  | { readonly do: 'wait'; readonly seconds: number }
  | { readonly do: 'hint'; readonly which: number }
  | { readonly do: 'loseOutbox' }
  | { readonly do: 'forgetKeys' };

const side = fc.constantFrom<Side>('here', 'there');
const which = fc.nat({ max: 9 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('edit' as const),
      side,
      which,
      atom: fc.constantFrom('phone' as const, 'email' as const, 'taxNumber' as const),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('refer' as const), side, which }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('amount' as const),
      side,
      which,
      net: fc.integer({ min: 100, max: 99_999 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('customer' as const), side }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('invoice' as const), side, which }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('pay' as const),
      side,
      which,
      amount: fc.integer({ min: 100, max: 4_000 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('void' as const), side, which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('archive' as const), side, which }) },
  { weight: 5, arbitrary: fc.constant({ do: 'run' as const }) },
  { weight: 2, arbitrary: fc.constant({ do: 'twoRuns' as const }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('kill' as const), at: fc.integer({ min: 1, max: 160 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('writeFault' as const),
      fault: fc.constantFrom<WriteFault>(
        'commitThenTimeout',
        'drop',
        'throttled',
        'errorBeforeCommit',
        'errorAfterCommit',
        'stale',
        'notSent',
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('readFault' as const),
      fault: fc.constantFrom<ReadFault>('throttled', 'down', 'emptyList', 'partialPage', 'truncated'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.constantFrom(1, 40, 200, 4_000) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('hint' as const), which }) },
  { weight: 1, arbitrary: fc.constant({ do: 'loseOutbox' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'forgetKeys' as const }) },
);

/** One edit of a person; its value is like no other. */
type Edit = {
  readonly kind: RecordKind;
  readonly side: Side;
  readonly id: string;
  readonly atom: string;
  readonly value: string;
  wasShared: boolean;
};

const at = <T>(items: readonly T[], index: number): T | undefined => items[index % Math.max(1, items.length)];

const play = (world: SyncWorld, kill: KillSwitch, edits: Edit[]) => {
  let serial = 0;
  const { billing, ledger } = world;
  const run = async (killAt?: number): Promise<void> => {
    if (killAt !== undefined) kill.arm(killAt);
    await world.run().catch((error: unknown) => {
      if (!(error instanceof Killed)) throw error;
    });
    kill.disarm();
    expectNoDuplicates(world);
    noteShared(world, edits);
  };
  const remember = (kind: RecordKind, where: Side, id: string, atom: string, value: string): void => {
    edits.push({ kind, side: where, id, atom, value, wasShared: false });
  };
  return async (action: Step): Promise<void> => {
    const n = ++serial;
    switch (action.do) {
      case 'edit': {
        const value = { phone: `+44${1000 + n}`, email: `e${n}@x.test`, taxNumber: `GB${n}` }[action.atom];
        const target =
          action.side === 'here'
            ? at(billing.live('contact'), action.which)?.localId
            : at(ledger.live('contact'), action.which)?.externalId;
        if (target === undefined) return;
        const change: Partial<ContactAtoms> = { [action.atom]: value };
        if (action.side === 'here') billing.user.edit('contact', target, change);
        else ledger.hands.edit('contact', target, change);
        return remember('contact', action.side, target, action.atom, value);
      }
      case 'refer': {
        const value = `PO ${n}`;
        const target =
          action.side === 'here'
            ? at(billing.live('invoice'), action.which)?.localId
            : at(ledger.live('invoice'), action.which)?.externalId;
        if (target === undefined) return;
        if (action.side === 'here') billing.user.edit('invoice', target, { reference: value });
        else ledger.hands.edit('invoice', target, { reference: value });
        return remember('invoice', action.side, target, 'reference', value);
      }
      case 'amount': {
        const books = action.side === 'here' ? billing.live('invoice') : ledger.live('invoice');
        const target = at(
          books.filter(({ guards }) => guards.allocatedMinor === 0),
          action.which,
        );
        if (target === undefined) return;
        const change = { moneyBlock: moneyBlock(action.net) };
        if ('localId' in target) return billing.user.edit('invoice', target.localId, change);
        return ledger.hands.edit('invoice', target.externalId, change);
      }
      case 'customer': {
        const atoms = contact(`Customer ${n}`, { email: `customer${n}@x.test` });
        if (action.side === 'here') billing.user.create('contact', atoms);
        else ledger.hands.create('contact', atoms);
        return;
      }
      case 'invoice': {
        const owner =
          action.side === 'here'
            ? at(billing.live('contact'), action.which)?.localId
            : at(ledger.live('contact'), action.which)?.externalId;
        if (owner === undefined) return;
        const atoms = invoice(`${action.side === 'here' ? 'H' : 'T'}-${n}`, owner);
        if (action.side === 'here') billing.user.create('invoice', atoms);
        else ledger.hands.create('invoice', atoms);
        return;
      }
      case 'pay': {
        const books = action.side === 'here' ? billing.live('invoice') : ledger.live('invoice');
        const target = at(
          books.filter(({ guards }) => guards.openMinor >= action.amount),
          action.which,
        );
        if (target === undefined) return;
        const owner = (target.projection.atoms as InvoiceAtoms).contact.id;
        if ('localId' in target)
          billing.user.create('payment', payment(owner, target.localId, action.amount, { reference: `p${n}` }));
        else ledger.hands.create('payment', payment(owner, target.externalId, action.amount, { reference: `p${n}` }));
        return;
      }
      case 'void': {
        const books = action.side === 'here' ? billing.live('invoice') : ledger.live('invoice');
        const target = at(
          books.filter(({ guards }) => guards.allocatedMinor === 0),
          action.which,
        );
        if (target === undefined) return;
        if ('localId' in target) return billing.user.setStatus('invoice', target.localId, 'void');
        return ledger.hands.setStatus('invoice', target.externalId, 'void');
      }
      case 'archive': {
        const target =
          action.side === 'here'
            ? at(billing.live('contact'), action.which)?.localId
            : at(ledger.live('contact'), action.which)?.externalId;
        if (target === undefined) return;
        if (action.side === 'here') return billing.user.setStatus('contact', target, 'archived');
        return ledger.hands.setStatus('contact', target, 'archived');
      }
      case 'run':
        return run();
      case 'twoRuns':
        await Promise.all([world.run(), world.run()]);
        return run();
      case 'kill':
        return run(action.at);
      case 'writeFault':
        return void ledger.faults.write.push(action.fault);
      case 'readFault':
        return void ledger.faults.read.push(action.fault);
      case 'wait':
        return world.clock.advance(action.seconds * 1_000);
      case 'hint': {
        const target = at([...ledger.all('contact'), ...ledger.all('invoice')], action.which);
        if (target === undefined) return;
        const hint = {
          provider: 'memory' as const,
          organisationId: 'org-1',
          kind: target.kind,
          externalId: target.externalId,
        };
        await world.sync.noteHints([hint, hint]);
        return;
      }
      case 'loseOutbox':
        billing.loseOutbox(true);
        return billing.loseOutbox(false);
      case 'forgetKeys':
        return ledger.forgetKeys();
    }
  };
};

const twins = (world: SyncWorld, { kind, side: where, id }: Edit): { here?: string; there?: string } => {
  const known = linksOf
    .get(world)
    ?.filter((link) => link.kind === kind && (where === 'here' ? link.localId : link.externalId) === id);
  const link = known?.at(-1);
  return { ...(link?.localId ? { here: link.localId } : {}), ...(link?.externalId ? { there: link.externalId } : {}) };
};
type LinkIds = {
  readonly kind: string;
  readonly localId?: string;
  readonly externalId?: string;
  readonly state: string;
};
const linksOf = new WeakMap<SyncWorld, readonly LinkIds[]>();

const valuesOf = (world: SyncWorld, edit: Edit): { here: unknown; there: unknown } => {
  const { here, there } = twins(world, edit);
  const local = here === undefined ? undefined : world.billing.get(edit.kind, here);
  const external = there === undefined ? undefined : world.ledger.get(edit.kind, there);
  return {
    here: (local?.projection.atoms as Record<string, unknown> | undefined)?.[edit.atom],
    there: (external?.projection.atoms as Record<string, unknown> | undefined)?.[edit.atom],
  };
};

const noteShared = (world: SyncWorld, edits: readonly Edit[]): void => {
  for (const edit of edits) {
    const { here, there } = valuesOf(world, edit);
    if (here === edit.value && there === edit.value) edit.wasShared = true;
  }
};

/** I4: every edit is on both sides, was on both before somebody wrote over it, is in the audit log, or is an open question. */
const expectNoLostEdit = async (world: SyncWorld, edits: readonly Edit[]): Promise<void> => {
  const audit: string[] = [];
  for await (const { memory } of findAll(world.store.forTenant(TENANT), syncAudit, {
    where: { connectionId: world.ref().connectionId },
  }))
    audit.push(memory);
  const open = (await world.sync.problems.list(world.ref(), { limit: 500 })).items;
  const superseded = (edit: Edit, index: number): boolean =>
    edits.some((later, i) => i > index && later.side === edit.side && later.id === edit.id && later.atom === edit.atom);
  const lost = edits.filter((edit, index) => {
    const { here, there } = valuesOf(world, edit);
    if (edit.wasShared || (here === edit.value && there === edit.value)) return false;
    if (superseded(edit, index)) return false; // written over on its own side before it ever crossed
    if (audit.some((memory) => memory.includes(`"${edit.value}"`))) return false;
    const ids = Object.values(twins(world, edit));
    if (ids.length < 2) return false; // never crossed: the record itself is a question or over
    const record = edit.side === 'here' ? world.billing.get(edit.kind, edit.id) : world.ledger.get(edit.kind, edit.id);
    if (record === undefined || record.projection.status !== 'live') return false;
    return !open.some(({ local, external }) => ids.includes(local?.id ?? '') || ids.includes(external?.id ?? ''));
  });
  expect(lost).toEqual([]);
};

const loadLinks = async (world: SyncWorld): Promise<void> => {
  const found: LinkIds[] = [];
  for (const kind of ['contact', 'invoice'] as const) {
    const query = { where: { connectionId: world.ref().connectionId, kind }, order: { index: 'byKind' } };
    for await (const link of findAll(world.store.forTenant(TENANT), links, query)) found.push(link as LinkIds);
  }
  linksOf.set(world, found);
};

const RUNS = Number(process.env.MODEL_RUNS ?? 14);
const SEED = process.env.MODEL_SEED === undefined ? {} : { seed: Number(process.env.MODEL_SEED) };

describe('a random season of two books', () => {
  it('ends level, without doubles and without a lost edit', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 5, maxLength: 30 }),
        fc.constantFrom(0, 20_000),
        async (steps, lagMs) => {
          const kill = createKillSwitch();
          const failures: string[] = [];
          let world: SyncWorld | undefined;
          world = await openSyncWorld({
            lagMs,
            wrapStore: kill.store,
            wrapBilling: kill.billing,
            wrapLedger: (port) => kill.ledger(withIntentCheck(port, () => world as SyncWorld, failures)),
          });
          try {
            for (const name of ['Acme', 'Bolt', 'Cora'])
              world.billing.user.create(
                'invoice',
                invoice(`I-${name}`, world.billing.user.create('contact', contact(name))),
              );
            await world.approve();
            await world.settle();
            const edits: Edit[] = [];
            const perform = play(world, kill, edits);
            for (const action of steps) {
              await loadLinks(world);
              await perform(action);
            }
            world.ledger.faults.write.length = 0;
            world.ledger.faults.read.length = 0;
            world.clock.advance(5 * 60_000);
            await world.sync.fullCompare(world.ref().connectionId);
            await world.settle();
            await world.settle();
            await loadLinks(world);
            expectNoDuplicates(world);
            expectFrozenStaysFrozen(world);
            expect(failures).toEqual([]);
            await expectNoLostEdit(world, edits);
            await expectAtRest(world);
          } finally {
            await world.close();
          }
        },
      ),
      { numRuns: RUNS, ...SEED },
    );
  }, 600_000);
});
