import { afterEach, expect, test } from '@jest/globals';
import type { CompanySeed } from '../../../sandbox/quickbooks/start';
import { codeOf, line, newCustomer, openBench, type TestBench, type Wire } from './client';

let bench: TestBench;
afterEach(() => bench.close());

const open = async (
  company: CompanySeed,
  fields: Record<string, unknown> = {},
): Promise<(body: Wire) => Promise<Wire>> => {
  bench = await openBench({ companies: [company] });
  const id = await newCustomer(bench, 'Acme', { BillAddr: { Line1: '1', CountrySubDivisionCode: 'CA' }, ...fields });
  return async (body) => {
    const { body: answer } = await bench.post('/invoice', { CustomerRef: { value: id }, ...body });
    return answer.Invoice ?? answer;
  };
};
const taxed = (amount: number, code = 'TAX', detail = {}): Wire =>
  line(amount, {}, { TaxCodeRef: { value: code }, ...detail });
const figures = (invoice: Wire) => [invoice.TxnTaxDetail?.TotalTax, invoice.TotalAmt];
const percentOff = (percent: number): Wire => ({
  DetailType: 'DiscountLineDetail',
  DiscountLineDetail: { PercentBased: true, DiscountPercent: percent },
});

const US: CompanySeed = { salesTaxByState: { CA: '8.25', NY: '8.875' } };

test.each([
  ['taxes only lines of code TAX', { Line: [taxed(100), line(50)] }, [8.25, 158.25]],
  ['rounds half a cent up', { Line: [taxed(2)] }, [0.17, 2.17]], // 0.165
  ['rounds once over the document', { Line: [taxed(0.06), taxed(0.06), taxed(0.06)] }, [0.01, 0.19]], // each line alone: 0.00
  ['takes the discount off after tax by default', { Line: [taxed(100), percentOff(10)] }, [8.25, 98.25]],
  [
    'takes it off before where asked',
    { ApplyTaxAfterDiscount: true, Line: [taxed(100), percentOff(10)] },
    [7.43, 97.43],
  ],
  [
    'ignores what a caller says of rates',
    { Line: [taxed(100)], TxnTaxDetail: { TaxLine: [taxLine(1, 5)] } },
    [8.25, 108.25],
  ],
  ['honours TotalTax', { Line: [taxed(100)], TxnTaxDetail: { TotalTax: 8 } }, [8, 108]],
  [
    'has nothing to spread TotalTax on without a taxable line',
    { Line: [line(100)], TxnTaxDetail: { TotalTax: 8 } },
    [0, 100],
  ],
  ['follows the shipping address', { ShipAddr: { CountrySubDivisionCode: 'NY' }, Line: [taxed(100)] }, [8.88, 108.88]],
  ['does not tax a state without a rate', { ShipAddr: { CountrySubDivisionCode: 'OR' }, Line: [taxed(100)] }, [0, 100]],
])('automated sales tax %s', async (_what, body, expected) => {
  const invoice = await open(US);
  expect(figures(await invoice(body))).toEqual(expected);
});

function taxLine(amount: number, percent: number): Wire {
  return {
    Amount: amount,
    DetailType: 'TaxLineDetail',
    TaxLineDetail: { TaxRateRef: { value: '1' }, PercentBased: true, TaxPercent: percent, NetAmountTaxable: 100 },
  };
}

test('takes 750 lines where something is taxable, and more where nothing is', async () => {
  const invoice = await open(US);
  const many = (count: number, code: string): Wire[] => Array.from({ length: count }, () => taxed(1, code));
  expect((await invoice({ Line: many(750, 'TAX') })).TotalAmt).toBe(811.88); // 61.875 of tax
  expect(codeOf({ body: await invoice({ Line: many(751, 'TAX') }) } as never)).toBe('6000');
  expect((await invoice({ Line: many(751, 'NON') })).TotalAmt).toBe(751);
});

test('an exempt customer pays no automated tax', async () => {
  const invoice = await open(US, { Taxable: false });
  expect(figures(await invoice({ Line: [taxed(100)] }))).toEqual([0, 100]);
});

test('says by how much TotalTax of the caller departs from its own', async () => {
  const invoice = await open(US);
  const { TxnTaxDetail } = await invoice({ Line: [taxed(100)], TxnTaxDetail: { TotalTax: 8 } });
  expect(TxnTaxDetail.TaxLine[0].TaxLineDetail).toMatchObject({ OverrideDeltaAmount: -0.25, NetAmountTaxable: 100 });
});

test('keeps TotalTax through updates that touch neither lines nor tax, and computes anew when lines change', async () => {
  const invoice = await open(US);
  const first = await invoice({ Line: [taxed(100)], TxnTaxDetail: { TotalTax: 8 } });
  const token = (SyncToken: string) => ({ Id: first.Id, SyncToken, sparse: true });
  const noted = await bench.post('/invoice', { ...token('0'), PrivateNote: 'x' });
  expect(figures(noted.body.Invoice)).toEqual([8, 108]);
  const changed = await bench.post('/invoice', { ...token('1'), Line: [taxed(200)] });
  expect(figures(changed.body.Invoice)).toEqual([16.5, 216.5]);
});

