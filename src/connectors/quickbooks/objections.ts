// What makes a record unsendable before it is sent, each with a name and in words. Judged by the mapping and by what was read last of the
// company and its lists; what was not read is not judged: QuickBooks will.
import { Big } from 'big.js';
import type { LedgerProblem } from '../../sync/ports/ledger-port';
import type {
  AllocationAtoms,
  AtomsOf,
  ContactAtoms,
  CreditNoteAtoms,
  InvoiceAtoms,
  LineAtom,
  MoneyBlock,
  PaymentAtoms,
  Projection,
  RecordKind,
} from '../../sync/records';
import {
  fitsPlaces,
  fromMinor,
  grossPrice,
  isWithinTolerance,
  netOfGross,
  PRICE_PLACES,
  predict,
  taxModeOf,
} from './arithmetic';
import { isRemark } from './document-body';
import { LENGTHS, MOST_TAXED_LINES } from './limits';
import { hasNoTax, isAutomated, itemOf, type Known, paymentAccountOf, TAXED, taxCodeOf } from './mapped';

const problem = (
  code: string,
  message: string,
  problemClass: LedgerProblem['class'] = 'validation',
): LedgerProblem => ({ class: problemClass, code, message });

const NO_MAPPING = problem('mappingMissing', 'no items and tax codes have been chosen for QuickBooks yet.');

export const objectionsTo = <K extends RecordKind>(
  known: Known,
  kind: K,
  { status, atoms }: Projection<AtomsOf[K]>,
): readonly LedgerProblem[] => {
  if (kind === 'contact') return toContact(known, atoms as ContactAtoms);
  if (kind === 'allocation') return toAllocation(atoms as AllocationAtoms);
  if (known.mapping === undefined) return [NO_MAPPING];
  if (kind === 'payment') return toPayment(known, atoms as PaymentAtoms);
  const what = kind === 'invoice' ? 'invoice' : 'credit note';
  return toDocument(known, atoms as InvoiceAtoms | CreditNoteAtoms, what, status === 'draft');
};

// ---- contacts ----

const toContact = (known: Known, { name, email, currency }: ContactAtoms): LedgerProblem[] => [
  ...(name.trim() === '' ? [problem('nameEmpty', 'it has no name.')] : []),
  ...(name.trim().length > LENGTHS.displayName
    ? [problem('nameTooLong', `its name is longer than ${LENGTHS.displayName} characters.`)]
    : []),
  ...(email !== null && email.trim() !== '' && !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(email.trim())
    ? [problem('emailInvalid', `"${email}" is no e-mail address that QuickBooks takes.`)]
    : []),
  ...(currency === null ? [] : toCurrency(known, currency)),
];

const toCurrency = ({ organisation, isMulticurrency }: Known, currency: string): LedgerProblem[] => {
  if (organisation === undefined || organisation.currencies.includes(currency)) return [];
  const why = isMulticurrency
    ? `${currency} is not among the currencies of this company in QuickBooks.`
    : `${currency} cannot be used: multicurrency is off in QuickBooks, which keeps everything in ${organisation.baseCurrency}.`;
  return [problem('currencyOff', why, 'unsupported')];
};

// ---- documents ----

const toDocument = (
  known: Known,
  atoms: InvoiceAtoms | CreditNoteAtoms,
  what: string,
  isDraft: boolean,
): LedgerProblem[] => {
  const { moneyBlock, number, accounts } = atoms;
  const found = [
    ...(isDraft
      ? [problem('noDrafts', `QuickBooks has no drafts: this ${what} is sent once it is issued.`, 'unsupported')]
      : []),
    ...(number.trim() === '' ? [problem('numberEmpty', `this ${what} has no number.`)] : []),
    ...(number.trim().length > LENGTHS.documentNumber
      ? [
          problem(
            'numberTooLong',
            `its number is longer than the ${LENGTHS.documentNumber} characters that QuickBooks keeps.`,
          ),
        ]
      : []),
    ...toCurrency(known, moneyBlock.currency),
    ...(moneyBlock.lines.length === 0 ? [problem('noLines', 'it has no lines.')] : []),
    ...toTaxMode(known, moneyBlock),
    ...toLineCount(moneyBlock),
    ...moneyBlock.lines.flatMap((line) => toLine(known, moneyBlock, line)),
    ...accounts.flatMap((account) => toItem(known, itemOf(known, account) ?? '')),
  ];
  return distinct(found.length === 0 ? toTotals(known, moneyBlock) : found);
};

const toLineCount = ({ lines, taxMinor }: MoneyBlock): LedgerProblem[] => {
  if (taxMinor === 0 || lines.length <= MOST_TAXED_LINES) return [];
  const why = `it has ${lines.length} lines, and QuickBooks takes ${MOST_TAXED_LINES} where tax is charged.`;
  return [problem('tooManyLines', why, 'unsupported')];
};

const toTaxMode = (known: Known, { taxMode, taxMinor }: MoneyBlock): LedgerProblem[] => {
  if (isAutomated(known) && taxMode === 'taxInclusive') {
    const why = 'prices that include tax cannot be sent to QuickBooks in the United States: use prices without tax.';
    return [problem('taxInclusive', why, 'unsupported')];
  }
  if (hasNoTax(known) && taxMinor !== 0) {
    const why = 'it carries tax, and sales tax is switched off in QuickBooks, which would drop it.';
    return [problem('salesTaxOff', why, 'unsupported')];
  }
  return [];
};

