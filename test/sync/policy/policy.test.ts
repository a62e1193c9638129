// Who wins what: the table of the house, what a person may choose instead, and what stays fixed whatever is stored.
import { describe, expect, it, test } from '@jest/globals';
import { CLASHES, type Clash, choosable, ruleOf } from '../../../src/sync/policy/policy';
import { objectionsTo, policyRows, withoutDefaults } from '../../../src/sync/policy/policy-rows';

const rows = new Map(policyRows({}).map((row) => [row.field, row]));

/** The table of the sync algorithm, §5; "fixed" where nobody may choose. */
test.each<[field: string, standard: Clash, choices: string]>([
  ['contact.name', 'manual', 'billing ledger newest manual'],
  ['contact.email', 'manual', 'billing ledger newest manual'],
  ['contact.phone', 'newest', 'billing ledger newest manual'],
  ['contact.address', 'newest', 'billing ledger newest manual'],
  ['contact.taxNumber', 'ledger', 'billing ledger newest manual'],
  ['contact.externalRef', 'billing', 'fixed'],
  ['contact.status', 'manual', 'fixed'],
  ['invoice.number', 'billing', 'fixed'],
  ['invoice.contact', 'manual', 'billing ledger manual'],
  ['invoice.moneyBlock', 'manual', 'billing ledger manual'],
  ['invoice.dates', 'manual', 'billing ledger manual'],
  ['invoice.reference', 'ledger', 'billing ledger newest manual'],
  ['invoice.accounts', 'ledger', 'billing ledger newest manual'],
  ['invoice.status', 'manual', 'fixed'],
  ['creditNote.number', 'billing', 'fixed'],
  ['creditNote.moneyBlock', 'manual', 'billing ledger manual'],
  ['creditNote.reference', 'ledger', 'billing ledger newest manual'],
  ['payment.payment', 'manual', 'fixed'],
  ['allocation.allocation', 'manual', 'fixed'],
])('%s: %s unless chosen otherwise, choices %s', (field, standard, choices) => {
  const row = rows.get(field);
  expect([row?.standard, row?.choices.join(' ') || 'fixed']).toEqual([standard, choices]);
});

describe('the policy of a connection', () => {
  it('gives every fixed field its reason, and no other one', () => {
    for (const { field, choices, fixedBecause } of rows.values()) {
      expect([field, fixedBecause !== undefined]).toEqual([field, choices.length === 0]);
      if (fixedBecause !== undefined) expect(fixedBecause).not.toBe('This rule is fixed.');
    }
  });

  it('obeys what was chosen where it may be chosen, and nothing else whatever is stored', () => {
    for (const { field, kind, atom } of rows.values()) {
      for (const rule of CLASHES) {
        const stored = { [field]: rule };
        const expected = choosable(kind, atom).includes(rule) ? rule : ruleOf(kind, atom, 'live').clash;
        expect([field, rule, ruleOf(kind, atom, 'live', stored).clash]).toEqual([field, rule, expected]);
      }
    }
  });

  it('never changes which way a field may travel', () => {
    for (const { field, kind, atom } of rows.values()) {
      for (const rule of CLASHES) {
        const { direction } = ruleOf(kind, atom, 'live', { [field]: rule });
        expect(direction).toBe(ruleOf(kind, atom, 'live').direction);
      }
    }
  });

  it('leaves a draft to billing, whatever was chosen', () => {
    expect(ruleOf('invoice', 'moneyBlock', 'draft', { 'invoice.moneyBlock': 'ledger' }).clash).toBe('billing');
    expect(ruleOf('invoice', 'moneyBlock', 'live', { 'invoice.moneyBlock': 'ledger' }).clash).toBe('ledger');
  });

  it('keeps the rule of an invoice apart from that of a credit note', () => {
    const choices = { 'invoice.reference': 'billing' } as const;
    expect(ruleOf('invoice', 'reference', 'live', choices).clash).toBe('billing');
    expect(ruleOf('creditNote', 'reference', 'live', choices).clash).toBe('ledger');
  });

  it('refuses by name what may not be chosen', () => {
    expect(
      objectionsTo({
        'contact.email': 'newest',
        'invoice.number': 'ledger',
        'invoice.moneyBlock': 'newest',
        'contact.shoeSize': 'billing',
        'contact.phone': 'loudest',
        __proto__: 'billing',
      }),
    ).toMatchObject({
      'invoice.number': expect.stringContaining('cannot be chosen'),
      'invoice.moneyBlock': 'choose one of billing, ledger, manual',
      'contact.shoeSize': expect.stringContaining('is no field of the policy'),
      'contact.phone': 'choose one of billing, ledger, newest, manual',
    });
    expect(objectionsTo({ 'contact.email': 'newest' })).toEqual({});
  });

  it('remembers only what differs from the house', () => {
    expect(withoutDefaults({ 'contact.email': 'manual', 'contact.phone': 'ledger' })).toEqual({
      'contact.phone': 'ledger',
    });
  });
});
