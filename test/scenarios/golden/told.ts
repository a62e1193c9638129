// What the bridge did since the last look, in sentences: writes, problems, stops, and what rules or people decided.
import { displayMoney } from '../../../src/core/money';
import { rankOf } from '../../../src/sync/records';
import type { ProblemView, RunRow } from '../../../src/sync/service';
import type { SyncWorld } from '../../support/sync-world';
import { KIND_NAMES } from './books';

const DID: Readonly<Record<RunRow['op'], string>> = {
  create: 'Created',
  update: 'Changed',
  void: 'Ended',
  adopt: 'Linked',
  retire: 'Closed the pair of',
};

export const told = async (world: SyncWorld, since: Date): Promise<readonly string[]> => {
  const { items } = await world.sync.runs.list(world.ref(), { limit: 100 });
  const fresh = items.filter(({ startedAt }) => Date.parse(startedAt) > since.getTime());
  const lines: string[] = [];
  for (const run of fresh.toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : 1))) {
    const { items: rows } = await world.sync.runs.rows(world.ref(), run.id, { limit: 100 });
    lines.push(...rows.toSorted(inOrder).map(sentence));
    if (run.stoppedBecause !== undefined) lines.push(`Stopped: ${run.stoppedBecause}`);
  }
  if (lines.length === 0) lines.push('Nothing is written.');
  for (const stop of await world.sync.stops.list(world.ref())) {
    if (stop.state === 'open') lines.push(`Safety stop: ${stop.message}`);
  }
  const problems = (await world.sync.problems.list(world.ref(), { limit: 100 })).items;
  for (const { message, fix, candidates, ...pair } of problems.toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1))) {
    lines.push(`Problem ${placeOf(pair)}: ${message} What to do: ${fix}`);
    for (const { name, amountMinor, currency, date } of candidates) {
      const amount = amountMinor === undefined || currency === undefined ? [] : [displayMoney(amountMinor, currency)];
      lines.push(`Is it this one? ${[name, ...amount, ...(date === undefined ? [] : [date])].join(', ')}`);
    }
  }
  return lines;
};

const placeOf = ({ local, external }: Pick<ProblemView, 'local' | 'external'>): string => {
  if (local && external) return 'between the two';
  return local ? 'in billing' : 'in the ledger';
};

/** Within a run, as records depend on each other. */
const inOrder = (a: RunRow, b: RunRow): number => rankOf(a.kind) - rankOf(b.kind) || (sortKey(a) < sortKey(b) ? -1 : 1);
const sortKey = ({ name, op, side }: RunRow): string => `${name} ${Object.keys(DID).indexOf(op)} ${side}`;

const NAMELESS: readonly string[] = ['Payment', 'Refund', 'Allocation'];

const sentence = ({ op, kind, side, name, amountMinor, currency, why }: RunRow): string => {
  const where = side === 'none' ? '' : ` in ${side === 'local' ? 'billing' : 'the ledger'}`;
  const amount = amountMinor === undefined || currency === undefined ? '' : `, ${displayMoney(amountMinor, currency)}`;
  // Money without a reference of its own is called by its kind.
  const called = NAMELESS.includes(name) ? '' : ` ${name}`;
  return `${DID[op]}${where}: ${KIND_NAMES[kind].toLowerCase()}${called}${amount} (${why}).`;
};
