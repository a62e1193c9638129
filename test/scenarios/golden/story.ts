// A story between two books, as an accountant would tell it: sentences, and behind each sentence what it does in the memory world. Playing
// it gives a report in plain text; golden.test.ts holds it against the file kept beside this one. No language of its own: a step is a
// sentence and a function, and the bridge runs where a step says so.
import type { Projection, RecordKind } from '../../../src/sync/records';
import { openSyncWorld, type SyncWorld, type WorldOptions } from '../../support/sync-world';
import { bookOf, nameOf, type SideName } from './books';
import { told } from './told';

export type Desk = {
  readonly world: SyncWorld;
  /** By what people call it: a customer's name, a number, for money the number that it settles. Living records first. */
  here(kind: RecordKind, name: string): string;
  there(kind: RecordKind, name: string): string;
};
export type Step = {
  readonly say: string;
  readonly does?: (desk: Desk) => unknown;
  /** The bridge runs: once, or until nothing is left that time alone would bring. */
  readonly runs?: 'once' | 'to rest';
};
export type Story = {
  /** Name of its file. */
  readonly name: string;
  readonly title: string;
  /** What it shows, in a sentence or two. */
  readonly about: string;
  readonly options?: WorldOptions;
  /** Played, but not reported. */
  readonly given: readonly Step[];
  readonly when: readonly Step[];
  /** Held by the test whatever the file says. */
  readonly outcome: readonly (readonly [say: string, holds: (desk: Desk) => boolean | Promise<boolean>])[];
};

export const RUN: Step = { say: 'The bridge runs.', runs: 'to rest' };
export const CONNECT: Step = {
  say: 'The books are connected: what is surely the same is linked, the plan is looked at and approved, and the bridge runs.',
  does: async ({ world }) => world.approve(),
  runs: 'to rest',
};

const recordsOf = (world: SyncWorld, side: SideName, kind: RecordKind) =>
  side === 'billing'
    ? world.billing.all(kind).map(({ localId, projection }) => ({ id: localId, projection: projection as Projection }))
    : world.ledger
        .all(kind)
        .map(({ externalId, projection }) => ({ id: externalId, projection: projection as Projection }));

const openDesk = (world: SyncWorld): Desk => {
  const find = (side: SideName) => (kind: RecordKind, name: string) => {
    const named = recordsOf(world, side, kind).filter(
      ({ projection }) => nameOf(world, side, kind, projection) === name,
    );
    const found = named.find(({ projection }) => projection.status === 'live') ?? named[0];
    if (found === undefined) throw new Error(`no ${kind} ${name} in ${side}`);
    return found.id;
  };
  return { world, here: find('billing'), there: find('ledger') };
};

export type Played = {
  readonly report: string;
  /** Sentences of the outcome that do not hold. */
  readonly broken: readonly string[];
  /** Writes of a full compare and of further runs after the story: there must be none. */
  readonly restless: number;
  readonly unexplainedMinor: readonly number[];
};

export const play = async (story: Story): Promise<Played> => {
  const world = await openSyncWorld(story.options);
  try {
    const desk = openDesk(world);
    const lines = [`# ${story.title}`, '', story.about, '', '## Given', ''];
    for (const step of story.given) {
      lines.push(`- ${step.say}`);
      await take(desk, step);
    }
    lines.push('', '## When', '');
    let since = world.clock.now();
    for (const [i, step] of story.when.entries()) {
      lines.push(`${i + 1}. ${step.say}`);
      await take(desk, step);
      if (!step.runs) continue;
      lines.push(...(await told(world, since)).map((line) => `   - ${line}`));
      since = world.clock.now();
    }
    lines.push('', '## Then', '');
    const broken: string[] = [];
    for (const [say, holds] of story.outcome) {
      lines.push(`- ${say}`);
      if (!(await holds(desk))) broken.push(say);
    }
    lines.push(
      '',
      '## In billing',
      '',
      ...bookOf(world, 'billing'),
      '',
      '## In the ledger',
      '',
      ...bookOf(world, 'ledger'),
      '',
    );
    return { report: lines.join('\n'), broken, ...(await after(world)) };
  } finally {
    await world.close();
  }
};

const take = async (desk: Desk, { does, runs }: Step): Promise<void> => {
  desk.world.clock.advance(60_000);
  await does?.(desk);
  if (runs === 'once') await desk.world.run();
  if (runs === 'to rest') await desk.world.settle();
};

const after = async (world: SyncWorld): Promise<Pick<Played, 'restless' | 'unexplainedMinor'>> => {
  const writes = () => world.ledger.log.filter(({ applied }) => applied).length + world.billing.writes.length;
  const before = writes();
  await world.sync.fullCompare(world.ref().connectionId);
  await world.settle();
  const { lines } = await world.sync.standing(world.ref());
  return {
    restless: writes() - before,
    unexplainedMinor: lines.map((line) => line.unexplainedMinor).filter((minor) => minor !== 0),
  };
};
