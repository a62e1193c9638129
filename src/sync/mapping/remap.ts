// What was read from the ledger before the mapping was chosen, seen under it: a tax code that a billing rate now stands for, the account
// that is now the usual one, the method that an account now tells. The connectors project the same way when they read again. Pure.
import type { ExternalRecord, Mapping } from '../ports/ledger-port';
import type { CreditNoteAtoms, InvoiceAtoms, PaymentAtoms, RefundAtoms } from '../records';
import { PAYMENT_METHODS, type PaymentMethod } from '../records';

const UNMAPPED = 'ledger:';

export const remapped = (record: ExternalRecord, mapping: Mapping | undefined): ExternalRecord => {
  if (mapping === undefined) return record;
  switch (record.kind) {
    case 'invoice':
    case 'creditNote':
      return withAtoms(record, documentAtoms(record.projection.atoms as InvoiceAtoms | CreditNoteAtoms, mapping));
    case 'payment':
      return withAtoms(record, paymentAtoms(record.projection.atoms as PaymentAtoms, mapping));
    case 'refund':
      return withAtoms(record, refundAtoms(record.projection.atoms as RefundAtoms, mapping));
    case 'contact':
    case 'allocation':
      return record;
  }
};

const withAtoms = (record: ExternalRecord, atoms: ExternalRecord['projection']['atoms']): ExternalRecord => ({
  ...record,
  projection: { ...record.projection, atoms },
});

const documentAtoms = <A extends InvoiceAtoms | CreditNoteAtoms>(atoms: A, mapping: Mapping): A => ({
  ...atoms,
  moneyBlock: {
    ...atoms.moneyBlock,
    lines: atoms.moneyBlock.lines.map((line) => ({ ...line, taxRate: taxRateOf(line.taxRate, mapping) })),
  },
  accounts: atoms.accounts.map((account) => (account === mapping.revenue ? null : account)),
});

/** Several rates may share one code: the first in the alphabet speaks for it. */
const taxRateOf = (taxRate: string, mapping: Mapping): string => {
  if (!taxRate.startsWith(UNMAPPED)) return taxRate;
  const code = taxRate.slice(UNMAPPED.length);
  const keys = Object.keys(mapping.taxCodes).filter((key) => mapping.taxCodes[key] === code);
  return keys.sort()[0] ?? taxRate;
};

const paymentAtoms = (atoms: PaymentAtoms, mapping: Mapping): PaymentAtoms => {
  const { payment } = atoms;
  return { payment: { ...payment, method: methodOf(payment, mapping) } };
};

const refundAtoms = ({ refund }: RefundAtoms, mapping: Mapping): RefundAtoms => ({
  refund: { ...refund, method: methodOf(refund, mapping) },
});

type Cash = Pick<PaymentAtoms['payment'], 'method' | 'account' | 'currency'>;

/** `bankTransfer` is what a ledger's payment is where nothing tells its method: the account may tell it now. */
const methodOf = ({ method, account, currency }: Cash, mapping: Mapping): PaymentMethod => {
  if (method !== 'bankTransfer' || account === null) return method;
  const leading = PAYMENT_METHODS.filter((each) => mapping.paymentAccounts[`${each}:${currency}`] === account);
  const [only] = leading;
  return only !== undefined && leading.length === 1 ? only : method;
};
