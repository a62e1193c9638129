// Rules that invoices and credit notes share: what a draft may hold, what issuing fixes, when one may be voided or removed.
// Answers fields to be written; itself writes only numbers. What may change in between is in claim-edits.
import { type CalendarDate, displayDate } from '../core/calendar-date';
import { refused } from '../core/errors';
import type { CurrencyCode } from '../core/money';
import type { CreditNote, Customer, Invoice, TaxMode } from './documents';
import { type EnteredLine, figuresFromLedger, figuresOf } from './figures';
import { isTaken, type NumberedKind, nextNumber, noteForeignNumber } from './numbers';
import { lookupKey } from './texts';
import type { Unit } from './unit-of-work';

export type Claim = Invoice | CreditNote;
type Kept = 'id' | 'tenantId' | 'revision' | 'createdAt' | 'updatedAt' | 'updatedBy';
/** What both documents have; each adds its state, the invoice its due date. */
export type ClaimFields = Omit<CreditNote, Kept | 'state' | 'refundedMinor'>;

export type ClaimInput = {
  readonly customerId: string;
  readonly currency?: CurrencyCode | undefined;
  readonly taxMode?: TaxMode | undefined;
  readonly issueDate?: CalendarDate | undefined;
  readonly reference?: string | null | undefined;
  readonly notes?: string | null | undefined;
  readonly lines: readonly EnteredLine[];
};
/** Accounts of a ledger's document come apart from its lines: they may change when nothing else may. */
export type StatedLine = Omit<EnteredLine, 'account'> & { readonly netMinor: number };
export type LedgerClaimInput = Omit<ClaimInput, 'lines'> & {
  readonly number: string;
  readonly status: 'draft' | 'issued';
  readonly lines: readonly StatedLine[];
  readonly netMinor: number;
  readonly taxMinor: number;
  readonly totalMinor: number;
  readonly accounts?: readonly (string | null)[] | undefined;
};
export type Loose<T> = { readonly [K in keyof T]?: T[K] | undefined };

// ---- new ones -------------------------------------------------------------------------------------------------------------------

export const draftClaim = (unit: Unit, customer: Customer, input: ClaimInput): ClaimFields => {
  if (customer.state === 'archived') {
    throw refused(`${customer.name} is archived.`, 'Bring the customer back from the archive first.');
  }
  const { currency, taxMode } = basisOf(unit, customer, input);
  const { business } = unit;
  return { ...emptyClaim(unit, customer, input), ...figuresOf({ business, lines: input.lines, taxMode, currency }) };
};

export const claimFromLedger = async (
  unit: Unit,
  kind: NumberedKind,
  customer: Customer,
  input: LedgerClaimInput,
): Promise<ClaimFields> => {
  const { currency, taxMode } = basisOf(unit, customer, input);
  const { business } = unit;
  const lines = input.lines.map((line, i) => ({ ...line, account: input.accounts?.[i] ?? null }));
  const figures = figuresFromLedger({ business, lines, taxMode, currency }, statedOf(input));
  const draft: ClaimFields = { ...emptyClaim(unit, customer, input), ...figures, origin: 'ledger' };
  const numbered = { ...draft, ...(await foreignNumber(unit, kind, input.number)) };
  return input.status === 'draft' ? numbered : { ...numbered, ...(await issueClaim(unit, kind, customer, numbered)) };
};

const basisOf = (unit: Unit, customer: Customer, input: Loose<Omit<ClaimInput, 'lines'>>) => ({
  currency: input.currency ?? customer.currency ?? unit.business.baseCurrency,
  taxMode: input.taxMode ?? 'taxExclusive',
});

const emptyClaim = (unit: Unit, customer: Customer, input: Omit<ClaimInput, 'lines'>) => ({
  ...basisOf(unit, customer, input),
  customerId: customer.id,
  status: 'draft' as const,
  origin: 'billing' as const,
  number: null,
  numberKey: null,
  taxRounding: unit.business.taxRounding,
  allocatedMinor: 0,
  openMinor: 0,
  isOpen: false,
  issueDate: input.issueDate ?? unit.today,
  reference: input.reference ?? null,
  notes: input.notes ?? null,
  billTo: null,
  issuedAt: null,
  voidedAt: null,
  voidReason: null,
});

