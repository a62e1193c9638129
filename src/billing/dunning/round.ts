// One round: who is due now, are the books fresh, write, look once more, send. Everything before the transaction of write-letter.ts may
// be repeated at will; after it the step is taken for ever.

import type { ReminderPolicy } from '../../../config/reminder-policies';
import { dateIn } from '../../core/calendar-date';
import { DuplicateKeyError } from '../../store/port';
import type { Business, Customer } from '../documents';
import { type ClaimMode, lastRounds } from './documents';
import { customersInQuestion, factsOf, readerOf } from './facts';
import { createLastLook } from './last-look';
import type { DunningParts, Round } from './parts';
import { type CustomerPlan, planCustomer } from './plan';
import { heldAmong, readAgain } from './read-again';
import { windowOn } from './send-window';
import { writeLetter } from './write-letter';

type Parts = DunningParts & { readonly policy: ReminderPolicy };
type Held = { readonly customerId: string; readonly reason: string };

/** Customers between two sendings: what was re-read for the first is still fresh when the last leaves. */
const CHUNK = 20;

export const runRound = async (parts: Parts, tenantId: string): Promise<Round> => {
  const { billing, outbox } = parts;
  const lastLook = createLastLook(parts);
  const business = await billing.businesses.get(tenantId);
  const { mode } = business.reminders;
  const held: Held[] = [];
  let written = 0;
  let sent = 0;
  const send = async (): Promise<void> => {
    const moved = await outbox.sendWaiting(tenantId, lastLook);
    sent += moved.filter(({ state }) => state === 'sent').length;
  };

  await send(); // what an earlier round left
  if (mode !== 'off') {
    const due = await customersDue(parts, business, mode);
    for (let start = 0; start < due.length; start += CHUNK) {
      const chunk = due.slice(start, start + CHUNK);
      // One look at the ledger for all of them: calls are counted there.
      const fresh = await readAgain(
        parts,
        tenantId,
        chunk.flatMap(({ listed }) => listed),
      );
      for (const { customer, listed } of chunk) {
        const reason = heldAmong(fresh, listed);
        const outcome =
          reason === undefined ? await writeTo(parts, business, customer, listed, mode) : { held: reason };
        if (outcome === 'written') written += 1;
        else if (outcome !== 'nothing') held.push({ customerId: customer.id, reason: outcome.held });
      }
      await send();
    }
  }
  await noteRound(parts, tenantId, held);
  return { written, sent, held };
};

type DueCustomer = { readonly customer: Customer; readonly listed: readonly string[] };

/** Those for whom a letter is planned now, in their window, and the invoices it would list. */
const customersDue = async (parts: Parts, business: Business, mode: ClaimMode): Promise<readonly DueCustomer[]> => {
  const { store, billing, clock, policy } = parts;
  const now = clock.now();
  const ids = [...(await customersInQuestion(store, business.id, { now, daysAhead: 0, policy })).keys()];
  const customers = await billing.customers.getMany(business.id, ids);
  const due: DueCustomer[] = [];
  for (const customer of customers.values()) {
    const planned = await planNow(parts, business, customer, mode);
    if (planned !== undefined) due.push({ customer, listed: listedIn(planned.plan) });
  }
  return due;
};

const listedIn = ({ overdue, comingDue }: Extract<CustomerPlan, { kind: 'send' }>): readonly string[] =>
  [...overdue, ...comingDue].map(({ id }) => id);

const planNow = async (parts: Parts, business: Business, customer: Customer, mode: ClaimMode) => {
  const reader = readerOf(business, customer);
  const now = parts.clock.now();
  const today = dateIn(reader.timeZone, now);
  const window = windowOn(today, reader, parts.policy.window);
  if (window === undefined || now < window.opensAt || now >= window.closesAt) return undefined;
  const facts = await factsOf(parts, business, customer, mode);
  const plan: CustomerPlan = planCustomer(facts, today, parts.policy);
  return plan.kind === 'send' ? { facts, plan, today } : undefined;
};

const writeTo = async (
  parts: Parts,
  business: Business,
  seen: Customer,
  listed: readonly string[],
  mode: ClaimMode,
): Promise<'written' | 'nothing' | { readonly held: string }> => {
  const { billing, ids, logger } = parts;
  try {
    // Re-reading may have brought a payment, a new due date, a new address: everything is asked again.
    const customer = await billing.customers.get(business.id, seen.id);
    const now = await planNow(parts, business, customer, mode);
    if (now === undefined) return 'nothing';
    const isAllFresh = listedIn(now.plan).every((id) => listed.includes(id));
    if (!isAllFresh) return { held: 'An invoice arrived while the books were read; the next round looks at it.' };
    const mail = await writeLetter(parts, {
      business,
      ...now,
      key: `reminder:${ids('rem')}`,
      claims: [mode],
      isRehearsal: mode === 'rehearsal',
      isReminder: true,
      sentBy: null,
    });
    return mail === undefined ? 'nothing' : 'written';
  } catch (error) {
    // One customer's trouble (a PDF that cannot be drawn) keeps nobody else from his letter.
    logger.error('could not write a reminder', { tenant: business.id, customer: seen.id, error });
    return { held: 'The letter could not be written: see the log of the server.' };
  }
};

/** What is held now, for the page; a quiet round after a quiet one writes nothing. */
const noteRound = async ({ store, clock }: Parts, tenantId: string, held: readonly Held[]): Promise<void> => {
  const round = { id: 'last', at: clock.now().toISOString(), held: [...held] };
  try {
    await store.transaction(async (scopes) => {
      const session = scopes.forTenant(tenantId);
      const before = await session.get(lastRounds, 'last');
      if (before === undefined) await session.insert(lastRounds, round);
      else if (before.held.length > 0 || held.length > 0) await session.update(lastRounds, { ...before, ...round });
    });
  } catch (error) {
    if (!(error instanceof DuplicateKeyError)) throw error; // another worker noted its first round
  }
};
