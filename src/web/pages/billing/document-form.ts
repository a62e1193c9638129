// The form of an invoice or credit note: header fields and lines. Works without a script: spare lines are there, "Add lines" gives more,
// empty ones are dropped.
import type { Business, CreditNote, Customer, Invoice } from '../../../billing/documents';
import type { LineInput } from '../../../billing/inputs';
import { BridgeError } from '../../../core/errors';
import { type Field, type FormFailure, fieldViews, problemViews, textOf } from '../../http/forms';
import type { SignedIn } from '../../http/routes';
import { freshCommand } from './parts';

const SPARE_LINES = 4;
const MOST_LINES = 200;
const LINE_FIELDS = ['description', 'quantity', 'unitPrice', 'discountPercent', 'taxRate', 'account'] as const;
type LineText = Readonly<Record<(typeof LINE_FIELDS)[number], string>>;

const TAX_MODES = [
  { value: 'taxExclusive', label: 'Prices without tax' },
  { value: 'taxInclusive', label: 'Prices with tax' },
  { value: 'noTax', label: 'No tax' },
] as const;

const MORE_CUSTOMERS = 'The first 500 by name. For others begin at the customer’s own page.';

export type DocumentKind = 'invoice' | 'creditNote';

export const headerFields = (
  kind: DocumentKind,
  customers: readonly Customer[],
  mayChooseCustomer: boolean,
  hasMore: boolean,
): readonly Field[] => [
  ...(mayChooseCustomer
    ? [
        {
          name: 'customerId',
          label: 'Customer',
          ...(hasMore ? { hint: MORE_CUSTOMERS } : {}),
          options: [{ value: '', label: 'Choose …' }, ...customers.map(({ id, name }) => ({ value: id, label: name }))],
        },
      ]
    : []),
  { name: 'issueDate', label: 'Date', type: 'date' as const },
  ...(kind === 'invoice'
    ? [{ name: 'dueDate', label: 'Due', type: 'date' as const, hint: 'Leave empty for the customer’s terms.' }]
    : []),
  { name: 'currency', label: 'Currency', hint: 'Leave empty for the customer’s currency.' },
  { name: 'taxMode', label: 'Tax', options: TAX_MODES },
  { name: 'reference', label: 'Their reference', hint: 'An order number, for example.' },
  { name: 'notes', label: 'Note on the document', rows: 2 },
];

/** What was typed into the lines, in their order; lines with nothing in them are left out. */
export const typedLines = (body: unknown): readonly LineText[] => {
  const raw = typeof body === 'object' && body !== null ? (body as Record<string, unknown>).lines : undefined;
  if (typeof raw !== 'object' || raw === null) return [];
  return Object.entries(raw)
    .sort(([a], [b]) => Number(a) - Number(b))
    .slice(0, MOST_LINES)
    .map(([, line]) => Object.fromEntries(LINE_FIELDS.map((name) => [name, textOf(line, name).trim()])) as LineText)
    .filter((line) => line.description !== '' || line.unitPrice !== '');
};

export const linesInput = (body: unknown): LineInput[] =>
  typedLines(body).map((line) => ({
    description: line.description,
    quantity: line.quantity === '' ? '1' : line.quantity.replaceAll(',', ''),
    unitPrice: line.unitPrice.replace(/[\s,£$€¥]/g, ''),
    discountPercent: line.discountPercent === '' ? '0' : line.discountPercent.replace('%', '').trim(),
    ...(line.taxRate === '' ? {} : { taxRate: line.taxRate }),
    account: line.account === '' ? null : line.account,
  }));

const headerOf = (document: Invoice | CreditNote | undefined, name: string): string => {
  if (document === undefined) return '';
  switch (name) {
    case 'customerId':
    case 'issueDate':
    case 'currency':
    case 'taxMode':
      return document[name];
    case 'reference':
    case 'notes':
      return document[name] ?? '';
    case 'dueDate':
      return 'dueDate' in document ? document.dueDate : '';
    default:
      return '';
  }
};

const storedLines = (document: Invoice | CreditNote | undefined): readonly LineText[] =>
  (document?.lines ?? []).map(({ description, quantity, unitPrice, discountPercent, taxRate, account }) => ({
    description,
    quantity,
    unitPrice,
    discountPercent: discountPercent === '0' ? '' : discountPercent,
    taxRate,
    account: account ?? '',
  }));

