// Right before a reminder leaves, seconds or hours after it was written: is what it says still true, and may it leave now? In doubt it
// does not. A reminder that is not true any more is dropped and its steps are given back, so that a true one can be written.

import type { ReminderPolicy } from '../../../config/reminder-policies';
import { dateIn } from '../../core/calendar-date';
import { findAll } from '../../store/port';
import type { Mail } from '../mail/documents';
import type { LastLook } from '../mail/outbox';
import { reminderClaims } from './documents';
import { readerOf } from './facts';
import type { DunningParts } from './parts';
import { heldAmong, readAgain } from './read-again';
import { windowOn } from './send-window';

/** A look at ledger and gateway is good for this long. */
export const FRESH_FOR_MS = 5 * 60_000;

type Parts = DunningParts & { readonly policy: ReminderPolicy };

export const createLastLook = (parts: Parts): LastLook => {
  const { store, clock } = parts;

  const giveBack = async (mail: Mail): Promise<void> => {
    const session = store.forTenant(mail.tenantId);
    for await (const claim of findAll(session, reminderClaims, { where: { mailId: mail.id } })) {
      await session.remove(reminderClaims, claim.id, claim.revision);
    }
  };

  return async (mail) => {
    const untrue = await whyNotTrue(parts, mail);
    if (untrue !== undefined) {
      await giveBack(mail); // before the mail is dropped: a stop in between leaves a mail that holds no step and is dropped next time
      return { result: 'drop', reason: untrue };
    }
    const ageMs = clock.now().getTime() - new Date(mail.createdAt).getTime();
    if (ageMs <= FRESH_FOR_MS) return { result: 'send' };
    const listed = mail.items.map(({ invoiceId }) => invoiceId);
    const held = heldAmong(await readAgain(parts, mail.tenantId, listed), listed);
    if (held !== undefined) return { result: 'hold', reason: held };
    // What was re-read may have changed the invoices.
    const changed = await whyNotTrue(parts, mail);
    if (changed === undefined) return { result: 'send' };
    await giveBack(mail);
    return { result: 'drop', reason: changed };
  };
};

const whyNotTrue = async ({ store, billing, clock, policy }: Parts, mail: Mail): Promise<string | undefined> => {
  const session = store.forTenant(mail.tenantId);
  const business = await billing.businesses.get(mail.tenantId);
  if (business.reminders.mode !== 'on') return 'Reminders were switched off before it left.';
  if ((await session.count(reminderClaims, { where: { mailId: mail.id } })) === 0)
    return 'Another mail took its place.';
  if (mail.customerId === null) return 'It is about no customer.';
  const customer = await billing.customers.get(mail.tenantId, mail.customerId);
  if (customer.email !== mail.to.address) return 'The address was changed before it left.';
  const { mode, pausedUntil } = customer.chasing;
  const reader = readerOf(business, customer);
  const today = dateIn(reader.timeZone, clock.now());
  if (mail.kind !== 'invoice' && mode === 'paused' && (pausedUntil === null || pausedUntil > today)) {
    return 'Reminders of this customer were paused before it left.';
  }
  const window = windowOn(today, reader, policy.window);
  const isWritten = dateIn(reader.timeZone, new Date(mail.createdAt)) === today;
  if (!isWritten || window === undefined || clock.now() >= window.closesAt) return 'Its day was over before it left.';
  const now = await billing.invoices.getMany(
    mail.tenantId,
    mail.items.map(({ invoiceId }) => invoiceId),
  );
  const moved = mail.items.some(({ invoiceId, openMinor }) => now.get(invoiceId)?.openMinor !== openMinor);
  return moved ? 'An invoice was paid or changed before it left.' : undefined;
};
