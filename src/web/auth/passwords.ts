// Passwords are kept as scrypt hashes that carry their own parameters, so that the cost can grow without locking anybody out.
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';

/** Cost of a new hash. OWASP's advice for scrypt: N 2^15, r 8, p 3. */
export type PasswordCost = { readonly n: number; readonly r: number; readonly p: number };
export const DEFAULT_PASSWORD_COST: PasswordCost = { n: 2 ** 15, r: 8, p: 3 };
export const MIN_PASSWORD_LENGTH = 10;
/** Longer input only costs time; scrypt reads any length. */
export const MAX_PASSWORD_LENGTH = 256;

const KEY_LENGTH = 32;
const MAX_COST = 2 ** 20;

const derive = (password: string, salt: Buffer, cost: PasswordCost): Promise<Buffer> => {
  const options: ScryptOptions = { N: cost.n, r: cost.r, p: cost.p, maxmem: 256 * cost.n * cost.r };
  return new Promise((resolve, reject) =>
    scrypt(password.normalize('NFKC'), salt, KEY_LENGTH, options, (error, key) =>
      error ? reject(error) : resolve(key),
    ),
  );
};

export const hashPassword = async (password: string, cost: PasswordCost): Promise<string> => {
  const salt = randomBytes(16);
  const key = await derive(password, salt, cost);
  return ['scrypt', cost.n, cost.r, cost.p, salt.toString('base64url'), key.toString('base64url')].join('$');
};

export type PasswordCheck = { readonly matches: boolean; readonly needsRehash: boolean };

/**
 * Compares in constant time. Without a stored hash it does the same work against a hash of nothing, so that the time of the answer
 * does not tell whether an account exists.
 */
export const checkPassword = async (
  password: string,
  stored: string | null,
  cost: PasswordCost,
): Promise<PasswordCheck> => {
  const [scheme, n, r, p, salt, key] = (stored ?? '').split('$');
  if (scheme !== 'scrypt' || salt === undefined || key === undefined) {
    await derive(password, randomBytes(16), cost);
    return { matches: false, needsRehash: false };
  }
  const used: PasswordCost = { n: Number(n), r: Number(r), p: Number(p) };
  if (!(used.n <= MAX_COST)) throw new Error('a stored password hash carries an impossible cost');
  const derived = await derive(password, Buffer.from(salt, 'base64url'), used);
  const expected = Buffer.from(key, 'base64url');
  const matches = expected.length === derived.length && timingSafeEqual(expected, derived);
  return { matches, needsRehash: matches && (used.n !== cost.n || used.r !== cost.r || used.p !== cost.p) };
};
