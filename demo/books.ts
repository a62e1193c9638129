// Who does business with whom in the demo: what stands in each ledger before anybody connects, and what the billing side has written.
// Three customers are the same on both sides (one of them spelt a little differently), some documents too.
import { addDays } from '../src/core/calendar-date';

export type PlayCustomer = { readonly name: string; readonly email: string; readonly phone: string };
export type PlayInvoice = {
  readonly number: string;
  readonly customer: string;
  readonly what: string;
  readonly quantity: string;
  readonly price: string;
  /** Days before today; due after `terms` days. */
  readonly age: number;
  readonly terms: number;
};
export type Play = {
  readonly business: string;
  readonly country: 'GB' | 'US';
  readonly owner: { readonly name: string; readonly email: string; readonly password: string };
  readonly organisation: string;
  readonly ledger: 'Xero' | 'QuickBooks';
  /** In the settings form: key, name, percent. */
  readonly taxRates: string;
  /** Tax rate of the lines. */
  readonly taxRate: string;
  readonly numberPrefix: string;
  readonly bothSides: readonly PlayCustomer[];
  readonly onlyLedger: readonly PlayCustomer[];
  readonly onlyHere: readonly PlayCustomer[];
  /** In the ledger before anybody connects. */
  readonly ledgerInvoices: readonly PlayInvoice[];
  /** Written here before connecting; those whose number also stands above are the same document. */
  readonly ourInvoices: readonly PlayInvoice[];
};

const customer = (name: string, mail: string, phone: string): PlayCustomer => ({
  name,
  email: `${mail}@rehearsal.example`,
  phone,
});

export const dueDateOf = ({ age, terms }: PlayInvoice, today: string): string => addDays(today, terms - age);
export const issueDateOf = ({ age }: PlayInvoice, today: string): string => addDays(today, -age);

export const XERO_PLAY: Play = {
  business: 'Harbour Lane Studio',
  country: 'GB',
  owner: { name: 'Anna Hollis', email: 'anna@harbourlane.example', password: 'seven herons over the quay' },
  organisation: 'Harbour Lane Studio Ltd',
  ledger: 'Xero',
  taxRates: 'standard, VAT 20%, 20\nreduced, VAT 5%, 5\nzero, Zero-rated, 0',
  taxRate: 'standard',
  numberPrefix: 'INV-',
  bothSides: [
    customer('Fenwick & Daughters', 'pay.fenwick', '01422 496 0101'),
    customer("O'Brien Joinery", 'accounts.obrien', '01422 496 0102'),
    customer('Whitlock Architects', 'office.whitlock', '01422 496 0103'),
  ],
  onlyLedger: [
    customer('Marlow Boatyard', 'post.marlow', '01422 496 0104'),
    customer('Sable Coffee Roasters', 'hello.sable', '01422 496 0105'),
  ],
  onlyHere: [
    customer('Brightwell Homes', 'bills.brightwell', '01422 496 0106'),
    customer('The Anchor Inn', 'landlord.anchor', '01422 496 0107'),
  ],
  ledgerInvoices: [
    {
      number: 'INV-0001',
      customer: 'Fenwick & Daughters',
      what: 'Shop front, drawings',
      quantity: '1',
      price: '640.00',
      age: 40,
      terms: 30,
    },
    {
      number: 'INV-0002',
      customer: "O'Brien Joinery",
      what: 'Signs, painted',
      quantity: '3',
      price: '185.50',
      age: 20,
      terms: 30,
    },
    {
      number: 'HL-88',
      customer: 'Marlow Boatyard',
      what: 'Lettering, two hulls',
      quantity: '2',
      price: '412.75',
      age: 38,
      terms: 30,
    },
    {
      number: 'HL-89',
      customer: 'Sable Coffee Roasters',
      what: 'Menu boards',
      quantity: '4',
      price: '96.00',
      age: 12,
      terms: 14,
    },
  ],
  ourInvoices: [
    {
      number: 'INV-0001',
      customer: 'Fenwick & Daughters',
      what: 'Shop front, drawings',
      quantity: '1',
      price: '640.00',
      age: 40,
      terms: 30,
    },
    {
      number: 'INV-0002',
      customer: "O'Brien Joinery",
      what: 'Signs, painted',
      quantity: '3',
      price: '185.50',
      age: 20,
      terms: 30,
    },
    {
      number: 'INV-0003',
      customer: 'Whitlock Architects',
      what: 'Wayfinding, phase one',
      quantity: '12.5',
      price: '88.00',
      age: 37,
      terms: 30,
    },
    {
      number: 'INV-0004',
      customer: 'Brightwell Homes',
      what: 'House numbers, slate',
      quantity: '24',
      price: '31.25',
      age: 33,
      terms: 30,
    },
    {
      number: 'INV-0005',
      customer: 'The Anchor Inn',
      what: 'Hanging sign, gilded',
      quantity: '1',
      price: '1240.00',
      age: 5,
      terms: 30,
    },
  ],
};

