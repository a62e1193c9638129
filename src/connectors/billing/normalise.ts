// What billing makes of a projection before it keeps it: its trims, its limits, one form of each decimal. Pure. A ledger's value that billing
// would cut counts as equal to the cut one, so that it does not travel back and forth for ever.
import { cutText, LIMITS } from '../../billing/texts';
import { canonicalDecimal, isDecimal } from '../../core/money';
import type {
  AddressAtom,
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

const ACCOUNT_LIMIT = 100;
const MAX_STREET_LINES = 4;

export const normaliseForBilling = <K extends RecordKind>(
  kind: K,
  { status, atoms }: Projection<AtomsOf[K]>,
): Projection<AtomsOf[K]> => ({ status, atoms: NORMALISERS[kind](atoms) });

const text = (value: string | null, limit: number): string | null => {
  const cut = value === null ? '' : cutText(value, limit);
  return cut === '' ? null : cut;
};

const address = (value: AddressAtom | null): AddressAtom | null => {
  if (value === null) return null;
  const country = value.country?.trim().toUpperCase() ?? '';
  const cut: AddressAtom = {
    lines: value.lines
      .map((line) => cutText(line, LIMITS.addressLine))
      .filter((line) => line !== '')
      .slice(0, MAX_STREET_LINES),
    city: text(value.city, LIMITS.addressPart),
    region: text(value.region, LIMITS.addressPart),
    postalCode: text(value.postalCode, LIMITS.postalCode),
    country: /^[A-Z]{2}$/.test(country) ? country : null,
  };
  const isEmpty = cut.lines.length === 0 && !cut.city && !cut.region && !cut.postalCode && !cut.country;
  return isEmpty ? null : cut;
};

const contact = (atoms: ContactAtoms): ContactAtoms => ({
  ...atoms,
  name: cutText(atoms.name, LIMITS.name),
  email: text(atoms.email, LIMITS.email),
  phone: text(atoms.phone, LIMITS.phone),
  taxNumber: text(atoms.taxNumber, LIMITS.taxNumber),
  address: address(atoms.address),
});

const decimal = (value: string): string => (isDecimal(value) ? canonicalDecimal(value) : value);

const line = (atom: LineAtom): LineAtom => ({
  ...atom,
  description: cutText(atom.description, LIMITS.lineDescription),
  quantity: decimal(atom.quantity),
  unitPrice: decimal(atom.unitPrice),
  discountPercent: decimal(atom.discountPercent),
});

const claim = <A extends InvoiceAtoms | CreditNoteAtoms>(atoms: A): A => ({
  ...atoms,
  number: cutText(atoms.number, LIMITS.number),
  reference: text(atoms.reference, LIMITS.reference),
  moneyBlock: { ...atoms.moneyBlock, lines: atoms.moneyBlock.lines.map(line) },
  accounts: atoms.accounts.map((account) => text(account, ACCOUNT_LIMIT)),
});

const payment = ({ payment: cash }: PaymentAtoms): PaymentAtoms => ({
  payment: {
    ...cash,
    account: text(cash.account, ACCOUNT_LIMIT),
    reference: text(cash.reference, LIMITS.reference),
    allocations: [...cash.allocations].sort((a, b) => (a.invoice.id < b.invoice.id ? -1 : 1)),
  },
});

const refund = ({ refund: cash }: RefundAtoms): RefundAtoms => ({
  refund: { ...cash, account: text(cash.account, ACCOUNT_LIMIT), reference: text(cash.reference, LIMITS.reference) },
});

const NORMALISERS: { readonly [K in RecordKind]: (atoms: AtomsOf[K]) => AtomsOf[K] } = {
  contact,
  invoice: claim,
  creditNote: claim,
  payment,
  allocation: (atoms) => atoms,
  refund,
};
