// One request to the API host after the gate let it in, and the envelope of its answer.
import type { Request } from 'express';
import type { Actor, BookState } from '../books/books';
import type { UnitPlaces } from '../books/document-lines';
import type { DocumentWrite } from '../books/document-write';
import { envelopeInstant } from '../wire/dates';
import type { Json } from '../wire/json';
import type { Reply } from './reply';

export type Call = {
  readonly books: BookState;
  readonly actor: Actor & { readonly by: 'app' };
  /** Where a browser finds this server. */
  readonly publicUrl: string;
  readonly method: string;
  readonly query: URLSearchParams;
  readonly params: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly modifiedSince?: number;
  readonly unitPlaces: UnitPlaces;
  /** Faults that the rules themselves must know of. */
  readonly ruleFaults: Pick<DocumentWrite, 'dropsLockedEdits' | 'refusesPaidEdits' | 'resetsRate' | 'losesDiscounts'>;
  readonly refusedElement?: { readonly index: number; readonly message: string };
  /** Lists do not yet show what changed after this moment. */
  readonly visibleUntil?: number;
  /** Lists show their first page whichever is asked for, and never end. */
  readonly isStuck?: true;
};

export type Handler = (call: Call) => Reply;

export const param = (call: Call, name: string): string => call.params[name] ?? '';

export const envelope = (call: Call, members: Json): Reply => ({
  status: 200,
  body: {
    Id: crypto.randomUUID(),
    Status: 'OK',
    ProviderName: 'Rehearsal',
    DateTimeUTC: envelopeInstant(call.books.stamp()),
    ...members,
  },
});

/** Query names are taken as documented, in any case: `IDs` and `ids` are the same to Xero. */
export const queryOf = (request: Request): URLSearchParams => {
  const start = request.originalUrl.indexOf('?');
  const given = new URLSearchParams(start === -1 ? '' : request.originalUrl.slice(start));
  return new URLSearchParams([...given].map(([name, value]): [string, string] => [name.toLowerCase(), value]));
};

/**
 * If-Modified-Since to the second: `2026-01-02T03:04:05`, with or without Z, or the HTTP date. What cannot be read is ignored.
 */
export const modifiedSinceOf = (header: string | undefined): number | undefined => {
  if (header === undefined || header === '') return undefined;
  const isNaked = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?$/.test(header);
  const milliseconds = Date.parse(isNaked ? `${header}Z` : header);
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
};
