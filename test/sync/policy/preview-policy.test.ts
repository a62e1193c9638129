// What other rules would have made of the past: counted per field, told with examples, and "not known" where nothing was kept.
import { describe, expect, it, test } from '@jest/globals';
import type { Clash } from '../../../src/sync/policy/policy';
import { EXAMPLES_AT_MOST, type PastDecision, previewPolicy } from '../../../src/sync/policy/preview-policy';

const decision = (change: Partial<PastDecision> = {}): PastDecision => ({
  kind: 'contact',
  atom: 'email',
  status: 'live',
  name: 'Acme Ltd',
  at: '2026-03-01T09:00:00.000Z',
  local: 'here@acme.test',
  external: 'there@acme.test',
  was: 'billing',
  by: 'rule',
  newer: 'unclear',
  ...change,
});
const rowOf = (decisions: readonly PastDecision[], field = 'contact.email', rule?: Clash) =>
  previewPolicy(decisions, rule === undefined ? {} : { [field]: rule }).find((row) => row.field === field);

type Case = [was: PastDecision['was'], by: PastDecision['by'], newer: PastDecision['newer'], rule: Clash, told: string];
test.each<Case>([
  // A rule decided.
  ['billing', 'rule', 'unclear', 'billing', 'same'],
  ['billing', 'rule', 'unclear', 'ledger', 'otherwise: ledger'],
  ['billing', 'rule', 'unclear', 'manual', 'otherwise: ask'],
  ['billing', 'rule', 'ledger', 'newest', 'otherwise: ledger'],
  ['ledger', 'rule', 'billing', 'newest', 'otherwise: billing'],
  ['billing', 'rule', 'unclear', 'newest', 'same'], // clocks that do not tell mean billing
  ['ledger', 'rule', 'notKept', 'newest', 'unknown'],
  // A person decided: asking again is the same, not asking is otherwise.
  ['billing', 'person', 'unclear', 'manual', 'same'],
  ['billing', 'person', 'unclear', 'billing', 'otherwise: billing, unasked'],
  ['billing', 'person', 'unclear', 'ledger', 'otherwise: ledger'],
  ['ledger', 'person', 'ledger', 'newest', 'otherwise: ledger, unasked'],
  // Nobody has yet.
  ['ask', 'nobody', 'unclear', 'manual', 'same'],
  ['ask', 'nobody', 'unclear', 'ledger', 'otherwise: ledger, settles now'],
  ['ask', 'nobody', 'notKept', 'newest', 'unknown'],
])('%s by %s (newer: %s) under "%s": %s', (was, by, newer, rule, told) => {
  const row = rowOf([decision({ was, by, newer })], 'contact.email', rule);
  const [example] = row?.examples ?? [];
  const words = [
    example === undefined ? [] : [`otherwise: ${example.wouldBe}`],
    row?.unasked === 1 ? ['unasked'] : [],
    row?.settlesNow === 1 ? ['settles now'] : [],
    row?.unknown === 1 ? ['unknown'] : [],
  ].flat();
  expect(words.join(', ') || 'same').toBe(told);
  expect([row?.decisions, row?.otherwise]).toEqual([1, example === undefined ? 0 : 1]);
});

describe('a preview', () => {
  it('has a row for every field that may be chosen, and none for fixed ones', () => {
    const fields = previewPolicy([decision({ kind: 'invoice', atom: 'number' })], {}).map(({ field }) => field);
    expect(fields).toContain('contact.email');
    expect(fields).not.toContain('invoice.number');
    expect(fields).not.toContain('payment.payment');
  });

  it('counts every decision and shows the first twenty', () => {
    const many = Array.from({ length: 45 }, (_, i) => decision({ name: `Customer ${i}` }));
    const row = rowOf(many, 'contact.email', 'ledger');
    expect(row).toMatchObject({ decisions: 45, otherwise: 45 });
    expect(row?.examples.map(({ name }) => name)).toEqual(many.slice(0, EXAMPLES_AT_MOST).map(({ name }) => name));
    expect(row?.examples[0]).toMatchObject({ local: 'here@acme.test', external: 'there@acme.test', was: 'billing' });
  });

  it('leaves drafts to billing whatever is tried', () => {
    const draft = decision({ kind: 'invoice', atom: 'moneyBlock', status: 'draft' });
    expect(rowOf([draft], 'invoice.moneyBlock', 'ledger')).toMatchObject({ decisions: 1, otherwise: 0 });
  });

  it('keeps fields apart', () => {
    const both = [decision(), decision({ kind: 'creditNote', atom: 'reference', was: 'ledger' })];
    const rows = previewPolicy(both, { 'contact.email': 'ledger' });
    expect(rows.filter(({ otherwise }) => otherwise > 0).map(({ field }) => field)).toEqual(['contact.email']);
  });
});
