// One Payment of QuickBooks may be two things: money received, with all the invoices it settles, and credit memos put to invoices (then its
// amount is zero, or it does both at once). Money is a `payment`, each credit put to an invoice an `allocation`. A pure allocation goes by
// the id of its Payment; those inside a larger one by `<payment>/<credit memo>/<invoice>`, and only people may change these.
import type { Guards } from '../../sync/ports/ledger-port';
import type { AllocationAtoms, PaymentAtoms, Projection } from '../../sync/records';
import { NotUnderstood, type PaymentAnswer } from './answers';
import { fromMinor, wireNumber } from './arithmetic';
import { minorIn, VOIDED } from './document-projection';
import { LENGTHS } from './limits';
import { currencyOf, type Known, methodIdOf, methodOf, paymentAccountOf, understoodCurrency } from './mapped';
import { noteWithTag, prefixOf, tagIn } from './tags';
import { cutOrNull } from './text';
import type { EntityBody } from './wire';

export type ProjectedPayment = {
  readonly projection: Projection<PaymentAtoms>;
  readonly guards: Guards;
  readonly tag?: string;
};
export type ProjectedAllocation = {
  readonly externalId: string;
  readonly projection: Projection<AllocationAtoms>;
  readonly guards: Guards;
  readonly tag?: string;
};

type Share = { readonly id: string; readonly minor: number };
type Parts = {
  readonly currency: string;
  readonly isVoid: boolean;
  readonly tag: string | undefined;
  readonly amountMinor: number;
  readonly invoices: readonly Share[];
  readonly credits: readonly Share[];
};

const partsOf = (known: Known, payment: PaymentAnswer): Parts => {
  const currency = currencyOf(known, payment.CurrencyRef?.value);
  if (currency === null) throw new NotUnderstood('it names no currency');
  understoodCurrency(known, currency);
  const minor = minorIn(currency);
  const shares = (type: string): Share[] =>
    payment.Line.flatMap(({ Amount, LinkedTxn }) => {
      const linked = LinkedTxn.find(({ TxnType }) => TxnType === type);
      return linked === undefined || Amount.eq(0) ? [] : [{ id: linked.TxnId, minor: minor(Amount) }];
    });
  const [invoices, credits] = [shares('Invoice'), shares('CreditMemo')];
  return {
    currency,
    tag: tagIn(payment.PrivateNote),
    amountMinor: minor(payment.TotalAmt),
    invoices,
    credits,
    isVoid: payment.TotalAmt.eq(0) && invoices.length === 0 && VOIDED.test(payment.PrivateNote),
  };
};

/** How the credits are spread over the invoices: in their order, as far as each goes. */
const spread = ({ invoices, credits }: Parts) => {
  const left = invoices.map(({ minor }) => minor);
  const pairs: { readonly creditId: string; readonly invoiceId: string; readonly minor: number }[] = [];
  for (const credit of credits) {
    let rest = credit.minor;
    invoices.forEach((invoice, i) => {
      const part = Math.min(rest, left[i] ?? 0);
      if (part <= 0) return;
      rest -= part;
      left[i] = (left[i] ?? 0) - part;
      pairs.push({ creditId: credit.id, invoiceId: invoice.id, minor: part });
    });
  }
  const cash = invoices.flatMap(({ id }, i) => ((left[i] ?? 0) > 0 ? [{ id, minor: left[i] ?? 0 }] : []));
  return { pairs, cash };
};

/** Undefined where the record is no money received: a mere allocation of credit. */
export const paymentProjection = (known: Known, payment: PaymentAnswer): ProjectedPayment | undefined => {
  const parts = partsOf(known, payment);
  const isAllocation = parts.isVoid
    ? prefixOf(parts.tag) === 'alc'
    : parts.amountMinor === 0 && parts.credits.length > 0;
  if (isAllocation) return undefined;
  const { cash } = spread(parts);
  const { currency, amountMinor } = parts;
  const account = payment.DepositToAccountRef?.value ?? null;
  const allocatedMinor = cash.reduce((total, { minor }) => total + minor, 0);
  return {
    ...(parts.tag === undefined ? {} : { tag: parts.tag }),
    projection: {
      status: parts.isVoid ? 'void' : 'live',
      atoms: {
        payment: {
          contact: { $ref: 'contact', id: payment.CustomerRef.value },
          currency,
          amountMinor,
          date: payment.TxnDate,
          account,
          method: methodOf(known, payment.PaymentMethodRef?.value, account, currency),
          reference: cutOrNull(payment.PaymentRefNum, LENGTHS.paymentReference),
          allocations: sorted(cash),
        },
      },
    },
    guards: {
      allocatedMinor,
      openMinor: amountMinor - allocatedMinor,
      // In a deposit, or mixed with credits: QuickBooks or we could not change it without harm.
      reconciled: parts.credits.length > 0 || payment.LinkedTxn.some(({ TxnType }) => TxnType === 'Deposit'),
    },
  };
};

const sorted = (shares: readonly Share[]): PaymentAtoms['payment']['allocations'] =>
  [...shares]
    .sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
    .map(({ id, minor }) => ({ invoice: { $ref: 'invoice', id }, amountMinor: minor }));

