// Stripe-Signature: `t=<seconds>,v1=<HMAC-SHA256 of "t.body">`.
import { createHmac } from 'node:crypto';

export const signatureHeader = (body: string, secret: string, seconds: number): string =>
  `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`, 'utf8').digest('hex')}`;
