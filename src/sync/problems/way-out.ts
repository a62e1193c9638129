// The one thing to do about what a ledger does not take, in a sentence for a tired owner: by the name of the problem where it has one, by
// its class where it has none. It only gives words; whether a record is tried again is decided elsewhere. Pure.
import type { FailureClass, LedgerProblem } from '../ports/ledger-port';

type Words = (ledger: string) => string;

const COMPLETE: Words = () => 'Open the mapping of this connection and complete it.';
const CHOOSE: Words = () => 'Open the mapping of this connection and choose another.';
const RESTORE: Words = (ledger) =>
  `Restore it in ${ledger} and retry, or open the mapping of this connection and choose another.`;
const ANEW = 'An issued document stays as it is: cancel it here and issue it anew';

/** By code: what connectors object to before anything is sent, and what they refuse by name. */
export const WAYS_BY_CODE: Readonly<Record<string, Words>> = {
  mappingMissing: COMPLETE,
  accountUnmapped: COMPLETE,
  itemUnmapped: COMPLETE,
  taxRateUnmapped: COMPLETE,
  paymentAccountUnmapped: COMPLETE,
  accountArchived: RESTORE,
  itemArchived: RESTORE,
  taxRateArchived: RESTORE,
  paymentAccountArchived: RESTORE,
  accountMissing: CHOOSE,
  itemMissing: CHOOSE,
  taxRateMissing: CHOOSE,
  paymentAccountMissing: CHOOSE,
  accountNotForSales: CHOOSE,
  taxRateNotForSales: CHOOSE,
  creditNeedsBank: (ledger) =>
    `Allocate all of it to invoices here, or open the mapping of this connection and choose a bank account of ${ledger} for payments.`,
  creditOtherCurrency: (ledger) =>
    `Allocate all of it to invoices here, or open the mapping of this connection and choose a bank account of ${ledger} in the currency of the payment.`,
  paymentAccountRefuses: (ledger) =>
    `Allow payments to this account in ${ledger} and retry, or open the mapping of this connection and choose another.`,
  currencyOff: (ledger) =>
    `Switch the currency on in ${ledger}, then retry. If it shall stay off, cancel this here and write it in a currency that ${ledger} keeps.`,
  salesTaxOff: (ledger) => `Switch sales tax on in ${ledger}, then retry.`,
  emailInvalid: () => 'Correct the e-mail address here and save; it is then sent by itself.',
  nameEmpty: () => 'Give it a name here and save; it is then sent by itself.',
  nameBrackets: () => 'Take < and > out of the name here and save; it is then sent by itself.',
  nameTooLong: () => 'Shorten the name here and save; it is then sent by itself.',
  referenceTooLong: () => 'Give the customer a shorter id here and save; it is then sent by itself.',
  numberEmpty: () => 'Issue it under a number; it is then sent by itself.',
  numberTooLong: () => `${ANEW} under a shorter number.`,
  noDrafts: () => 'Issue it; it is then sent by itself.',
  tooManyLines: () => `${ANEW} in parts, each with fewer lines.`,
  noLines: () => `${ANEW} with at least one line.`,
  descriptionEmpty: () => `${ANEW} with a description on each line.`,
  discountOnCredit: () => `${ANEW} with the reduced prices instead of a discount.`,
  quantityTooFine: () => `${ANEW} with fewer decimals in the quantities.`,
  priceTooFine: () => `${ANEW} with prices of fewer decimals.`,
  notRepresentable: (ledger) => `Write it anew in amounts of two decimals; ${ledger} keeps no finer ones.`,
  totalNegative: () => 'Issue a credit note instead, or take out the lines that make its total negative.',
  taxNegative: () => 'Issue a credit note instead, or take out the lines that make its tax negative.',
  taxInclusive: () => `${ANEW} with prices without tax.`,
  taxNotTaken: () => 'Open the mapping of this connection and choose a taxable code for its tax rate.',
  notOneInvoice: () => 'Take it back here and enter one payment for each invoice.',
  amountNotPositive: () => 'Take it back here: there is nothing to send.',
  hasMoney: (ledger) =>
    `Remove the payment or credit from it in ${ledger}, then retry; or issue a credit note instead.`,
  invoiceMissing: (ledger) => `See in ${ledger} whether the invoice was deleted. Once it stands there, retry.`,
  voidedByPeople: (ledger) => `Void it in ${ledger}; it is then taken over here by itself.`,
  partOfPayment: (ledger) => `Change that payment in ${ledger}, then retry.`,
};

/** By class, where nothing nearer is known. The first five are tried again by themselves and reach a person only if they stay. */
export const WAYS_BY_CLASS: Readonly<Record<FailureClass, Words>> = {
  transient: () => 'Nothing to do: it is tried again by itself. If it stays for an hour, retry.',
  throttled: () => 'Nothing to do: it is tried again as soon as more calls are allowed.',
  stale: () => 'Nothing to do: both sides are read anew, and it is tried again by itself.',
  auth: (ledger) => `Connect ${ledger} again; it is then tried by itself.`,
  notFound: (ledger) => `See in ${ledger} whether it was deleted, or something that it refers to; then retry.`,
  validation: (ledger) => `Correct what ${ledger} objects to, then retry.`,
  duplicate: (ledger) =>
    `Look in ${ledger} for the other record with this name or number, and correct one of the two; then retry.`,
  locked: (ledger) => `Move the lock date in ${ledger}, or give the document a later date.`,
  unsupported: (ledger) =>
    `${ledger} has no place for this: change it here, or enter it there by hand. Everything else goes on.`,
  bug: (ledger) => `Retry. If it comes back, send us what ${ledger} answered; nothing is lost meanwhile.`,
};

/** Ledgers refuse what was archived a moment ago in sentences of their own. */
const ARCHIVED = /\barchived\b|\binactive\b|not active|has been (deleted|made inactive)/i;

const isClass = (text: string): text is FailureClass => Object.hasOwn(WAYS_BY_CLASS, text);

export const wayOut = (
  { code, class: failureClass, message }: Pick<LedgerProblem, 'code' | 'message'> & { readonly class?: FailureClass },
  ledger: string,
): string => {
  const named = code === undefined ? undefined : WAYS_BY_CODE[code];
  if (named !== undefined) return named(ledger);
  const known = failureClass ?? (code !== undefined && isClass(code) ? code : 'validation');
  if ((known === 'validation' || known === 'notFound') && ARCHIVED.test(message)) return RESTORE(ledger);
  return WAYS_BY_CLASS[known](ledger);
};
