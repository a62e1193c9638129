// Puts a question to a person: the row keeps the values shown, and a choice that no longer fits is spent.
import type { Link } from '../links/link';
import { newerSide } from '../planner/merge';
import type { Decision } from '../planner/plan';
import type { Bridge } from './bridge';
import { problemOf } from './conflict-words';
import { pairKey, type ReadPair } from './pair';
import { clear, ensureRow, namedBy, problemNow, saveRow, withoutHints } from './rows';
import type { PairOutcome } from './writes';

export const mergeConflict = async (
  bridge: Bridge,
  pair: ReadPair,
  judged: Link,
  conflicts: readonly string[],
): Promise<PairOutcome> => {
  const differences = conflicts.map((atom) => {
    const newer = newerOf(pair, atom);
    return {
      atom,
      local: pair.localRecord?.projection.atoms[atom as never] ?? null,
      external: pair.externalRecord?.projection.atoms[atom as never] ?? null,
      ...(newer === undefined ? {} : { newer }),
    };
  });
  const code = judged.held.some((atom) => conflicts.includes(atom)) ? 'restoredTooOften' : 'bothChanged';
  // A choice that no longer fits what is there is spent: the question is asked anew with today's values.
  const saved = await saveRow(bridge, {
    ...withoutHints(clear(judged, 'waitsFor', 'choice', 'lease')),
    ...namedBy(pair),
    state: 'conflict',
    problem: problemNow(bridge, judged, problemOf(bridge, pair, { code, atoms: differences })),
  });
  if (saved === undefined) return 'again';
  bridge.journal.mark(pairKey(pair), 'conflict');
  return 'settled';
};

/** By the bases that were agreed on before this look. */
const newerOf = (
  { kind, link, localRecord, externalRecord }: ReadPair,
  atom: string,
): 'billing' | 'ledger' | undefined =>
  link &&
  localRecord &&
  externalRecord &&
  newerSide(
    {
      kind,
      local: localRecord.projection,
      external: externalRecord.projection,
      baseLocal: link.baseLocal,
      baseExternal: link.baseExternal,
      localChangedAt: localRecord.changedAt,
      ...(externalRecord.changedAt === undefined ? {} : { externalChangedAt: externalRecord.changedAt }),
    },
    atom,
  );

export const raiseConflict = async (
  bridge: Bridge,
  pair: ReadPair,
  decision: Extract<Decision, { do: 'conflict' }>,
): Promise<PairOutcome> => {
  const saved = await ensureRow(bridge, pair, (link) => ({
    ...withoutHints(clear(link, 'waitsFor', 'choice', 'lease')),
    ...namedBy(pair),
    state: 'conflict',
    problem: problemNow(bridge, link, problemOf(bridge, pair, decision)),
  }));
  if (saved === undefined) return 'again';
  bridge.journal.mark(pairKey(pair), 'conflict');
  return 'settled';
};
