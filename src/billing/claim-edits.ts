// What may still change in an invoice or credit note. A draft: all. Issued and nothing allocated: all but customer and currency, which only a
// ledger may correct. With money allocated its amounts stay, and a credit note corrects them; texts, due date and accounts may move.
import { refused } from '../core/errors';
import { canonicalJson } from '../core/json';
import {
  billedTo,
  type Claim,
  type ClaimFields,
  type ClaimInput,
  checkNothingPaidBack,
  foreignNumber,
  issueClaim,
  type LedgerClaimInput,
  type Loose,
  statedOf,
  WORDS,
} from './claims';
import type { Customer, LineItem, TaxRounding } from './documents';
import { type EnteredLine, type Figures, figuresFromLedger, figuresOf } from './figures';
import type { NumberedKind } from './numbers';
import { lookupKey } from './texts';
import type { Unit } from './unit-of-work';

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
  const rebilled = before.status === 'issued' && moves.customer ? { billTo: billedTo(customer) } : {};
  const numbered = { ...edited, ...rebilled, ...(await renumbered(unit, kind, before, changes.number)) };
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
  if (!Object.values(moves).includes(true)) return;
  checkNothingPaidBack(before);
  if (before.allocatedMinor === 0) return;
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
