// Pages that anybody may open who holds a link: how often, by the link and by the address of who asks. A page that is drawn (a PDF) or that
// asks somebody else counts as several. One address is a whole IPv6 network of a household.
import { isIPv6 } from 'node:net';
import type { Clock } from '../../core/clock';
import { createRateLimiter, type RateLimit } from './rate-limit';

/** A page that looks again by itself, and two people behind one link, stay far within it. */
export const PER_LINK: RateLimit = { burst: 90, perSecond: 0.5 };
/** An office, or a carrier, behind one address. */
export const PER_ADDRESS: RateLimit = { burst: 300, perSecond: 3 };
const COST_OF_DRAWING = 5;

type AnyRoute = { readonly name: string; readonly access: string };
type Caller = { readonly params: Readonly<Record<string, string>>; readonly address: string };

export type PublicLimit = {
  /** Throws BB_RATE_LIMITED where this link or this address was used too often. Other routes pass. */
  check(route: AnyRoute, caller: Caller): void;
};

const isLink = ({ name, access }: AnyRoute): boolean =>
  (access === 'public' || access === 'signature') && name.includes('/:token');

export const createPublicLimit = (clock: Clock): PublicLimit => {
  const links = createRateLimiter(clock, PER_LINK);
  const addresses = createRateLimiter(clock, PER_ADDRESS);
  return {
    check: (route, { params, address }) => {
      if (!isLink(route)) return;
      const cost = route.name.endsWith('/pdf') ? COST_OF_DRAWING : 1;
      addresses.take(networkOf(address), cost);
      links.take(params.token ?? '', cost);
    },
  };
};

/** `2001:db8:1:2:3:4:5:6` → `2001:db8:1:2`: who has one address of a network has all of them. */
export const networkOf = (address: string): string => {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const [left = '', right] = address.split('%', 1).join('').split('::');
  const head = left === '' ? [] : left.split(':');
  const tail = right === undefined || right === '' ? [] : right.split(':');
  const gap = right === undefined ? [] : Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => '0');
  return [...head, ...gap, ...tail]
    .slice(0, 4)
    .map((part) => Number.parseInt(part, 16).toString(16))
    .join(':');
};
