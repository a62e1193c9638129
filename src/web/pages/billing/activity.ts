// The log of everything: who, when, what, before and after.
import type { Activity } from '../../../billing/documents';
import { BridgeError } from '../../../core/errors';
import { type CurrencyCode, displayMoney } from '../../../core/money';
import { type Answer, page } from '../../http/answer';
import { guarded, type Route, type SignedIn } from '../../http/routes';
import { timelineEntry } from './activity-words';
import { type BillingParts, pageLinks } from './parts';

const PLACES: Readonly<Record<string, string>> = {
  customer: 'customers',
  invoice: 'invoices',
  creditNote: 'credit-notes',
  payment: 'payments',
  refund: 'refunds',
};
const KIND_WORDS: Readonly<Record<string, string>> = {
  business: 'business',
  customer: 'customer',
  invoice: 'invoice',
  creditNote: 'credit note',
  payment: 'payment',
  refund: 'refund',
};

export const activityPages = (parts: BillingParts): readonly Route[] => [
  guarded('GET /activity', 'read', (incoming) => list(parts, incoming)),
];

const list = async ({ billing }: BillingParts, { visitor, query }: SignedIn): Promise<Answer> => {
  const found = await billing.activity.all(visitor.tenantId, {
    limit: 60,
    ...(query.after === undefined ? {} : { after: query.after }),
  });
  const documents = await documentsOf(billing, visitor.tenantId, found.items);
  return page('activity', 'billing/activity', 'Activity', {
    entries: found.items.map((entry) => {
      const about = documents.get(documentIdOf(entry));
      return { ...timelineEntry(entry, about?.currency), ...aboutOf(entry, about) };
    }),
    next: pageLinks('/activity', query, found.next),
  });
};

/** What says in which currency an entry's amounts are, and which invoice an allocation went to. */
type About = { readonly currency: CurrencyCode; readonly number?: string | null };

/** An allocation has no name of its own: it is told by the invoice that the money went to. */
const documentIdOf = (entry: Activity): string => (isAllocation(entry) ? entry.subjectName : entry.subjectId);

const documentsOf = async (
  { invoices, creditNotes, payments, refunds }: BillingParts['billing'],
  tenantId: string,
  entries: readonly Activity[],
): Promise<ReadonlyMap<string, About>> => {
  const shelves: Readonly<Record<string, (id: string) => Promise<About>>> = {
    invoice: (id) => invoices.get(tenantId, id),
    allocation: (id) => invoices.get(tenantId, id),
    creditNote: (id) => creditNotes.get(tenantId, id),
    payment: (id) => payments.get(tenantId, id),
    refund: (id) => refunds.get(tenantId, id),
  };
  const found = new Map<string, About>();
  const wanted = new Map(entries.map((entry) => [documentIdOf(entry), shelves[entry.subjectKind]]));
  await Promise.all(
    [...wanted].map(async ([id, look]) => {
      const about = await look?.(id).catch(unlessRemoved);
      if (about !== undefined) found.set(id, about);
    }),
  );
  return found;
};

/** A draft that was deleted leaves its entries behind. */
const unlessRemoved = (error: unknown): undefined => {
  if (error instanceof BridgeError && error.code === 'BB_NOT_FOUND') return undefined;
  throw error;
};

const isAllocation = ({ subjectKind }: Activity): boolean => subjectKind === 'allocation';

const aboutOf = (entry: Activity, about: About | undefined): object => {
  const { subjectKind, subjectId, subjectName, after } = entry;
  if (isAllocation(entry)) {
    const { amountMinor, currency } = after;
    const isMade = typeof amountMinor === 'number' && typeof currency === 'string';
    return {
      words: isMade ? `allocated ${displayMoney(amountMinor, currency)} to` : 'took back an allocation to',
      kind: KIND_WORDS.invoice,
      subject: about?.number ?? 'draft',
      href: `/invoices/${subjectName}`,
    };
  }
  const place = PLACES[subjectKind];
  return {
    words: timelineEntry(entry).words.replace(/ it$/, ''),
    subject: subjectName,
    kind: KIND_WORDS[subjectKind] ?? subjectKind,
    href: place === undefined ? null : `/${place}/${subjectId}`,
  };
};