test('drops tax silently where the company uses none', async () => {
  const invoice = await open({ taxScheme: 'off' });
  const made = await invoice({ Line: [taxed(100)], TxnTaxDetail: { TotalTax: 8 } });
  expect([made.TxnTaxDetail, made.TotalAmt]).toEqual([undefined, 100]);
});

const GB: CompanySeed = {
  country: 'GB',
  taxCodes: [
    { name: 'S', rates: [{ name: 'Standard', percent: '20' }] }, // code 2, rate 3
    { name: 'R', rates: [{ name: 'Reduced', percent: '5' }] }, // code 3, rate 4
    {
      name: 'GST+PST', // code 4, rates 5 and 6
      rates: [
        { name: 'GST', percent: '5' },
        { name: 'PST', percent: '7' },
      ],
    },
    { name: 'None', rates: [] }, // code 5
  ],
};

test.each([
  [
    'adds tax per rate over the document',
    'TaxExcluded',
    [taxed(0.12, '2'), taxed(0.12, '2'), taxed(0.12, '2')],
    [0.07, 0.43],
  ], // per line: 0.02 x 3
  ['sums rates', 'TaxExcluded', [taxed(100, '2'), taxed(100, '3'), taxed(100, '5')], [25, 325]],
  ['knows codes of two rates', 'TaxExcluded', [taxed(33.33, '4')], [4, 37.33]], // 1.67 + 2.33
  ['finds the tax inside a gross amount', 'TaxInclusive', [taxed(8.33, '2', { TaxInclusiveAmt: 10 })], [1.67, 10]],
  ['adds tax to a line without a gross amount', 'TaxInclusive', [taxed(8.33, '2')], [1.67, 10]],
  ['splits a gross amount over two rates', 'TaxInclusive', [taxed(100, '4', { TaxInclusiveAmt: 112 })], [12, 112]],
  ['takes no tax where none applies', 'NotApplicable', [line(100, {}, { TaxCodeRef: undefined })], [0, 100]],
])('tax codes: %s', async (_what, GlobalTaxCalculation, Line, expected) => {
  const invoice = await open(GB);
  const made = await invoice({ GlobalTaxCalculation, Line });
  expect(figures(made)).toEqual(expected);
  const subTotal = made.Line.find((one: Wire) => one.DetailType === 'SubTotalLineDetail').Amount;
  expect(Math.round((subTotal + made.TxnTaxDetail.TotalTax) * 100)).toBe(Math.round(made.TotalAmt * 100));
});

test('tax codes: the lines of tax name rate, percent and the amount taxed', async () => {
  const invoice = await open(GB);
  const { TxnTaxDetail } = await invoice({ GlobalTaxCalculation: 'TaxExcluded', Line: [taxed(100, '4')] });
  expect(
    TxnTaxDetail.TaxLine.map((one: Wire) => [
      one.Amount,
      one.TaxLineDetail.TaxRateRef.value,
      one.TaxLineDetail.TaxPercent,
    ]),
  ).toEqual([
    [5, '5', 5],
    [7, '6', 7],
  ]);
  const codes = (await bench.query('select * from TaxCode')).body.QueryResponse.TaxCode;
  expect(codes.map((code: Wire) => code.Name)).toEqual(['S', 'R', 'GST+PST', 'None']);
  const rates = (await bench.query('select * from TaxRate')).body.QueryResponse.TaxRate;
  expect(rates.map((rate: Wire) => rate.RateValue)).toEqual([20, 5, 5, 7]);
});

test.each([
  ['no mode of calculation', { Line: [taxed(1, '2')] }, '2020'],
  ['a mode that is none', { GlobalTaxCalculation: 'TaxIncluded', Line: [taxed(1, '2')] }, '2170'],
  ['the pseudo codes of US companies', { GlobalTaxCalculation: 'TaxExcluded', Line: [taxed(1, 'TAX')] }, '2500'],
  [
    'a line without a code',
    { GlobalTaxCalculation: 'TaxExcluded', Line: [line(1, {}, { TaxCodeRef: undefined })] },
    '6000',
  ],
])('tax codes: refuses %s', async (_what, body, code) => {
  const invoice = await open(GB);
  const refused = await invoice(body);
  expect(codeOf({ body: refused } as never)).toBe(code);
});

test('several currencies: every transaction names its own, in home units by the rate', async () => {
  const invoice = await open({ exchangeRates: { EUR: '1.105' } }, { CurrencyRef: { value: 'EUR' } });
  expect(codeOf({ body: await invoice({ Line: [line(10)] }) } as never)).toBe('2020');
  expect(codeOf({ body: await invoice({ CurrencyRef: { value: 'USD' }, Line: [line(10)] }) } as never)).toBe('6000');
  expect(await invoice({ CurrencyRef: { value: 'EUR' }, Line: [line(10.1)] })).toMatchObject({
    CurrencyRef: { value: 'EUR' },
    ExchangeRate: 1.105,
    TotalAmt: 10.1,
    HomeTotalAmt: 11.16, // 11.1605
  });
});
