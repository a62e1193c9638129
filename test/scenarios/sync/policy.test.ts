// Who wins what, chosen by a person for one connection: what the next clash, the open ones and the memory of the past make of it.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BridgeError } from '../../../src/core/errors';
import { syncAudit } from '../../../src/sync/collections';
import { openLinkStore } from '../../../src/sync/links/link-documents';
import type { ContactAtoms } from '../../../src/sync/records';
import type { PolicyPreview } from '../../../src/sync/service';
import { ACTOR, contact, invoice, moneyBlock, openSyncWorld, type SyncWorld, TENANT } from '../../support/sync-world';

let world: SyncWorld;
let acme: { here: string; there: string };

beforeEach(async () => {
  world = await openSyncWorld();
  const here = world.billing.user.create('contact', contact('Acme Ltd'));
  world.billing.user.create('invoice', invoice('INV-1', here));
  await world.approve();
  await world.settle();
  acme = { here, there: world.ledger.live('contact')[0]?.externalId ?? '' };
});
afterEach(() => world.close());

const policies = () => world.sync.policies;
const save = (choices: Parameters<SyncWorld['sync']['policies']['save']>[1]['choices'], shownVersion?: number) =>
  policies().save(world.ref(), { choices, actor: ACTOR, ...(shownVersion === undefined ? {} : { shownVersion }) });
const clashOnEmail = (here = 'here@acme.test', there = 'there@acme.test') => {
  world.billing.user.edit('contact', acme.here, { email: here });
  world.ledger.hands.edit('contact', acme.there, { email: there });
};
const emailOf = (record: { readonly projection: { readonly atoms: unknown } } | undefined) =>
  (record?.projection.atoms as ContactAtoms | undefined)?.email;
const emails = () => [
  emailOf(world.billing.get('contact', acme.here)),
  emailOf(world.ledger.get('contact', acme.there)),
];
const problems = async () => (await world.sync.problems.list(world.ref())).items;
const rowOf = (preview: PolicyPreview, field: string) => preview.rows.find((row) => row.field === field);
const emailRow = async (rule: 'billing' | 'ledger' | 'newest' | 'manual') =>
  rowOf(await policies().preview(world.ref(), { 'contact.email': rule }), 'contact.email');

