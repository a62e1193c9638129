// What makes a record unsendable before it is sent, each with a name and in words. Judged by the mapping and by what was read last of the
// organisation and its chart; what was not read is not judged: Xero will.
import type { LedgerProblem } from '../../sync/ports/ledger-port';
import type {
  AllocationAtoms,
  AtomsOf,
  ContactAtoms,
  CreditNoteAtoms,
  InvoiceAtoms,
  LineAtom,
  PaymentAtoms,
  Projection,
  RecordKind,
  RefundAtoms,
} from '../../sync/records';
import { fitsTwoPlaces, isRepresentable, predict, QUANTITY_PLACES } from './arithmetic';
import { LENGTHS } from './limits';
import { accountCodeOf, type Known, paymentAccountOf, taxCodeOf } from './mapped';

const problem = (
  code: string,
  message: string,
  problemClass: LedgerProblem['class'] = 'validation',
): LedgerProblem => ({
  class: problemClass,
  code,
  message,
});

const NO_MAPPING = problem('mappingMissing', 'no accounts and tax rates have been chosen for Xero yet.');

export const objectionsTo = <K extends RecordKind>(
  known: Known,
  kind: K,
  { atoms }: Projection<AtomsOf[K]>,
): readonly LedgerProblem[] => {
  switch (kind as RecordKind) {
    case 'contact':
      return toContact(atoms as ContactAtoms);
    case 'invoice':
      return known.mapping === undefined ? [NO_MAPPING] : toDocument(known, atoms as InvoiceAtoms, 'invoice');
    case 'creditNote':
      return known.mapping === undefined ? [NO_MAPPING] : toDocument(known, atoms as CreditNoteAtoms, 'credit note');
    case 'payment':
      return known.mapping === undefined ? [NO_MAPPING] : toPayment(known, atoms as PaymentAtoms);
    case 'refund':
      return known.mapping === undefined ? [NO_MAPPING] : toCash(known, (atoms as RefundAtoms).refund);
    case 'allocation':
      return toAllocation(atoms as AllocationAtoms);
  }
};

const toContact = ({ name, email, externalRef }: ContactAtoms): LedgerProblem[] => [
  ...(name.trim() === '' ? [problem('nameEmpty', 'it has no name.')] : []),
  ...(/[<>]/.test(name) ? [problem('nameBrackets', 'Xero takes no < or > in a name.')] : []),
  ...(email !== null && email.trim() !== '' && !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(email.trim())
    ? [problem('emailInvalid', `"${email}" is no e-mail address that Xero takes.`)]
    : []),
  ...((externalRef ?? '').length > LENGTHS.contactNumber
    ? [problem('referenceTooLong', `its customer id is longer than ${LENGTHS.contactNumber} characters.`)]
    : []),
];

const toDocument = (known: Known, atoms: InvoiceAtoms | CreditNoteAtoms, what: string): LedgerProblem[] => {
  const { moneyBlock, number, accounts } = atoms;
  const found = [
    ...(number.trim() === '' ? [problem('numberEmpty', `this ${what} has no number.`)] : []),
    ...(number.trim().length > LENGTHS.documentNumber
      ? [problem('numberTooLong', `its number is longer than ${LENGTHS.documentNumber} characters.`)]
      : []),
    ...toCurrency(known, moneyBlock.currency),
    ...(moneyBlock.lines.length === 0 ? [problem('noLines', 'it has no lines.')] : []),
    ...moneyBlock.lines.flatMap((line) => toLine(known, line, moneyBlock.taxMode, what)),
    ...accounts.flatMap((account) => toAccount(known, accountCodeOf(known, account) ?? '')),
  ];
  if (found.length === 0 && !isRepresentable(known, moneyBlock)) {
    const coin = `Xero would round it to a part of the smallest coin of ${moneyBlock.currency}.`;
    found.push(problem('notRepresentable', coin, 'unsupported'));
  }
  if (found.length === 0 && predict(known, moneyBlock).totalMinor < 0) {
    found.push(problem('totalNegative', 'its total is below zero.'));
  }
  return distinct(found);
};

const toLine = (known: Known, line: LineAtom, taxMode: string, what: string): LedgerProblem[] => [
  ...(line.description.trim() === '' ? [problem('descriptionEmpty', 'one of its lines has no description.')] : []),
  ...(placesOf(line.quantity) > QUANTITY_PLACES
    ? [problem('quantityTooFine', `the quantity ${line.quantity} has more than ${QUANTITY_PLACES} decimals.`)]
    : []),
  ...(what === 'credit note' && !/^0(\.0*)?$/.test(line.discountPercent)
    ? [
        problem(
          'discountOnCredit',
          'Xero takes no discount on the lines of a credit note: put the reduced price instead.',
        ),
      ]
    : []),
  ...(taxMode === 'noTax' ? [] : toTaxRate(known, line.taxRate)),
];
const placesOf = (decimal: string): number => decimal.replace(/0+$/, '').split('.')[1]?.length ?? 0;

