// What a signed webhook is about. Its content is never used as data: it only says which object to read again.
import { z } from 'zod';
import type { EventSubject, GatewayEvent } from '../../billing/pay/gateway-port';

const EventBody = z.object({
  id: z.string().min(1).max(255),
  type: z.string().max(255),
  data: z.object({ object: z.unknown() }).nullish(),
});
const Subject = z.object({ id: z.string().max(255), object: z.string() });

/** Undefined where the bytes are no event at all. One about something unknown is taken: Stripe gives up on those who keep refusing. */
export const eventOf = (rawBody: Buffer): GatewayEvent | undefined => {
  const parsed = EventBody.safeParse(jsonOf(rawBody));
  if (!parsed.success) return undefined;
  const { id, type, data } = parsed.data;
  const subject = Subject.safeParse(data?.object);
  return { id, type, subject: subject.success ? subjectOf(type, subject.data) : { kind: 'other', id: '' } };
};

const jsonOf = (rawBody: Buffer): unknown => {
  try {
    return JSON.parse(rawBody.toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};

/** Refunds and disputes carry charges too; they are kept for the room that will handle them. */
const subjectOf = (type: string, { id, object }: z.output<typeof Subject>): EventSubject => {
  if (object === 'checkout.session') return { kind: 'checkout', id };
  if (object === 'payment_intent' && /\.(succeeded|processing|payment_failed|canceled)$/.test(type))
    return { kind: 'payment', id };
  if (object === 'charge' && /^charge\.(succeeded|updated|pending|failed)$/.test(type)) return { kind: 'charge', id };
  return { kind: 'other', id };
};
