// The part of a form that spreads money over open invoices: one amount field per invoice, the oldest filled first as a proposal.
import type { Billing } from '../../../billing/service';
import { type CurrencyCode, formatMinor } from '../../../core/money';
import { type FormFailure, textOf } from '../../http/forms';
import type { SignedIn } from '../../http/routes';
import { amountOf } from './parts';

const MOST_INVOICES = 100;

/** Amounts typed as `allocate[inv_…]`; empty ones are left out. */
export const typedAllocations = (
  body: unknown,
  currency: CurrencyCode,
): { invoiceId: string; amountMinor: number }[] => {
  const raw = typeof body === 'object' && body !== null ? (body as Record<string, unknown>).allocate : undefined;
  if (typeof raw !== 'object' || raw === null) return [];
  return Object.keys(raw)
    .filter((invoiceId) => /^inv_\w+$/.test(invoiceId) && textOf(raw, invoiceId).trim() !== '')
    .map((invoiceId) => ({ invoiceId, amountMinor: amountOf(textOf(raw, invoiceId), currency, 'allocate') }))
    .filter(({ amountMinor }) => amountMinor !== 0);
};

export const allocationForm = async (
  billing: Billing,
  incoming: SignedIn,
  about: {
    readonly customerId: string;
    readonly currency: CurrencyCode;
    /** Spread over the oldest invoices as a proposal; absent: nothing is proposed. */
    readonly availableMinor?: number;
    /** Proposed in full: the invoice from whose page the person came. */
    readonly meant?: string;
    readonly failure?: FormFailure;
  },
): Promise<object> => {
  const { items } = await billing.invoices.list(incoming.visitor.tenantId, {
    customerId: about.customerId,
    filter: 'open',
    limit: MOST_INVOICES,
  });
  const typed =
    typeof incoming.body === 'object' && incoming.body !== null
      ? (incoming.body as Record<string, unknown>).allocate
      : undefined;
  let left = about.availableMinor ?? 0;
  return {
    openInvoices: items
      .filter(({ currency }) => currency === about.currency)
      .map((invoice) => {
        const proposal = invoice.id === about.meant ? invoice.openMinor : Math.min(left, invoice.openMinor);
        left = Math.max(0, left - proposal);
        return {
          id: invoice.id,
          name: `allocate[${invoice.id}]`,
          number: invoice.number,
          dueDate: invoice.dueDate,
          openMinor: invoice.openMinor,
          currency: invoice.currency,
          value:
            about.failure === undefined
              ? proposal > 0
                ? formatMinor(proposal, invoice.currency)
                : ''
              : textOf(typed, invoice.id),
        };
      }),
    problems:
      about.failure === undefined ? [] : [{ id: null, message: `${about.failure.message} ${about.failure.fix}` }],
  };
};
