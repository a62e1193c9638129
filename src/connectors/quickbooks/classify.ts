// From what came over the wire to what may be concluded from it: one pure function for the whole of QuickBooks. `effect` is the point of
// it: a write that was turned away had none, one without a proving answer may have had some. Codes: Intuit's list and the field's.
import { z } from 'zod';
import type { FailureClass, LedgerProblem } from '../../sync/ports/ledger-port';
import { THROTTLE_WAIT_MS } from './limits';
import type { WireAnswer, WireSilence } from './wire';

/** `refused`: judged and not done. `turnedAway`: never looked at. `unknown`: it may have been done. */
export type Effect = 'refused' | 'turnedAway' | 'unknown';
export type Failure = {
  readonly verdict: 'failed';
  readonly effect: Effect;
  readonly problem: LedgerProblem;
  /** The access token has run out: a fresh one is worth one more try. */
  readonly tokenExpired?: true;
};
export type Verdict = { readonly verdict: 'answered'; readonly json: object } | Failure;

export const classify = (wire: WireAnswer | WireSilence): Verdict => {
  if ('silence' in wire) {
    return wire.silence === 'unreached'
      ? failed('turnedAway', 'transient', 'QuickBooks could not be reached.')
      : failed('unknown', 'transient', 'QuickBooks gave no answer in time.');
  }
  const { status } = wire;
  const requestId = wire.headers.intuit_tid;
  const json = parsedJson(wire.text);
  const fault = faultIn(json) ?? faultInXml(wire.text);
  const verdict = fault === undefined ? withoutFault(wire, json) : byFault(status, fault, retryAfterMs(wire));
  return verdict.verdict === 'answered' || requestId === undefined
    ? verdict
    : { ...verdict, problem: { ...verdict.problem, requestId } };
};

const failed = (
  effect: Effect,
  failureClass: FailureClass,
  message: string,
  more: Partial<LedgerProblem> = {},
): Failure => ({ verdict: 'failed', effect, problem: { class: failureClass, message, ...more } });

const parsedJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // HTML, XML and plain text are told apart below
  }
};

// ---- answers that carry no fault ----

const withoutFault = (wire: WireAnswer, json: unknown): Verdict => {
  const { status } = wire;
  if (status >= 200 && status < 300) {
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return { verdict: 'answered', json };
    // A lapsed company has been seen to answer 200 with a sentence.
    return /subscription/i.test(wire.text)
      ? failed('unknown', 'auth', SUBSCRIPTION_ENDED)
      : failed('unknown', 'transient', 'QuickBooks answered with something that cannot be read.');
  }
  if (status === 429) return throttled(retryAfterMs(wire));
  if (status === 401) return tokenRefused();
  if (status === 403) return disconnected();
  if (status >= 500) {
    const why =
      status === 503 ? 'QuickBooks is not available at the moment.' : `QuickBooks had an internal error (${status}).`;
    return failed('unknown', 'transient', why, { code: `HTTP ${status}` });
  }
  if (status === 404)
    return failed('refused', 'notFound', 'QuickBooks does not know this address.', { code: 'HTTP 404' });
  return failed('refused', 'validation', `QuickBooks refused the request (${status}).`, { code: `HTTP ${status}` });
};

const retryAfterMs = ({ headers }: WireAnswer): number | undefined => {
  const text = headers['retry-after']?.trim() ?? '';
  return /^\d{1,6}$/.test(text) ? Number(text) * 1_000 : undefined;
};

const throttled = (waitMs: number | undefined): Failure =>
  failed('turnedAway', 'throttled', 'QuickBooks takes no more calls for the moment.', {
    code: '3001',
    retryAfterMs: waitMs ?? THROTTLE_WAIT_MS,
  });
const tokenRefused = (): Failure => ({
  ...failed('turnedAway', 'auth', 'The sign-in at QuickBooks has run out.', { code: '3200' }),
  tokenExpired: true,
});
const disconnected = (): Failure =>
  failed(
    'turnedAway',
    'auth',
    'QuickBooks no longer lets this app reach the company: it was disconnected there, or the keys belong to another environment.',
    { code: '3100' },
  );

// ---- faults ----

export type Fault = { readonly type: string; readonly code: string; readonly message: string; readonly detail: string };

const text = z.string().nullish().catch(undefined);
const FaultError = z.object({
  Message: text,
  message: text,
  Detail: text,
  detail: text,
  code: z.union([z.string(), z.number()]).nullish(),
});
const FaultBody = z.object({
  Error: z.array(FaultError).optional(),
  error: z.array(FaultError).optional(),
  type: text,
});
const Faulty = z.object({ Fault: FaultBody.optional(), fault: FaultBody.optional() });

