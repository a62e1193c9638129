// The Idempotency-Key header: one key per intention of the caller, in a room of its own beside the keys of forms and of the bridge.
import { BridgeError } from '../../core/errors';

export const MAX_KEY_LENGTH = 200;

export const readIdempotencyKey = (header: string | undefined): string | undefined => {
  if (header === undefined) return undefined;
  const key = header.trim();
  if (/^[\x21-\x7e]+$/.test(key) && key.length <= MAX_KEY_LENGTH) return `api:${key}`;
  const words = `use 1 to ${MAX_KEY_LENGTH} visible characters without spaces, such as a UUID`;
  throw new BridgeError('BB_INPUT_INVALID', { problem: `Idempotency-Key: ${words}` }, { 'Idempotency-Key': words });
};
