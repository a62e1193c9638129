// Puts reminders together. Everything else in this folder is reached through what this returns.
import { friendlyPolicy } from '../../../config/reminder-policies';
import { sendInvoiceByHand, sendReceiptOnce } from './by-hand';
import { lastRounds } from './documents';
import { forecast } from './forecast';
import { createOptOut } from './opt-out';
import type { Dunning, DunningParts } from './parts';
import { runRound } from './round';

export const createDunning = (given: DunningParts): Dunning => {
  const parts = { policy: friendlyPolicy, ...given };
  return {
    runDue: (tenantId) => runRound(parts, tenantId),
    preview: (tenantId, days) => forecast(parts, tenantId, days),
    lastRound: (tenantId) => parts.store.forTenant(tenantId).get(lastRounds, 'last'),
    sendInvoice: sendInvoiceByHand(parts),
    sendReceipt: sendReceiptOnce(parts),
    ...createOptOut(parts),
  };
};
