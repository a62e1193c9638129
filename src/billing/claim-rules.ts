// Rules that invoices and credit notes share: what a draft may hold, what may still change once issued, when it may be voided.
// Answers fields to be written; writes only numbers. A document with allocated money keeps its amounts: a credit note corrects it.
import { type CalendarDate, displayDate } from '../core/calendar-date';
import { refused } from '../core/errors';
import { canonicalJson } from '../core/json';
import type { CurrencyCode } from '../core/money';
import type { CreditNote, Customer, Invoice, LineItem, TaxMode, TaxRounding } from './documents';
import { type EnteredLine, type Figures, figuresFromLedger, figuresOf } from './figures';
import { isTaken, type NumberedKind, nextNumber, noteForeignNumber } from './numbers';
import { lookupKey } from './texts';
import type { Unit } from './unit-of-work';

type Kept = 'id' | 'tenantId' | 'revision' | 'createdAt' | 'updatedAt' | 'updatedBy';
/** What both documents have; each adds its state, the invoice its due date. */
export type ClaimFields = Omit<CreditNote, Kept | 'state'>;

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
type Loose<T> = { readonly [K in keyof T]?: T[K] | undefined };

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

const statedOf = ({
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
    billTo: { name: customer.name, address: customer.address, taxNumber: customer.taxNumber },
  };
};

/** The ledger may have been connected, and its rounding chosen, after the draft was written. */
const roundedAnew = ({ business }: Unit, claim: ClaimFields): Partial<ClaimFields> => {
  if (claim.origin === 'ledger' || claim.taxRounding === business.taxRounding) return {};
  const { lines, taxMode, currency } = claim;
  return { taxRounding: business.taxRounding, ...figuresOf({ business, lines, taxMode, currency, before: lines }) };
};

const foreignNumber = async (unit: Unit, kind: NumberedKind, number: string) => {
  if (await isTaken(unit, kind, number)) {
    throw refused(
      `There is already ${kind === 'invoice' ? 'an invoice' : 'a credit note'} ${number} here.`,
      'Change the number in the ledger, or link the two if they are the same.',
    );
  }
  await noteForeignNumber(unit, kind, number);
  return { number, numberKey: lookupKey(number) };
};

const WORDS: { readonly [K in NumberedKind]: string } = { invoice: 'invoice', creditNote: 'credit note' };

// ---- change -----------------------------------------------------------------------------------------------------------------------

type Claim = Invoice | CreditNote;

export const editClaim = (
  unit: Unit,
  kind: NumberedKind,
  before: Claim,
  customer: Customer,
  changes: Loose<ClaimInput>,
): Partial<ClaimFields> => {
  const moves = movesOf(before, changes);
  checkMoves(kind, before, moves);
  if (before.status === 'issued' && (moves.customer || moves.currency)) {
    throw refused(
      `Customer and currency of an issued ${WORDS[kind]} stay as they are.`,
      `Void it and issue a new one${kind === 'invoice' ? ', or credit it' : ''}.`,
    );
  }
  const figures = moves.figures
    ? figuresOf({
        ...figuresRequest(unit, before, changes),
        lines: changes.lines ?? before.lines,
        before: before.lines,
      })
    : withAccounts(before, changes.lines);
  const taxRounding = moves.figures ? roundingOf(unit, before) : before.taxRounding;
  return checked(kind, before, { ...plainChanges(changes), customerId: customer.id, taxRounding, ...figures });
};

export const editClaimFromLedger = async (
  unit: Unit,
  kind: NumberedKind,
  before: Claim,
  customer: Customer,
  changes: Loose<LedgerClaimInput>,
): Promise<Partial<ClaimFields>> => {
  const moves = movesOf(before, changes);
  checkMoves(kind, before, moves);
  const edited = checked(kind, before, {
    ...plainChanges(changes),
    customerId: customer.id,
    ...ledgerFigures(unit, before, changes, moves),
  });
  const numbered = { ...edited, ...(await renumbered(unit, kind, before, changes.number)) };
  if (changes.status !== 'issued' || before.status !== 'draft') return numbered;
  return { ...numbered, ...(await issueClaim(unit, kind, customer, { ...before, ...numbered })) };
};

/** Amounts anew where the ledger's moved; else the lines as they are, with the ledger's accounts. */
const ledgerFigures = (unit: Unit, before: Claim, changes: Loose<LedgerClaimInput>, moves: Moves): Partial<Figures> => {
  const stated = { ...before, ...withoutGaps(changes), lines: changes.lines ?? before.lines };
  const isMoved = moves.figures || stated.taxMinor !== before.taxMinor || stated.totalMinor !== before.totalMinor;
  const accountAt = accountsFor(before, stated.lines.length, changes.accounts);
  if (!isMoved) return { lines: before.lines.map((line, i) => ({ ...line, account: accountAt(i) })) };
  const lines = stated.lines.map((line, i) => ({ ...line, account: accountAt(i) }));
  return figuresFromLedger({ ...figuresRequest(unit, before, changes), lines, before: before.lines }, statedOf(stated));
};

