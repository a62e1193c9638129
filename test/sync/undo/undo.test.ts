// What can be taken back of a run, and what cannot and why: one row of the table per case.
import { describe, expect, it } from '@jest/globals';
import type { RunRowDocument } from '../../../src/sync/collections';
import type { Link } from '../../../src/sync/links/link';
import type { Organisation } from '../../../src/sync/ports/ledger-port';
import type { Projection, RecordKind } from '../../../src/sync/records';
import { type RowImage, storeImage } from '../../../src/sync/undo/run-images';
import { type UndoFacts, undoStep, undoVerdict } from '../../../src/sync/undo/undo';
import { deedsOf, type UndoDeed } from '../../../src/sync/undo/undo-deeds';
import { contact, invoice, moneyBlock, payment } from '../../support/sync-world';

const FREE = { allocatedMinor: 0, openMinor: 0, reconciled: false };
const organisation: Organisation = {
  id: 'o',
  name: 'Acme',
  baseCurrency: 'GBP',
  currencies: ['GBP'],
  country: 'GB',
  timeZone: 'Europe/London',
  taxScheme: 'lineTax',
  isDemo: false,
  notices: [],
};
const live = (atoms: object): Projection => ({ status: 'live', atoms }) as Projection;
const there = (atoms: object, status: Projection['status'] = 'live') =>
  ({ state: 'present', projection: { status, atoms } }) as UndoFacts['external'];

const INVOICE = invoice('INV-1', 'c');

const row = (op: RunRowDocument['op'], change: Partial<RunRowDocument> = {}, image?: Partial<RowImage>) =>
  ({
    id: `row_${op}`,
    runId: 'run_1',
    kind: 'invoice',
    op,
    side: op === 'adopt' ? 'none' : 'external',
    name: 'INV-1',
    why: '',
    at: '',
    localId: 'inv_1',
    externalId: 'x_1',
    ...(image === undefined
      ? {}
      : { memory: storeImage({ linkId: 'lnk_1', generation: 0, atoms: [], place: 0, ...image }) }),
    ...change,
  }) as RunRowDocument;

const created = (kind: RecordKind, atoms: object, change: Partial<RowImage> = {}): UndoDeed =>
  deedsOf([row('create', { kind }, { atoms: Object.keys(atoms), after: live(atoms), ...change })])[0] as UndoDeed;
const changed = (before: object, after: object, change: Partial<RunRowDocument> = {}): UndoDeed =>
  deedsOf([
    row('update', change, { atoms: Object.keys(after), before: live(before), after: live(after) }),
  ])[0] as UndoDeed;

const linked = (kind: RecordKind, change: Partial<Link> = {}): Link => ({
  id: 'lnk_1',
  revision: 1,
  tenantId: 't',
  connectionId: 'con',
  kind,
  localId: 'inv_1',
  externalId: 'x_1',
  state: 'linked',
  baseLocal: { status: 'live', atoms: {} },
  baseExternal: { status: 'live', atoms: {} },
  mapVersion: '1.1',
  generation: 0,
  held: [],
  restores: [],
  separateFrom: [],
  ...change,
});
const facts = (kind: RecordKind, atoms: object, change: Partial<UndoFacts> = {}): UndoFacts => ({
  link: linked(kind),
  local: there(atoms),
  external: there(atoms),
  guards: FREE,
  otherGuards: FREE,
  dependants: 0,
  organisation,
  ledgerName: 'Xero',
  ...change,
});
const invoiceFacts = (change: Partial<UndoFacts> = {}) => facts('invoice', INVOICE, change);

