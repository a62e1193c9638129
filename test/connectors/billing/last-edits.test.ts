// Who gave a field its value: told from the activity log, the newest entry that names it.
import { expect, it } from '@jest/globals';
import { lastEditsOf } from '../../../src/connectors/billing/last-edits';
import type { JsonValue } from '../../../src/core/json';

type Fields = { [field: string]: JsonValue };
const line = (description: string, account: string | null = null): Fields => ({ description, netMinor: 100, account });
const entry = (at: string, name: string, before: Fields, after: Fields) => ({
  at,
  actor: { kind: 'user' as const, id: name, name },
  before,
  after,
});
const told = (...entries: ReturnType<typeof entry>[]) =>
  Object.fromEntries([...lastEditsOf(entries)].map(([atom, { at, by }]) => [atom, `${by} ${at}`]));

it('names for each field whoever changed it last, and its author where nobody did', () => {
  expect(
    told(
      entry('3', 'Xero', { phone: '1' }, { phone: '2' }),
      entry('2', 'Bea', { email: 'a', phone: '0' }, { email: 'b', phone: '1' }),
      entry('1', 'Ada', {}, { name: 'Acme', email: 'a', phone: '0', nameKey: 'acme' }),
    ),
  ).toEqual({ phone: 'Xero 3', email: 'Bea 2', name: 'Ada 1' });
});

it('tells where lines are booked apart from what is owed', () => {
  const booked = entry('2', 'Bea', { lines: [line('Work')] }, { lines: [line('Work', '200')] });
  expect(told(booked)).toEqual({ accounts: 'Bea 2' });
  const priced = entry('2', 'Bea', { lines: [line('Work', '200')] }, { lines: [line('More work', '200')] });
  expect(told(priced)).toEqual({ moneyBlock: 'Bea 2' });
});

it('takes either date for the dates, and a customer for the contact', () => {
  expect(told(entry('1', 'Ada', { dueDate: 'x', customerId: 'c' }, { dueDate: 'y', customerId: 'd' }))).toEqual({
    dates: 'Ada 1',
    contact: 'Ada 1',
  });
});

it('says nothing about what the log does not name', () => {
  expect(told(entry('1', 'Ada', { sentAt: null }, { sentAt: 'now' }))).toEqual({});
});
