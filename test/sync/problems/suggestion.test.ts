// What is suggested to a person who decides, and why; and that no clock suggests what a customer owes.
import { expect, test } from '@jest/globals';
import type { JsonValue } from '../../../src/core/json';
import type { Clash } from '../../../src/sync/policy/policy';
import { suggestionFor } from '../../../src/sync/problems/suggestion';
import type { RecordKind } from '../../../src/sync/records';

type Case = [
  field: `${RecordKind}.${string}`,
  values: readonly [local: JsonValue, external: JsonValue],
  newer: 'billing' | 'ledger' | undefined,
  rule: Clash | undefined,
  told: string,
];
test.each<Case>([
  ['contact.email', ['a', 'b'], undefined, undefined, 'nothing'],
  ['contact.email', ['a', 'b'], 'ledger', undefined, 'ledger: newer'],
  ['contact.email', ['a', 'b'], 'ledger', 'billing', 'billing: rule'],
  ['contact.email', [null, 'b'], undefined, undefined, 'ledger: filled'],
  ['contact.email', ['a', null], undefined, undefined, 'billing: filled'],
  ['contact.phone', ['a', 'b'], undefined, undefined, 'billing: rule'],
  ['contact.externalRef', ['a', 'b'], 'ledger', undefined, 'billing: rule'],
  ['invoice.moneyBlock', ['a', 'b'], 'ledger', undefined, 'nothing'],
  ['invoice.moneyBlock', ['a', 'b'], 'ledger', 'ledger', 'ledger: rule'],
  ['invoice.status', ['live', 'void'], 'ledger', undefined, 'nothing'],
])('%s %j (newer: %s) under %s suggests %s', (field, [local, external], newer, rule, told) => {
  const [kind, atom] = field.split('.') as [RecordKind, string];
  const asked = { atom, local, external, ...(newer === undefined ? {} : { newer }) };
  const { suggestion, suggestedBecause } = suggestionFor(kind, asked, rule === undefined ? {} : { [field]: rule });
  expect(suggestion === undefined ? 'nothing' : `${suggestion}: ${suggestedBecause}`).toBe(told);
});