export const statedOf = ({
  lines,
  netMinor,
  taxMinor,
  totalMinor,
}: Pick<LedgerClaimInput, 'lines' | 'netMinor' | 'taxMinor' | 'totalMinor'>) => ({
  lineMinor: lines.map((line) => line.netMinor),
  netMinor,
  taxMinor,
  totalMinor,
});

// ---- issue ------------------------------------------------------------------------------------------------------------------------

/** A ledger's document keeps its number; ours gets the next of its series. */
export const issueClaim = async (
  unit: Unit,
  kind: NumberedKind,
  customer: Customer,
  claim: ClaimFields,
): Promise<Partial<ClaimFields>> => {
  const word = WORDS[kind];
  if (claim.status === 'issued')
    throw refused(`The ${word} ${claim.number} is issued already.`, 'Nothing is left to do.');
  if (claim.status === 'void') throw refused(`The ${word} ${claim.number ?? ''} is void.`, `Make a new ${word}.`);
  if (claim.totalMinor < 0) {
    throw refused(
      `The total of the ${word} is below zero.`,
      kind === 'invoice' ? 'Issue a credit note for what you owe the customer.' : 'Issue an invoice instead.',
    );
  }
  const number = claim.number ?? (await nextNumber(unit, kind));
  return {
    ...roundedAnew(unit, claim),
    status: 'issued',
    number,
    numberKey: lookupKey(number),
    issuedAt: unit.at,
    billTo: billedTo(customer),
  };
};

export const billedTo = ({ name, address, taxNumber }: Customer) => ({ name, address, taxNumber });

/** The ledger may have been connected, and its rounding chosen, after the draft was written. */
const roundedAnew = ({ business }: Unit, claim: ClaimFields): Partial<ClaimFields> => {
  if (claim.origin === 'ledger' || claim.taxRounding === business.taxRounding) return {};
  const { lines, taxMode, currency } = claim;
  return { taxRounding: business.taxRounding, ...figuresOf({ business, lines, taxMode, currency, before: lines }) };
};

export const foreignNumber = async (unit: Unit, kind: NumberedKind, number: string) => {
  if (await isTaken(unit, kind, number)) {
    throw refused(
      `There is already ${kind === 'invoice' ? 'an invoice' : 'a credit note'} ${number} here.`,
      'Change the number in the ledger, or link the two if they are the same.',
    );
  }
  await noteForeignNumber(unit, kind, number);
  return { number, numberKey: lookupKey(number) };
};

/** What people call them, in the middle of a sentence. */
export const WORDS: { readonly [K in NumberedKind]: string } = { invoice: 'invoice', creditNote: 'credit note' };

// ---- end ----------------------------------------------------------------------------------------------------------------------------

export const voidClaim = (
  unit: Unit,
  kind: NumberedKind,
  before: Claim,
  reason: string | null,
): Partial<ClaimFields> => {
  const word = WORDS[kind];
  if (before.status === 'void') return {};
  if (before.status === 'draft' && unit.actor.kind !== 'ledger') {
    throw refused(`A draft ${word} was never issued, so there is nothing to void.`, 'Remove the draft instead.');
  }
  checkNothingPaidBack(before);
  if (before.allocatedMinor > 0) {
    throw refused(
      `Money is allocated to the ${word} ${before.number}.`,
      kind === 'invoice'
        ? 'Issue a credit note, or take the payments off this invoice first.'
        : 'Take its allocations back first.',
    );
  }
  return { status: 'void', voidedAt: unit.at, voidReason: reason };
};

/** Cash that went out keeps its credit note as it is. */
export const checkNothingPaidBack = (claim: Claim): void => {
  if (!('refundedMinor' in claim) || (claim.refundedMinor ?? 0) === 0) return;
  throw refused(
    `Money of the credit note ${claim.number} was paid back to the customer.`,
    'Void its refunds first, if the money never went out.',
  );
};

export const checkRemovable = (kind: NumberedKind, claim: Claim): void => {
  if (claim.status === 'draft') return;
  throw refused(
    `The ${WORDS[kind]} ${claim.number} was issued on ${displayDate(claim.issueDate)} and cannot be removed.`,
    claim.status === 'void' ? 'It is void already.' : 'Void it, or issue a credit note.',
  );
};
