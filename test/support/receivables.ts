// Two years of real receivables (2,466 invoices of 100 customers, each with the day it was paid), loaded through /api/v1 as a program of
// the business would: customers, issued invoices, one payment each on the settled day. The data lies beside the checkout; where it does
// not, tests that need it are skipped by name.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import type { ApiClient, Problem, Reply } from './api';

export const RECEIVABLES_FILE = path.join(__dirname, '..', '..', '..', 'shared', 'data', 'accounts-receivable.csv');
export const hasReceivables = existsSync(RECEIVABLES_FILE);

export type Receivable = {
  readonly number: string;
  readonly customer: string;
  readonly issueDate: string;
  readonly dueDate: string;
  readonly settledDate: string;
  /** As in the file, which drops trailing zeros: `7.5`. */
  readonly amount: string;
};

export const readReceivables = (file = RECEIVABLES_FILE): readonly Receivable[] => {
  const rows = parse(readFileSync(file), { columns: true }) as Readonly<Record<string, string>>[];
  return rows.map((row) => ({
    number: cell(row, 'invoiceNumber'),
    customer: cell(row, 'customerID'),
    issueDate: dateOf(cell(row, 'InvoiceDate')),
    dueDate: dateOf(cell(row, 'DueDate')),
    settledDate: dateOf(cell(row, 'SettledDate')),
    amount: cell(row, 'InvoiceAmount'),
  }));
};

const cell = (row: Readonly<Record<string, string>>, name: string): string => {
  const value = row[name]?.trim();
  if (!value) throw new Error(`a row of the receivables has no ${name}`);
  return value;
};

/** `1/26/2013` → `2013-01-26`. */
const dateOf = (text: string): string => {
  const [, month = '', day = '', year = ''] = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(text) ?? [];
  if (year === '') throw new Error(`"${text}" is no date of the receivables`);
  return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
};

export type LoadOptions = {
  readonly currency: string;
  /** Key of the business' tax rate for every line; default none. */
  readonly taxRate?: string;
  /** Payments are booked for invoices settled on or before this day; default all. */
  readonly paidUntil?: string;
  /** Calls at once. */
  readonly concurrency?: number;
};
export type Loaded = {
  readonly customers: number;
  readonly invoices: number;
  readonly payments: number;
  /** In minor units, added up from the answers. */
  readonly invoicedMinor: bigint;
  readonly paidMinor: bigint;
};

/** Loads in the order in which the days went by; safe to repeat, since every request carries a key made from the file's own ids. */
export const loadReceivables = async (
  api: ApiClient,
  receivables: readonly Receivable[],
  { currency, taxRate = 'none', paidUntil = '9999-12-31', concurrency = 8 }: LoadOptions,
): Promise<Loaded> => {
  const send = <T>(what: string, key: string, body: object): Promise<T> => sendUntilTaken<T>(api, what, key, body);
  const names = [...new Set(receivables.map(({ customer }) => customer))];
  const customers = new Map<string, string>();
  await inParallel(concurrency, names, async (name) => {
    const body = { name: `Customer ${name}`, email: `${name.toLowerCase()}@customers.example`, termsDays: 30 };
    customers.set(name, (await send<{ id: string }>('POST /customers', `customer-${name}`, body)).id);
  });

  const byDay = [...receivables].sort((a, b) => a.issueDate.localeCompare(b.issueDate));
  const totals = { invoicedMinor: 0n, paidMinor: 0n, payments: 0 };
  await inParallel(concurrency, byDay, async ({ number, customer, issueDate, dueDate, settledDate, amount }) => {
    const customerId = customers.get(customer);
    const lines = [{ description: `Delivery ${number}`, quantity: '1', unitPrice: amount, taxRate }];
    const document = { customerId, currency, issueDate, dueDate, reference: number, lines, issue: true };
    const invoice = await send<{ id: string; total: string }>('POST /invoices', `invoice-${number}`, document);
    totals.invoicedMinor += minorOf(invoice.total);
    if (settledDate > paidUntil) return;
    const payment = await send<{ amount: string; allocated: string }>('POST /payments', `payment-${number}`, {
      ...{ customerId, currency, amount: invoice.total, date: settledDate, method: 'bankTransfer', reference: number },
      allocations: [{ invoiceId: invoice.id, amount: invoice.total }],
    });
    totals.paidMinor += minorOf(payment.allocated);
    totals.payments++;
  });
  return { customers: customers.size, invoices: byDay.length, ...totals };
};

/** As a polite client does: a refusal for speed is waited out, any other is an error with the answer in it. */
const sendUntilTaken = async <T>(api: ApiClient, what: string, key: string, body: object): Promise<T> => {
  for (;;) {
    const answer: Reply<T | Problem> = await api.call(what, { body, headers: { 'idempotency-key': key } });
    if (answer.status === 201) return answer.body as T;
    if (answer.status !== 429) throw new Error(`${what} ${key}: ${answer.status} ${JSON.stringify(answer.body)}`);
    const seconds = Number(answer.headers.get('retry-after'));
    await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  }
};

export const inParallel = async <T>(
  concurrency: number,
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> => {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      for (const item of queue) await work(item);
    }),
  );
};

/** `"55.94"` → 5594n; for currencies with two decimals. */
export const minorOf = (amount: string): bigint => {
  if (!/^\d+\.\d{2}$/.test(amount)) throw new Error(`"${amount}" has no two decimals`);
  return BigInt(amount.replace('.', ''));
};

/** An amount of the file in minor units, without a float: `"7.5"` → 750n. */
export const centsOf = (amount: string): bigint => {
  const [whole = '', part = ''] = amount.split('.');
  if (!/^\d+$/.test(whole) || !/^\d{0,2}$/.test(part)) throw new Error(`"${amount}" is no amount of the receivables`);
  return BigInt(whole + part.padEnd(2, '0'));
};
