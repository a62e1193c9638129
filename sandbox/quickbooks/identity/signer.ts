// Signs id tokens with a key that lives as long as the process.
import { createSign, generateKeyPairSync } from 'node:crypto';

export type Signer = {
  /** A JWT, RS256. */
  sign(claims: Readonly<Record<string, unknown>>): string;
  /** The public half as a JWK set. */
  keys(): { readonly keys: readonly Readonly<Record<string, unknown>>[] };
};

export const createSigner = (): Signer => {
  let pair: ReturnType<typeof makePair> | undefined;
  // Made when first needed: it takes a tenth of a second, and most tests sign nothing.
  const keyPair = (): ReturnType<typeof makePair> => {
    pair ??= makePair();
    return pair;
  };
  return {
    sign: (claims) => {
      const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
      const content = `${encode({ alg: 'RS256', typ: 'JWT', kid: 'rehearsal' })}.${encode(claims)}`;
      const signature = createSign('RSA-SHA256').update(content).sign(keyPair().privateKey).toString('base64url');
      return `${content}.${signature}`;
    },
    keys: () => ({
      keys: [{ ...keyPair().publicKey.export({ format: 'jwk' }), kid: 'rehearsal', use: 'sig', alg: 'RS256' }],
    }),
  };
};

const makePair = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
