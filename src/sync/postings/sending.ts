// Sends one stored posting, once. Before every try it is looked up in the ledger by its reference, so that neither a lost answer nor a
// restored store nor a second worker posts it twice; after a try without a proving answer nothing is decided before the ledger's time-out
// and a settling delay have passed.
import { type Clock, toInstant } from '../../core/clock';
import { StaleRevisionError, type Store } from '../../store/port';
import { LedgerUnavailable } from '../ports/ledger-port';
import type { LedgerPostings } from '../ports/ledger-postings';
import { ledgerPostings, type PostingDocument } from './collections';
import { postingIn } from './planning';

/** Beyond the ledger's own time-out: lists may lag behind writes. */
const SETTLE_DELAY_MS = 60_000;

export type Sent =
  /** In the ledger, surely and once. */
  | { readonly result: 'posted'; readonly isNew: boolean }
  | { readonly result: 'refused'; readonly reason: string }
  /** Nothing more can be done now. */
  | { readonly result: 'later'; readonly reason: string };

export const sendPosting = async (
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  ledger: LedgerPostings,
  document: PostingDocument,
): Promise<Sent> => {
  if (document.state === 'posted') return { result: 'posted', isNew: false };
  if (document.state === 'refused') return { result: 'refused', reason: document.problem ?? 'The ledger refused it.' };
  const now = clock.now();
  if (document.settlesAt !== undefined && toInstant(now) < document.settlesAt) {
    return { result: 'later', reason: 'No answer came to the last try; it is looked up before the next.' };
  }
  const save = async (next: PostingDocument): Promise<PostingDocument | undefined> => {
    try {
      return await store.forTenant(document.tenantId).update(ledgerPostings, next);
    } catch (error) {
      if (error instanceof StaleRevisionError) return undefined; // another worker has it
      throw error;
    }
  };
  // Marked before the look-up: two workers cannot both find nothing.
  const settlesAt = toInstant(new Date(now.getTime() + ledger.hardTimeoutMs + SETTLE_DELAY_MS));
  const armed = await save({ ...document, state: 'sent', settlesAt });
  if (armed === undefined) return elsewhere;
  const posting = postingIn(armed);
  const { settlesAt: _ends, problem: _past, ...unarmed } = armed;
  const posted = async (externalId: string, isNew: boolean): Promise<Sent> => {
    await save({ ...unarmed, state: 'posted', externalId, postedAt: toInstant(clock.now()) });
    return { result: 'posted', isNew };
  };
  /** Surely not on its way: as before this try. */
  const notSent = async (reason: string): Promise<Sent> => {
    await save({ ...unarmed, state: document.state, problem: reason });
    return { result: 'later', reason };
  };

  let found: Awaited<ReturnType<LedgerPostings['find']>>;
  try {
    found = await ledger.find(posting);
  } catch (error) {
    if (error instanceof LedgerUnavailable) return notSent(error.problem.message);
    throw error;
  }
  if (found !== undefined) return posted(found.externalId, document.state === 'sent');
  const outcome = await ledger.post(posting, armed.key);
  switch (outcome.result) {
    case 'done':
      return posted(outcome.externalId, true);
    case 'refused':
      await save({ ...unarmed, state: 'refused', problem: outcome.problem.message });
      return { result: 'refused', reason: outcome.problem.message };
    case 'notSent':
      return notSent(outcome.problem.message);
    case 'unknown':
      await save({ ...armed, problem: outcome.problem.message });
      return { result: 'later', reason: outcome.problem.message };
  }
};

const elsewhere: Sent = { result: 'later', reason: 'Another worker is at it.' };
