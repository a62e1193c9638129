// Requests with an Idempotency-Key are done once. Commands of billing keep their key themselves, in the transaction of their effect;
// for the others the API keeps its answer. A request that died half-way is done again: all of them are safe to repeat.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Billing } from '../../billing/service';
import type { Clock } from '../../core/clock';
import { BridgeError } from '../../core/errors';
import { canonicalJson } from '../../core/json';
import {
  type Collection,
  DuplicateKeyError,
  NotFoundError,
  StaleRevisionError,
  type Store,
  type TenantDocument,
} from '../../store/port';
import type { Answer } from '../http/answer';
import type { Once } from './endpoint';

const apiAnswerSchema = z.object({
  id: z.string(), // the key
  revision: z.int(),
  tenantId: z.string(),
  fingerprint: z.string(),
  startedAt: z.string(),
  /** JSON text of the answer; null while the request is worked on. */
  answer: z.string().nullable(),
});
type ApiAnswer = z.infer<typeof apiAnswerSchema>;
const apiAnswers: Collection<ApiAnswer> = {
  name: 'apiAnswers',
  scope: 'tenant',
  schema: apiAnswerSchema,
  indexes: [],
};
/** Given to the store when it is opened. */
export const apiCollections = [apiAnswers] as unknown as readonly Collection<TenantDocument>[];

/** A request that has not answered after this long is taken for dead. */
const GIVEN_UP_AFTER_MS = 2 * 60_000;

type JsonAnswer = Extract<Answer, { kind: 'json' }>;
const StoredAnswer = z.object({
  status: z.int(),
  headers: z.record(z.string(), z.string()),
  body: z.unknown(),
});

type Parts = { readonly billing: Billing; readonly store: Store; readonly clock: Clock };

export const createOnce = ({ billing, store, clock }: Parts): Once => ({
  wasDone: async (tenantId, key) => (await billing.effectOf(tenantId, key)) !== undefined,

  answer: async ({ tenantId, key, fingerprint }, work) => {
    const session = store.forTenant(tenantId);
    const hash = createHash('sha256').update(canonicalJson(fingerprint)).digest('base64url');
    const begun = await begin(session, key, hash, clock);
    if (begun.state === 'answered') return { answer: begun.answer, isReplay: true };
    const { entry } = begun;
    let answer: JsonAnswer;
    try {
      answer = await work();
    } catch (error) {
      // Refused: the key is free for a better try.
      await unlessTakenOver(() => session.remove(apiAnswers, key, entry.revision));
      throw error;
    }
    const kept = { status: answer.status ?? 200, headers: answer.headers ?? {}, body: answer.body };
    await unlessTakenOver(() => session.update(apiAnswers, { ...entry, answer: JSON.stringify(kept) }));
    return { answer, isReplay: false };
  },
});

/** A request that took longer than it is given may find its key with another one; it leaves that one alone and answers all the same. */
const unlessTakenOver = async (write: () => Promise<unknown>): Promise<void> => {
  try {
    await write();
  } catch (error) {
    if (!(error instanceof StaleRevisionError || error instanceof NotFoundError)) throw error;
  }
};

type Begun =
  | { readonly state: 'begun'; readonly entry: ApiAnswer }
  | { readonly state: 'answered'; answer: JsonAnswer };

const begin = async (
  session: ReturnType<Store['forTenant']>,
  key: string,
  fingerprint: string,
  clock: Clock,
): Promise<Begun> => {
  const startedAt = clock.now().toISOString();
  const known = await session.get(apiAnswers, key);
  if (known === undefined) {
    try {
      const entry = await session.insert(apiAnswers, { id: key, fingerprint, startedAt, answer: null });
      return { state: 'begun', entry };
    } catch (error) {
      if (error instanceof DuplicateKeyError) throw inWork();
      throw error;
    }
  }
  if (known.fingerprint !== fingerprint) throw new BridgeError('BB_IDEMPOTENCY_REUSED');
  if (known.answer !== null) return { state: 'answered', answer: readAnswer(known.answer) };
  if (Date.parse(startedAt) - Date.parse(known.startedAt) < GIVEN_UP_AFTER_MS) throw inWork();
  try {
    return { state: 'begun', entry: await session.update(apiAnswers, { ...known, startedAt }) };
  } catch (error) {
    if (error instanceof StaleRevisionError || error instanceof NotFoundError) throw inWork();
    throw error;
  }
};

const readAnswer = (text: string): JsonAnswer => ({ kind: 'json', ...StoredAnswer.parse(JSON.parse(text)) });

const inWork = (): BridgeError =>
  new BridgeError('BB_SYNC_REFUSED', {
    reason: 'A request with this Idempotency-Key is being worked on.',
    remedy: 'Repeat it in a moment, with the same key, for its answer.',
  });