describe('what a run created', () => {
  const deed = created('invoice', INVOICE);
  const cases: readonly [string, Partial<UndoFacts>, string, RegExp][] = [
    ['is cancelled', {}, 'void', /cancelled in Xero/],
    ['is back already where it is void', { external: there(INVOICE, 'void') }, 'nothing', /over already/],
    ['is back already where it is gone', { external: { state: 'absent' } }, 'nothing', /over already/],
    ['stays where it is reconciled', { guards: { ...FREE, reconciled: true } }, 'cannot', /reconciled with the bank/],
    ['stays where it was paid since', { guards: { ...FREE, allocatedMinor: 1 } }, 'cannot', /paid/],
    [
      'stays in a closed period',
      { organisation: { ...organisation, lockedThrough: '2026-03-31' } },
      'cannot',
      /period closed in Xero until 31 Mar 2026/,
    ],
    [
      'stays where somebody changed it',
      { external: there({ ...INVOICE, reference: 'mine' }) },
      'cannot',
      /its reference changed since/,
    ],
    [
      'stays where the ledger cannot be read',
      { external: { state: 'unread', why: 'no answer' } },
      'cannot',
      /no answer/,
    ],
    ['stays with an open problem', { link: linked('invoice', { state: 'conflict' }) }, 'cannot', /open problem/],
    ['stays while a write is open', { link: linked('invoice', { intent: {} as never }) }, 'cannot', /under way/],
    ['stays once written anew', { link: linked('invoice', { generation: 1 }) }, 'cannot', /anew/],
    [
      'was taken back before',
      { link: linked('invoice', { state: 'retired', retiredBecause: 'unlinked' }) },
      'nothing',
      /already/,
    ],
  ];
  it.each(cases)('%s', (_name, change, verdict, why) => {
    expect(undoVerdict(deed, invoiceFacts(change))).toMatchObject({ verdict, why: expect.stringMatching(why) });
  });

  it('a link that is gone', () => {
    const { link: _link, ...rest } = invoiceFacts();
    expect(undoVerdict(deed, rest).verdict).toBe('cannot');
  });

  it('a contact is archived, but not under documents that stay', () => {
    const ada = contact('Ada');
    expect(undoVerdict(created('contact', ada), facts('contact', ada)).verdict).toBe('archive');
    expect(undoVerdict(created('contact', ada), facts('contact', ada, { dependants: 2 }))).toMatchObject({
      verdict: 'cannot',
      why: '2 documents and payments of this customer stay',
    });
  });

  it('a payment is reversed; the second half of a replaced one is not', () => {
    const money = payment('c', 'i', 100);
    expect(undoVerdict(created('payment', money), facts('payment', money)).verdict).toBe('void');
    const second = created('payment', money, { generation: 1 });
    expect(undoVerdict(second, facts('payment', money, { link: linked('payment', { generation: 1 }) }))).toMatchObject({
      verdict: 'cannot',
      why: expect.stringContaining('replaced an earlier version'),
    });
  });
});

