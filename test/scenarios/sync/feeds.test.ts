// What the feeds promise, each where it is easily broken: a list that is late, a list that breaks off, a list that leaves something out,
// and a bookkeeper who types between our look and our write.
import { afterEach, describe, expect, it } from '@jest/globals';
import { type ChangePage, type LedgerPort, LedgerUnavailable } from '../../../src/sync/ports/ledger-port';
import type { ContactAtoms, RecordKind } from '../../../src/sync/records';
import { contact, openSyncWorld, type SyncWorld, type WorldOptions } from '../../support/sync-world';

type Pair = { readonly here: string; readonly there: string };
let world: SyncWorld;
afterEach(() => world.close());

const open = async (names: readonly string[], options: WorldOptions): Promise<readonly Pair[]> => {
  world = await openSyncWorld(options);
  const here = names.map((name) => world.billing.user.create('contact', contact(name)));
  await world.approve();
  await world.settle();
  const there = world.ledger.live('contact');
  return here.map((id, i) => {
    const twin = there.find(({ projection }) => (projection.atoms as unknown as ContactAtoms).name === names[i]);
    return { here: id, there: twin?.externalId ?? '' };
  });
};
const phoneHere = ({ here }: Pair) =>
  (world.billing.get('contact', here)?.projection.atoms as ContactAtoms | undefined)?.phone;
const nameThere = ({ there }: Pair) =>
  (world.ledger.get('contact', there)?.projection.atoms as unknown as ContactAtoms | undefined)?.name;
const minutes = (count: number) => count * 60_000;

type Page = ChangePage<RecordKind>;
/** The ledger with other lists of contacts: all their pages at once go in, pages come out. */
const withLists =
  (which: 'changes' | 'list', change: (pages: readonly Page[]) => AsyncIterable<Page>) =>
  (port: LedgerPort): LedgerPort => ({
    ...port,
    [which]: async function* (kind: RecordKind, since: never) {
      const pages: Page[] = [];
      for await (const page of port[which](kind, since)) pages.push(page);
      yield* kind === 'contact' ? change(pages) : pages;
    },
  });
const without = (pages: readonly Page[], id: string): readonly Page[] =>
  pages.map((page) => ({ ...page, readings: page.readings.filter(({ externalId }) => externalId !== id) }));

describe('the feeds', () => {
  it('find a change that a list showed late, after younger ones were seen', async () => {
    let hidden = '';
    const [ada, bea] = (await open(['Ada', 'Bea'], {
      wrapLedger: withLists('changes', async function* (pages) {
        yield* without(pages, hidden);
      }),
    })) as [Pair, Pair];
    hidden = ada.there;
    world.clock.advance(minutes(30));
    world.ledger.hands.edit('contact', ada.there, { phone: '0201' });
    world.clock.advance(minutes(1));
    world.ledger.hands.edit('contact', bea.there, { phone: '0202' });
    await world.run();
    expect([phoneHere(ada), phoneHere(bea)]).toEqual([null, '0202']);
    hidden = '';
    world.clock.advance(minutes(2));
    await world.run();
    expect(phoneHere(ada)).toBe('0201');
  });

  it('begin again where a walk broke off, not behind what its first page showed', async () => {
    let breaks = false;
    const [ada, bea] = (await open(['Ada', 'Bea'], {
      wrapLedger: withLists('changes', async function* (pages) {
        if (!breaks) return yield* pages;
        // The youngest first, as some ledgers list; then the line goes dead.
        yield { ...(pages.at(-1) as Page), readings: pages.flatMap(({ readings }) => readings).slice(-1) };
        throw new LedgerUnavailable({ class: 'transient', message: 'The ledger is offline.' });
      }),
    })) as [Pair, Pair];
    world.clock.advance(minutes(30));
    world.ledger.hands.edit('contact', ada.there, { phone: '0201' });
    world.clock.advance(minutes(30));
    world.ledger.hands.edit('contact', bea.there, { phone: '0202' });
    breaks = true;
    await world.run();
    breaks = false;
    world.clock.advance(minutes(2));
    await world.run();
    expect([phoneHere(ada), phoneHere(bea)]).toEqual(['0201', '0202']);
  });

  it('take nothing for deleted because a list left it out', async () => {
    let hidden = '';
    const [ada] = (await open(['Ada', 'Bea', 'Cal'], {
      wrapLedger: withLists('list', async function* (pages) {
        yield* without(pages, hidden);
      }),
    })) as [Pair];
    hidden = ada.there;
    await world.sync.fullCompare(world.ref().connectionId);
    await world.settle();
    expect(world.billing.get('contact', ada.here)?.projection.status).toBe('live');
    expect(world.ledger.get('contact', ada.there)?.projection.status).toBe('live');
    expect((await world.sync.problems.list(world.ref(), { limit: 10 })).items).toEqual([]);
  });

  it('leave standing what was typed there between our look and our write', async () => {
    let reads = 0;
    let isArmed = false;
    const [ada] = (await open(['Ada'], {
      // As Xero: nothing in the write itself says what it believes to replace.
      capabilities: { hasPreconditions: false },
      wrapBilling: (port) => ({
        ...port,
        read: async (kind, ids) => {
          const found = await port.read(kind, ids);
          if (isArmed && kind === 'contact' && ++reads === 2) {
            world.ledger.hands.edit('contact', ada?.there ?? '', { name: 'Ada of the bookkeeper' });
            world.clock.advance(5_000);
          }
          return found;
        },
      }),
    })) as [Pair];
    world.billing.user.edit('contact', ada.here, { name: 'Ada of the owner' });
    isArmed = true;
    await world.run();
    expect(reads).toBeGreaterThanOrEqual(2);
    expect(nameThere(ada)).toBe('Ada of the bookkeeper');
    const [problem] = (await world.sync.problems.list(world.ref(), { limit: 10 })).items;
    expect(problem).toMatchObject({ state: 'conflict', code: 'bothChanged' });
  });
});