const toTaxRate = (known: Known, taxRate: string): LedgerProblem[] => {
  const code = taxCodeOf(known, taxRate);
  if (code === undefined) return [problem('taxRateUnmapped', `no tax rate of Xero has been chosen for "${taxRate}".`)];
  if (known.chart === undefined) return [];
  const found = known.chart.taxCodes.find((rate) => rate.code === code);
  if (found === undefined) return [problem('taxRateMissing', `the tax rate ${code} is not in Xero any more.`)];
  if (found.state === 'archived')
    return [problem('taxRateArchived', `the tax rate ${found.name} is archived in Xero.`)];
  return found.forSales ? [] : [problem('taxRateNotForSales', `the tax rate ${found.name} is not meant for sales.`)];
};

const toAccount = ({ chart }: Known, code: string): LedgerProblem[] => {
  if (code === '') return [problem('accountUnmapped', 'no revenue account of Xero has been chosen.')];
  if (chart === undefined) return [];
  const account = chart.accounts.find((candidate) => candidate.code === code);
  if (account === undefined) return [problem('accountMissing', `the account ${code} is not in Xero.`)];
  const named = `the account ${code} ${account.name}`;
  if (account.state === 'archived') return [problem('accountArchived', `${named} is archived in Xero.`)];
  if (account.isSystem || account.use === 'bank' || account.use === 'clearing') {
    return [problem('accountNotForSales', `${named} is none that a line may be booked to.`)];
  }
  return [];
};

const toCurrency = ({ organisation }: Known, currency: string): LedgerProblem[] =>
  organisation === undefined || organisation.currencies.includes(currency)
    ? []
    : [problem('currencyOff', `${currency} is not switched on in Xero.`, 'unsupported')];

const toPayment = (known: Known, { payment }: PaymentAtoms): LedgerProblem[] => {
  const [only, ...more] = payment.allocations;
  return [
    ...(payment.isCredit === true ? toCreditAccount(known, payment) : []),
    ...(payment.isCredit !== true && (only === undefined || more.length > 0 || only.amountMinor !== payment.amountMinor)
      ? [
          problem(
            'notOneInvoice',
            'a payment in Xero belongs to exactly one invoice, with all of its amount.',
            'unsupported',
          ),
        ]
      : []),
    ...toCash(known, payment),
  ];
};

type Cash = Pick<PaymentAtoms['payment'], 'amountMinor' | 'currency' | 'account' | 'method'>;

/** What is asked of money on its way in or out alike. */
const toCash = (known: Known, cash: Cash): LedgerProblem[] => {
  const accountId = paymentAccountOf(known, cash);
  return [
    ...(fitsTwoPlaces(cash.amountMinor, cash.currency)
      ? []
      : [
          problem(
            'notRepresentable',
            `Xero keeps two decimals, and the amount in ${cash.currency} has more.`,
            'unsupported',
          ),
        ]),
    ...toCurrency(known, cash.currency),
    ...toPaymentAccount(known, accountId, cash.currency),
  ];
};

/** An overpayment is a bank transaction: it stands on a bank account of its own currency. */
const toCreditAccount = (known: Known, cash: Cash): LedgerProblem[] => {
  const { currency } = cash;
  const accountId = paymentAccountOf(known, cash);
  const account = known.chart?.accounts.find(({ id }) => id === accountId);
  if (account === undefined) return [];
  if (account.use !== 'bank' && account.use !== 'clearing') {
    return [
      problem(
        'creditNeedsBank',
        `money that pays no invoice yet needs a bank account in Xero, and ${account.name} is none.`,
        'unsupported',
      ),
    ];
  }
  if (account.currency === null || account.currency === currency) return [];
  return [
    problem(
      'creditOtherCurrency',
      `money that pays no invoice yet needs a bank account in ${currency}, and ${account.name} is in ${account.currency}.`,
      'unsupported',
    ),
  ];
};

const toPaymentAccount = ({ chart }: Known, accountId: string | null, currency: string): LedgerProblem[] => {
  if (accountId === null) {
    return [problem('paymentAccountUnmapped', `no account of Xero has been chosen for payments in ${currency}.`)];
  }
  if (chart === undefined) return [];
  const account = chart.accounts.find(({ id }) => id === accountId);
  if (account === undefined)
    return [problem('paymentAccountMissing', 'the account chosen for payments is not in Xero.')];
  if (account.state === 'archived') {
    return [
      problem('paymentAccountArchived', `the account ${account.name}, chosen for payments, is archived in Xero.`),
    ];
  }
  return account.acceptsPayments
    ? []
    : [problem('paymentAccountRefuses', `payments to ${account.name} are not enabled in Xero.`)];
};

const toAllocation = ({ allocation }: AllocationAtoms): LedgerProblem[] =>
  allocation.amountMinor > 0 ? [] : [problem('amountNotPositive', 'nothing would be allocated.')];

const distinct = (problems: readonly LedgerProblem[]): LedgerProblem[] => [
  ...new Map(problems.map((found) => [found.message, found])).values(),
];
