// Ids: sortable by time, with a prefix that says what they name (`inv_01J…`). 128 bits, 80 of them random.
import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** An id that only its own kind accepts. */
export type Id<Prefix extends string> = string & { readonly __prefix?: Prefix };
export type TenantId = Id<'ten'>;
export type UserId = Id<'usr'>;
export type CustomerId = Id<'cus'>;
export type InvoiceId = Id<'inv'>;
export type CreditNoteId = Id<'crn'>;
export type PaymentId = Id<'pay'>;
export type AllocationId = Id<'alc'>;
export type ConnectionId = Id<'con'>;

export type IdSource = <P extends string>(prefix: P) => Id<P>;

const encode = (bytes: Uint8Array): string => {
  let bits = 0;
  let value = 0;
  let text = '';
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      text += ALPHABET[(value >>> (bits - 5)) & 31];
      bits -= 5;
    }
  }
  return bits > 0 ? text + ALPHABET[(value << (5 - bits)) & 31] : text;
};

const encodeTime = (timeMs: number): string => {
  let rest = timeMs;
  let text = '';
  for (let i = 0; i < 10; i++) {
    text = ALPHABET[rest % 32] + text;
    rest = Math.floor(rest / 32);
  }
  return text;
};

/** Makes ids that sort by the time of their making; within one millisecond the order is random. */
export const idSource =
  (now: () => Date): IdSource =>
  (prefix) =>
    `${prefix}_${encodeTime(now().getTime())}${encode(randomBytes(10))}`;

/** A secret for links and sessions: 256 random bits, URL-safe. */
export const randomToken = (): string => randomBytes(32).toString('base64url');
