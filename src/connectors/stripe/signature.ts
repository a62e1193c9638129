// The signature of Stripe's webhooks: HMAC-SHA256 over "t.body", any of several v1 values, not older than five minutes. Done here and not
// by the library, since the check must follow the house's clock and must not load the library for a forged request.
import { createHmac, timingSafeEqual } from 'node:crypto';

const TOLERANCE_S = 300;

export const verifySignature = (rawBody: Buffer, header: string | undefined, secret: string, now: Date): boolean => {
  const parts = (header ?? '').split(',').map((part) => part.trim().split('=', 2));
  const time = parts.find(([name]) => name === 't')?.[1];
  if (time === undefined || !/^\d{1,12}$/.test(time)) return false;
  if (Math.abs(Math.floor(now.getTime() / 1_000) - Number(time)) > TOLERANCE_S) return false;
  const expected = createHmac('sha256', secret).update(`${time}.`).update(rawBody).digest();
  return parts
    .filter(([name, value]) => name === 'v1' && /^[0-9a-f]{64}$/.test(value ?? ''))
    .some(([, value]) => timingSafeEqual(Buffer.from(value ?? '', 'hex'), expected));
};