/** The service says `Fault`, its gateway `fault`; both also with status 200. */
export const faultIn = (json: unknown): Fault | undefined => {
  const parsed = Faulty.safeParse(json).data;
  const body = parsed?.Fault ?? parsed?.fault;
  const error = (body?.Error ?? body?.error)?.[0];
  if (body === undefined || error === undefined) return undefined;
  return {
    type: body.type ?? '',
    code: foldedCode(String(error.code ?? '')),
    message: error.Message ?? error.message ?? '',
    detail: error.Detail ?? error.detail ?? '',
  };
};

/** `003001` is `3001`. */
const foldedCode = (code: string): string => code.replace(/^0+(?=\d)/, '');

/** Some refusals of a sign-in come as XML. */
const faultInXml = (body: string): Fault | undefined => {
  const code = /<Error code="(\d{1,6})"/.exec(body)?.[1];
  return code === undefined ? undefined : { type: '', code: foldedCode(code), message: '', detail: '' };
};

export const byFault = (status: number, fault: Fault, waitMs?: number): Failure => {
  const { code } = fault;
  if (code === '3001' || status === 429) return throttled(waitMs);
  if (code === '3200' || (code === '' && status === 401)) return tokenRefused();
  if (code === '3100') return disconnected();
  if (code === '120') return failed('turnedAway', 'auth', USER_REMOVED, { code });
  if (code === '6190') return failed('turnedAway', 'auth', SUBSCRIPTION_ENDED, { code });
  if (code === '10000' || status >= 500 || /^system/i.test(fault.type)) {
    return failed('unknown', 'transient', 'QuickBooks had an internal error.', { code });
  }
  const { failureClass, sentence } = judged(fault);
  return failed('refused', failureClass, sentence, { code });
};

const USER_REMOVED =
  'The user who connected QuickBooks has lost access to the company: an administrator of it has to connect again.';
const SUBSCRIPTION_ENDED =
  'The QuickBooks subscription of this company has ended: it can be read and not written until it is renewed.';

type Judgement = { readonly failureClass: FailureClass; readonly sentence: string };

/** By words first where the field has seen the words under several codes. */
const judged = (fault: Fault): Judgement => {
  const said = wordsOf(fault);
  const as = (failureClass: FailureClass, sentence = said): Judgement => ({ failureClass, sentence });
  // An old text of Intuit lists a taken number under the code of closed periods.
  if (/duplicate document number/i.test(said)) {
    return as('duplicate', `This number is already used in QuickBooks. ${ownWords(fault)}`.trim());
  }
  // A closed period has been seen as 6200, 6210 and 5010.
  if (/period (has )?closed|account period/i.test(said) || fault.code === '6200' || fault.code === '6210') {
    return as(
      'locked',
      'The books of that day are closed in QuickBooks. Move the closing date there, or use a later date.',
    );
  }
  switch (fault.code) {
    case '5010':
      return as('stale', 'Somebody changed this record in QuickBooks in the meantime.');
    case '610':
      return as(
        'notFound',
        `QuickBooks does not find this record, or something it refers to is inactive. ${ownWords(fault)}`.trim(),
      );
    case '6140':
      return as('duplicate');
    case '6240':
      return /invalid character/i.test(said) ? as('validation') : as('duplicate', NAME_TAKEN);
    case '6540':
      return as(
        'validation', // no lock date: a later day would not help
        'This payment is part of a bank deposit in QuickBooks: the deposit has to be undone there first.',
      );
    case '6000':
      return /unexpected error/i.test(said) ? as('transient') : as('validation');
    case '500':
    case '1040':
    case '4000':
    case '4001':
      return as('bug');
    default:
      return as('validation');
  }
};

const NAME_TAKEN =
  'Another customer, supplier or employee in QuickBooks already has this name; a name may stand only once over all three. Rename one of them.';

const MESSAGE_LENGTH = 500;
/** Detail repeats Message more often than not. */
const wordsOf = ({ message, detail }: Fault): string => {
  const words = detail.includes(message) ? detail : `${message}: ${detail}`;
  return words.replace(/^: |: $/g, '').slice(0, MESSAGE_LENGTH) || 'QuickBooks refused this without saying why.';
};
const ownWords = ({ detail }: Fault): string => (detail === '' ? '' : `(${detail.slice(0, MESSAGE_LENGTH)})`);
