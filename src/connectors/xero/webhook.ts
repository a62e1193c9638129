// Xero's webhooks: the signature over the raw bytes, then ids and when it happened, and nothing else of the payload. The test that Xero makes of an address
// (no events, some of them mis-signed on purpose) needs no case of its own.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { RecordKind } from '../../sync/records';
import type { WebhookHint, WebhookVerdict } from '../provider-port';
import { type AdvanceKind, advanceIdOf } from './advance-projection';
import { parseInstant } from './dates';

const KIND: Readonly<Record<string, RecordKind>> = { CONTACT: 'contact', INVOICE: 'invoice', CREDITNOTE: 'creditNote' };
/** Both are payments of ours, told from plain ones by their id. */
const ADVANCE: Readonly<Record<string, AdvanceKind>> = { OVERPAYMENT: 'overpayment', PREPAYMENT: 'prepayment' };

const Event = z.object({
  resourceId: z.string(),
  tenantId: z.string(),
  eventCategory: z.string(),
  eventDateUtc: z.string().optional().catch(undefined),
});
const Payload = z.object({ events: z.array(z.unknown()) });

export const verifyXeroWebhook = (
  webhookKey: string | undefined,
  rawBody: Buffer,
  headers: Readonly<Record<string, string | undefined>>,
): WebhookVerdict => {
  const given = Object.entries(headers).find(([name]) => name.toLowerCase() === 'x-xero-signature')?.[1];
  if (webhookKey === undefined || given === undefined) return { verdict: 'reject' };
  // The key is used as the text it is, not decoded. Parsing and writing the body again would change its bytes.
  const expected = createHmac('sha256', webhookKey).update(rawBody).digest();
  const signature = Buffer.from(given, 'base64');
  if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) return { verdict: 'reject' };
  return { verdict: 'accept', hints: hintsIn(rawBody) };
};

/** An event of another shape is no hint; the polls find what it was about. */
const hintsIn = (rawBody: Buffer): readonly WebhookHint[] => {
  const payload = Payload.safeParse(parsedJson(rawBody)).data;
  return (payload?.events ?? []).flatMap((element): WebhookHint[] => {
    const event = Event.safeParse(element).data;
    if (event === undefined) return [];
    const hinted = hintedBy(event);
    if (hinted === undefined) return [];
    const happenedAt = parseInstant(event.eventDateUtc ?? '');
    const hint = { organisationId: event.tenantId, ...hinted };
    return [happenedAt === undefined ? hint : { ...hint, happenedAt }];
  });
};

/** Undefined: of a kind that is no record of ours. */
const hintedBy = ({
  eventCategory,
  resourceId,
}: z.output<typeof Event>): Omit<WebhookHint, 'organisationId'> | undefined => {
  const category = eventCategory.toUpperCase();
  const advance = ADVANCE[category];
  if (advance !== undefined) return { kind: 'payment', externalId: advanceIdOf(advance, resourceId) };
  const kind = KIND[category];
  return kind && { kind, externalId: resourceId };
};

const parsedJson = (rawBody: Buffer): unknown => {
  try {
    return JSON.parse(rawBody.toString('utf8'));
  } catch {
    return undefined;
  }
};
