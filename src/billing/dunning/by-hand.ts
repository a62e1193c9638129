// Mails that somebody asked for: the invoice, by the button on its page, and the receipt, by a payment. They go out whatever the mode of
// reminders; the invoice sent by hand is the invoice-day step.

import type { ReminderPolicy } from '../../../config/reminder-policies';
import { dateIn } from '../../core/calendar-date';
import { refused } from '../../core/errors';
import { DuplicateKeyError } from '../../store/port';
import type { Actor, Customer, Invoice } from '../documents';
import type { Mail } from '../mail/documents';
import { composeReceipt } from './compose-letter';
import { CLAIM_MODES } from './documents';
import { factsOf, readerOf } from './facts';
import type { Dunning, DunningParts } from './parts';
import { daysLate } from './steps';
import { addressing, writeLetter } from './write-letter';

type Parts = DunningParts & { readonly policy: ReminderPolicy };

/** A button pressed twice. */
const SAME_PRESS_MS = 60_000;

export const sendInvoiceByHand =
  (parts: Parts): Dunning['sendInvoice'] =>
  async (tenantId, invoiceId, actor) => {
    const { billing, outbox, clock } = parts;
    const invoice = await billing.invoices.get(tenantId, invoiceId);
    const customer = await billing.customers.get(tenantId, invoice.customerId);
    refuseUnsendable(invoice, customer);
    const earlier = (await outbox.list(tenantId, { customerId: customer.id, limit: 100 })).items.filter(({ key }) =>
      key.startsWith(`byHand:${invoiceId}:`),
    );
    const [last] = earlier;
    if (last !== undefined && clock.now().getTime() - new Date(last.createdAt).getTime() < SAME_PRESS_MS) {
      return `${whatHappened(await outbox.get(tenantId, last.id), invoice)} It was not sent a second time.`;
    }
    const mail = await writeInvoice(parts, invoice, customer, actor, `byHand:${invoiceId}:${earlier.length}`);
    if (mail === undefined) {
      throw refused(
        'The invoice changed, or was sent, at this very moment.',
        'Look at it again and repeat what you did.',
      );
    }
    return whatHappened(await outbox.sendNow(tenantId, mail.id), invoice);
  };

const refuseUnsendable = (invoice: Invoice, customer: Customer): void => {
  if (invoice.status === 'draft') throw refused('A draft is not sent.', 'Issue the invoice first.');
  if (invoice.status === 'void') throw refused('This invoice is void.', 'Send the one that replaces it.');
  if (customer.email === null) {
    throw refused(`${customer.name} has no mail address.`, 'Add one to the customer, then send the invoice.');
  }
};

const writeInvoice = async (
  parts: Parts,
  invoice: Invoice,
  customer: Customer,
  actor: Actor,
  key: string,
): Promise<Mail | undefined> => {
  const { billing, clock, policy } = parts;
  const business = await billing.businesses.get(invoice.tenantId);
  const step = policy.steps.find((candidate) => candidate.key === 'invoice');
  if (step === undefined) throw new Error(`the policy ${policy.name} has no invoice step`);
  const today = dateIn(readerOf(business, customer).timeZone, clock.now());
  const isLate = invoice.isOpen && daysLate(invoice, today) > 0;
  return writeLetter(parts, {
    business,
    facts: await factsOf(parts, business, customer, 'on'),
    plan: {
      kind: 'send',
      tone: 'invoice',
      lead: invoice,
      due: [{ invoice, step }],
      overdue: isLate ? [invoice] : [],
      comingDue: isLate ? [] : [invoice],
    },
    today,
    key,
    claims: CLAIM_MODES,
    isRehearsal: false,
    isReminder: false,
    sentBy: actor.name,
  });
};

const whatHappened = ({ state, to, reason }: Mail, { number }: Invoice): string => {
  const name = number ?? 'The invoice';
  switch (state) {
    case 'sent':
      return `${name} was sent to ${to.address}.`;
    case 'kept':
      return `${name} was written to ${to.address} and kept: this server has no outgoing mail. See it under Reminders.`;
    case 'waiting':
    case 'sending':
      return `${name} is on its way to ${to.address}; the mail server will be asked again. ${reason ?? ''}`.trim();
    case 'unknown':
      return `${name} may have reached ${to.address}, or not: see it under Reminders.`;
    default:
      return `${name} was not sent to ${to.address}. ${reason ?? ''}`.trim();
  }
};

export const sendReceiptOnce =
  (parts: Parts): Dunning['sendReceipt'] =>
  async (tenantId, paymentId) => {
    const { store, billing, outbox, clock, letters, logger } = parts;
    const key = `receipt:${paymentId}`;
    const payment = await billing.payments.get(tenantId, paymentId);
    const customer = await billing.customers.get(tenantId, payment.customerId);
    if (payment.state !== 'recorded' || customer.email === null) {
      logger.info('no receipt', { tenant: tenantId, payment: paymentId, state: payment.state });
      return;
    }
    const business = await billing.businesses.get(tenantId);
    const ids = payment.allocations.map(({ invoiceId }) => invoiceId);
    const paid = [...(await billing.invoices.getMany(tenantId, ids)).values()];
    const rendered = letters.render(
      composeReceipt(payment, paid, {
        business,
        customer,
        today: dateIn(readerOf(business, customer).timeZone, clock.now()),
        payUrls: new Map(),
        credit: null,
        unsubscribeUrl: null,
        hasPdf: false,
      }),
    );
    const address = customer.email;
    try {
      await store.transaction((scopes) =>
        outbox.store(scopes.forTenant(tenantId), {
          key,
          kind: 'receipt',
          customerId: customer.id,
          items: paid.map(({ id, openMinor }) => ({ invoiceId: id, openMinor })),
          isReminder: false,
          isRehearsal: false,
          ...addressing(business, customer, address, paid[0]?.id ?? payment.id),
          ...rendered,
          unsubscribeUrl: null,
          files: [],
          sentBy: null,
        }),
      );
    } catch (error) {
      if (!(error instanceof DuplicateKeyError)) throw error; // else it was written before: see that it leaves
    }
    const mail = await outbox.byKey(tenantId, key);
    if (mail !== undefined) await outbox.sendNow(tenantId, mail.id);
  };
