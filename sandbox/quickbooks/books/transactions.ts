// What sales documents and payments share: their currency and rate, and the note that a void leaves.
import type { Ledger } from './ledger';
import type { Customer } from './records';
import { businessRule, missing } from './refusal';

/** With several currencies every transaction names its own, and it is the customer's. */
export const currencyOf = (ledger: Ledger, wanted: string | undefined, customer: Customer): string => {
  const currency = customer.CurrencyRef?.value ?? ledger.company.homeCurrency;
  if (wanted === undefined && ledger.company.multicurrency) throw missing('CurrencyRef');
  if (wanted !== undefined && wanted !== currency) {
    throw businessRule("The transaction's currency is not the customer's currency.", 'CurrencyRef');
  }
  return currency;
};

export const rateOf = (ledger: Ledger, currency: string): number =>
  currency === ledger.company.homeCurrency ? 1 : Number(ledger.company.exchangeRates[currency] ?? '1');

export const voidedNote = (note: string | undefined): string =>
  note === undefined || note === '' ? 'Voided' : note.startsWith('Voided') ? note : `Voided - ${note}`;
