// The stories of the crash sweep, each as short as it can be told: what people do, what is killed while it works on it, and how it ends
// however often that happened. Over 300 lines: one table.
import { expect } from '@jest/globals';
import type { ContactAtoms, InvoiceAtoms, RecordKind } from '../../../src/sync/records';
import type { WriteFault } from '../../support/memory-ledger';
import { ACTOR, allocation, contact, creditNote, invoice, moneyBlock, payment } from '../../support/sync-world';
import { answer, takeBack } from './play';
import { MAPPING, type Stage } from './stage';
import type { Profile } from './steps';

/** One customer with one invoice, known on both sides; `paid` of it came from billing. */
export type Cast = {
  readonly n: number;
  readonly here: string;
  readonly there: string;
  readonly inv: string;
  readonly invThere: string;
  readonly pay: string;
  readonly payThere: string;
};
export type Scenario = {
  readonly name: string;
  readonly profile?: Profile;
  readonly isPaid?: true;
  readonly act: (stage: Stage, cast: Cast) => void;
  /** Brought about before the kill, and at rest. */
  readonly first?: (stage: Stage, cast: Cast) => void;
  /** What dies on the way; a run where nothing else is said. */
  readonly killed?: (stage: Stage, cast: Cast) => Promise<unknown>;
  /** What a person does who saw it fail. */
  readonly again?: (stage: Stage, cast: Cast) => Promise<unknown>;
  readonly fault?: WriteFault;
  readonly ends: (stage: Stage, cast: Cast) => void;
  /** Problems left open for each cast; `some` where it hangs on how far it came. */
  readonly problems?: number | 'some';
};

const atomsHere = (stage: Stage, kind: RecordKind, id: string): unknown =>
  stage.world.billing.get(kind, id)?.projection.atoms;
const atomsThere = (stage: Stage, kind: RecordKind, id: string): unknown =>
  stage.ledger().get(kind, id)?.projection.atoms;
const both = (stage: Stage, kind: RecordKind, here: string, there: string): readonly unknown[] => [
  atomsHere(stage, kind, here),
  atomsThere(stage, kind, there),
];
const statuses = (stage: Stage, kind: RecordKind, here: string, there: string) => [
  stage.world.billing.get(kind, here)?.projection.status,
  stage.ledger().get(kind, there)?.projection.status,
];
const paidThere = (stage: Stage, invoiceId: string): readonly number[] =>
  stage
    .ledger()
    .live('payment')
    .filter(({ projection }) => JSON.stringify(projection).includes(`"${invoiceId}"`))
    .map(({ guards }) => guards.allocatedMinor);
const numbered = (stage: Stage, number: string) => ({
  here: stage.world.billing
    .live('invoice')
    .filter(({ projection }) => (projection.atoms as InvoiceAtoms).number === number),
  there: stage
    .ledger()
    .live('invoice')
    .filter(({ projection }) => (projection.atoms as InvoiceAtoms).number === number),
});
const onceOnBothSides = (stage: Stage, number: string): void => {
  const { here, there } = numbered(stage, number);
  expect([here.length, there.length]).toEqual([1, 1]);
};
const edit = (stage: Stage, id: string, atoms: Partial<ContactAtoms>): void =>
  stage.world.billing.user.edit('contact', id, atoms);
const editThere = (stage: Stage, id: string, atoms: Partial<ContactAtoms>): void =>
  stage.ledger().hands.edit('contact', id, atoms);
const problemOf = async (stage: Stage, id: string) =>
  (await stage.world.sync.problems.list(stage.books().ref, { limit: 500 })).items.find(
    ({ local, isAnswered }) => local?.id === id && !isAnswered,
  );
