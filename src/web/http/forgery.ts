// Against forged requests: every form carries a token derived from the visitor's own secret cookie (session, or the door's cookie before
// sign-in), and a request that a browser marks as coming from elsewhere is refused whatever it carries.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Request } from 'express';

const mac = (secret: string, nonce: string): string =>
  createHmac('sha256', secret).update(`form:${nonce}`).digest('base64url');

/** A fresh token for each page: the nonce keeps compressed pages from leaking it byte by byte. */
export const formToken = (secret: string): string => {
  const nonce = randomBytes(9).toString('base64url');
  return `${nonce}.${mac(secret, nonce)}`;
};

export const isFormToken = (secret: string, token: unknown): boolean => {
  if (typeof token !== 'string') return false;
  const [nonce, code] = token.split('.', 2);
  if (nonce === undefined || code === undefined) return false;
  const expected = Buffer.from(mac(secret, nonce));
  const given = Buffer.from(code);
  return expected.length === given.length && timingSafeEqual(expected, given);
};

/** True unless the browser says that another site made the request. Programs send neither header and hold no cookie. */
export const isSameOrigin = (req: Request, publicUrl: string): boolean => {
  if (req.headers['sec-fetch-site'] === 'cross-site') return false;
  const origin = req.headers.origin;
  if (origin === undefined) return true;
  if (origin === new URL(publicUrl).origin) return true;
  return URL.canParse(origin) && new URL(origin).host === req.headers.host;
};
