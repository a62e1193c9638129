// The sixteen invariants of the sync algorithm, §12: what each says in a model run, and where it is held. Free of jest: the long runs
// outside the suite hold the same ones.
import { openDirtySet } from '../../../src/sync/feeds/dirty-set';
import type { Link } from '../../../src/sync/links/link';
import { type InvoiceAtoms, RECORD_KINDS, type RecordKind } from '../../../src/sync/records';
import { type SyncWorld, TENANT } from '../../support/sync-world';
import { holds, holdsEqual, type InvariantName } from './finding';
import { type Books, linksOf } from './honesty';
import { differencesOf, isLive } from './pairs-at-rest';

export const INVARIANTS: Readonly<Record<InvariantName, { readonly says: string; readonly heldBy: string }>> = {
  I1: {
    says: 'every pair becomes equal or has a problem, in few runs',
    heldBy: 'settle in stabilise.ts, pairsAreLevel',
  },
  I2: { says: 'at rest nothing more is written', heldBy: 'restIsQuiet' },
  I3: { says: 'nothing has two live twins', heldBy: 'nothingTwice, after every step and while a worker lies dead' },
  I4: { says: 'no typed value is lost without a trace', heldBy: 'noEditIsLost in honesty.ts' },
  I5: {
    says: 'a job run twice, or from an old queue, is a job run once',
    heldBy: 'restIsQuiet, under every key there is, by two workers at once',
  },
  I6: { says: 'webhooks may come in any order, twice or never', heldBy: 'restIsQuiet, under every webhook ever sent' },
  I7: { says: 'a kill changes nothing but the time', heldBy: 'kill steps here; crash-sweep.test.ts at every await' },
  I8: { says: 'money is conserved', heldBy: 'moneyIsConserved' },
  I9: { says: 'frozen means frozen', heldBy: 'watch.ts, at each write' },
  I10: { says: 'nothing issued is deleted', heldBy: 'watch.ts, at each write' },
  I11: { says: 'a base is what that side once showed', heldBy: 'basesAreHonest in honesty.ts, after every step' },
  I12: { says: 'connections never mix', heldBy: 'watch.ts, at each write; booksStayApart' },
  I13: { says: 'a plan over a stop writes nothing', heldBy: 'safety-stops.test.ts beside this file' },
  I14: { says: 'a run makes a bounded number of calls', heldBy: 'callsAreBounded in play.ts, at each run' },
  I15: { says: 'whatever differs has a problem that a person can act on', heldBy: 'pairsAreLevel' },
  I16: { says: 'every write has an earlier stored intent', heldBy: 'watch.ts, at each write' },
};

/** I3: at every instant, no local record has two live twins in the ledger, and the other way round. */
export const nothingTwice = (world: SyncWorld, { organisation }: Books): void => {
  const ledger = world.ledgerOf(organisation);
  for (const kind of RECORD_KINDS) {
    const tags = ledger.live(kind).flatMap(({ tag }) => (tag === undefined ? [] : tag.replace(/:\d+$/, '')));
    holdsEqual('I3', tags, [...new Set(tags)], `${kind} made twice in the ledger`);
  }
  const twice = (numbers: readonly string[]) => numbers.filter((number, i) => numbers.indexOf(number) < i);
  for (const kind of ['invoice', 'creditNote'] as const) {
    for (const [where, records] of [
      ['billing', world.billing.live(kind)],
      ['the ledger', ledger.live(kind)],
    ] as const) {
      const numbers = records.map(({ projection }) => (projection.atoms as InvoiceAtoms).number);
      holdsEqual('I3', twice(numbers), [], `${kind} numbers twice in ${where}`);
    }
  }
};

const ACTABLE = new Set(['conflict', 'blocked', 'waiting']);

