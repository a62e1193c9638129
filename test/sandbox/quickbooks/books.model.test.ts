// Random bookkeeping: whatever people and apps do in whatever order, no money appears or vanishes. fast-check prints seed and path.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dec, sum } from '../../../sandbox/quickbooks/books/arithmetic';
import { customerBalance, openOf, unappliedOf } from '../../../sandbox/quickbooks/books/balances';
import { type Books, openBooks } from '../../../sandbox/quickbooks/books/books';
import { Refusal } from '../../../sandbox/quickbooks/books/refusal';
import type { Change } from '../../../sandbox/quickbooks/books/table';

type Step = { readonly act: number; readonly which: number; readonly other: number; readonly cents: number };
const steps = fc.array(
  fc.record({ act: fc.nat(11), which: fc.nat(30), other: fc.nat(30), cents: fc.integer({ min: 1, max: 50_000 }) }),
  { minLength: 1, maxLength: 40 },
);
const preferences = fc.record({ autoApplyCredit: fc.boolean(), autoApplyPayments: fc.boolean() });

const recordsOf = <T>(rows: Iterable<{ readonly record: T }>): T[] => [...rows].map(({ record }) => record);
const pick = <T extends { readonly Id: string }>(all: readonly T[], index: number): string =>
  all[index % all.length]?.Id ?? 'none';
const amountOf = (cents: number): string => (cents / 100).toFixed(2);

const take = (books: Books, step: Step): void => {
  const { tables } = books.ledger;
  const customers = recordsOf(tables.Customer.rows());
  const invoices = recordsOf(tables.Invoice.rows());
  const memos = recordsOf(tables.CreditMemo.rows());
  const payments = recordsOf(tables.Payment.rows());
  const customerId = pick(customers, step.which);
  const invoiceId = pick(invoices, step.which);
  const paymentId = pick(payments, step.which);
  const amount = amountOf(step.cents);
  const lines = [{ unitPrice: amount }, { unitPrice: amountOf(step.other + 1), taxCode: 'NON' }];
  const actions: (() => unknown)[] = [
    () => books.enterInvoice({ customerId, lines }),
    () => books.enterInvoice({ customerId, lines, discountPercent: String(step.other) }),
    () => books.enterCreditMemo({ customerId, lines }),
    () => books.recordPayment({ customerId, amount }),
    () => books.recordPayment({ customerId, amount, invoices: [{ invoiceId: pick(invoices, step.other), amount }] }),
    () => books.applyCredit(pick(memos, step.other), invoiceId),
    () => books.voidInvoice(invoiceId),
    () => books.deleteInvoice(invoiceId),
    () => books.voidPayment(paymentId),
    () => books.deletePayment(paymentId),
    () => books.voidCreditMemo(pick(memos, step.which)),
    () =>
      books.editInvoice(invoiceId, {
        Line: [
          {
            DetailType: 'SalesItemLineDetail',
            Amount: step.cents / 100,
            SalesItemLineDetail: { ItemRef: { value: '1' } },
          },
        ],
      }),
  ];
  actions[step.act]?.();
};

const check = (books: Books): void => {
  const { ledger } = books;
  const { tables } = ledger;
  const invoices = recordsOf(tables.Invoice.rows());
  const memos = recordsOf(tables.CreditMemo.rows());
  const payments = recordsOf(tables.Payment.rows());
  for (const invoice of invoices) expect(openOf(ledger, 'Invoice', invoice.Id).gte(0)).toBe(true);
  for (const memo of memos) expect(openOf(ledger, 'CreditMemo', memo.Id).gte(0)).toBe(true);
  for (const payment of payments) expect(unappliedOf(payment).gte(0)).toBe(true);
  const charged = sum(invoices.map((invoice) => dec(invoice.totals.total)));
  const given = sum([
    ...memos.map((memo) => dec(memo.totals.total)),
    ...payments.map((payment) => dec(payment.TotalAmt)),
  ]);
  const owed = sum(recordsOf(tables.Customer.rows()).map((customer) => customerBalance(ledger, customer.Id)));
  expect(owed.toFixed(2)).toBe(charged.minus(given).toFixed(2));
};

test('no order of work makes or loses money, opens a negative balance, or changes a record without telling', () => {
  fc.assert(
    fc.property(steps, preferences, (all, wanted) => {
      const books = openBooks({}, '1', () => new Date('2026-03-12T18:00:00Z'));
      books.setPreferences(wanted);
      for (const displayName of ['A', 'B']) books.enterCustomer({ displayName });
      const told: Change[] = [];
      books.onChange((change) => told.push(change));
      for (const step of all) {
        const tokens = tokensOf(books);
        told.length = 0;
        try {
          take(books, step);
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          expect([tokensOf(books), told]).toEqual([tokens, []]); // refused means untouched
        }
        for (const [key, token] of tokensOf(books)) {
          if (tokens.get(key) !== token) expect(told.map((change) => `${change.entity} ${change.id}`)).toContain(key);
        }
        check(books);
      }
    }),
    { numRuns: 60 },
  );
});

const tokensOf = (books: Books): Map<string, string> => {
  const { Invoice, CreditMemo, Payment } = books.ledger.tables;
  return new Map(
    [Invoice, CreditMemo, Payment].flatMap((table) =>
      [...table.rows()].map(({ record }): [string, string] => [`${table.entity} ${record.Id}`, record.SyncToken]),
    ),
  );
};
