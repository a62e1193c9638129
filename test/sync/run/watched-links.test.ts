import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { syncCollections } from '../../../src/sync/collections';
import type { Link } from '../../../src/sync/links/link';
import { type LinkStore, newLink, openLinkStore } from '../../../src/sync/links/link-documents';
import { watchLinks } from '../../../src/sync/run/watched-links';
import { openTestStore } from '../../support/store';

let close: () => Promise<void>;
let others: LinkStore;
let watched: LinkStore;
let forgotten: string[];
let link: Link;
beforeEach(async () => {
  const opened = await openTestStore(syncCollections);
  close = opened.close;
  others = openLinkStore(opened.store, 'ten_a', 'con_a');
  forgotten = [];
  watched = watchLinks(openLinkStore(opened.store, 'ten_a', 'con_a'), ({ externalId }) => {
    forgotten.push(externalId ?? '');
  });
  link = await others.insert(
    newLink({
      ...{ id: 'lnk_a', connectionId: 'con_a', kind: 'contact', mapVersion: '1' },
      ...{ localId: 'cus_a', externalId: 'con-a' },
    }),
  );
});
afterEach(() => close());

const all = async (rows: AsyncIterable<Link>): Promise<void> => {
  for await (const _row of rows); // only looked at
};

const looks: readonly (readonly [string, () => Promise<unknown>])[] = [
  ['by its id', () => watched.get(link.id)],
  ['by the ledger’s id', () => watched.by('external', 'contact', ['con-a'])],
  ['by billing’s id', () => watched.by('local', 'contact', ['cus_a'])],
  ['in the list of its kind', () => all(watched.ofKind('contact'))],
  ['in the list of its state', () => all(watched.inState('linked'))],
];

describe.each(looks)('a row that is looked at %s', (_how, look) => {
  it('is new to the run at first, then known', async () => {
    await look();
    await look();
    expect(forgotten).toEqual(['con-a']);
  });

  it('is new again once somebody else has written it', async () => {
    await look();
    await others.save({ ...link, held: ['name'] });
    await look();
    expect(forgotten).toEqual(['con-a', 'con-a']);
  });

  it('is known after our own writes', async () => {
    await look();
    const saved = await watched.save({ ...link, held: ['name'] });
    await watched.saveAll([{ ...saved, held: [] }]);
    await look();
    expect(forgotten).toEqual(['con-a']);
  });
});

it('a row that the run made itself is known', async () => {
  await watched.insert(
    newLink({ id: 'lnk_b', connectionId: 'con_a', kind: 'contact', mapVersion: '1', localId: 'cus_b' }),
  );
  await watched.by('local', 'contact', ['cus_b']);
  expect(forgotten).toEqual([]);
});
