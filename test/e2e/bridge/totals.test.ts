// G1 over the wire: documents of any shape, written on either side, come to the same cent on both, whatever each ledger rounds by.
// What cannot come out equal is never sent: it stands as a named problem. SEED=… replays a run.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectExplained, type LedgerName, openWorld, TODAY, type World } from './world';

const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const DOCUMENTS = 60;

/** Mulberry32: small, and the same everywhere. */
const dice = (seed: number) => {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  const oneOf = <T>(values: readonly T[]): T => values[below(values.length)] as T;
  return { below, oneOf };
};

const RATES = { GB: ['standard', 'reduced', 'none'], US: ['sales', 'none'] } as const;
const XERO_CODES: Readonly<Record<string, string>> = { standard: 'OUTPUT2', reduced: 'RROUTPUT', none: 'NONE' };
const QUICKBOOKS_CODES: Readonly<Record<'GB' | 'US', Readonly<Record<string, string>>>> = {
  GB: { standard: '20.0% S', reduced: '5.0% R', none: 'No VAT' },
  US: { sales: 'TAX', none: 'NON' },
};
const PRICES = ['0.01', '0.5', '1.005', '9.99', '19.99', '33.333', '0.3333', '1234.56', '87.125'];
const QUANTITIES = ['1', '2', '3', '7', '0.5', '1.25', '2.3333', '11'];
const DISCOUNTS = ['0', '0', '0', '5', '12.5', '33.33'];

describe.each([
  ['Xero in Britain', 'xero', 'GB'],
  ['QuickBooks in Britain', 'quickbooks', 'GB'],
  ['QuickBooks in the United States', 'quickbooks', 'US'],
] as const)(`%s, seed ${SEED}`, (_name, ledger: LedgerName, country) => {
  let world: World;
  const numbers: string[] = [];
  const { below, oneOf } = dice(SEED);
  const line = () => ({
    description: `Work ${below(1_000)}`,
    quantity: oneOf(QUANTITIES),
    unitPrice: oneOf(PRICES),
    discountPercent: oneOf(DISCOUNTS),
    taxRate: oneOf(RATES[country]),
  });

  beforeAll(async () => {
    world = await openWorld(ledger, { country, isEmpty: true });
    const customer = await world.customer('Rounding Ltd');
    for (let i = 0; i < DOCUMENTS; i++) {
      const invoice = await world.house.billing.invoices.createIssued(world.as(), {
        customerId: customer.id,
        issueDate: TODAY,
        dueDate: '2026-04-01',
        taxMode: country === 'US' ? 'taxExclusive' : oneOf(['taxExclusive', 'taxInclusive', 'noTax']),
        lines: Array.from({ length: 1 + below(5) }, line),
      });
      numbers.push(invoice.number ?? '');
    }
    await world.settle();
  }, 120_000);
  afterAll(() => world.close());

  /** As a bookkeeper types it: the ledger alone knows what it comes to. */
  const enterThere = (number: string): void => {
    const lines = Array.from({ length: 1 + below(5) }, line);
    const dates = { number, date: TODAY, dueDate: '2026-04-01' };
    const taxMode = oneOf(['Exclusive', 'Inclusive'] as const);
    if (ledger === 'xero') {
      const books = world.xero.books();
      books.enterInvoice({
        ...dates,
        contactId: world.thereNamed('Rounding Ltd').id,
        lineAmountTypes: taxMode,
        lines: lines.map(({ unitPrice, discountPercent, taxRate, ...rest }) => ({
          ...rest,
          unitAmount: unitPrice,
          discountRate: discountPercent,
          accountCode: '200',
          taxType: XERO_CODES[taxRate] ?? '',
        })),
      });
      return;
    }
    const books = world.quickbooks.books();
    const codes = new Map([...books.ledger.tables.TaxCode.rows()].map(({ record }) => [record.Name, record.Id]));
    books.enterInvoice({
      ...dates,
      customerId: world.thereNamed('Rounding Ltd').id,
      ...(country === 'GB' ? { taxMode: taxMode === 'Inclusive' ? 'TaxInclusive' : 'TaxExcluded' } : {}),
      lines: lines.map(({ description, quantity, unitPrice, taxRate }) => {
        const name = QUICKBOOKS_CODES[country][taxRate] ?? '';
        return { description, quantity, unitPrice, taxCode: codes.get(name) ?? name };
      }),
    });
  };

  it('carries documents of every shape to the cent', async () => {
    const there = new Map(world.desk.invoices().map((one) => [one.number, one]));
    const held = new Map((await world.problems()).map((problem) => [problem.local?.name, problem]));
    for (const number of numbers) {
      const here = await world.hereNumbered(number);
      const twin = there.get(number);
      const problem = held.get(number);
      if (twin !== undefined) expect({ number, total: twin.totalMinor }).toEqual({ number, total: here.totalMinor });
      else expect({ number, code: problem?.code }).toEqual({ number, code: 'totalsDiffer' });
    }
  });

  it('takes in what the ledger made of a document, to the cent', async () => {
    const entered = Array.from({ length: DOCUMENTS / 2 }, (_, i) => `T-${i + 1}`);
    for (const number of entered) enterThere(number);
    await world.night();
    for (const number of entered) {
      const { totalMinor } = await world.hereNumbered(number);
      expect({ number, totalMinor }).toEqual({ number, totalMinor: world.thereNumbered(number).totalMinor });
    }
  });

  it('holds few of them back, and nothing goes unexplained', async () => {
    const held = await world.problems();
    expect(held.length).toBeLessThanOrEqual(DOCUMENTS / 4);
    await expectExplained(world);
  });
});
