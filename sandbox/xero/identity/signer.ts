// The key pair with which the rehearsal identity host signs its tokens, and its public half as a key set.
import { createSign, generateKeyPairSync } from 'node:crypto';

export type Signer = {
  sign(claims: Readonly<Record<string, unknown>>): string;
  readonly keySet: { readonly keys: readonly Readonly<Record<string, unknown>>[] };
};

/** One pair per process: making it takes longer than starting the server. */
let pair: ReturnType<typeof newPair> | undefined;
const newPair = () => generateKeyPairSync('rsa', { modulusLength: 2048 });

export const createSigner = (): Signer => {
  pair ??= newPair();
  const { privateKey, publicKey } = pair;
  const kid = 'REHEARSAL1';
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return {
    sign: (claims) => {
      const content = `${encode({ alg: 'RS256', kid, typ: 'JWT' })}.${encode(claims)}`;
      return `${content}.${createSign('RSA-SHA256').update(content).sign(privateKey, 'base64url')}`;
    },
    keySet: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' }] },
  };
};