/** I1, I15: each pair is level, or a problem says why and what to do. */
export const pairsAreLevel = async (world: SyncWorld, books: Books): Promise<void> => {
  const pairs = await linksOf(world, books.ref);
  const open = new Map(
    (await world.sync.problems.list(books.ref, { limit: 500 })).items.map((item) => [item.id, item]),
  );
  const known = { here: new Map<string, Link>(), there: new Map<string, Link>() };
  for (const link of pairs) {
    if (link.localId !== undefined) known.here.set(`${link.kind}:${link.localId}`, link);
    if (link.externalId !== undefined) known.there.set(`${link.kind}:${link.externalId}`, link);
  }
  for (const link of pairs) {
    if (ACTABLE.has(link.state)) {
      const problem = open.get(link.id);
      holds('I15', Boolean(problem?.message && problem.fix), () => `${nameOf(link)} is ${link.state} without words`);
      continue;
    }
    if (link.state === 'retired') continue;
    holds('I1', link.intent === undefined, () => `${nameOf(link)} still has an intent ${JSON.stringify(link.intent)}`);
    const differences = differencesOf(world, books, link, known);
    holdsEqual('I1', differences, [], `${nameOf(link)} is not level and has no problem`);
  }
  for (const kind of RECORD_KINDS) {
    const sides = [
      ['here', world.billing.live(kind).map(({ localId }) => localId)],
      [
        'there',
        world
          .ledgerOf(books.organisation)
          .live(kind)
          .filter(isLive)
          .map(({ externalId }) => externalId),
      ],
    ] as const;
    for (const [side, ids] of sides) {
      for (const id of ids) {
        holds('I15', known[side].has(`${kind}:${id}`), () => `${kind} ${id} stands ${side} alone and nobody was told`);
      }
    }
  }
};

const nameOf = ({ kind, localId, externalId, state }: Link): string => `${kind} ${localId}/${externalId} (${state})`;

/** I2, I5, I6: whatever is said again, by whomever and in whatever order, nothing more is written. */
export const restIsQuiet = async (world: SyncWorld, books: Books): Promise<void> => {
  const ledger = world.ledgerOf(books.organisation);
  world.clock.advance(60_000); // lists have caught up
  // What a ledger refuses changes nothing in its books.
  const written = () => [ledger.log.filter(({ applied }) => applied).length, world.billing.writes.length];
  const before = written();
  const quiet = async (invariant: InvariantName, what: string): Promise<void> => {
    await Promise.all([world.run(), world.run()]);
    holdsEqual(invariant, written(), before, `writes after ${what}`);
  };
  await world.sync.fullCompare(books.ref.connectionId);
  await quiet('I2', 'a full compare');
  const told = ledger.touches.map(({ kind, externalId }) => ({
    ...{ provider: 'memory' as const, organisationId: books.organisation },
    ...{ kind, externalId },
  }));
  await world.sync.noteHints([...told.toReversed(), ...told]);
  const keys = RECORD_KINDS.flatMap((kind) => [
    ...world.billing.all(kind).map(({ localId }) => ({ kind, side: 'local' as const, id: localId })),
    ...ledger.ids(kind).map((id) => ({ kind, side: 'external' as const, id })),
  ]);
  await openDirtySet(world.store, TENANT, books.ref.connectionId, world.clock).add(keys);
  await quiet('I6', 'every webhook came once more, backwards and forwards, and every key was marked (I5)');
};

/** I8: what both books own is equal but for what is named; nothing is allocated twice. */
export const moneyIsConserved = async (world: SyncWorld, books: Books): Promise<void> => {
  const standing = await world.sync.standing(books.ref);
  holdsEqual('I3', standing.duplicates, 0, 'duplicates counted');
  holdsEqual('I1', standing.unequalAtRest, 0, 'pairs at rest and unequal');
  for (const line of standing.lines) {
    holdsEqual('I8', line.unexplainedMinor, 0, `unexplained of ${line.kind} ${JSON.stringify(line)}`);
    const named = line.causes.reduce((sum, { sumMinor }) => sum + sumMinor, 0);
    holdsEqual('I8', named, line.differenceMinor, `named differences of ${line.kind}`);
  }
  const kinds: readonly RecordKind[] = ['invoice', 'creditNote', 'payment'];
  for (const kind of kinds) {
    const records = [...world.billing.live(kind), ...world.ledgerOf(books.organisation).live(kind)];
    for (const record of records) {
      holds('I8', record.guards.openMinor >= 0, () => `more is allocated than there is: ${JSON.stringify(record)}`);
    }
  }
};

/** I12: what another connection remembers does not move while this one works. */
export const booksStayApart = async (
  world: SyncWorld,
  others: readonly { books: Books; was: string }[],
): Promise<void> => {
  for (const { books, was } of others) holdsEqual('I12', await memoryOf(world, books), was, books.organisation);
};
export const memoryOf = async (world: SyncWorld, books: Books): Promise<string> =>
  JSON.stringify([await linksOf(world, books.ref), world.ledgerOf(books.organisation).callCount()]);