describe('what a run changed', () => {
  const now = { ...INVOICE, reference: 'after' };
  const deed = changed({ reference: 'before' }, { reference: 'after' });
  const link = linked('invoice', { baseLocal: live(now), baseExternal: live(now) });
  const judge = (change: Partial<UndoFacts> = {}, of: UndoDeed = deed) =>
    undoVerdict(of, facts('invoice', now, { link, editable: ['reference'], ...change }));

  it('is put back, exactly the atoms that were written', () => {
    expect(judge()).toMatchObject({
      verdict: 'restore',
      order: { does: 'restore', afterwards: 'carry', atoms: ['reference'], before: { reference: 'before' } },
    });
  });
  it('stays where the record no longer shows what the run left', () => {
    expect(judge({ external: there({ ...now, reference: 'later' }) })).toMatchObject({
      verdict: 'cannot',
      why: 'its reference changed since',
    });
  });
  it('stays where the other side was edited since', () => {
    expect(judge({ local: there({ ...now, reference: 'later' }) })).toMatchObject({
      verdict: 'cannot',
      why: 'its reference changed since on the other side',
    });
  });
  it('is back already', () => {
    expect(judge({ external: there({ ...now, reference: 'before' }) }).verdict).toBe('nothing');
  });
  it('stays where the record was cancelled since', () => {
    expect(judge({ external: there(now, 'void') })).toMatchObject({ verdict: 'cannot' });
  });
  it('stays where the ledger no longer allows it', () => {
    expect(judge({ editable: [] })).toMatchObject({ verdict: 'cannot', why: expect.stringContaining('paid') });
  });
  it('stays where the other side could not follow', () => {
    const dearer = { ...INVOICE, moneyBlock: moneyBlock(20_000) };
    const repriced = changed({ moneyBlock: moneyBlock(10_000) }, { moneyBlock: moneyBlock(20_000) });
    const both = { ...linked('invoice'), baseLocal: live(dearer), baseExternal: live(dearer) };
    const view = { link: both, local: there(dearer), external: there(dearer), editable: ['moneyBlock'] };
    expect(judge(view, repriced).verdict).toBe('restore');
    expect(judge({ ...view, otherGuards: { ...FREE, allocatedMinor: 1 } }, repriced)).toMatchObject({
      verdict: 'cannot',
      why: expect.stringContaining('in billing'),
    });
  });
  it('stays where the other side owns the value by rule', () => {
    const renumbered = changed({ number: 'A' }, { number: 'INV-1' });
    expect(judge({ editable: ['number'] }, renumbered)).toMatchObject({
      verdict: 'cannot',
      why: 'billing decides its number: change it there',
    });
  });
  it('our own reference is nothing to put back, and holds nothing else', () => {
    const both = changed({ reference: 'before', externalRef: null }, { reference: 'after', externalRef: 'bb:1' });
    expect(judge({}, both)).toMatchObject({ verdict: 'restore', order: { atoms: ['reference'] } });
    expect(judge({}, changed({ externalRef: null }, { externalRef: 'bb:1' }))).toMatchObject({
      verdict: 'cannot',
      why: expect.stringContaining('our reference'),
    });
  });
  it('several writes of one record count as one, in the order in which they were made: the first value is put back', () => {
    const of = (place: number, before: string, after: string) =>
      row(
        'update',
        {},
        {
          place,
          atoms: ['reference'],
          before: live({ reference: before }),
          after: live({ reference: after }),
        },
      );
    const deeds = deedsOf([of(12, 'second', 'after'), of(9, 'first', 'second')]);
    expect(deeds).toHaveLength(1);
    expect(judge({}, deeds[0] as UndoDeed).order).toMatchObject({
      before: { reference: 'first' },
      after: { reference: 'after' },
    });
  });
});

describe('the rest', () => {
  it('nobody revives what a run cancelled', () => {
    const [deed] = deedsOf([row('void', {}, { before: { status: 'live', atoms: {} } })]);
    expect(undoVerdict(deed as UndoDeed, invoiceFacts())).toMatchObject({
      verdict: 'cannot',
      why: 'a cancelled document cannot be revived; issue it anew',
    });
  });
  it('a pair is parted, and what was changed in it before is put back without the other side', () => {
    const deeds = deedsOf([
      row('adopt', {}, {}),
      row(
        'update',
        {},
        {
          atoms: ['reference'],
          before: live({ reference: null }),
          after: live({ reference: 'x' }),
        },
      ),
    ]);
    expect(deeds.map(({ did, isOfNewPair }) => [did, isOfNewPair])).toEqual([
      ['link', true],
      ['update', true],
    ]);
    expect(undoVerdict(deeds[0] as UndoDeed, invoiceFacts())).toMatchObject({ verdict: 'unlink' });
    const now = { ...INVOICE, reference: 'x' };
    expect(undoVerdict(deeds[1] as UndoDeed, facts('invoice', now, { editable: ['reference'] })).order).toMatchObject({
      afterwards: 'leave',
    });
  });
  it('rows without images parse, and say that nothing was kept', () => {
    const [deed] = deedsOf([row('create')]);
    expect(undoVerdict(deed as UndoDeed, invoiceFacts())).toMatchObject({
      verdict: 'cannot',
      why: expect.stringContaining('was not kept'),
    });
    expect(deedsOf([row('update', { memory: '{"linkId":7}' })])[0]?.kept).toBeUndefined();
  });
  it('an order asks again before it writes', () => {
    const { order } = undoVerdict(created('invoice', INVOICE), invoiceFacts());
    const step = (external: UndoFacts['external']) =>
      undoStep(order as NonNullable<typeof order>, linked('invoice'), { local: there(INVOICE), external });
    expect(step(there(INVOICE))).toMatchObject({ do: 'write', op: 'void' });
    expect(step(there(INVOICE, 'void'))).toEqual({ do: 'reached' });
    expect(step(there({ ...INVOICE, reference: 'x' }))).toMatchObject({ do: 'drop' });
  });
});
