// The log of everything: who, when, what, before and after.
import { type Answer, page } from '../../http/answer';
import { guarded, type Route, type SignedIn } from '../../http/routes';
import { timelineEntry } from './activity-words';
import { type BillingParts, pageLinks } from './parts';

const PLACES: Readonly<Record<string, string>> = {
  customer: 'customers',
  invoice: 'invoices',
  creditNote: 'credit-notes',
  payment: 'payments',
};
const KIND_WORDS: Readonly<Record<string, string>> = {
  business: 'business',
  customer: 'customer',
  invoice: 'invoice',
  creditNote: 'credit note',
  payment: 'payment',
  allocation: 'allocation',
};

export const activityPages = (parts: BillingParts): readonly Route[] => [
  guarded('GET /activity', 'read', (incoming) => list(parts, incoming)),
];

const list = async ({ billing }: BillingParts, { visitor, query }: SignedIn): Promise<Answer> => {
  const found = await billing.activity.all(visitor.tenantId, {
    limit: 60,
    ...(query.after === undefined ? {} : { after: query.after }),
  });
  return page('activity', 'billing/activity', 'Activity', {
    entries: found.items.map((entry) => {
      const place = PLACES[entry.subjectKind];
      return {
        ...timelineEntry(entry),
        words: timelineEntry(entry).words.replace(/ it$/, ''),
        subject: entry.subjectName,
        kind: KIND_WORDS[entry.subjectKind] ?? entry.subjectKind,
        href: place === undefined ? null : `/${place}/${entry.subjectId}`,
      };
    }),
    next: pageLinks('/activity', query, found.next),
  });
};