describe('a rule that a person chose', () => {
  it.each([
    ['ledger', 'there@acme.test'],
    ['billing', 'here@acme.test'],
  ] as const)('%s wins the next clash, and nobody is asked', async (rule, wins) => {
    await save({ 'contact.email': rule });
    clashOnEmail();
    await world.settle();
    expect(emails()).toEqual([wins, wins]);
    expect(await problems()).toEqual([]);
  });

  it('lets the newer edit win where both clocks tell, and billing where they do not', async () => {
    await save({ 'contact.email': 'newest' });
    world.billing.user.edit('contact', acme.here, { email: 'early@acme.test' });
    world.clock.advance(5 * 60_000);
    world.ledger.hands.edit('contact', acme.there, { email: 'late@acme.test' });
    await world.settle();
    expect(emails()).toEqual(['late@acme.test', 'late@acme.test']);
    world.ledger.hands.edit('contact', acme.there, { email: 'there@acme.test' });
    world.clock.advance(60_000); // the ledger's clock is two minutes ahead: whose edit came first, nobody knows
    world.billing.user.edit('contact', acme.here, { email: 'here@acme.test' });
    await world.settle();
    expect(emails()).toEqual(['here@acme.test', 'here@acme.test']);
  });

  it('can ask where the house would not', async () => {
    await save({ 'contact.taxNumber': 'manual' });
    world.billing.user.edit('contact', acme.here, { taxNumber: 'GB1' });
    world.ledger.hands.edit('contact', acme.there, { taxNumber: 'GB2' });
    await world.settle();
    expect(await problems()).toMatchObject([{ differences: [{ atom: 'taxNumber' }] }]);
  });

  it('settles questions that are open, at the next run', async () => {
    clashOnEmail();
    await world.settle();
    expect(await problems()).toHaveLength(1);
    await save({ 'contact.email': 'ledger' });
    expect(world.nudges.at(-1)).toBe('policy saved');
    for (let i = 0; i < 3; i++) await world.run({ skipPoll: true }); // no feed speaks of them again
    expect(emails()).toEqual(['there@acme.test', 'there@acme.test']);
    expect(await problems()).toEqual([]);
    expect((await world.run({ skipPoll: true })).counts.examined).toBe(0);
  });

  it('leaves a tug-of-war to the person, whatever was chosen, and settles the field beside it', async () => {
    for (const ref of ['X-1', 'X-2', 'X-3']) {
      world.ledger.hands.edit('contact', acme.there, { externalRef: ref });
      await world.settle();
    }
    clashOnEmail();
    await world.settle();
    expect(await problems()).toMatchObject([{ code: 'restoredTooOften', differences: [{}, {}] }]);
    expect(await emailRow('ledger')).toMatchObject({ decisions: 1, settlesNow: 1 });
    await save({ 'contact.email': 'ledger' });
    for (let i = 0; i < 3; i++) await world.run({ skipPoll: true });
    expect(emails()).toEqual(['there@acme.test', 'there@acme.test']);
    expect(await problems()).toMatchObject([{ code: 'restoredTooOften', differences: [{ atom: 'externalRef' }] }]);
  });

  it('settles what a run asked that had begun under the old rules', async () => {
    await world.close();
    let during: (() => Promise<unknown>) | undefined;
    world = await openSyncWorld({
      wrapLedger: (port) => ({
        ...port,
        read: async (kind, ids, purpose) => {
          const hook = during;
          during = undefined;
          await hook?.();
          return port.read(kind, ids, purpose);
        },
      }),
    });
    const here = world.billing.user.create('contact', contact('Acme Ltd'));
    await world.approve();
    await world.settle();
    acme = { here, there: world.ledger.live('contact')[0]?.externalId ?? '' };
    clashOnEmail();
    during = async () => {
      await save({ 'contact.email': 'ledger' });
      // Another run looks at what is open under the new rules: nothing yet.
      await world.sync.runOnce(world.ref().connectionId, { reason: 'test', skipPoll: true, budget: { records: 0 } });
    };
    await world.run();
    expect(await problems()).toHaveLength(1);
    for (let i = 0; i < 3; i++) await world.run({ skipPoll: true });
    expect(emails()).toEqual(['there@acme.test', 'there@acme.test']);
  });

  it('decides nothing that only a person may, and does not count it', async () => {
    clashOnEmail();
    await world.settle();
    const rows = openLinkStore(world.store, TENANT, world.ref().connectionId);
    const [asked] = await problems();
    const link = await rows.get(asked?.id ?? '');
    if (link === undefined) throw new Error('no row');
    await rows.save({ ...link, held: ['email'] });
    expect(await emailRow('ledger')).toMatchObject({ decisions: 0 });
    await save({ 'contact.email': 'ledger' });
    for (let i = 0; i < 3; i++) await world.run({ skipPoll: true });
    expect(emails()).toEqual(['here@acme.test', 'there@acme.test']);
    expect((await world.run({ skipPoll: true })).counts.examined).toBe(0); // looked at once, not at every run
  });

  it('keeps a frozen document frozen while another of its fields is asked about', async () => {
    await save({ 'invoice.reference': 'billing' });
    const [first] = world.billing.live('invoice');
    const there = world.ledger.live('invoice')[0]?.externalId ?? '';
    world.billing.user.edit('invoice', first?.localId ?? '', { moneyBlock: moneyBlock(11_000), reference: 'A' });
    world.ledger.hands.edit('invoice', there, { moneyBlock: moneyBlock(12_000), reference: 'B' });
    const before = world.ledger.log.length;
    await world.settle();
    expect(world.ledger.log).toHaveLength(before);
    expect(await problems()).toMatchObject([{ kind: 'invoice', differences: [{ atom: 'moneyBlock' }] }]);
  });
});

