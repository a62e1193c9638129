// Who is whom: exact only on strong evidence, one-to-one, and linear in the number of records.
import { describe, expect, it } from '@jest/globals';
import { findMatches, type MatchContext, type MatchRecord } from '../../../src/sync/matching/matching';
import { isSimilarName, plainName } from '../../../src/sync/matching/names';
import type { RecordKind } from '../../../src/sync/records';
import { contact, invoice, payment } from '../../support/sync-world';

const record = (id: string, atoms: object, change: Partial<MatchRecord> & { status?: string } = {}): MatchRecord =>
  ({
    id,
    projection: { status: change.status ?? 'live', atoms },
    ...(change.tag ? { tag: change.tag } : {}),
  }) as MatchRecord;
const context = (isSure = true): MatchContext => ({
  twinOf: (_kind, id) => ({ id: id.replace('h', 't'), isSure }),
});
const states = (kind: RecordKind, locals: MatchRecord[], externals: MatchRecord[], own = context()): string[] =>
  findMatches(kind, locals, externals, own).map(
    ({ localId, externalId, state }) => `${localId}-${externalId} ${state}`,
  );

describe('customers', () => {
  it('are exact by e-mail and similar name, by tax number, or by our own reference', () => {
    const here = [
      record('h1', contact('Acme Ltd')),
      record('h2', contact('Bolt', { email: null, taxNumber: 'GB 12' })),
      record('h3', contact('Cora')),
    ];
    const there = [
      record('t1', contact('ACME Limited', { email: 'AcmeLtd@example.com' })),
      record('t2', contact('Something else', { email: null, taxNumber: 'gb12' })),
      record('t3', contact('Renamed', { email: null, externalRef: 'h3' })),
    ];
    expect(states('contact', here, there)).toEqual(['h1-t1 exact', 'h2-t2 exact', 'h3-t3 exact']);
  });

  it('by name alone are only a suggestion, and two John Smiths are never merged by themselves', () => {
    const here = [record('h1', contact('John Smith', { email: 'a@x.test' }))];
    expect(states('contact', here, [record('t1', contact('John Smith', { email: 'b@x.test' }))])).toEqual([
      'h1-t1 suggested',
    ]);
    const two = [
      record('t1', contact('John Smith', { email: null })),
      record('t2', contact('John Smith', { email: null })),
    ];
    expect(states('contact', here, two)).toEqual(['h1-t1 ambiguous', 'h1-t2 ambiguous']);
  });

  it('are matched whatever the apostrophes and accents', () => {
    expect(plainName("O'Brien & Sons, Ltd.")).toBe(plainName('OBrien Sons'));
    expect(isSimilarName('Café Müller GmbH', 'CAFE MULLER')).toBe(true);
    expect(isSimilarName('Acme Holdings', 'Zenith Holdings Group')).toBe(false);
  });

  it('do not become exact where one of them is archived', () => {
    expect(
      states('contact', [record('h1', contact('Acme'))], [record('t1', contact('Acme'), { status: 'archived' })]),
    ).toEqual(['h1-t1 suggested']);
  });
});

describe('documents', () => {
  const here = record('h5', invoice('INV-1', 'h1'));
  it('are exact where number, customer, currency, total and date agree', () => {
    expect(states('invoice', [here], [record('t5', invoice('inv-1', 't1'))])).toEqual(['h5-t5 exact']);
  });
  it('with the same number and anything else different are a question', () => {
    const [match] = findMatches('invoice', [here], [record('t5', invoice('INV-1', 't1', 9_999))], context());
    expect(match).toMatchObject({ state: 'suggested', reason: 'same number, but another total' });
  });
  it('are not exact while their customers are only suggested', () => {
    expect(states('invoice', [here], [record('t5', invoice('INV-1', 't1'))], context(false))).toEqual([
      'h5-t5 suggested',
    ]);
  });
  it('that carry our mark are ours, whatever else was edited', () => {
    expect(states('invoice', [here], [record('t5', invoice('X', 't9', 1), { tag: 'bb:h5:0' })])).toEqual([
      'h5-t5 exact',
    ]);
  });
  it('wanted twice are ambiguous with all their candidates', () => {
    const twice = [record('t5', invoice('INV-1', 't1')), record('t6', invoice('INV-1', 't1'))];
    expect(states('invoice', [here], twice)).toEqual(['h5-t5 ambiguous', 'h5-t6 ambiguous']);
  });
  it('that a person set apart stay apart', () => {
    const apart = { ...context(), areSeparate: () => true };
    expect(states('invoice', [here], [record('t5', invoice('INV-1', 't1'))], apart)).toEqual([]);
  });
});

describe('payments', () => {
  it('are looked for on their invoice only, within three days', () => {
    const here = record('h7', payment('h1', 'h5', 500));
    const near = record('t7', payment('t1', 't5', 500, { date: '2026-03-05' }));
    expect(states('payment', [here], [near])).toEqual(['h7-t7 suggested']);
    expect(states('payment', [here], [record('t7', payment('t1', 't5', 500, { date: '2026-03-06' }))])).toEqual([]);
    expect(states('payment', [here], [record('t7', payment('t1', 't6', 500))])).toEqual([]);
  });
});

it('matches 20,000 customers without comparing all with all', () => {
  const many = (side: string) =>
    Array.from({ length: 20_000 }, (_, i) =>
      record(`${side}${i}`, contact(`Customer number ${i}`, { email: `c${i}@x.test` })),
    );
  expect(findMatches('contact', many('h'), many('t'), context())).toHaveLength(20_000);
});
