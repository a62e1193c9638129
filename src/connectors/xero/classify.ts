// From what came over the wire to what may be concluded from it: one pure function for the whole of Xero. `effect` is the point of it:
// a write that was turned away had none, one without a proving answer may have had some.
import { z } from 'zod';
import type { FailureClass, LedgerProblem } from '../../sync/ports/ledger-port';
import type { Answer as BudgetAnswer } from '../rate-budget/rules';
import type { WireAnswer, WireSilence } from './wire';

export type Verdict =
  | { readonly verdict: 'answered'; readonly json: unknown }
  | {
      readonly verdict: 'failed';
      /** `refused`: judged and not done. `turnedAway`: never looked at. `unknown`: it may have been done. */
      readonly effect: 'refused' | 'turnedAway' | 'unknown';
      readonly problem: LedgerProblem;
      /** The access token has run out: a fresh one is worth one more try. */
      readonly tokenExpired?: true;
    };

export const classify = (wire: WireAnswer | WireSilence): Verdict => {
  if ('silence' in wire) {
    return wire.silence === 'unreached'
      ? failed('turnedAway', 'transient', 'Xero could not be reached.')
      : failed('unknown', 'transient', 'Xero gave no answer in time.');
  }
  const { status } = wire;
  const json = parsedJson(wire.text);
  if (status === 204) return { verdict: 'answered', json: {} };
  if (status >= 200 && status < 300) {
    return json === undefined
      ? failed('unknown', 'transient', 'Xero answered with something that cannot be read.')
      : { verdict: 'answered', json };
  }
  if (status === 429) return throttled(wire);
  if (status === 401 || status === 403) return signedOut(status, json);
  if (status >= 500) {
    const why = status === 503 ? 'Xero is not available at the moment.' : `Xero had an internal error (${status}).`;
    return failed('unknown', 'transient', why, { ...(status === 503 ? { retryAfterMs: 300_000 } : {}) });
  }
  if (status === 404) return failed('refused', 'notFound', 'Xero does not know this record.');
  if (status === 409) return failed('refused', 'transient', 'Xero reports a conflict with another change.');
  const messages = messagesOf(json);
  const said = messages.length > 0 ? messages.join(' ') : `Xero refused the request (${status}).`;
  return failed('refused', classOfMessages(messages), said, { code: `HTTP ${status}` });
};

const failed = (
  effect: 'refused' | 'turnedAway' | 'unknown',
  failureClass: FailureClass,
  message: string,
  more: Partial<LedgerProblem> = {},
): Verdict => ({ verdict: 'failed', effect, problem: { class: failureClass, message, ...more } });

const parsedJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // HTML and plain text are told apart by the status alone
  }
};

// ---- 429 ----

const throttled = (wire: WireAnswer): Verdict => {
  const { limit, retryAfterMs } = budgetAnswerOf(wire);
  const which = { minute: 'this minute', day: 'today', concurrent: 'one moment', app: 'all its customers together' };
  return failed('turnedAway', 'throttled', `Xero takes no more calls for ${which[limit ?? 'minute']}.`, {
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    code: `429 ${limit ?? 'unknown'}`,
  });
};

/** What the limit headers say, for the budget. Spelling and casing of the limit's name vary. */
export const budgetAnswerOf = ({ status, headers }: WireAnswer): BudgetAnswer => {
  const number = (name: string): number | undefined => {
    const value = headers[name];
    return value !== undefined && /^\d{1,9}$/.test(value.trim()) ? Number(value) : undefined;
  };
  const minuteRemaining = number('x-minlimit-remaining');
  const dayRemaining = number('x-daylimit-remaining');
  const retryAfter = number('retry-after');
  const named = (headers['x-rate-limit-problem'] ?? '').toLowerCase().replace(/[^a-z]/g, '');
  return {
    ...(minuteRemaining === undefined ? {} : { minuteRemaining }),
    ...(dayRemaining === undefined ? {} : { dayRemaining }),
    ...(status !== 429 || retryAfter === undefined ? {} : { retryAfterMs: retryAfter * 1_000 }),
    ...(status !== 429 ? {} : { limit: limitNamed(named) }),
  };
};

const limitNamed = (name: string): 'minute' | 'day' | 'concurrent' | 'app' => {
  if (name.startsWith('app')) return 'app';
  if (name.startsWith('day')) return 'day';
  return name.startsWith('concurrent') ? 'concurrent' : 'minute';
};

// ---- 401, 403 ----

const Unauthorised = z.object({ Detail: z.string().catch('') });
const signedOut = (status: number, json: unknown): Verdict => {
  const detail = Unauthorised.safeParse(json).data?.Detail ?? '';
  if (/TokenExpired/i.test(detail)) {
    return { ...failedAuth('The sign-in at Xero has run out.'), tokenExpired: true };
  }
  if (/AuthorizationUnsuccessful/i.test(detail)) {
    return failedAuth(
      'The connection to Xero lacks a permission that this needs. Connect again and grant all of them.',
    );
  }
  if (status === 403) {
    return failedAuth('This organisation is no longer connected, or the user who connected it lost the right to it.');
  }
  // Refused without saying why: a token that was taken back looks like this too, and a fresh one tells.
  return { ...failedAuth('Xero does not accept the sign-in of this connection.'), tokenExpired: true };
};
const failedAuth = (message: string) =>
  ({ verdict: 'failed', effect: 'turnedAway', problem: { class: 'auth', message } }) as const;

// ---- refusals in words ----

const Messages = z.array(z.object({ Message: z.string() })).catch([]);
const Refusal = z.object({
  Message: z.string().optional().catch(undefined),
  Elements: z
    .array(z.object({ ValidationErrors: Messages.optional() }))
    .catch([])
    .optional(),
});

const messagesOf = (json: unknown): readonly string[] => {
  const refusal = Refusal.safeParse(json).data;
  const inside = (refusal?.Elements ?? []).flatMap(({ ValidationErrors = [] }) =>
    ValidationErrors.map((e) => e.Message),
  );
  if (inside.length > 0) return [...new Set(inside)];
  return refusal?.Message === undefined ? [] : [refusal.Message];
};

/** Xero gives no codes for refusals, only sentences. */
const SENTENCES: readonly (readonly [RegExp, FailureClass])[] = [
  [/must be unique|already assigned to another contact|already exists/i, 'duplicate'],
  [/lock date|locked/i, 'locked'],
  [/could not be found|does not exist/i, 'notFound'],
  [/not subscribed to currency|reached the limit of invoices/i, 'unsupported'],
];

export const classOfMessages = (messages: readonly string[]): FailureClass => {
  for (const [sentence, failureClass] of SENTENCES) {
    if (messages.some((message) => sentence.test(message))) return failureClass;
  }
  return 'validation';
};

/** The problem of one refused element of a batch. */
export const refusalOf = (messages: readonly string[]): LedgerProblem => ({
  class: classOfMessages(messages),
  message: messages.length > 0 ? messages.join(' ') : 'Xero refused this record without saying why.',
});
