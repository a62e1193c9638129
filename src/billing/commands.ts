// Runs commands: one transaction each, done once per key, failures of the store said in words. Knows no rule of any document.
import { createHash } from 'node:crypto';
import { BridgeError } from '../core/errors';
import { canonicalJson, type JsonValue } from '../core/json';
import { DuplicateKeyError, NotFoundError, type Session, StaleRevisionError, type Store } from '../store/port';
import { businesses, commandEffects, type SubjectKind } from './documents';
import { type DocumentOf, KINDS, type Kind } from './kinds';
import type { BillingDependencies, CommandContext } from './service';
import { openUnit, type Unit } from './unit-of-work';

export type CommandRequest<K extends Kind> = {
  /** `invoice.issue`; part of what a key stands for. */
  readonly name: string;
  /** Kind of the document that the command answers. */
  readonly kind: K;
  /** Parsed input and the id of the document it is about: a key used again with anything else is refused. */
  readonly input: unknown;
};

export type Commands = {
  run<K extends Kind>(
    context: CommandContext,
    request: CommandRequest<K>,
    work: (unit: Unit) => Promise<DocumentOf[K]>,
  ): Promise<DocumentOf[K]>;
  /** For commands after which the document is gone. `work` returns the id of what it removed. */
  runRemoval(
    context: CommandContext,
    request: CommandRequest<Kind>,
    work: (unit: Unit) => Promise<string>,
  ): Promise<void>;
};

export const createCommands = ({ store, clock, ids }: BillingDependencies): Commands => {
  const execute = async <R extends Outcome>(
    context: CommandContext,
    request: CommandRequest<Kind>,
    work: (unit: Unit) => Promise<R>,
  ): Promise<R['document']> => {
    const key = checkKey(context.key);
    const inputHash = hashOf(request);
    const attempt = () =>
      store.transaction(async (scopes) => {
        const session = scopes.forTenant(context.tenantId);
        const known = key === undefined ? undefined : await effectOf(session, key, inputHash, request.kind);
        if (known !== undefined) return known.document as R['document'];
        const business = await scopes.system.get(businesses, context.tenantId);
        if (business === undefined) throw new BridgeError('BB_NOT_FOUND', { kind: 'business', id: context.tenantId });
        const unit = openUnit({ session, business, actor: context.actor, now: clock.now(), ids });
        const done = await work(unit);
        if (key !== undefined) {
          await session.insert(commandEffects, {
            id: key,
            command: request.name,
            inputHash,
            ...(context.effect ?? { subjectKind: request.kind, subjectId: done.subjectId }),
            result: done.document === null ? null : ({ ...done.document } as unknown as Record<string, JsonValue>),
            at: unit.at,
          });
        }
        return done.document as R['document'];
      });
    return inWords(request.kind, () => againIfRaced(attempt));
  };

  return {
    run: (context, request, work) =>
      execute(context, request, async (unit) => {
        const document = await work(unit);
        return { subjectId: document.id, document };
      }),
    runRemoval: async (context, request, work) => {
      await execute(context, request, async (unit) => ({ subjectId: await work(unit), document: null }));
    },
  };
};

type Outcome = { readonly subjectId: string; readonly document: DocumentOf[Kind] | null };

const checkKey = (key: string | undefined): string | undefined => {
  if (key === undefined || /^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new BridgeError('BB_INPUT_INVALID', { problem: 'idempotency key: use 1 to 255 visible characters' });
};

const hashOf = ({ name, input }: CommandRequest<Kind>): string =>
  createHash('sha256').update(canonicalJson({ name, input })).digest('base64url');

const effectOf = async (
  session: Session,
  key: string,
  inputHash: string,
  kind: Kind,
): Promise<{ document: DocumentOf[Kind] | null } | undefined> => {
  const effect = await session.get(commandEffects, key);
  if (effect === undefined) return undefined;
  if (effect.inputHash !== inputHash) throw new BridgeError('BB_IDEMPOTENCY_REUSED');
  return { document: effect.result === null ? null : KINDS[kind].collection.schema.parse(effect.result) };
};

/** Two callers with one key, or one charge, at once: the loser looks again and finds the winner's effect. */
const againIfRaced = async <R>(attempt: () => Promise<R>): Promise<R> => {
  try {
    return await attempt();
  } catch (error) {
    const raced =
      error instanceof DuplicateKeyError &&
      (error.collection === commandEffects.name || error.index === 'charge' || error.index === 'gatewayRefund');
    if (!raced) throw error;
    return attempt();
  }
};

const inWords = async <R>(kind: Kind, work: () => Promise<R>): Promise<R> => {
  try {
    return await work();
  } catch (error) {
    const { word } = KINDS[kind];
    if (error instanceof StaleRevisionError) throw new BridgeError('BB_STORE_STALE', { kind: word });
    if (error instanceof NotFoundError) throw new BridgeError('BB_NOT_FOUND', { kind: word, id: error.id });
    if (error instanceof DuplicateKeyError)
      throw new BridgeError('BB_STORE_DUPLICATE', { kind: word, field: error.index });
    throw error;
  }
};

/** What an earlier command with this key did. */
export const findEffect = async (
  store: Store,
  tenantId: string,
  key: string,
): Promise<{ readonly subjectKind: SubjectKind; readonly subjectId: string } | undefined> => {
  const effect = await store.forTenant(tenantId).get(commandEffects, key);
  return effect && { subjectKind: effect.subjectKind, subjectId: effect.subjectId };
};
