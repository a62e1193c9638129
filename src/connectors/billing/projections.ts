// Billing's documents as the bridge compares them. Pure; one function per kind. Whatever is derived (paid, overdue) stays out; what guards
// need (allocated, open) goes beside the projection.
import type {
  Address,
  Allocation,
  CreditNote,
  Customer,
  Invoice,
  LineItem,
  Payment,
  PaymentAllocation,
  PaymentCredit,
  Refund,
} from '../../billing/documents';
import { allocationIdOfCredit, drawnFrom, openOfCredit } from '../../billing/payment-credits';
import { usedMinorOf } from '../../billing/settlement';
import type { LocalRecord } from '../../sync/ports/billing-port';
import type { Guards } from '../../sync/ports/ledger-port';
import type { AddressAtom, LineAtom, MoneyBlock, RecordRef, RecordStatus } from '../../sync/records';

export const contactRecord = (customer: Customer): LocalRecord<'contact'> => ({
  ...stampsOf('contact', customer, NO_MONEY),
  projection: {
    status: customer.state === 'archived' ? 'archived' : 'live',
    atoms: {
      name: customer.name,
      email: customer.email,
      phone: customer.phone,
      address: addressAtom(customer.address),
      taxNumber: customer.taxNumber,
      externalRef: customer.id,
      currency: customer.currency,
    },
  },
});

export const invoiceRecord = (invoice: Invoice): LocalRecord<'invoice'> => ({
  ...stampsOf('invoice', invoice, invoice),
  projection: {
    status: claimStatus(invoice),
    atoms: {
      ...claimAtoms(invoice),
      dates: { issueDate: invoice.issueDate, dueDate: invoice.dueDate },
    },
  },
});

export const creditNoteRecord = (creditNote: CreditNote): LocalRecord<'creditNote'> => ({
  // Cash that was paid back holds the note as an allocation does.
  ...stampsOf('creditNote', creditNote, { allocatedMinor: usedMinorOf(creditNote), openMinor: creditNote.openMinor }),
  projection: {
    status: claimStatus(creditNote),
    atoms: { ...claimAtoms(creditNote), dates: { issueDate: creditNote.issueDate } },
  },
});

/** The whole payment: for ledgers in which one payment settles many invoices. */
export const paymentRecord = (payment: Payment): LocalRecord<'payment'> => ({
  ...stampsOf('payment', payment, payment),
  projection: {
    status: payment.state === 'reversed' ? 'void' : 'live',
    atoms: {
      payment: { ...cashAtoms(payment), amountMinor: payment.amountMinor, allocations: allocationsByInvoice(payment) },
    },
  },
});

/** One allocation of a payment: for ledgers in which a payment belongs to one invoice. */
export const allocatedPaymentRecord = (payment: Payment, allocation: Allocation): LocalRecord<'payment'> => ({
  ...stampsOf('payment', allocation, { allocatedMinor: allocation.amountMinor, openMinor: 0 }),
  projection: {
    status: allocation.state === 'removed' ? 'void' : 'live',
    atoms: {
      payment: {
        ...cashAtoms(payment),
        amountMinor: allocation.amountMinor,
        allocations: [{ invoice: ref('invoice', allocation.invoiceId), amountMinor: allocation.amountMinor }],
      },
    },
  },
});

/** One credit of a payment with all that draws on it: for ledgers in which a payment belongs to one invoice. */
export const creditRecord = (payment: Payment, credit: PaymentCredit): LocalRecord<'payment'> => {
  const openMinor = payment.state === 'reversed' ? 0 : openOfCredit(payment, credit);
  const guards = { allocatedMinor: credit.amountMinor - openMinor, openMinor };
  const cameFrom = allocationIdOfCredit(credit.id);
  return {
    ...stampsOf('payment', { ...payment, id: credit.id }, guards),
    ...(cameFrom === undefined ? {} : { cameFrom }),
    projection: {
      status: payment.state === 'reversed' ? 'void' : 'live',
      atoms: {
        payment: {
          ...cashAtoms(payment),
          amountMinor: credit.amountMinor,
          isCredit: true,
          allocations: allocationsByInvoice({ allocations: drawnFrom(payment.allocations, credit.id) }),
        },
      },
    },
  };
};