/** Lines have no identity: while their number stays, a line keeps the account of its place. */
const accountsFor =
  (before: Claim, lineCount: number, accounts: readonly (string | null)[] | undefined) =>
  (index: number): string | null => {
    if (accounts !== undefined) return accounts[index] ?? null;
    return lineCount === before.lines.length ? (before.lines[index]?.account ?? null) : null;
  };

type Moves = {
  readonly customer: boolean;
  readonly currency: boolean;
  readonly issueDate: boolean;
  readonly figures: boolean;
};

/** What would really change: a form sends every field, moved or not. */
const movesOf = (before: Claim, changes: Loose<ClaimInput> | Loose<LedgerClaimInput>): Moves => {
  const moved = (value: unknown, was: unknown): boolean =>
    value !== undefined && canonicalJson(value) !== canonicalJson(was);
  const currency = moved(changes.currency, before.currency);
  return {
    customer: moved(changes.customerId, before.customerId),
    currency,
    issueDate: moved(changes.issueDate, before.issueDate),
    figures:
      currency ||
      moved(changes.taxMode, before.taxMode) ||
      moved(changes.lines?.map(chargedOf), before.lines.map(chargedOf)),
  };
};

/** The part of a line that the customer sees and pays. Its account is the bookkeeper's, and may change at any time. */
const chargedOf = ({ description, quantity, unitPrice, discountPercent, taxRate }: Omit<EnteredLine, 'account'>) => ({
  description,
  quantity,
  unitPrice,
  discountPercent,
  taxRate: taxRate ?? 'none',
});

const checkMoves = (kind: NumberedKind, before: Claim, moves: Moves): void => {
  const word = WORDS[kind];
  if (before.status === 'void')
    throw refused(`The ${word} ${before.number ?? ''} is void and stays as it is.`, `Make a new ${word}.`);
  if (before.allocatedMinor === 0 || !Object.values(moves).includes(true)) return;
  throw refused(
    `Money is allocated to the ${word} ${before.number}, so its customer, lines and date stay as they are.`,
    kind === 'invoice' ? 'Issue a credit note for the difference.' : 'Take its allocations back first.',
  );
};

/** Issued documents keep the rounding they went out with; drafts follow the business. */
const roundingOf = ({ business }: Unit, { status, taxRounding }: Pick<Claim, 'status' | 'taxRounding'>): TaxRounding =>
  status === 'issued' ? taxRounding : business.taxRounding;

const figuresRequest = (unit: Unit, before: Claim, changes: Pick<Loose<ClaimInput>, 'taxMode' | 'currency'>) => ({
  business: { taxRates: unit.business.taxRates, taxRounding: roundingOf(unit, before) },
  taxMode: changes.taxMode ?? before.taxMode,
  currency: changes.currency ?? before.currency,
});

const withAccounts = (before: Claim, lines: readonly EnteredLine[] | undefined): { lines?: LineItem[] } =>
  lines === undefined
    ? {}
    : { lines: before.lines.map((line, i) => ({ ...line, account: lines[i]?.account ?? null })) };

const plainChanges = ({
  currency,
  taxMode,
  issueDate,
  reference,
  notes,
}: Omit<Loose<ClaimInput>, 'lines'>): Partial<ClaimFields> =>
  withoutGaps({ currency, taxMode, issueDate, reference, notes });

const withoutGaps = <T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;

const checked = (
  kind: NumberedKind,
  before: Claim,
  edited: Partial<ClaimFields> & Partial<Figures>,
): Partial<ClaimFields> => {
  if (before.status === 'issued' && (edited.totalMinor ?? 0) < 0) {
    throw refused(`The total of an issued ${WORDS[kind]} cannot go below zero.`, 'Issue a new document for it.');
  }
  return edited;
};

const renumbered = async (unit: Unit, kind: NumberedKind, before: Claim, number: string | undefined) => {
  if (number === undefined || number === before.number) return {};
  if (before.origin === 'billing') {
    throw refused(
      `The ${WORDS[kind]} ${before.number ?? 'draft'} has its number from here, where numbers have no gaps.`,
      'Give it the same number in the ledger.',
    );
  }
  // A change of case alone keeps the key.
  if (lookupKey(number) === before.numberKey) return { number };
  return foreignNumber(unit, kind, number);
};

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

export const checkRemovable = (kind: NumberedKind, claim: Claim): void => {
  if (claim.status === 'draft') return;
  throw refused(
    `The ${WORDS[kind]} ${claim.number} was issued on ${displayDate(claim.issueDate)} and cannot be removed.`,
    claim.status === 'void' ? 'It is void already.' : 'Void it, or issue a credit note.',
  );
};
