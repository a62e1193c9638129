// The year of a real wholesaler: 18,532 invoices of 4,338 customers, written by the engine, then carried to both ledgers, which must end
// equal to the cent. The file is not part of the project: where it is absent the pages are measured on made-up invoices, the rest is
// skipped by name.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import Big from 'big.js';
import { parse } from 'csv-parse/sync';
import { projectRoot } from '../../config/paths';
import { XERO_PLAY } from '../../demo/books';
import { addDays } from '../../src/core/calendar-date';
import type { Bench, Figure } from './figure';
import { without } from './figure';
import { pageFigures } from './pages';
import { faultsOf, type Ledger, openRehearsal, type Rehearsal } from './rehearsal';

const FILE = path.join(projectRoot, '..', 'shared', 'data', 'online-retail-invoices.csv');
const MADE_UP = 10_000;
const START = new Date('2011-12-12T10:00:00.000Z');

type Sale = { readonly number: string; readonly date: string; readonly customer: string; readonly amount: string };

export const retail: Bench = {
  name: 'retail',
  run: async (tell) => {
    const isReal = existsSync(FILE);
    const sales = isReal ? readSales() : madeUpSales();
    const loaded = await openRehearsal({ ledger: 'Xero', start: START });
    const figures: Figure[] = [];
    try {
      await load(loaded, sales, tell);
      figures.push(...(await pageFigures(loaded, sales.length, tell)));
    } finally {
      await loaded.close({ keep: true });
    }
    try {
      for (const ledger of ['Xero', 'QuickBooks'] as const)
        figures.push(await carried(ledger, loaded.folder, isReal, sales.length, tell));
    } finally {
      rmSync(loaded.folder, { recursive: true, force: true });
    }
    return figures;
  },
};

/** The amounts are floats with binary tails: rounded half up to pence. */
const readSales = (): readonly Sale[] =>
  (parse(readFileSync(FILE), { columns: true }) as Record<string, string>[]).map((row) => ({
    number: row.InvoiceNo ?? '',
    date: row.InvoiceDate ?? '',
    customer: row.CustomerID ?? '',
    amount: new Big(row.TotalPrice ?? '').round(2, Big.roundHalfUp).toFixed(2),
  }));

const madeUpSales = (): readonly Sale[] =>
  Array.from({ length: MADE_UP }, (_, i) => ({
    number: String(i),
    date: addDays('2010-12-01', i % 370),
    customer: String(i % 1_000),
    amount: `${10 + (i % 500)}.25`,
  }));

const load = async (
  { house: { billing }, as }: Rehearsal,
  sales: readonly Sale[],
  tell: (text: string) => void,
): Promise<void> => {
  const customers = new Map<string, string>();
  for (const [index, { number, date, customer, amount }] of sales.entries()) {
    const known = customers.get(customer);
    const customerId = known ?? (await billing.customers.create(as, { name: `Customer ${customer}` })).id;
    customers.set(customer, customerId);
    await billing.invoices.createIssued(as, {
      customerId,
      issueDate: date,
      dueDate: addDays(date, 30),
      taxMode: 'noTax',
      reference: number,
      lines: [{ description: `Order ${number}`, quantity: '1', unitPrice: amount }],
    });
    if (index % 200 === 0) tell(`writing ${index} of ${sales.length} invoices`);
  }
};

const carried = async (
  ledger: Ledger,
  folder: string,
  isReal: boolean,
  count: number,
  tell: (text: string) => void,
): Promise<Figure> => {
  const what = `${ledger}: ${count} invoices of a real year, both sides`;
  if (!isReal)
    return { what: `${ledger}: 18532 invoices of a real year`, skipped: 'online-retail-invoices.csv is absent' };
  const rehearsal = await openRehearsal({
    ledger,
    start: START,
    play: { ...XERO_PLAY, ledger },
    copyOf: folder,
    tell: (text) => tell(`${ledger}, real year: ${text}`),
  });
  try {
    await rehearsal.connect();
    await rehearsal.importAndReview();
    await rehearsal.approve();
    await rehearsal.runToRest('activated');
    const standing = await rehearsal.standing();
    const crossed = standing.lines.find(({ kind }) => kind === 'invoice')?.external.count ?? 0;
    const faults = [...faultsOf(standing), ...(await rehearsal.problems())];
    if (crossed !== count) faults.push(`${crossed} of ${count} invoices are in ${ledger}`);
    return without(what, faults, 'equal to the cent');
  } finally {
    await rehearsal.close();
  }
};
