// Revisions on the wire: an ETag is the revision in quotation marks, and If-Match sends it back. A change without If-Match is taken as
// "whatever it is by now".
import { BridgeError } from '../../core/errors';

export const etagOf = (revision: number): string => `"${revision}"`;

/** The revision that the caller saw; undefined where it sent none, or `*`. */
export const readIfMatch = (header: string | undefined): number | undefined => {
  if (header === undefined || header.trim() === '*') return undefined;
  const revision = /^\s*(?:W\/)?"(\d{1,9})"\s*$/.exec(header)?.[1];
  if (revision !== undefined) return Number(revision);
  const words = 'send the ETag of the last answer as it came, such as "3"';
  throw new BridgeError('BB_INPUT_INVALID', { problem: `If-Match: ${words}` }, { 'If-Match': words });
};