export const documentFormData = (about: {
  readonly kind: DocumentKind;
  readonly incoming: SignedIn;
  readonly business: Business;
  readonly customers: readonly Customer[];
  readonly hasMoreCustomers: boolean;
  readonly document?: Invoice | CreditNote;
  /** Typed before: shown again, with what is wrong. */
  readonly isAgain: boolean;
  readonly failure?: FormFailure;
  readonly defaults?: Readonly<Record<string, string>>;
}): object => {
  const { incoming, document, failure, isAgain } = about;
  const { body } = incoming;
  const fields = headerFields(about.kind, about.customers, document === undefined, about.hasMoreCustomers);
  const valueFor = (name: string): string =>
    isAgain ? textOf(body, name) : document === undefined ? (about.defaults?.[name] ?? '') : headerOf(document, name);
  const lines = isAgain ? typedLines(body) : storedLines(document);
  const defaultRate = about.business.taxRates.find(({ state }) => state === 'active')?.key ?? '';
  const spare = Array.from(
    { length: SPARE_LINES },
    (): LineText => ({
      description: '',
      quantity: '',
      unitPrice: '',
      discountPercent: '',
      taxRate: defaultRate,
      account: '',
    }),
  );
  const rates = about.business.taxRates.filter(({ state }) => state === 'active');
  return {
    command: isAgain && failure === undefined ? textOf(body, '_command') : freshCommand(),
    revision: document === undefined ? '' : isAgain ? textOf(body, '_revision') : String(document.revision),
    fields: fieldViews(fields, valueFor, failure),
    problems: problemsOf(fields, failure),
    hasTaxRates: rates.length > 0,
    lines: [...lines, ...spare].map((line, index) => ({
      ...line,
      at: `lines[${index}]`,
      number: index + 1,
      errors: lineErrors(index, failure),
      wrong: Object.fromEntries(
        LINE_FIELDS.map((name) => [name, failure?.fields[`lines.${index}.${name}`] !== undefined]),
      ),
      rates: [
        { value: '', label: '—', chosen: line.taxRate === '' },
        ...rates.map(({ key, name }) => ({ value: key, label: name, chosen: key === line.taxRate })),
        ...(line.taxRate !== '' && !rates.some(({ key }) => key === line.taxRate)
          ? [{ value: line.taxRate, label: line.taxRate, chosen: true }]
          : []),
      ],
    })),
  };
};

const COLUMNS: Readonly<Record<string, readonly [words: string, id: string]>> = {
  description: ['what', 'd'],
  quantity: ['quantity', 'q'],
  unitPrice: ['price', 'p'],
  discountPercent: ['discount', 'x'],
  taxRate: ['tax', 't'],
};

/** `lines.0.unitPrice` → which line and column in words, and a link to that box. */
const problemsOf = (fields: readonly Field[], failure: FormFailure | undefined): readonly object[] => {
  if (failure === undefined) return [];
  const lines: object[] = [];
  const others: Record<string, string> = {};
  for (const [name, message] of Object.entries(failure.fields)) {
    const [, index, column = ''] = /^lines\.(\d+)\.(\w+)$/.exec(name) ?? [];
    const known = COLUMNS[column];
    if (index === undefined || known === undefined) others[name === 'lines' ? 'Lines' : name] = message;
    else {
      const number = Number(index) + 1;
      lines.push({ id: `l${number}${known[1]}`, message: `Line ${number}, ${known[0]}: ${message}` });
    }
  }
  if (lines.length > 0 && Object.keys(others).length === 0) return lines;
  return [...problemViews(fields, { ...failure, fields: others }), ...lines];
};

const lineErrors = (index: number, failure: FormFailure | undefined): string | null => {
  const messages = Object.entries(failure?.fields ?? {})
    .filter(([name]) => name.startsWith(`lines.${index}.`))
    .map(([, message]) => message);
  return messages.length === 0 ? null : messages.join('; ');
};

/** The engine asks for an id; a person is asked to choose. */
export const withCustomer = (failure: FormFailure, customerId: string): FormFailure => ({
  message: failure.message,
  fix: failure.fix,
  fields: { ...failure.fields, ...(customerId === '' ? { customerId: 'choose the customer' } : {}) },
});

/** Header of the document as the engine takes it; empty means "your default". */
export const headerInput = ({ body }: SignedIn) => {
  const text = (name: string): string => textOf(body, name).trim();
  const taxMode = text('taxMode');
  if (!TAX_MODES.some(({ value }) => value === taxMode)) {
    throw new BridgeError(
      'BB_INPUT_INVALID',
      { problem: 'Tax: choose one' },
      { taxMode: 'choose how prices are meant' },
    );
  }
  return {
    taxMode: taxMode as (typeof TAX_MODES)[number]['value'],
    reference: text('reference'),
    notes: text('notes'),
    ...(text('issueDate') === '' ? {} : { issueDate: text('issueDate') }),
    ...(text('currency') === '' ? {} : { currency: text('currency') }),
  };
};
