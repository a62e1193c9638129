// Records to write, in the ledger's space: plain ones for named cases and generated ones for the properties.
import { randomUUID } from 'node:crypto';
import { Big } from 'big.js';
import fc from 'fast-check';
import { exponentOf, roundToMinor, sumMinor } from '../../../src/core/money';
import type { ExternalId, WriteRequest } from '../../../src/sync/ports/ledger-port';
import type {
  AtomsOf,
  ContactAtoms,
  CreditNoteAtoms,
  InvoiceAtoms,
  LineAtom,
  MoneyBlock,
  Projection,
  RecordKind,
} from '../../../src/sync/records';
import type { LedgerFacts } from './harness';

export const ISSUED = '2026-11-02';
export const DUE = '2026-11-30';
export const PAID_ON = '2026-11-10';

let sequence = 0;
/** Unique within the run, so that cases do not meet each other's records. */
export const unique = (stem: string): string => `${stem}-${++sequence}`;
const localId = (prefix: string): string => `${prefix}_01test${String(++sequence).padStart(20, '0')}`;

const PREFIX: Record<RecordKind, string> = {
  contact: 'cus',
  invoice: 'inv',
  creditNote: 'crn',
  payment: 'pay',
  allocation: 'alc',
  refund: 'rfd',
};

export const create = <K extends RecordKind>(
  kind: K,
  projection: Projection<AtomsOf[K]>,
  request: Partial<WriteRequest<K>> = {},
): WriteRequest<K> => {
  const externalRef = kind === 'contact' ? (projection.atoms as ContactAtoms).externalRef : null;
  return {
    ref: unique('ref'),
    kind,
    op: 'create',
    idempotencyKey: randomUUID(),
    tag: `bb:${externalRef ?? localId(PREFIX[kind])}:0`,
    projection,
    atoms: Object.keys(projection.atoms),
    ...request,
  };
};

export const contactOf = (atoms: Partial<ContactAtoms> = {}): Projection<ContactAtoms> => ({
  status: 'live',
  atoms: {
    name: unique('Harbour Bakery'),
    email: null,
    phone: null,
    address: null,
    taxNumber: null,
    externalRef: localId('cus'),
    currency: null,
    ...atoms,
  },
});

export type LineWish = Partial<Omit<LineAtom, 'netMinor'>>;
export type DocumentWish = {
  readonly contactId: ExternalId;
  readonly number?: string;
  readonly lines?: readonly LineWish[];
  readonly taxMode?: MoneyBlock['taxMode'];
  readonly currency?: string;
  readonly issueDate?: string;
  readonly dueDate?: string;
  readonly reference?: string | null;
  readonly accounts?: (string | null)[];
  readonly status?: 'draft' | 'live';
};

/** Totals as billing counts them: each line rounded, each line taxed, then added. */
export const moneyBlockOf = (facts: LedgerFacts, wish: Omit<DocumentWish, 'contactId'>): MoneyBlock => {
  const currency = wish.currency ?? facts.currencies[0] ?? 'XXX';
  const exponent = exponentOf(currency);
  const taxMode = wish.taxMode ?? facts.taxModes[0] ?? 'taxExclusive';
  const percentOf = new Map(facts.taxRates.map(({ key, percent }) => [key, percent]));
  const lines = (wish.lines ?? [{}]).map((line): LineAtom => {
    const full = {
      description: 'Bread for a month',
      quantity: '2',
      unitPrice: '12.5',
      discountPercent: '0',
      taxRate: facts.taxRates[0]?.key ?? 'none',
      ...line,
    };
    const net = new Big(full.quantity).times(full.unitPrice).times(new Big(100).minus(full.discountPercent)).div(100);
    return { ...full, netMinor: roundToMinor(net, exponent) };
  });
  const taxes = lines.map(({ netMinor, taxRate }) => {
    const percent = new Big(percentOf.get(taxRate) ?? '0');
    if (taxMode === 'noTax') return 0;
    const divisor = taxMode === 'taxInclusive' ? percent.plus(100) : new Big(100);
    return roundToMinor(new Big(netMinor).times(percent).div(divisor), 0);
  });
  const amount = sumMinor(lines.map(({ netMinor }) => netMinor));
  const taxMinor = sumMinor(taxes);
  return taxMode === 'taxInclusive'
    ? { currency, taxMode, lines, netMinor: amount - taxMinor, taxMinor, totalMinor: amount }
    : { currency, taxMode, lines, netMinor: amount, taxMinor, totalMinor: amount + taxMinor };
};