/** None where the record is money alone. A voided allocation has lost its ends: only its tag says what it was. */
export const allocationProjections = (known: Known, payment: PaymentAnswer): readonly ProjectedAllocation[] => {
  const parts = partsOf(known, payment);
  const tag = parts.tag === undefined ? {} : { tag: parts.tag };
  if (parts.isVoid) {
    if (prefixOf(parts.tag) !== 'alc') return [];
    return [
      { externalId: payment.Id, ...tag, ...allocationOf(payment, { creditId: '', invoiceId: '', minor: 0 }, 'void') },
    ];
  }
  const { pairs, cash } = spread(parts);
  const isPure = parts.amountMinor === 0 && pairs.length === 1 && cash.length === 0;
  return pairs.map((pair) => ({
    externalId: isPure ? payment.Id : `${payment.Id}/${pair.creditId}/${pair.invoiceId}`,
    ...(isPure ? tag : {}),
    ...allocationOf(payment, pair, 'live'),
  }));
};

const allocationOf = (
  { TxnDate }: PaymentAnswer,
  pair: { readonly creditId: string; readonly invoiceId: string; readonly minor: number },
  status: 'live' | 'void',
): { readonly projection: Projection<AllocationAtoms>; readonly guards: Guards } => ({
  projection: {
    status,
    atoms: {
      allocation: {
        creditNote: { $ref: 'creditNote', id: pair.creditId },
        invoice: { $ref: 'invoice', id: pair.invoiceId },
        amountMinor: pair.minor,
        date: TxnDate,
      },
    },
  },
  guards: { allocatedMinor: pair.minor, openMinor: 0, reconciled: false },
});

/** The Payment in which an allocation lives. */
export const paymentIdOf = (allocationId: string): string => allocationId.split('/')[0] ?? allocationId;
export const isPartOfPayment = (allocationId: string): boolean => allocationId.includes('/');

// ---- what we write ----

export const normalisePayment = (
  known: Known,
  { status, atoms: { payment } }: Projection<PaymentAtoms>,
): Projection<PaymentAtoms> => {
  const account = paymentAccountOf(known, payment);
  return {
    status: status === 'live' || status === 'draft' ? 'live' : 'void',
    atoms: {
      payment: {
        contact: { $ref: 'contact', id: payment.contact.id },
        currency: payment.currency,
        amountMinor: payment.amountMinor,
        date: payment.date,
        account,
        method: methodOf(known, methodIdOf(known, payment.method), account, payment.currency),
        reference: cutOrNull(payment.reference, LENGTHS.paymentReference),
        allocations: sorted(
          payment.allocations.flatMap(({ invoice, amountMinor }) =>
            amountMinor === 0 ? [] : [{ id: invoice.id, minor: amountMinor }],
          ),
        ),
      },
    },
  };
};

export type PaymentWrite = { readonly tag: string; readonly isNew: boolean };

/** The whole of it, lines included: an update replaces what was allocated before. */
export const paymentBody = (known: Known, projection: Projection<PaymentAtoms>, write: PaymentWrite): EntityBody => {
  const { payment } = normalisePayment(known, projection).atoms;
  const methodId = methodIdOf(known, projection.atoms.payment.method);
  return {
    ...head(known, payment.contact.id, payment.currency, payment.date, write),
    TotalAmt: amountOf(payment.amountMinor, payment.currency),
    ...(payment.reference === null && write.isNew ? {} : { PaymentRefNum: payment.reference ?? '' }),
    ...(payment.account === null ? {} : { DepositToAccountRef: { value: payment.account } }),
    ...(methodId === undefined ? {} : { PaymentMethodRef: { value: methodId } }),
    Line: payment.allocations.map(({ invoice, amountMinor }) =>
      linkTo('Invoice', invoice.id, amountOf(amountMinor, payment.currency)),
    ),
  };
};

export const normaliseAllocation = ({
  status,
  atoms: { allocation },
}: Projection<AllocationAtoms>): Projection<AllocationAtoms> => ({
  status: status === 'live' || status === 'draft' ? 'live' : 'void',
  atoms: {
    allocation: {
      creditNote: { $ref: 'creditNote', id: allocation.creditNote.id },
      invoice: { $ref: 'invoice', id: allocation.invoice.id },
      amountMinor: allocation.amountMinor,
      date: allocation.date,
    },
  },
});

/** A payment of nothing with a line for each end. Customer and currency are those of the invoice. */
export const allocationBody = (
  known: Known,
  { atoms: { allocation } }: Projection<AllocationAtoms>,
  invoice: { readonly customerId: string; readonly currency: string },
  write: PaymentWrite,
): EntityBody => {
  const amount = amountOf(allocation.amountMinor, invoice.currency);
  return {
    ...head(known, invoice.customerId, invoice.currency, allocation.date, write),
    TotalAmt: 0,
    Line: [linkTo('Invoice', allocation.invoice.id, amount), linkTo('CreditMemo', allocation.creditNote.id, amount)],
  };
};

const head = (
  known: Known,
  customerId: string,
  currency: string,
  date: string,
  { tag, isNew }: PaymentWrite,
): EntityBody => ({
  CustomerRef: { value: customerId },
  ...(known.isMulticurrency ? { CurrencyRef: { value: currency } } : {}),
  TxnDate: date,
  ...(isNew ? { PrivateNote: noteWithTag(tag) } : {}),
});

const amountOf = (minor: number, currency: string): number => wireNumber(fromMinor(minor, currency));
const linkTo = (TxnType: 'Invoice' | 'CreditMemo', TxnId: string, Amount: number): EntityBody => ({
  Amount,
  LinkedTxn: [{ TxnId, TxnType }],
});
