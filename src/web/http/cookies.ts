// Cookies of the app: two names, always HttpOnly and SameSite=Lax, with the __Host- prefix wherever the address is https.
import type { Request, Response } from 'express';

export type CookieName = 'session' | 'door' | 'said';
export type Cookies = {
  read(req: Request, name: CookieName): string | undefined;
  set(res: Response, name: CookieName, value: string, maxAgeMs: number): void;
  clear(res: Response, name: CookieName): void;
};

const COOKIE_TEXT = /^[\w.:%!~*'()-]*$/;

/** Lax and not Strict: the way back from a ledger's consent page is a cross-site navigation that must find the session. */
export const createCookies = (publicUrl: string): Cookies => {
  const isSecure = publicUrl.startsWith('https:');
  const nameOf = (name: CookieName): string => `${isSecure ? '__Host-' : ''}bb_${name}`;
  const attributes = `Path=/; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`;
  return {
    read: (req, name) => {
      const wanted = nameOf(name);
      for (const part of (req.headers.cookie ?? '').split(';')) {
        const [key, value] = part.trim().split('=', 2);
        if (key === wanted && value !== undefined && COOKIE_TEXT.test(value)) return decode(value);
      }
      return undefined;
    },
    set: (res, name, value, maxAgeMs) => {
      res.append(
        'Set-Cookie',
        `${nameOf(name)}=${encodeURIComponent(value)}; ${attributes}; Max-Age=${Math.floor(maxAgeMs / 1000)}`,
      );
    },
    clear: (res, name) => {
      res.append('Set-Cookie', `${nameOf(name)}=; ${attributes}; Max-Age=0`);
    },
  };
};

const decode = (value: string): string | undefined => {
  try {
    return decodeURIComponent(value);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
};