export const QUICKBOOKS_PLAY: Play = {
  business: 'Cedar & Slate Design',
  country: 'US',
  owner: { name: 'Dana Whitfield', email: 'dana@cedarslate.example', password: 'eleven quiet foghorns west' },
  organisation: 'Cedar & Slate Design LLC',
  ledger: 'QuickBooks',
  taxRates: 'salestax, California sales tax, 8.25',
  taxRate: 'salestax',
  numberPrefix: 'CS-',
  bothSides: [
    customer('Harbor & Main, LLC', 'ap.harbormain', '415-555-0101'),
    customer("D'Angelo Bakery", 'books.dangelo', '415-555-0102'),
    customer('Luma Health', 'accounts.luma', '415-555-0103'),
  ],
  onlyLedger: [
    customer('Cascade Outfitters', 'pay.cascade', '415-555-0104'),
    customer('Basin Brewing', 'office.basin', '415-555-0105'),
  ],
  onlyHere: [
    customer('Tidewater Museum', 'office.tidewater', '415-555-0106'),
    customer('Alder Clinic', 'billing.alder', '415-555-0107'),
  ],
  ledgerInvoices: [
    {
      number: 'CS-0001',
      customer: 'Harbor & Main, LLC',
      what: 'Lobby panels',
      quantity: '6',
      price: '140.00',
      age: 41,
      terms: 30,
    },
    {
      number: 'CS-0002',
      customer: "D'Angelo Bakery",
      what: 'Window lettering',
      quantity: '1',
      price: '385.00',
      age: 18,
      terms: 30,
    },
    {
      number: '1071',
      customer: 'Cascade Outfitters',
      what: 'Trail map, framed',
      quantity: '2',
      price: '260.00',
      age: 36,
      terms: 30,
    },
    {
      number: '1072',
      customer: 'Basin Brewing',
      what: 'Tap handles',
      quantity: '10',
      price: '42.50',
      age: 10,
      terms: 15,
    },
  ],
  ourInvoices: [
    {
      number: 'CS-0001',
      customer: 'Harbor & Main, LLC',
      what: 'Lobby panels',
      quantity: '6',
      price: '140.00',
      age: 41,
      terms: 30,
    },
    {
      number: 'CS-0002',
      customer: "D'Angelo Bakery",
      what: 'Window lettering',
      quantity: '1',
      price: '385.00',
      age: 18,
      terms: 30,
    },
    {
      number: 'CS-0003',
      customer: 'Luma Health',
      what: 'Signage, floor two',
      quantity: '8',
      price: '95.00',
      age: 37,
      terms: 30,
    },
    {
      number: 'CS-0004',
      customer: 'Tidewater Museum',
      what: 'Exhibit labels',
      quantity: '120',
      price: '6.35',
      age: 33,
      terms: 30,
    },
    {
      number: 'CS-0005',
      customer: 'Alder Clinic',
      what: 'Door plates',
      quantity: '14',
      price: '27.90',
      age: 5,
      terms: 30,
    },
  ],
};