/** A credit note's allocation. */
export const allocationRecord = (allocation: Allocation): LocalRecord<'allocation'> => ({
  ...stampsOf('allocation', allocation, { allocatedMinor: allocation.amountMinor, openMinor: 0 }),
  projection: {
    status: allocation.state === 'removed' ? 'void' : 'live',
    atoms: {
      allocation: {
        creditNote: ref('creditNote', allocation.sourceId),
        invoice: ref('invoice', allocation.invoiceId),
        amountMinor: allocation.amountMinor,
        date: allocation.date,
      },
    },
  },
});

/** Cash given back against a credit note. */
export const refundRecord = (refund: Refund): LocalRecord<'refund'> => ({
  ...stampsOf('refund', refund, { allocatedMinor: refund.amountMinor, openMinor: 0 }),
  projection: {
    status: refund.state === 'void' ? 'void' : 'live',
    atoms: {
      refund: {
        creditNote: ref('creditNote', refund.creditNoteId),
        currency: refund.currency,
        amountMinor: refund.amountMinor,
        date: refund.date,
        account: refund.account,
        method: refund.method,
        reference: refund.reference,
      },
    },
  },
});

// ---- parts --------------------------------------------------------------------------------------------------------------------------

export const ref = (kind: RecordRef['$ref'], id: string): RecordRef => ({ $ref: kind, id });

const NO_MONEY = { allocatedMinor: 0, openMinor: 0 };

type Stamped = Pick<Customer, 'id' | 'revision' | 'updatedAt' | 'updatedBy'>;

const stampsOf = <K extends LocalRecord['kind']>(
  kind: K,
  { id, revision, updatedAt, updatedBy }: Stamped,
  { allocatedMinor, openMinor }: Pick<Guards, 'allocatedMinor' | 'openMinor'>,
) => ({
  kind,
  localId: id,
  revision,
  guards: { allocatedMinor, openMinor, reconciled: false },
  changedAt: updatedAt,
  changedBy: updatedBy.name,
});

const claimStatus = ({ status }: Pick<Invoice, 'status'>): RecordStatus => (status === 'issued' ? 'live' : status);

const claimAtoms = (claim: Invoice | CreditNote) => ({
  // A draft of ours has no number yet; it is not shared before it is issued.
  number: claim.number ?? '',
  contact: ref('contact', claim.customerId),
  moneyBlock: moneyBlock(claim),
  reference: claim.reference,
  accounts: claim.lines.map(({ account }) => account),
});

const moneyBlock = ({
  currency,
  taxMode,
  lines,
  netMinor,
  taxMinor,
  totalMinor,
}: Invoice | CreditNote): MoneyBlock => ({
  currency,
  taxMode,
  lines: lines.map(lineAtom),
  netMinor,
  taxMinor,
  totalMinor,
});

const lineAtom = ({ description, quantity, unitPrice, discountPercent, taxRate, netMinor }: LineItem): LineAtom => ({
  description,
  quantity,
  unitPrice,
  discountPercent,
  taxRate,
  netMinor,
});

const cashAtoms = ({ customerId, currency, date, account, method, reference }: Payment) => ({
  contact: ref('contact', customerId),
  currency,
  date,
  account,
  method,
  reference,
});

/** A ledger's payment has one line per invoice; billing may have allocated twice to the same one. */
const allocationsByInvoice = ({ allocations }: { readonly allocations: readonly PaymentAllocation[] }) => {
  const sums = new Map<string, number>();
  for (const { invoiceId, amountMinor } of allocations) sums.set(invoiceId, (sums.get(invoiceId) ?? 0) + amountMinor);
  return [...sums]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([invoiceId, amountMinor]) => ({ invoice: ref('invoice', invoiceId), amountMinor }));
};

const addressAtom = (address: Address | null): AddressAtom | null =>
  address && { ...address, lines: [...address.lines] };
