// Disputes: the money and a fee are withdrawn at once; won, the money comes back and the fee does not.
import { book, inBalanceCurrency } from './balance';
import { DISPUTE_FEE_MAJOR, exponentOf } from './currencies';
import type { Merchant } from './merchant';
import type { Dispute } from './records';
import { noSuch, Refusal } from './refusal';

const DAYS_TO_ANSWER = 9;
const NO_EVIDENCE = {
  access_activity_log: null,
  billing_address: null,
  cancellation_policy: null,
  cancellation_policy_disclosure: null,
  cancellation_rebuttal: null,
  customer_communication: null,
  customer_email_address: null,
  customer_name: null,
  customer_purchase_ip: null,
  customer_signature: null,
  duplicate_charge_documentation: null,
  duplicate_charge_explanation: null,
  duplicate_charge_id: null,
  product_description: null,
  receipt: null,
  refund_policy: null,
  refund_policy_disclosure: null,
  refund_refusal_explanation: null,
  service_date: null,
  service_documentation: null,
  shipping_address: null,
  shipping_carrier: null,
  shipping_date: null,
  shipping_documentation: null,
  shipping_tracking_number: null,
  uncategorized_file: null,
  uncategorized_text: null,
  enhanced_evidence: {},
};

export const openDispute = (merchant: Merchant, chargeId: string, reason = 'fraudulent'): Dispute => {
  const charge = merchant.charges.get(chargeId);
  if (!charge) throw noSuch('charge', chargeId, 'charge');
  if (charge.status !== 'succeeded' || charge.disputed) throw new Refusal('This charge cannot be disputed.');
  const amount = charge.amount - charge.amount_refunded;
  if (amount === 0) throw new Refusal('This charge was refunded in full: nothing is left to dispute.');
  const now = merchant.nowSeconds();
  const id = merchant.newId('du');
  const settled = inBalanceCurrency(merchant, -amount, charge.currency);
  const withdrawal = book(merchant, {
    type: 'adjustment',
    reportingCategory: 'dispute',
    source: id,
    description: `Chargeback withdrawal for ${chargeId}`,
    ...settled,
    fee: DISPUTE_FEE_MAJOR * 10 ** exponentOf(settled.currency),
    feeDescription: 'Dispute fee',
  });
  const dispute = merchant.disputes.put({
    id,
    object: 'dispute',
    amount,
    balance_transactions: [withdrawal],
    charge: chargeId,
    created: now,
    currency: charge.currency,
    enhanced_eligibility_types: [],
    evidence: NO_EVIDENCE,
    evidence_details: {
      due_by: now + DAYS_TO_ANSWER * 86_400,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: 'not_submitted',
    },
    intended_submission_method: null,
    is_charge_refundable: false,
    livemode: false,
    metadata: {},
    payment_intent: charge.payment_intent,
    reason,
    status: 'needs_response',
  });
  merchant.charges.change(chargeId, { disputed: true });
  merchant.emit('charge.dispute.created', dispute);
  merchant.emit('charge.dispute.funds_withdrawn', dispute);
  return dispute;
};

export const closeDispute = (merchant: Merchant, id: string, outcome: 'won' | 'lost'): Dispute => {
  const dispute = merchant.disputes.get(id);
  if (!dispute) throw noSuch('dispute', id, 'dispute');
  if (dispute.status === 'won' || dispute.status === 'lost') {
    throw new Refusal('This dispute is already closed', { began: true });
  }
  if (outcome === 'lost') {
    const lost = merchant.disputes.change(id, { status: 'lost' });
    merchant.emit('charge.dispute.closed', lost);
    return lost;
  }
  const reversal = book(merchant, {
    type: 'adjustment',
    reportingCategory: 'dispute_reversal',
    source: id,
    description: `Chargeback reversal for ${dispute.charge}`,
    available: true,
    ...inBalanceCurrency(merchant, dispute.amount, dispute.currency),
  });
  const balance_transactions = [...dispute.balance_transactions, reversal];
  const won = merchant.disputes.change(id, { status: 'won', balance_transactions });
  merchant.emit('charge.dispute.funds_reinstated', won);
  merchant.emit('charge.dispute.closed', won);
  return won;
};
