// A person's answer on its way into the memory of a pair: judged, stored with its audit entry, and put before the next run. There is no
// special way to write: an answer only changes what the planner sees.
import { toInstant } from '../../core/clock';
import { BridgeError } from '../../core/errors';
import type { JsonValue } from '../../core/json';
import { syncAudit } from '../collections';
import { openDirtySet } from '../feeds/dirty-set';
import { type Choice, isMergeInDoubt, type Link, recordKey } from '../links/link';
import { openLinkStore } from '../links/link-documents';
import { dirtyKeyOf, withoutHints } from '../run/rows';
import type { Actor, ConnectionRef, SyncDependencies, Take } from '../service';
import { actionsOf } from './problem-view';

export type Shown = { readonly atom: string; readonly local: JsonValue; readonly external: JsonValue };

/** The pair with the choice in its memory. `shown`: the values that were looked at; default those of the stored question. */
export const withChoice = (
  link: Link,
  mapVersion: string,
  take: Take | Readonly<Record<string, Take>>,
  shown: readonly Shown[] = link.problem?.differences ?? [],
): Link => {
  if (shown.length === 0) {
    throw refusal('There are no two values to choose between.', 'Retry it, or correct the record.');
  }
  const atoms: Record<string, Choice['atoms'][string]> = {};
  for (const { atom, local, external } of shown) {
    const side = typeof take === 'string' ? take : take[atom];
    if (side !== undefined) atoms[atom] = { local, external, take: side };
  }
  const sides = new Set(Object.values(atoms).map((choice) => choice.take));
  if (sides.size === 0) throw refusal('Nothing was chosen.', 'Choose one of the two values of at least one field.');
  const offers = actionsOf(link);
  for (const side of sides) {
    if (offers.includes(side === 'billing' ? 'takeBilling' : 'takeLedger')) continue;
    throw refusal('No write can carry that choice.', 'Cancel it on the other side too, or write a new document.');
  }
  return { ...withoutHints(link), choice: { mapVersion, atoms } };
};

export type Answer = { readonly before: Link; readonly after: Link; readonly what: string };

/** In one transaction with the audit; undefined where somebody moved the pair since it was read. Whoever is stored is looked at next. */
export const storeAnswers = async (
  { store, clock, ids }: SyncDependencies,
  ref: ConnectionRef,
  actor: Actor,
  answers: readonly Answer[],
): Promise<readonly (Link | undefined)[]> => {
  const linkStore = openLinkStore(store, ref.tenantId, ref.connectionId);
  const stored = await linkStore.saveAll(
    answers.map(({ after }) => after),
    async (session, kept) => {
      for (const [index, { before, after, what }] of answers.entries()) {
        if (kept[index] === undefined) continue;
        await session.insert(syncAudit, {
          id: ids('aud'),
          connectionId: ref.connectionId,
          linkId: before.id,
          at: toInstant(clock.now()),
          what,
          who: actor.name,
          memory: JSON.stringify({
            kind: before.kind,
            name: before.label?.name,
            problem: before.problem ?? null,
            choice: after.choice ?? null,
          }),
        });
      }
    },
  );
  const saved = stored.filter((link) => link !== undefined);
  const waiting: Link[] = [];
  for (const { before } of answers.filter((each) => isMergeInDoubt(each.before))) {
    waiting.push(...(await linkStore.waitingFor(recordKey(before.kind, 'local', before.localId ?? ''))));
  }
  const dirty = openDirtySet(store, ref.tenantId, ref.connectionId, clock);
  await dirty.add([...saved, ...waiting].map(dirtyKeyOf));
  return stored;
};

export const refusal = (reason: string, remedy: string): BridgeError =>
  new BridgeError('BB_SYNC_REFUSED', { reason, remedy });
