import { describe, expect, it } from '@jest/globals';
import { glanceOf } from '../../../src/sync/connection/glance';
import type { ExternalRecord } from '../../../src/sync/ports/ledger-port';
import type { RecordKind, RecordStatus } from '../../../src/sync/records';
import { contact, creditNote, invoice, payment } from '../../support/sync-world';

type Made = { readonly openMinor?: number; readonly status?: RecordStatus };
const books = () => {
  const kinds = new Map<RecordKind, Map<string, ExternalRecord>>();
  const add = (kind: RecordKind, id: string, atoms: object, { openMinor = 0, status = 'live' }: Made = {}) => {
    const of = kinds.get(kind) ?? new Map<string, ExternalRecord>();
    kinds.set(kind, of);
    of.set(id, {
      ...{ kind, externalId: id, version: '1', projection: { status, atoms } as never },
      guards: { allocatedMinor: 0, openMinor, reconciled: false },
    });
  };
  return { kinds, add };
};
const TODAY = '2026-03-02';
const due = (number: string, dueDate: string, currency = 'GBP') => {
  const made = invoice(number, 'c1');
  return { ...made, dates: { ...made.dates, dueDate }, moneyBlock: { ...made.moneyBlock, currency } };
};

describe('the books at a glance', () => {
  it('are empty where there is nothing', () => {
    expect(glanceOf(new Map(), TODAY)).toEqual({
      customers: { count: 0, withoutEmail: 0 },
      openInvoices: [],
      overdue: [],
      credits: [],
      payments: [],
    });
  });

  it('never add one currency to another, and lead with the one of most records', () => {
    const { kinds, add } = books();
    add('invoice', 'i1', due('A-1', '2026-04-01', 'EUR'), { openMinor: 700 });
    add('invoice', 'i2', due('A-2', '2026-04-01'), { openMinor: 100 });
    add('invoice', 'i3', due('A-3', '2026-04-01'), { openMinor: 250 });
    expect(glanceOf(kinds, TODAY).openInvoices).toEqual([
      { currency: 'GBP', count: 2, minor: 350 },
      { currency: 'EUR', count: 1, minor: 700 },
    ]);
  });

  it('take what is due today for not overdue, and name the one that waits longest', () => {
    const { kinds, add } = books();
    add('contact', 'c1', contact('Ada', { email: 'ada@a.example' }));
    add('contact', 'c2', contact('Bea', { email: null }));
    add('invoice', 'i1', due('B-1', TODAY), { openMinor: 100 });
    add('invoice', 'i2', due('B-2', '2026-03-01'), { openMinor: 250 });
    add('invoice', 'i3', due('B-3', '2025-01-31'), { openMinor: 0 });
    const glance = glanceOf(kinds, TODAY);
    expect(glance.overdue).toEqual([{ currency: 'GBP', count: 1, minor: 250 }]);
    expect(glance.oldestOpen).toMatchObject({ number: 'B-2', customer: 'Ada', openMinor: 250 });
    expect(glance.customers).toEqual({ count: 2, withoutEmail: 1 });
  });

  it('leave out what is put aside, a draft or cancelled, and count what nobody has used of credits and payments', () => {
    const { kinds, add } = books();
    add('contact', 'c1', contact('Ada'), { status: 'archived' });
    add('invoice', 'i1', due('C-1', '2026-01-01'), { openMinor: 900, status: 'draft' });
    add('creditNote', 'n1', creditNote('N-1', 'c1'), { openMinor: 300 });
    add('creditNote', 'n2', creditNote('N-2', 'c1'), { openMinor: 300, status: 'void' });
    add('payment', 'p1', payment('c1', 'i1', 5_000), { openMinor: 40 });
    const glance = glanceOf(kinds, TODAY);
    expect(glance.customers.count).toBe(0);
    expect(glance.openInvoices).toEqual([]);
    expect(glance.credits).toEqual([{ currency: 'GBP', count: 2, minor: 340 }]);
    expect(glance.payments).toEqual([{ currency: 'GBP', count: 1, minor: 5_000 }]);
  });
});
