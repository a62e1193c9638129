// Books with so many customers and invoices in them, in either ledger, as they stand before anybody connects.
import type { Books } from '../../sandbox/quickbooks/books/books';
import type { Bookkeeper } from '../../sandbox/xero/books/bookkeeper';
import type { RehearsalOptions } from './rehearsal';

export type Filling = {
  readonly customers: number;
  readonly invoices: number;
  isPaid(index: number): boolean;
};

export const filledWith = (filling: Filling): Pick<RehearsalOptions, 'xeroEntries' | 'quickBooksEntries'> => ({
  xeroEntries: xeroEntries(filling),
  quickBooksEntries: quickBooksEntries(filling),
});

const xeroEntries =
  ({ customers, invoices, isPaid }: Filling) =>
  (books: Bookkeeper): void => {
    const ids = Array.from(
      { length: customers },
      (_, i) => books.enterCustomer({ name: customerName(i), email: `post.${i}@rehearsal.example` }).contactId,
    );
    for (let i = 0; i < invoices; i++) {
      const invoice = books.enterInvoice({
        contactId: ids[i % customers] ?? '',
        number: `X-${i + 1}`,
        date: '2026-02-01',
        dueDate: '2026-03-01',
        lines: [{ description: 'Work', quantity: '1', unitAmount: priceOf(i), accountCode: '200', taxType: 'OUTPUT2' }],
      });
      if (!isPaid(i)) continue;
      const amount = books
        .openHundredths(invoice)
        .toString()
        .padStart(3, '0')
        .replace(/(\d\d)$/, '.$1');
      books.recordPayment({ documentId: invoice.id, amount, account: '090', date: '2026-02-20' });
    }
  };

const quickBooksEntries =
  ({ customers, invoices, isPaid }: Filling) =>
  (books: Books): void => {
    const address = {
      Line1: '1 Rehearsal Street',
      City: 'San Francisco',
      CountrySubDivisionCode: 'CA',
      PostalCode: '94110',
      Country: 'US',
    };
    const ids = Array.from({ length: customers }, (_, i) =>
      books.enterCustomer({ displayName: customerName(i), email: `post.${i}@rehearsal.example`, address }),
    );
    for (let i = 0; i < invoices; i++) {
      const customerId = ids[i % customers] ?? '';
      const invoiceId = books.enterInvoice({
        customerId,
        number: `Q-${i + 1}`,
        date: '2026-02-01',
        dueDate: '2026-03-01',
        lines: [{ description: 'Work', quantity: '1', unitPrice: priceOf(i) }],
      });
      if (!isPaid(i)) continue;
      const amount = String(books.ledger.tables.Invoice.get(invoiceId)?.totals.total);
      books.recordPayment({ customerId, amount, date: '2026-02-20', invoices: [{ invoiceId, amount }] });
    }
  };

const customerName = (index: number): string => `Customer ${index + 1}`;
const priceOf = (index: number): string => `${100 + (index % 900)}.50`;
