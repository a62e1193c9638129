// Secrets at rest: AES-256-GCM under the first key of the ring; older keys still open what they sealed. Each sealed text is bound to a
// context (which record it belongs to), so that a secret copied into another record does not open there.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

export type Keyring = {
  seal(plain: string, context: string): string;
  /** Throws where the text was altered, belongs to another context or its key is gone. */
  open(sealed: string, context: string): string;
  /** True where an older key sealed it: seal it anew when it is next written. */
  isStale(sealed: string): boolean;
};

export type KeyringKey = { readonly id: string; readonly key: Buffer };

const IV_BYTES = 12;
const TAG_BYTES = 16;

export const createKeyring = (keys: readonly KeyringKey[]): Keyring => {
  const [writing] = keys;
  if (writing === undefined) throw new Error('a keyring needs at least one key');
  for (const { id, key } of keys) {
    if (!/^[A-Za-z0-9_-]{1,32}$/.test(id) || key.length !== 32)
      throw new Error(`key ${id} is not a 256-bit key with a plain id`);
  }
  const byId = new Map(keys.map(({ id, key }) => [id, key]));
  if (byId.size !== keys.length) throw new Error('two keys of the keyring have the same id');

  return {
    seal: (plain, context) => {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', writing.key, iv).setAAD(Buffer.from(context));
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return `v1.${writing.id}.${Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url')}`;
    },
    open: (sealed, context) => {
      const { id, bytes } = split(sealed);
      const key = byId.get(id);
      if (key === undefined) throw new Error(`the key ${id} that sealed this secret is not in ENCRYPTION_KEYS`);
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES));
      decipher.setAAD(Buffer.from(context)).setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8');
    },
    isStale: (sealed) => split(sealed).id !== writing.id,
  };
};

const split = (sealed: string): { id: string; bytes: Buffer } => {
  const [version, id, body] = sealed.split('.');
  if (version !== 'v1' || id === undefined || body === undefined) throw new Error('this is no sealed secret');
  return { id, bytes: Buffer.from(body, 'base64url') };
};
