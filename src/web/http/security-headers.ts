// Headers that every answer carries. Scripts, styles, images and forms come from here and go here, nothing is inline.
import type { RequestHandler } from 'express';
import helmet from 'helmet';

export type SecurityOptions = {
  readonly publicUrl: string;
  /** Origins that a form of a public page may lead to by redirect (the gateway's checkout). */
  readonly formTargets?: readonly string[];
};

export const securityHeaders = ({ publicUrl, formTargets = [] }: SecurityOptions): RequestHandler => {
  const isSecure = publicUrl.startsWith('https:');
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        connectSrc: ["'self'"],
        formAction: ["'self'", ...formTargets],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
        manifestSrc: ["'self'"],
        ...(isSecure ? { upgradeInsecureRequests: [] } : {}),
      },
    },
    // With no-referrer a browser sends `Origin: null` with our own forms, and the origin check could not tell them from forged ones.
    referrerPolicy: { policy: 'same-origin' },
    strictTransportSecurity: isSecure ? { maxAge: 31_536_000, includeSubDomains: false } : false,
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    xFrameOptions: { action: 'deny' },
  });
};
