// QuickBooks' webhooks: the signature over the raw bytes, then ids, and nothing else of the payload. Two forms are read: CloudEvents (the
// form since 2026, a list) and eventNotifications. One delivery may hold events of several companies, of entities that are none of ours,
// and of shapes that nobody has seen yet: what is not understood is no hint, and never a reason to refuse, which would hold back the rest.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { RecordKind } from '../../sync/records';
import type { WebhookHint, WebhookVerdict } from '../provider-port';

/** A Payment may be money received or a credit put to an invoice: both are looked at. */
const KINDS: Readonly<Record<string, readonly RecordKind[]>> = {
  customer: ['contact'],
  invoice: ['invoice'],
  creditmemo: ['creditNote'],
  payment: ['payment', 'allocation'],
};

export const verifyQuickBooksWebhook = (
  webhookToken: string | undefined,
  rawBody: Buffer,
  headers: Readonly<Record<string, string | undefined>>,
): WebhookVerdict => {
  const given = Object.entries(headers).find(([name]) => name.toLowerCase() === 'intuit-signature')?.[1];
  if (!webhookToken || given === undefined) return { verdict: 'reject' };
  // Parsing and writing the body again would change its bytes.
  const expected = createHmac('sha256', webhookToken).update(rawBody).digest();
  const signature = Buffer.from(given, 'base64');
  if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) return { verdict: 'reject' };
  return { verdict: 'accept', hints: hintsIn(parsedJson(rawBody)) };
};

type Event = {
  readonly realmId: string;
  readonly entity: string;
  readonly id: string;
  readonly mergedId?: string | undefined;
};

const CloudEvent = z.object({
  type: z.string(),
  intuitentityid: z.string().min(1),
  intuitaccountid: z.string().min(1),
  data: z.unknown().optional(),
});
const Merged = z.object({ deletedid: z.string().min(1) });
const Notification = z.object({
  realmId: z.string().min(1),
  dataChangeEvent: z.object({ entities: z.array(z.unknown()) }),
});
const Entity = z.object({ name: z.string(), id: z.string().min(1), deletedId: z.string().min(1).optional() });
const Notifications = z.object({ eventNotifications: z.array(z.unknown()) });

const hintsIn = (payload: unknown): readonly WebhookHint[] => {
  const events = Array.isArray(payload) ? payload.flatMap(cloudEvent) : notifications(payload);
  return events.flatMap(({ realmId, entity, id, mergedId }) =>
    (KINDS[entity.toLowerCase()] ?? []).flatMap((kind): WebhookHint[] => [
      { organisationId: realmId, kind, externalId: id, ...(mergedId === undefined ? {} : { mergedFrom: mergedId }) },
      // The one that was merged away changed too.
      ...(mergedId === undefined ? [] : [{ organisationId: realmId, kind, externalId: mergedId }]),
    ]),
  );
};

/** `qbo.invoice.updated.v1`; the verb does not matter, since every hint leads to a reading. */
const cloudEvent = (element: unknown): Event[] => {
  const event = CloudEvent.safeParse(element).data;
  const entity = /^qbo\.([a-z]+)\./i.exec(event?.type ?? '')?.[1];
  if (event === undefined || entity === undefined) return [];
  const mergedId = Merged.safeParse(event.data).data?.deletedid;
  return [{ realmId: event.intuitaccountid, entity, id: event.intuitentityid, mergedId }];
};

const notifications = (payload: unknown): Event[] =>
  (Notifications.safeParse(payload).data?.eventNotifications ?? []).flatMap((element) => {
    const notification = Notification.safeParse(element).data;
    return (notification?.dataChangeEvent.entities ?? []).flatMap((one) => {
      const entity = Entity.safeParse(one).data;
      if (notification === undefined || entity === undefined) return [];
      return [{ realmId: notification.realmId, entity: entity.name, id: entity.id, mergedId: entity.deletedId }];
    });
  });

const parsedJson = (rawBody: Buffer): unknown => {
  try {
    return JSON.parse(rawBody.toString('utf8'));
  } catch {
    return undefined;
  }
};