const documentOf = (facts: LedgerFacts, wish: DocumentWish) => {
  const moneyBlock = moneyBlockOf(facts, wish);
  return {
    number: wish.number ?? unique('BB'),
    contact: { $ref: 'contact' as const, id: wish.contactId },
    moneyBlock,
    reference: wish.reference ?? null,
    accounts: wish.accounts ?? moneyBlock.lines.map(() => null),
  };
};

export const invoiceOf = (facts: LedgerFacts, wish: DocumentWish): Projection<InvoiceAtoms> => ({
  status: wish.status ?? 'live',
  atoms: {
    ...documentOf(facts, wish),
    dates: { issueDate: wish.issueDate ?? ISSUED, dueDate: wish.dueDate ?? DUE },
  },
});

export const creditNoteOf = (facts: LedgerFacts, wish: DocumentWish): Projection<CreditNoteAtoms> => ({
  status: wish.status ?? 'live',
  atoms: { ...documentOf(facts, wish), dates: { issueDate: wish.issueDate ?? ISSUED } },
});

export const paymentOf = (wish: {
  readonly contactId: ExternalId;
  readonly invoiceId: ExternalId;
  readonly amountMinor: number;
  readonly currency: string;
  readonly reference?: string | null;
  readonly date?: string;
}): Projection<AtomsOf['payment']> => ({
  status: 'live',
  atoms: {
    payment: {
      contact: { $ref: 'contact', id: wish.contactId },
      currency: wish.currency,
      amountMinor: wish.amountMinor,
      date: wish.date ?? PAID_ON,
      account: null,
      method: 'bankTransfer',
      reference: wish.reference ?? null,
      allocations: [{ invoice: { $ref: 'invoice', id: wish.invoiceId }, amountMinor: wish.amountMinor }],
    },
  },
});

// ---- generated ----

const word = fc.stringMatching(/^[A-Za-zÄöéß0-9&.,'\\"()%+#-]{1,12}$/);
/** Text as people type it: stray spaces, quotes, backslashes, accents both composed and not. */
export const textArbitrary = fc
  .array(fc.oneof(word, fc.constantFrom("O'Brien", 'a\\b', '"quoted"', 'Cafe\u0301', 'A & B', '50%')), {
    minLength: 1,
    maxLength: 4,
  })
  .chain((words) => fc.constantFrom(' ', '  ').map((gap) => words.join(gap)));

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });

export const contactArbitrary = fc.record({
  name: textArbitrary,
  email: optional(fc.constantFrom('ann@example.com', ' bob@example.org ', 'accounts+ap@example.co.uk')),
  phone: optional(fc.constantFrom('+44 20 7946 0018', '555-0100', ' 0800 1234 ')),
  taxNumber: optional(fc.constantFrom('GB123456789', '12-3456789')),
  address: optional(
    fc.record({
      lines: fc.array(textArbitrary, { minLength: 1, maxLength: 4 }),
      city: optional(textArbitrary),
      region: optional(fc.constantFrom('Kent', 'CA')),
      postalCode: optional(fc.constantFrom('SW1A 1AA', '94105')),
      country: optional(fc.constantFrom('GB', 'US', 'NZ', 'DE')),
    }),
  ),
});

const decimalArbitrary = (max: number, places: number) =>
  fc
    .tuple(fc.integer({ min: 1, max }), fc.integer({ min: 0, max: places }))
    .map(([digits, shift]) => new Big(digits).div(new Big(10).pow(shift)).toFixed());

export const linesArbitrary = (facts: LedgerFacts, kind: 'invoice' | 'creditNote'): fc.Arbitrary<LineWish[]> =>
  fc.array(
    fc.record({
      description: textArbitrary,
      quantity: decimalArbitrary(99_999, 4).map((text) => (new Big(text).gt(1_000) ? '3' : text)),
      unitPrice: decimalArbitrary(999_999, 4),
      discountPercent: facts.lineDiscounts.includes(kind) ? fc.constantFrom('0', '0', '10', '12.5') : fc.constant('0'),
      taxRate: fc.constantFrom(...facts.taxRates.map(({ key }) => key)),
    }),
    { minLength: 1, maxLength: 4 },
  );

export const documentArbitrary = (facts: LedgerFacts, kind: 'invoice' | 'creditNote') =>
  fc.record({
    lines: linesArbitrary(facts, kind),
    taxMode: fc.constantFrom(...facts.taxModes),
    reference: optional(textArbitrary),
    named: fc.boolean(),
  });
