// What a question to the accountant may still do, and which answers it offers. Pure. A link that is expired or revoked is as good as one
// that never was: `gone`.
import type { RecordKind } from '../records';
import type { QuestionLinkState, QuestionVerdict } from '../service';
import type { QuestionLinkDocument } from './question-documents';

export const QUESTION_LINK_DAYS = 14;
const DAY_MS = 86_400_000;

export const expiryOf = (now: Date): Date => new Date(now.getTime() + QUESTION_LINK_DAYS * DAY_MS);

type Link = Pick<QuestionLinkDocument, 'expiresAt' | 'revokedAt' | 'answer'>;

export const isGone = (link: Pick<Link, 'expiresAt' | 'revokedAt'>, now: string): boolean =>
  link.revokedAt !== undefined || link.expiresAt <= now;

/** Of the pair as it stands now; no code where nothing is wrong with it any more. */
export type ProblemNow = { readonly code: string | undefined; readonly isConnected: boolean };

export const isAskable = ({ code, isConnected }: ProblemNow): boolean => isConnected && code === 'periodLocked';

export const stateOfQuestion = (link: Link, problem: ProblemNow, now: string): QuestionLinkState => {
  if (isGone(link, now)) return 'gone';
  if (link.answer !== undefined) return 'answered';
  return isAskable(problem) ? 'open' : 'closed';
};

export type Standing = { readonly kind: RecordKind; readonly isHere: boolean; readonly isInLedger: boolean };

const REDATED: readonly RecordKind[] = ['invoice', 'creditNote', 'payment'];
const ADJUSTED: readonly RecordKind[] = ['invoice', 'creditNote'];

/** What is not in the ledger yet can still be dated later; what was filed there stays, and only a document's difference can be booked. */
export const wayIntoOpenPeriod = ({ kind, isHere, isInLedger }: Standing): 'openPeriod' | 'adjustment' | undefined => {
  if (!isHere) return undefined;
  if (isInLedger) return ADJUSTED.includes(kind) ? 'adjustment' : undefined;
  return REDATED.includes(kind) ? 'openPeriod' : undefined;
};

export const verdictsFor = (standing: Standing): readonly QuestionVerdict[] => {
  const way = wayIntoOpenPeriod(standing);
  return ['opened', ...(way === undefined ? [] : [way]), 'talkFirst'];
};
