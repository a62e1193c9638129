// Refunds: cash given back to a customer against what is left of one credit note. Amount, date and account are fixed at birth; a mistake is
// voided and recorded anew. Pays nothing out itself: it records what a person, a ledger or a gateway has paid.
import type { z } from 'zod';
import { refused } from '../core/errors';
import { displayMoney, sumMinor } from '../core/money';
import { parse } from '../core/parse';
import type { Query } from '../store/port';
import type { Commands } from './commands';
import { settled } from './credit-notes';
import { type CreditNote, type Refund, refunds } from './documents';
import { RefundInput, VoidInput } from './inputs';
import { pageOf } from './paging';
import type { BillingDependencies, RefundService } from './service';
import { loadDocument, type Unit } from './unit-of-work';

export const createRefunds = ({ store, ids }: BillingDependencies, commands: Commands): RefundService => ({
  async record(context, input, { id } = {}) {
    const fields = parse(RefundInput, input);
    checkNotOfPayout(fields);
    return commands.run(context, { name: 'refund.record', kind: 'refund', input: { id, fields } }, async (unit) => {
      const booked = await bookedRefund(unit, fields);
      if (booked !== undefined) return booked;
      const creditNote = await unit.load('creditNote', fields.creditNoteId);
      checkRefundable(creditNote, fields);
      const refund = { id: id ?? ids('rfd'), customerId: creditNote.customerId, ...fields, ...fateAtBirth(unit) };
      const made = await unit.insert('refund', refund, 'refund.recorded');
      await resettle(unit, creditNote, 'creditNote.refunded');
      return made;
    });
  },

  async void(context, id, input = {}, expectedRevision) {
    const { reason } = parse(VoidInput, input);
    return commands.run(context, { name: 'refund.void', kind: 'refund', input: { id, reason } }, async (unit) => {
      const refund = await unit.load('refund', id, expectedRevision);
      if (refund.state === 'void') return refund;
      if (refund.gatewayRefundId !== null && unit.actor.kind === 'ledger') {
        throw refused(
          'This money was paid back by card and is really gone, whatever the ledger says.',
          'Record the refund in the ledger again.',
        );
      }
      const fate = { state: 'void', voidedAt: unit.at, voidReason: reason } as const;
      const ended = await unit.update('refund', refund, fate, 'refund.voided');
      await resettle(unit, await unit.load('creditNote', refund.creditNoteId), 'creditNote.refundVoided');
      return ended;
    });
  },

  get: (tenantId, id) => loadDocument(store.forTenant(tenantId), 'refund', id),
  async byGatewayRefund(tenantId, gatewayRefundId) {
    return (await store.forTenant(tenantId).find(refunds, { where: { gatewayRefundId }, limit: 1 })).items[0];
  },
  list: (tenantId, query = {}) => store.forTenant(tenantId).find(refunds, queryFor(query)),
});

const queryFor = ({
  customerId,
  creditNoteId,
  ...request
}: NonNullable<Parameters<RefundService['list']>[1]>): Query => {
  const page = pageOf(request);
  if (creditNoteId !== undefined) return { where: { creditNoteId }, order: { index: 'creditNote' }, ...page };
  const newestFirst = (index: string) => ({ index, direction: 'descending' as const });
  return customerId === undefined
    ? { order: newestFirst('date'), ...page }
    : { where: { customerId }, order: newestFirst('customer'), ...page };
};

type RefundFields = z.output<typeof RefundInput>;

/** Any order, any number of webhooks: one refund of the gateway is one record. */
const bookedRefund = async (unit: Unit, { gatewayRefundId, ...fields }: RefundFields): Promise<Refund | undefined> => {
  if (gatewayRefundId === null) return undefined;
  const booked = (await unit.session.find(refunds, { where: { gatewayRefundId }, limit: 1 })).items[0];
  if (booked === undefined) return undefined;
  const isSame =
    booked.amountMinor === fields.amountMinor &&
    booked.currency === fields.currency &&
    booked.creditNoteId === fields.creditNoteId;
  if (isSame) return booked;
  throw refused(
    `The refund ${gatewayRefundId} is booked already, against another credit note or with another amount.`,
    'Compare it with the gateway before anything else is booked.',
  );
};

/** A gateway takes its refunds off the next payout, and they are posted with it: booked here as well, the money would be gone twice. */
const checkNotOfPayout = ({ method, gatewayRefundId }: RefundFields): void => {
  if (method !== 'stripe' || gatewayRefundId !== null) return;
  throw refused(
    'Money that Stripe paid back is booked with the payout that it was taken from.',
    'Allocate the credit note to an invoice, or record the refund from the account that it really left.',
  );
};

const checkRefundable = (creditNote: CreditNote, { amountMinor, currency }: RefundFields): void => {
  const { number, status, openMinor } = creditNote;
  if (status !== 'issued') {
    throw refused('Only an issued credit note can be paid back.', 'Issue it first.');
  }
  if (currency !== creditNote.currency) {
    throw refused(
      `The refund is in ${currency}, the credit note ${number} in ${creditNote.currency}.`,
      'Pay back in the currency of the credit note.',
    );
  }
  if (amountMinor > openMinor) {
    throw refused(
      `Only ${displayMoney(openMinor, currency)} of the credit note ${number} is left.`,
      openMinor === 0 ? 'Take an allocation or a refund of it back first.' : 'Pay back at most that.',
    );
  }
};

/** The credit note's own amounts follow its live refunds, whatever command moved them. */
const resettle = async (unit: Unit, creditNote: CreditNote, action: string): Promise<void> => {
  const where = { creditNoteId: creditNote.id, state: 'recorded' };
  const live = await unit.session.find(refunds, { where, limit: 1000 });
  const refundedMinor = sumMinor(live.items.map(({ amountMinor }) => amountMinor));
  await unit.update('creditNote', creditNote, settled(creditNote, { refundedMinor }), action);
};

const fateAtBirth = ({ actor }: Unit) => ({
  state: 'recorded' as const,
  source: actor.kind === 'ledger' || actor.kind === 'gateway' ? actor.kind : ('user' as const),
  voidedAt: null,
  voidReason: null,
});