const run = (stage: Stage) => stage.world.run({ skipPoll: true });

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'a new customer, an invoice and a payment of billing',
    act: ({ world }, { n }) => {
      const customer = world.billing.user.create('contact', contact(`New ${n}`, { email: `new${n}@x.test` }));
      const document = world.billing.user.create('invoice', invoice(`N-${n}`, customer));
      world.billing.user.create('payment', payment(customer, document, 5_000));
    },
    ends: (stage, { n }) => {
      onceOnBothSides(stage, `N-${n}`);
      expect(numbered(stage, `N-${n}`).there[0]?.guards.openMinor).toBe(7_000);
    },
  },
  {
    name: 'a new customer, an invoice and a payment of the ledger',
    act: (stage, { n }) => {
      const { hands } = stage.ledger();
      const customer = hands.create('contact', contact(`Theirs ${n}`, { email: `theirs${n}@x.test` }));
      hands.create('payment', payment(customer, hands.create('invoice', invoice(`L-${n}`, customer)), 5_000));
    },
    ends: (stage, { n }) => {
      onceOnBothSides(stage, `L-${n}`);
      expect(numbered(stage, `L-${n}`).here[0]?.guards.openMinor).toBe(7_000);
    },
  },
  {
    name: 'a payment typed in the ledger',
    act: (stage, { there, invThere }) => void stage.ledger().hands.create('payment', payment(there, invThere, 4_000)),
    ends: ({ world }, { inv }) => expect(world.billing.get('invoice', inv)?.guards.openMinor).toBe(8_000),
  },
  {
    name: 'a credit note of billing, applied',
    act: ({ world }, { n, here, inv }) => {
      const credit = world.billing.user.create('creditNote', creditNote(`C-${n}`, here));
      world.billing.user.create('allocation', allocation(credit, inv, 1_200));
    },
    ends: (stage, { invThere }) => expect(stage.ledger().get('invoice', invThere)?.guards.openMinor).toBe(10_800),
  },
  {
    name: 'a credit note of the ledger, applied',
    act: (stage, { n, there, invThere }) => {
      const credit = stage.ledger().hands.create('creditNote', creditNote(`D-${n}`, there));
      stage.ledger().hands.create('allocation', allocation(credit, invThere, 1_200));
    },
    ends: ({ world }, { inv }) => expect(world.billing.get('invoice', inv)?.guards.openMinor).toBe(10_800),
  },
  {
    name: 'different fields edited on both sides',
    act: (stage, { n, here, there }) => {
      edit(stage, here, { email: `e${n}@x.test` });
      editThere(stage, there, { phone: `+44${n}` });
    },
    ends: (stage, { n, here, there }) => {
      for (const atoms of both(stage, 'contact', here, there))
        expect(atoms).toMatchObject({ email: `e${n}@x.test`, phone: `+44${n}` });
    },
  },
  {
    name: 'one field edited on both sides: a question',
    act: (stage, { n, here, there }) => {
      edit(stage, here, { email: `ours${n}@x.test` });
      editThere(stage, there, { email: `theirs${n}@x.test` });
    },
    ends: (stage, { n, here, there }) =>
      expect(both(stage, 'contact', here, there)).toMatchObject([
        { email: `ours${n}@x.test` },
        { email: `theirs${n}@x.test` },
      ]),
    problems: 1,
  },
  {
    name: 'one field edited on both sides: the rule says the ledger',
    act: (stage, { n, here, there }) => {
      edit(stage, here, { taxNumber: `GB-O${n}` });
      editThere(stage, there, { taxNumber: `GB-T${n}` });
    },
    ends: (stage, { n, here }) => expect(atomsHere(stage, 'contact', here)).toMatchObject({ taxNumber: `GB-T${n}` }),
  },
  {
    name: 'the same edit on both sides',
    act: (stage, { n, here, there }) => {
      edit(stage, here, { phone: `+1${n}` });
      editThere(stage, there, { phone: `+1${n}` });
    },
    ends: (stage, { n, here }) => expect(atomsHere(stage, 'contact', here)).toMatchObject({ phone: `+1${n}` }),
  },
  {
    name: 'a number changed in the ledger, put back',
    act: (stage, { n, invThere }) => stage.ledger().hands.edit('invoice', invThere, { number: `X-${n}` }),
    ends: (stage, { n, invThere }) =>
      expect(atomsThere(stage, 'invoice', invThere)).toMatchObject({ number: `INV-${n}` }),
  },
  {
    name: 'an invoice cancelled in billing',
    act: ({ world }, { inv }) => world.billing.user.setStatus('invoice', inv, 'void'),
    ends: (stage, { inv, invThere }) => expect(statuses(stage, 'invoice', inv, invThere)).toEqual(['void', 'void']),
  },
  {
    name: 'an invoice voided in the ledger',
    act: (stage, { invThere }) => stage.ledger().hands.setStatus('invoice', invThere, 'void'),
    ends: (stage, { inv, invThere }) => expect(statuses(stage, 'invoice', inv, invThere)).toEqual(['void', 'void']),
  },
  {
    name: 'an invoice deleted in the ledger',
    act: (stage, { invThere }) => stage.ledger().hands.setStatus('invoice', invThere, 'deleted'),
    ends: (stage, { inv, invThere }) => expect(statuses(stage, 'invoice', inv, invThere)).toEqual(['void', undefined]),
  },
  {
    name: 'an invoice voided there and edited here: a question',
    act: (stage, { n, inv, invThere }) => {
      stage.ledger().hands.setStatus('invoice', invThere, 'void');
      stage.world.billing.user.edit('invoice', inv, { reference: `PO ${n}` });
    },
    ends: (stage, { inv, invThere }) => expect(statuses(stage, 'invoice', inv, invThere)).toEqual(['live', 'void']),
    problems: 1,
  },
  ...(['commitThenTimeout', 'errorAfterCommit', 'drop'] as const).map(
    (fault): Scenario => ({
      name: `an amount changed in billing, ${fault}`,
      act: ({ world }, { inv, n }) =>
        world.billing.user.edit('invoice', inv, { moneyBlock: moneyBlock(20_000 + n * 5) }),
      fault,
      ends: (stage, { invThere, n }) =>
        expect(atomsThere(stage, 'invoice', invThere)).toMatchObject({ moneyBlock: { netMinor: 20_000 + n * 5 } }),
    }),
  ),
  ...(['commitThenTimeout', 'errorBeforeCommit', 'drop', 'notSent'] as const).map(
    (fault): Scenario => ({
      name: `a new invoice of billing, ${fault}`,
      act: ({ world }, { here, n }) => void world.billing.user.create('invoice', invoice(`T-${n}`, here)),
      fault,
      ends: (stage, { n }) => onceOnBothSides(stage, `T-${n}`),
    }),
  ),
  {
    name: 'a change that the ledger takes in silence and drops',
    act: ({ world }, { inv, n }) => world.billing.user.edit('invoice', inv, { reference: `PO ${n}` }),
    fault: 'answersButDropsChange',
    ends: (stage, { inv, n }) => expect(atomsHere(stage, 'invoice', inv)).toMatchObject({ reference: `PO ${n}` }),
    problems: 'some',
  },
  {
    name: 'an amount changed in the ledger',
    act: (stage, { n, invThere }) =>
      stage.ledger().hands.edit('invoice', invThere, { moneyBlock: moneyBlock(30_000 + n * 5) }),
    ends: (stage, { n, inv }) =>
      expect(atomsHere(stage, 'invoice', inv)).toMatchObject({ moneyBlock: { netMinor: 30_000 + n * 5 } }),
  },
  {
    name: 'a reference longer than the ledger keeps',
    act: ({ world }, { n, inv }) =>
      world.billing.user.edit('invoice', inv, { reference: `Order ${n} of the long list of orders` }),
    ends: (stage, { n, invThere }) =>
      expect(atomsThere(stage, 'invoice', invThere)).toMatchObject({
        reference: `Order ${n} of the long list of orders`.slice(0, 30).trim(),
      }),
  },
  {
    name: 'a payment replaced where payments cannot be edited',
    isPaid: true,
    act: ({ world }, { here, inv, pay, n }) => world.billing.user.edit('payment', pay, payment(here, inv, 3_000 + n)),
    ends: (stage, { invThere, n }) => expect(paidThere(stage, invThere)).toEqual([3_000 + n]),
  },
  {
    name: 'a payment edited in place where they can',
    profile: 'wholePayment',
    isPaid: true,
    act: ({ world }, { here, inv, pay, n }) => world.billing.user.edit('payment', pay, payment(here, inv, 3_000 + n)),
    ends: (stage, { invThere, n }) => expect(paidThere(stage, invThere)).toEqual([3_000 + n]),
  },
  {
    name: 'a payment taken back in billing',
    isPaid: true,
    act: ({ world }, { pay }) => world.billing.user.setStatus('payment', pay, 'void'),
    ends: (stage, { invThere }) => expect(paidThere(stage, invThere)).toEqual([]),
  },
  {
    name: 'a payment taken back in the ledger',
    isPaid: true,
    act: (stage, { payThere }) => stage.ledger().hands.setStatus('payment', payThere, 'void'),
    ends: ({ world }, { inv }) => expect(world.billing.get('invoice', inv)?.guards.openMinor).toBe(12_000),
  },
  {
    name: 'a paid invoice voided with its payment',
    isPaid: true,
    act: ({ world }, { pay, inv }) => {
      world.billing.user.setStatus('payment', pay, 'void');
      world.billing.user.setStatus('invoice', inv, 'void');
    },
    ends: (stage, { inv, invThere }) => expect(statuses(stage, 'invoice', inv, invThere)).toEqual(['void', 'void']),
  },
  {
    name: 'a customer archived in the ledger and edited in billing',
    act: (stage, { here, there, n }) => {
      stage.ledger().hands.setStatus('contact', there, 'archived');
      edit(stage, here, { phone: `+49${n}` });
    },
    ends: (stage, { here, there, n }) => {
      expect(statuses(stage, 'contact', here, there)).toEqual(['live', 'live']);
      expect(atomsThere(stage, 'contact', there)).toMatchObject({ phone: `+49${n}` });
    },
  },
  {
    name: 'a customer archived in billing',
    act: ({ world }, { here }) => world.billing.user.setStatus('contact', here, 'archived'),
    ends: (stage, { here, there }) => expect(statuses(stage, 'contact', here, there)).toEqual(['archived', 'archived']),
  },
  {
    name: 'a customer merged into a new one',
    act: (stage, { there, n }) => {
      const survivor = stage.ledger().hands.create('contact', contact(`Customer ${n}`, { email: `c${n}@x.test` }));
      stage.ledger().hands.merge(there, survivor);
    },
    ends: ({ world }, { here }) => expect(world.billing.get('contact', here)?.projection.status).toBe('live'),
  },
  {
    name: 'a copy typed by hand before ours went out',
    act: (stage, { n, here, there }) => {
      stage.world.billing.user.create('invoice', invoice(`W-${n}`, here));
      stage.ledger().hands.create('invoice', invoice(`W-${n}`, there));
    },
    ends: (stage, { n }) => onceOnBothSides(stage, `W-${n}`),
  },
  {
    name: 'a question answered',
    first: (stage, { n, here, there }) => {
      edit(stage, here, { email: `mine${n}@x.test` });
      editThere(stage, there, { email: `yours${n}@x.test` });
    },
    act: () => undefined,
    killed: async (stage, { here }) => {
      const problem = await problemOf(stage, here);
      if (problem) await answer(stage, problem, 'billing');
      return run(stage);
    },
    again: async (stage, { here }) => {
      const problem = await problemOf(stage, here);
      if (problem) await answer(stage, problem, 'billing');
    },
    ends: (stage, { n, there }) =>
      expect(atomsThere(stage, 'contact', there)).toMatchObject({ email: `mine${n}@x.test` }),
  },
  {
    name: 'a run taken back',
    first: (stage, { n, here }) => edit(stage, here, { phone: `+33${n}` }),
    act: () => undefined,
    killed: async (stage) => {
      await takeBack(stage, 0);
      return run(stage);
    },
    again: async (stage, { here }) => {
      const { sync } = stage.world;
      const latest = (await sync.runs.list(stage.books().ref, { limit: 1 })).items[0];
      const isApproved = latest !== undefined && (await sync.undo.ofRun(stage.books().ref, latest.id))?.approvedAt;
      const isBack = (atomsHere(stage, 'contact', here) as ContactAtoms).phone === null;
      if (!isApproved && !isBack && latest?.reason !== 'undo approved') await takeBack(stage, 0).catch(() => undefined);
    },
    ends: (stage, { here, there }) =>
      expect(both(stage, 'contact', here, there)).toMatchObject([{ phone: null }, { phone: null }]),
  },
  {
    name: 'a mapping saved anew',
    act: ({ world }, { inv, n }) => world.billing.user.edit('invoice', inv, { reference: `M ${n}` }),
    killed: async (stage) => {
      await stage.world.sync.mapping.save(stage.books().ref, { choices: MAPPING, actor: ACTOR });
      return run(stage);
    },
    ends: (stage, { n, invThere }) =>
      expect(atomsThere(stage, 'invoice', invThere)).toMatchObject({ reference: `M ${n}` }),
  },
  {
    name: 'a look at everything, and a poll',
    act: (stage, { n, there }) => editThere(stage, there, { phone: `+31${n}` }),
    killed: async (stage) => {
      await stage.world.sync.fullCompare(stage.books().ref.connectionId);
      return stage.world.run();
    },
    ends: (stage, { n, here }) => expect(atomsHere(stage, 'contact', here)).toMatchObject({ phone: `+31${n}` }),
  },
  {
    name: 'disconnected and connected again',
    act: (stage, { n, here }) => edit(stage, here, { phone: `+32${n}` }),
    killed: async (stage) => {
      await stage.world.sync.connections.disconnect(stage.books().ref, ACTOR);
      await stage.connect(stage.books().organisation);
      return stage.world.run();
    },
    again: (stage) => stage.connect(stage.books().organisation),
    ends: (stage, { n, there }) => expect(atomsThere(stage, 'contact', there)).toMatchObject({ phone: `+32${n}` }),
  },
];
