// Makes a letter into a stored mail: links, PDF, layout, and one transaction that takes the steps and stores the mail, or does neither.
import { createHash } from 'node:crypto';
import type { CalendarDate } from '../../core/calendar-date';
import { randomToken } from '../../core/ids';
import { displayMoney } from '../../core/money';
import { DuplicateKeyError, type Session } from '../../store/port';
import { type Business, type Customer, type Invoice, invoices } from '../documents';
import type { Mail } from '../mail/documents';
import type { NewMail } from '../mail/outbox';
import { composeReminder, letterLocale } from './compose-letter';
import { type ClaimMode, claimId, optOuts, reminderClaims } from './documents';
import type { DunningParts } from './parts';
import type { CustomerFacts, CustomerPlan, StepDue } from './plan';

type SendPlan = Extract<CustomerPlan, { kind: 'send' }>;
export type WriteRequest = {
  readonly business: Business;
  readonly facts: CustomerFacts;
  readonly plan: SendPlan;
  readonly today: CalendarDate;
  readonly key: string;
  /** Steps that this mail takes; a step taken before makes the whole letter void. */
  readonly claims: readonly ClaimMode[];
  readonly isRehearsal: boolean;
  readonly isReminder: boolean;
  readonly sentBy: string | null;
};

/** More pay links or files than these in one mail help nobody. */
const MOST_LINKS = 20;
const MOST_FILES = 5;

/** Undefined: somebody else took a step or changed an invoice meanwhile; nothing was stored. */
export const writeLetter = async (parts: DunningParts, request: WriteRequest): Promise<Mail | undefined> => {
  const { store, outbox, clock } = parts;
  const { business, plan } = request;
  const token = randomToken();
  const mail = await makeMail(parts, request, token);
  const at = clock.now().toISOString();
  const listed = [...plan.overdue, ...plan.comingDue];
  try {
    return await store.transaction(async (scopes) => {
      const session = scopes.forTenant(business.id);
      if (!(await areUnchanged(session, listed))) return undefined;
      if (await isAnyTaken(session, request)) return undefined;
      const stored = await outbox.store(session, mail);
      for (const mode of request.claims) {
        for (const { invoice, step } of plan.due) {
          const claim = { id: claimId(mode, invoice.id, step.key), mode, invoiceId: invoice.id, step: step.key };
          if (request.isReminder || (await session.get(reminderClaims, claim.id)) === undefined) {
            await session.insert(reminderClaims, { ...claim, mailId: stored.id, at });
          }
        }
      }
      if (mail.unsubscribeUrl !== null) {
        const readers = { businessId: business.id, customerId: request.facts.customer.id };
        await scopes.system.insert(optOuts, { id: hashOf(token), ...readers });
      }
      return stored;
    });
  } catch (error) {
    if (error instanceof DuplicateKeyError) return undefined; // another worker was a moment earlier
    throw error;
  }
};

export const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

const areUnchanged = async (session: Session, listed: readonly Invoice[]): Promise<boolean> => {
  for (const invoice of listed) {
    if ((await session.get(invoices, invoice.id))?.revision !== invoice.revision) return false;
  }
  return true;
};

/** By hand an invoice may go out again; a reminder may not. */
const isAnyTaken = async (session: Session, { claims, plan, isReminder }: WriteRequest): Promise<boolean> => {
  if (!isReminder) return false;
  for (const mode of claims) {
    for (const { invoice, step } of plan.due) {
      if ((await session.get(reminderClaims, claimId(mode, invoice.id, step.key))) !== undefined) return true;
    }
  }
  return false;
};

const makeMail = async (parts: DunningParts, request: WriteRequest, token: string): Promise<NewMail> => {
  const { business, facts, plan, today } = request;
  const { customer } = facts;
  if (customer.email === null) throw new Error(`a letter to ${customer.id}, who has no address`);
  const listed = [...plan.overdue, ...plan.comingDue];
  const files = await filesFor(parts, business.id, plan.due);
  const unsubscribeUrl = plan.tone === 'invoice' ? null : new URL(`/u/${token}`, parts.publicUrl).href;
  const letter = composeReminder(plan, {
    business,
    customer,
    today,
    payUrls: await payUrlsFor(parts, business.id, listed),
    credit: creditWords(facts, plan, letterLocale(business, customer)),
    unsubscribeUrl,
    hasPdf: files.length > 0,
  });
  return {
    key: request.key,
    kind: plan.tone,
    customerId: customer.id,
    items: listed.map(({ id, openMinor }) => ({ invoiceId: id, openMinor })),
    isReminder: request.isReminder,
    isRehearsal: request.isRehearsal,
    ...addressing(business, customer, customer.email, plan.lead.id),
    ...parts.letters.render(letter),
    unsubscribeUrl,
    files,
    sentBy: request.sentBy,
  };
};

export const addressing = (business: Business, customer: Customer, address: string, threadKey: string) => ({
  threadKey,
  fromName: business.name,
  replyTo: business.email === null ? null : { name: business.name, address: business.email },
  to: { name: customer.name, address },
});

const payUrlsFor = async (
  { payLinkOf }: DunningParts,
  tenantId: string,
  listed: readonly Invoice[],
): Promise<ReadonlyMap<string, string>> => {
  const urls = new Map<string, string>();
  for (const { id, isOpen } of listed.slice(0, MOST_LINKS)) {
    const url = isOpen ? await payLinkOf(tenantId, id) : null;
    if (url !== null) urls.set(id, url);
  }
  return urls;
};

const filesFor = async (
  { pdfOf }: DunningParts,
  tenantId: string,
  due: readonly StepDue[],
): Promise<NewMail['files']> => {
  const files: { name: string; type: string; body: Buffer }[] = [];
  for (const { invoice } of due.slice(0, MOST_FILES)) {
    files.push({ type: 'application/pdf', ...(await pdfOf(tenantId, invoice.id)) });
  }
  return files;
};

const creditWords = ({ credit }: CustomerFacts, { lead }: SendPlan, locale: string): string | null => {
  const minor = credit.get(lead.currency) ?? 0;
  return minor > 0 ? displayMoney(minor, lead.currency, locale) : null;
};
