// The bookkeeper at the ledger's own desk: a new customer and invoice, a changed phone, a bank transfer, a void. And what can be counted
// there from outside.
import { addDays } from '../src/core/calendar-date';
import type { Play } from './books';
import type { World } from './world';

export type DayOfWork = {
  readonly said: readonly string[];
  readonly newCustomer: string;
  readonly newInvoice: string;
  readonly phoneOf: string;
  readonly phone: string;
  readonly paidInvoice: string;
  readonly voidedInvoice: string;
};

export type LedgerDesk = {
  readonly tellsOfPayments: boolean;
  workADay(today: string): Promise<DayOfWork>;
  flushWebhooks(): Promise<void>;
  /** What changed the books, counted; only differences mean something. */
  writes(): number;
  calls(): number;
  paymentsIntoClearing(): readonly string[];
  clearingName(): string;
};

export const createBookkeeper = (world: World, play: Play): LedgerDesk =>
  play.ledger === 'Xero' ? xeroDesk(world, play) : quickBooksDesk(world, play);

const said = (day: Omit<DayOfWork, 'said'>): DayOfWork => ({
  ...day,
  said: [
    `enters the customer ${day.newCustomer} and the invoice ${day.newInvoice}`,
    `changes the phone of ${day.phoneOf} to ${day.phone}`,
    `records a bank transfer for ${day.paidInvoice}`,
    `voids ${day.voidedInvoice}`,
  ],
});

const xeroDesk = ({ xero }: World, play: Play): LedgerDesk => {
  const books = xero.books();
  const clearing = (): { id: string; name: string } | undefined => {
    for (const account of books.state.accounts.all())
      if (/clearing/i.test(account.name)) return { id: account.accountId, name: account.name };
    return undefined;
  };
  return {
    tellsOfPayments: false,
    workADay: async (today) => {
      const newCustomer = 'Northgate Lettings';
      const contact = books.enterCustomer({ name: newCustomer, email: 'rent.northgate@rehearsal.example' });
      books.enterInvoice({
        contactId: contact.contactId,
        number: 'HL-90',
        date: today,
        dueDate: addDays(today, 30),
        lines: [
          { description: 'Brass plates', quantity: '5', unitAmount: '38.40', accountCode: '200', taxType: 'OUTPUT2' },
        ],
      });
      const phoneOf = play.bothSides[2]?.name ?? '';
      const phone = '01422 496 0199';
      const known = books.contacts().find(({ name }) => name === phoneOf);
      if (known === undefined) throw new Error(`${phoneOf} is not in Xero`);
      books.changePhone(known.contactId, phone);
      const paid = books.invoiceNumbered('INV-0002');
      if (paid === undefined) throw new Error('INV-0002 is not in Xero');
      const owed = books.openHundredths(paid);
      books.recordPayment({
        documentId: paid.id,
        amount: `${Math.floor(owed / 100)}.${String(owed % 100).padStart(2, '0')}`,
        account: '090',
        date: today,
      });
      const gone = books.invoiceNumbered('HL-89');
      if (gone === undefined) throw new Error('HL-89 is not in Xero');
      books.voidInvoice(gone.id);
      return said({
        newCustomer,
        newInvoice: 'HL-90',
        phoneOf,
        phone,
        paidInvoice: 'INV-0002',
        voidedInvoice: 'HL-89',
      });
    },
    flushWebhooks: () => xero.flushWebhooks(),
    writes: () => xero.requests().filter(({ method, path }) => method !== 'GET' && path.startsWith('/api.xro/')).length,
    calls: () => xero.apiCalls(),
    paymentsIntoClearing: () => {
      const account = clearing();
      return books
        .payments()
        .filter((payment) => payment.accountId === account?.id && payment.status === 'AUTHORISED')
        .map(({ paymentId }) => paymentId);
    },
    clearingName: () => clearing()?.name ?? 'the clearing account',
  };
};

const quickBooksDesk = ({ quickbooks }: World, play: Play): LedgerDesk => {
  const books = quickbooks.books();
  const { tables } = books.ledger;
  const customerNamed = (name: string): string => {
    for (const { record } of tables.Customer.rows()) if (record.DisplayName === name) return record.Id;
    throw new Error(`${name} is not in QuickBooks`);
  };
  const invoiceNumbered = (number: string) => {
    for (const { record } of tables.Invoice.rows()) if (record.DocNumber === number) return record;
    throw new Error(`${number} is not in QuickBooks`);
  };
  const clearing = (): { id: string; name: string } | undefined => {
    for (const { record } of tables.Account.rows())
      if (/clearing/i.test(record.Name)) return { id: record.Id, name: record.Name };
    return undefined;
  };
  return {
    tellsOfPayments: true,
    workADay: async (today) => {
      const newCustomer = 'Ridge Line Dental';
      const address = {
        Line1: '9 Rehearsal Street',
        City: 'San Francisco',
        CountrySubDivisionCode: 'CA',
        PostalCode: '94110',
        Country: 'US',
      };
      const id = books.enterCustomer({ displayName: newCustomer, email: 'desk.ridgeline@rehearsal.example', address });
      books.enterInvoice({
        customerId: id,
        number: '1073',
        date: today,
        dueDate: addDays(today, 30),
        lines: [{ description: 'Door signs', quantity: '6', unitPrice: '48.00' }],
      });
      const phoneOf = play.bothSides[2]?.name ?? '';
      const phone = '415-555-0199';
      books.changePhone(customerNamed(phoneOf), phone);
      const paid = invoiceNumbered('CS-0002');
      const amount = String(paid.totals.total);
      books.recordPayment({
        customerId: paid.CustomerRef.value,
        amount,
        date: today,
        invoices: [{ invoiceId: paid.Id, amount }],
      });
      books.voidInvoice(invoiceNumbered('1072').Id);
      return said({ newCustomer, newInvoice: '1073', phoneOf, phone, paidInvoice: 'CS-0002', voidedInvoice: '1072' });
    },
    flushWebhooks: () => quickbooks.flushWebhooks(),
    writes: () => quickbooks.requests().filter(({ asksToWrite }) => asksToWrite).length,
    calls: () => quickbooks.apiCalls(),
    paymentsIntoClearing: () => {
      const account = clearing();
      const found: string[] = [];
      for (const { record } of tables.Payment.rows())
        if (record.DepositToAccountRef?.value === account?.id) found.push(record.Id);
      return found;
    },
    clearingName: () => clearing()?.name ?? 'the clearing account',
  };
};
