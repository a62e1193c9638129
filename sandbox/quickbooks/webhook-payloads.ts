// The two payloads of webhooks: CloudEvents, the form since 2026, and the older eventNotifications. Both only name what changed.
import { randomUUID } from 'node:crypto';
import type { Change, Operation } from './books/table';

export type WebhookFormat = 'cloudEvents' | 'eventNotifications';
export type WebhookEvent = { readonly realmId: string; readonly change: Change };

/** `voidVerb`: both words have been seen. */
export const webhookBody = (
  format: WebhookFormat,
  events: readonly WebhookEvent[],
  voidVerb: 'voided' | 'void' = 'voided',
): string =>
  JSON.stringify(format === 'cloudEvents' ? events.map((event) => cloudEvent(event, voidVerb)) : notifications(events));

const VERBS: Readonly<Record<Exclude<Operation, 'Void'>, string>> = {
  Create: 'created',
  Update: 'updated',
  Delete: 'deleted',
  Merge: 'merged',
  Emailed: 'emailed',
};

const cloudEvent = ({ realmId, change }: WebhookEvent, voidVerb: string) => ({
  specversion: '1.0',
  id: randomUUID(),
  source: 'intuit.rehearsal=',
  type: `qbo.${change.entity.toLowerCase()}.${change.operation === 'Void' ? voidVerb : VERBS[change.operation]}.v1`,
  datacontenttype: 'application/json',
  // Nanoseconds, as the real ones.
  time: new Date(change.atMs).toISOString().replace('Z', '179851Z'),
  intuitentityid: change.id,
  intuitaccountid: realmId,
  data: change.mergedId === undefined ? {} : { deletedid: change.mergedId },
});

/** One notification per company; `deletedId` names the record that a merge swallowed. */
const notifications = (events: readonly WebhookEvent[]) => ({
  eventNotifications: [...new Set(events.map((event) => event.realmId))].map((realmId) => ({
    realmId,
    dataChangeEvent: {
      entities: events
        .filter((event) => event.realmId === realmId)
        .map(({ change }) => ({
          name: change.entity,
          id: change.id,
          operation: change.operation,
          lastUpdated: new Date(change.atMs).toISOString(),
          ...(change.mergedId !== undefined && { deletedId: change.mergedId }),
        })),
    },
  })),
});