describe('saving', () => {
  it('grows the version and keeps who, when and what', async () => {
    expect(await policies().get(world.ref())).toMatchObject({ version: 0, history: [] });
    await save({ 'contact.email': 'ledger' });
    world.clock.advance(1000);
    await save({ 'contact.email': 'billing', 'contact.phone': 'manual' });
    const view = await policies().get(world.ref());
    expect(view).toMatchObject({ version: 2, savedBy: 'Ada', savedAt: '2026-03-02T09:00:01.000Z' });
    expect(view.history).toEqual([
      {
        at: '2026-03-02T09:00:01.000Z',
        who: 'Ada',
        changes: [
          { field: 'contact.email', before: 'ledger', after: 'billing' },
          { field: 'contact.phone', before: 'newest', after: 'manual' },
        ],
      },
      {
        at: '2026-03-02T09:00:00.000Z',
        who: 'Ada',
        changes: [{ field: 'contact.email', before: 'manual', after: 'ledger' }],
      },
    ]);
  });

  it('goes back to the house where a field is not named, and writes nothing where nothing changes', async () => {
    await save({ 'contact.email': 'ledger' });
    await save({});
    expect((await policies().get(world.ref())).rows.find(({ atom }) => atom === 'email')?.rule).toBe('manual');
    const nudged = world.nudges.length;
    expect((await save({ 'contact.email': 'manual' })).version).toBe(2);
    expect(world.nudges).toHaveLength(nudged);
  });

  it('refuses what may not be chosen, and what was shown before somebody else saved', async () => {
    await expect(save({ 'invoice.number': 'ledger' })).rejects.toMatchObject({
      code: 'BB_INPUT_INVALID',
      fields: { 'invoice.number': expect.stringContaining('cannot be chosen') },
    });
    await save({ 'contact.email': 'ledger' }, 0);
    await expect(save({ 'contact.email': 'billing' }, 0)).rejects.toThrow(BridgeError);
    expect((await policies().get(world.ref())).version).toBe(1);
  });
});

describe('what a policy would have decided', () => {
  it('counts what a rule, a person and nobody decided, and stores nothing', async () => {
    clashOnEmail();
    await world.settle(); // open
    world.billing.user.edit('contact', acme.here, { taxNumber: 'GB1' });
    world.ledger.hands.edit('contact', acme.there, { taxNumber: 'GB2' });
    await world.settle(); // by the rule of the house
    const tried = await policies().preview(world.ref(), { 'contact.email': 'ledger', 'contact.taxNumber': 'billing' });
    expect(rowOf(tried, 'contact.email')).toMatchObject({ decisions: 1, otherwise: 1, settlesNow: 1 });
    expect(rowOf(tried, 'contact.taxNumber')).toMatchObject({
      decisions: 1,
      otherwise: 1,
      examples: [{ name: 'Acme Ltd', local: 'GB1', external: 'GB2', was: 'ledger', by: 'rule', wouldBe: 'billing' }],
    });
    expect((await policies().get(world.ref())).version).toBe(0);

    const [asked] = await problems();
    await world.sync.problems.choose(world.ref(), { problemId: asked?.id ?? '', take: 'billing', actor: ACTOR });
    expect(await emailRow('ledger')).toMatchObject({ decisions: 1, settlesNow: 0 }); // answered, not carried yet
    await world.settle();
    expect(await emailRow('billing')).toMatchObject({
      decisions: 1,
      otherwise: 1,
      unasked: 1,
      settlesNow: 0,
      examples: [{ was: 'billing', by: 'person', wouldBe: 'billing' }],
    });
    expect(await emailRow('manual')).toMatchObject({ decisions: 1, otherwise: 0 });
  });

  it('knows which edit was newer', async () => {
    world.billing.user.edit('contact', acme.here, { email: 'early@acme.test' });
    world.clock.advance(5 * 60_000);
    world.ledger.hands.edit('contact', acme.there, { email: 'late@acme.test' });
    await world.settle();
    expect(await emailRow('newest')).toMatchObject({ otherwise: 1, unknown: 0, examples: [{ wouldBe: 'ledger' }] });
  });

  it('counts no restore of what may not travel, and nothing older than 90 days', async () => {
    world.ledger.hands.edit('contact', acme.there, { externalRef: 'X-1' });
    world.billing.user.edit('contact', acme.here, { taxNumber: 'GB1' });
    world.ledger.hands.edit('contact', acme.there, { taxNumber: 'GB2' });
    await world.settle();
    const count = async () => {
      const { rows } = await policies().preview(world.ref(), {});
      return rows.reduce((sum, { decisions }) => sum + decisions, 0);
    };
    expect(await count()).toBe(1);
    world.clock.advance(91 * 86_400_000);
    expect(await count()).toBe(0);
  });

  it('says from when it counts, where less was kept in former times', async () => {
    await world.store.forTenant(TENANT).insert(syncAudit, {
      id: 'aud_old',
      connectionId: world.ref().connectionId,
      linkId: 'lnk_old',
      at: '2026-03-02T09:00:00.000Z',
      what: "overruled the ledger's email",
      who: 'policy',
      memory: JSON.stringify({ atom: 'email', loser: 'external', local: 'a', external: 'b' }),
    });
    world.clock.advance(60_000);
    clashOnEmail();
    await world.settle();
    const { from, rows, isComplete } = await policies().preview(world.ref(), { 'contact.email': 'ledger' });
    expect([from, isComplete]).toEqual(['2026-03-02T09:00:00.000Z', true]);
    expect(rows.find(({ field }) => field === 'contact.email')).toMatchObject({ decisions: 1 });
  });

  it('says nothing to another business', async () => {
    await expect(policies().preview({ ...world.ref(), tenantId: 'ten_other' }, {})).rejects.toMatchObject({
      code: 'BB_NOT_FOUND',
    });
  });
});