const toLine = (known: Known, block: MoneyBlock, line: LineAtom): LedgerProblem[] => [
  ...(decimalsOf(line.quantity) > PRICE_PLACES
    ? [problem('quantityTooFine', `the quantity ${line.quantity} has more than ${PRICE_PLACES} decimals.`)]
    : []),
  ...(fitsPlaces(line.netMinor, block.currency)
    ? []
    : [
        problem(
          'notRepresentable',
          `QuickBooks keeps two decimals, and an amount in ${block.currency} has more.`,
          'unsupported',
        ),
      ]),
  ...(taxModeOf(known, block.taxMode) === 'noTax' || isRemark(known, block, line)
    ? []
    : toTaxRate(known, line.taxRate)),
];
const decimalsOf = (decimal: string): number => decimal.replace(/0+$/, '').split('.')[1]?.length ?? 0;

const toTaxRate = (known: Known, taxRate: string): LedgerProblem[] => {
  const code = taxCodeOf(known, taxRate);
  if (code === undefined)
    return [problem('taxRateUnmapped', `no tax code of QuickBooks has been chosen for "${taxRate}".`)];
  if (known.lists === undefined) return [];
  const found = known.lists.chart.taxCodes.find((candidate) => candidate.code === code);
  if (found === undefined) return [problem('taxRateMissing', `the tax code ${code} is not in QuickBooks.`)];
  if (found.state === 'archived') {
    return [problem('taxRateArchived', `the tax code ${found.name} is inactive in QuickBooks.`)];
  }
  return found.forSales ? [] : [problem('taxRateNotForSales', `the tax code ${found.name} is not meant for sales.`)];
};

const toItem = ({ lists }: Known, id: string): LedgerProblem[] => {
  if (id === '') return [problem('itemUnmapped', 'no product or service of QuickBooks has been chosen for sales.')];
  if (lists === undefined) return [];
  const item = lists.chart.items.find((candidate) => candidate.id === id);
  if (item === undefined) return [problem('itemMissing', `the product or service ${id} is not in QuickBooks.`)];
  if (item.state === 'archived') {
    return [problem('itemArchived', `the product or service ${item.name} is inactive in QuickBooks.`)];
  }
  const account = lists.chart.accounts.find((candidate) => candidate.id === item.accountId);
  if (account !== undefined && account.state === 'archived') {
    return [problem('accountArchived', `the account ${account.name} of ${item.name} is inactive in QuickBooks.`)];
  }
  return [];
};

const toTotals = (known: Known, block: MoneyBlock): LedgerProblem[] => {
  const made = predict(known, block);
  const { currency } = made;
  if (made.totalMinor < 0) return [problem('totalNegative', 'its total is below zero.')];
  if (isAutomated(known)) {
    if (made.taxMinor < 0) return [problem('taxNegative', 'its tax is below zero, which QuickBooks does not take.')];
    if (block.taxMinor !== 0 && !made.lines.some(({ taxRate }) => taxCodeOf(known, taxRate) === TAXED)) {
      return [
        problem(
          'taxNotTaken',
          'it carries tax, but none of its lines is taxable in QuickBooks, which would drop the tax.',
        ),
      ];
    }
  }
  const isUntold = made.lines.some((line) => {
    const quantity = new Big(line.quantity);
    const stated = fromMinor(line.netMinor, currency);
    if (made.taxMode !== 'taxInclusive') return !isWithinTolerance(quantity, new Big(line.unitPrice), stated, currency);
    const net = netOfGross(known, stated, taxCodeOf(known, line.taxRate), currency);
    return !quantity.eq(0) && !isWithinTolerance(quantity, grossPrice(net, quantity), net, currency);
  });
  return isUntold
    ? [
        problem(
          'priceTooFine',
          'the price of a line cannot be told in QuickBooks’ seven decimals to the cent.',
          'unsupported',
        ),
      ]
    : [];
};

// ---- money ----

const toPayment = (known: Known, { payment }: PaymentAtoms): LedgerProblem[] => {
  const accountId = paymentAccountOf(known, payment);
  return [
    ...(payment.amountMinor > 0 ? [] : [problem('amountNotPositive', 'nothing was paid.')]),
    ...(fitsPlaces(payment.amountMinor, payment.currency)
      ? []
      : [
          problem(
            'notRepresentable',
            `QuickBooks keeps two decimals, and the amount in ${payment.currency} has more.`,
            'unsupported',
          ),
        ]),
    ...toCurrency(known, payment.currency),
    ...toPaymentAccount(known, accountId, payment.currency),
  ];
};

const toPaymentAccount = ({ lists }: Known, accountId: string | null, currency: string): LedgerProblem[] => {
  if (accountId === null) {
    return [problem('paymentAccountUnmapped', `no account of QuickBooks has been chosen for payments in ${currency}.`)];
  }
  const account = lists?.chart.accounts.find(({ id }) => id === accountId);
  if (lists === undefined) return [];
  if (account === undefined) {
    return [problem('paymentAccountMissing', 'the account chosen for payments is not in QuickBooks.')];
  }
  const named = `the account ${account.name}, chosen for payments,`;
  if (account.state === 'archived') return [problem('paymentAccountArchived', `${named} is inactive in QuickBooks.`)];
  return account.acceptsPayments
    ? []
    : [problem('paymentAccountRefuses', `${named} is neither a bank account nor another current asset.`)];
};

const toAllocation = ({ allocation }: AllocationAtoms): LedgerProblem[] =>
  allocation.amountMinor > 0 ? [] : [problem('amountNotPositive', 'nothing would be allocated.')];

const distinct = (problems: readonly LedgerProblem[]): LedgerProblem[] => [
  ...new Map(problems.map((found) => [found.message, found])).values(),
];
