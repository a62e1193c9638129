// The numbers that a payer may type in, and what comes of each: Stripe's documented test cards and bank accounts.

export type Outcome =
  | { readonly kind: 'succeeds' }
  | { readonly kind: 'declined'; readonly code: string; readonly declineCode?: string; readonly message: string }
  | { readonly kind: 'asksTheBank' }
  | { readonly kind: 'disputed' };

export type TestCard = {
  readonly number: string;
  readonly says: string;
  readonly brand: string;
  readonly outcome: Outcome;
};

const declined = (declineCode: string, message: string): Outcome => ({
  kind: 'declined',
  code: 'card_declined',
  declineCode,
  message,
});

export const TEST_CARDS: readonly TestCard[] = [
  { number: '4242424242424242', says: 'succeeds', brand: 'visa', outcome: { kind: 'succeeds' } },
  { number: '5555555555554444', says: 'succeeds', brand: 'mastercard', outcome: { kind: 'succeeds' } },
  {
    number: '4000000000000002',
    says: 'is declined',
    brand: 'visa',
    outcome: declined('generic_decline', 'Your card was declined.'),
  },
  {
    number: '4000000000009995',
    says: 'has insufficient funds',
    brand: 'visa',
    outcome: declined('insufficient_funds', 'Your card has insufficient funds.'),
  },
  {
    number: '4000000000000069',
    says: 'has expired',
    brand: 'visa',
    outcome: { kind: 'declined', code: 'expired_card', message: 'Your card has expired.' },
  },
  {
    number: '4000002500003155',
    says: 'must be confirmed with the bank',
    brand: 'visa',
    outcome: { kind: 'asksTheBank' },
  },
  { number: '4000000000000259', says: 'succeeds, then is disputed', brand: 'visa', outcome: { kind: 'disputed' } },
];

/** A bank debit is `processing` for days, and then arrives or comes back. */
export const TEST_BANK_ACCOUNTS = [
  { number: '000123456789', says: 'arrives after some days', arrives: true },
  { number: '000222222227', says: 'comes back for want of funds', arrives: false },
] as const;

/** Saved methods that the API takes by name. */
export const NAMED_METHODS: Readonly<Record<string, string>> = {
  pm_card_visa: '4242424242424242',
  pm_card_mastercard: '5555555555554444',
  pm_card_visa_chargeDeclined: '4000000000000002',
  pm_card_chargeDeclined: '4000000000000002',
  pm_card_chargeDeclinedInsufficientFunds: '4000000000009995',
  pm_card_authenticationRequired: '4000002500003155',
  pm_card_createDispute: '4000000000000259',
};

const DEBITS: Readonly<Record<string, { readonly type: string; readonly label: string }>> = {
  usd: { type: 'us_bank_account', label: 'US bank account' },
  eur: { type: 'sepa_debit', label: 'SEPA direct debit' },
  gbp: { type: 'bacs_debit', label: 'Bacs direct debit' },
  aud: { type: 'au_becs_debit', label: 'BECS direct debit' },
};

/** The bank debit that is offered in a currency, where there is one. */
export const debitOf = (currency: string): { readonly type: string; readonly label: string } | undefined =>
  DEBITS[currency];

export const cardOf = (number: string): TestCard | undefined => {
  const digits = number.replaceAll(/[\s-]/g, '');
  return TEST_CARDS.find((card) => card.number === digits);
};
