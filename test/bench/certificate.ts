// What a certificate costs: ten thousand linked invoices, two thousand customers and five thousand payments on both sides, read whole and
// compared record by record. The time is that of this machine (the ledger's limits run on the simulated clock), calls are counted by the
// ledger and held against what its pages allow. A cent that is wrong on one side afterwards has to be found.
import type { Bookkeeper } from '../../sandbox/xero/books/bookkeeper';
import type { CertificateView } from '../../src/sync/certificate/certificate';
import { atMost, type Bench, type Figure, under, without } from './figure';
import { faultsOf, openRehearsal, type Rehearsal } from './rehearsal';

const INVOICES = 10_000;
const CUSTOMERS = 2_000;
/** Every second one is paid. */
const PAYMENTS = INVOICES / 2;
const SECONDS = 60;
/** Records of one page of Xero, as the connector asks for them. */
const PAGE = 500;
/** Settings and lists that a comparison reads first, and the empty page that ends a list. */
const FACTS = 12;
const FEWEST = (INVOICES + CUSTOMERS + PAYMENTS) / PAGE;

export const certificate: Bench = {
  name: 'certificate',
  run: async (tell) => {
    tell(`entering ${INVOICES} invoices in the books`);
    const rehearsal = await openRehearsal({
      ledger: 'Xero',
      start: new Date('2026-03-04T14:00:00.000Z'),
      xeroEntries: enterBooks,
      tell: (text) => tell(`Xero: ${text}`),
    });
    try {
      await rehearsal.connect();
      await rehearsal.importAndReview();
      await rehearsal.approve();
      await rehearsal.runToRest('activated');
      return await measure(rehearsal, tell);
    } finally {
      await rehearsal.close();
    }
  },
};

const measure = async (rehearsal: Rehearsal, tell: (text: string) => void): Promise<readonly Figure[]> => {
  const what = `Xero: a certificate over ${INVOICES} linked invoices`;
  tell(`comparing ${INVOICES} invoices`);
  const before = rehearsal.calls();
  const startedMs = performance.now();
  const made = await make(rehearsal);
  const seconds = (performance.now() - startedMs) / 1_000;
  const calls = rehearsal.calls() - before;
  const faults = [...faultsOf(await rehearsal.standing()), ...faultsIn(made, calls)];
  return [
    under({ what: `${what}, time`, value: seconds, unit: 's', decimals: 1 }, SECONDS),
    atMost({ what: `${what}, calls (fewest ${FEWEST})`, value: calls, unit: 'calls' }, FEWEST + FACTS),
    without(`${what}, verdict`, faults, 'equal, 0.00 unexplained'),
  ];
};

const make = async ({ house, tenantId, owner }: Rehearsal): Promise<CertificateView> => {
  const connectionId = new URL(owner.connectionUrl()).pathname.split('/').at(-1) ?? '';
  return house.sync.certificates.make({ tenantId, connectionId }, { occasion: 'nightly' });
};

const faultsIn = (made: CertificateView, calls: number): readonly string[] => [
  ...(made.verdict === 'equal' ? [] : [`the verdict is ${made.verdict}`]),
  ...(made.documents === INVOICES + PAYMENTS ? [] : [`${made.documents} documents were compared`]),
  ...(made.customers >= CUSTOMERS ? [] : [`${made.customers} customers were compared`]),
  ...(made.calls === calls ? [] : [`it says ${made.calls} calls, the ledger counted ${calls}`]),
];

const enterBooks = (books: Bookkeeper): void => {
  const ids = Array.from(
    { length: CUSTOMERS },
    (_, i) => books.enterCustomer({ name: `Customer ${i + 1}`, email: `post.${i}@rehearsal.example` }).contactId,
  );
  for (let i = 0; i < INVOICES; i++) {
    const month = String(1 + (i % 2)).padStart(2, '0');
    const invoice = books.enterInvoice({
      contactId: ids[i % CUSTOMERS] ?? '',
      number: `X-${i + 1}`,
      date: `2026-${month}-01`,
      dueDate: '2026-03-31',
      lines: [
        {
          description: 'Work',
          quantity: '1',
          unitAmount: `${100 + (i % 900)}.50`,
          accountCode: '200',
          taxType: 'OUTPUT2',
        },
      ],
    });
    if (i % 2 === 1) continue;
    const amount = books
      .openHundredths(invoice)
      .toString()
      .padStart(3, '0')
      .replace(/(\d\d)$/, '.$1');
    books.recordPayment({ documentId: invoice.id, amount, account: '090', date: '2026-02-20' });
  }
};