describe('the log of decisions', () => {
  it('keeps both values of what a rule, a direction and a person overruled, each told once', async () => {
    world.billing.user.edit('contact', acme.here, { taxNumber: 'GB1' });
    world.ledger.hands.edit('contact', acme.there, { taxNumber: 'GB2', externalRef: 'X-1' });
    await world.settle();
    const rows = openLinkStore(world.store, TENANT, world.ref().connectionId);
    const link = (await rows.by('local', 'contact', [acme.here])).get(acme.here);
    expect(link?.restores).toHaveLength(1); // the write beside it was none
    world.clock.advance(60_000);
    clashOnEmail();
    await world.settle();
    const [asked] = await problems();
    world.clock.advance(1000);
    await world.sync.problems.choose(world.ref(), { problemId: asked?.id ?? '', take: 'ledger', actor: ACTOR });
    await world.settle();
    const told = (await policies().log(world.ref())).items.map(({ who, by, name, values }) => [
      ...[by, who, name],
      ...values.map(({ atom, local, external, stands }) => `${atom}: ${local} | ${external}, ${stands} stands`),
    ]);
    expect(told[0]).toEqual([
      ...['person', 'Ada', 'Acme Ltd', 'email: here@acme.test | there@acme.test, ledger stands'],
    ]);
    expect(told.slice(1)).toEqual(
      expect.arrayContaining([
        ['rule', 'policy', 'Acme Ltd', 'taxNumber: GB1 | GB2, ledger stands'],
        ['direction', 'policy', 'Acme Ltd', `externalRef: ${acme.here} | X-1, billing stands`],
      ]),
    );
    expect(new Set(told.map((entry) => JSON.stringify(entry))).size).toBe(told.length);
  });

  it('comes page by page, and to nobody else', async () => {
    await save({ 'contact.email': 'ledger' });
    world.clock.advance(1000);
    await save({ 'contact.email': 'billing' });
    const first = await policies().log(world.ref(), { limit: 1 });
    const second = await policies().log(world.ref(), { limit: 1, after: first.next ?? '' });
    expect([first.items[0]?.at, second.items[0]?.at]).toEqual(['2026-03-02T09:00:01.000Z', '2026-03-02T09:00:00.000Z']);
    await expect(policies().log({ ...world.ref(), tenantId: 'ten_other' })).rejects.toMatchObject({
      code: 'BB_NOT_FOUND',
    });
  });
});
