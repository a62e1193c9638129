// The bridge without a browser: what it would write, a run until nothing is left, and both books side by side.
import { z } from 'zod';
import { BridgeError } from '../core/errors';
import { displayMoney } from '../core/money';
import type { ConnectionRef, ConnectionView, RunView, StandingLine } from '../sync/service';
import { type CliRooms, command } from './command';
import { businessesOf } from './tenants';

const options = { tenant: 'ID', connection: 'ID' } as const;
const input = z.strictObject({ tenant: z.string().optional(), connection: z.string().optional() });

/** A run that leaves work again and again waits for something; it is not pressed further. */
const MAX_RUNS = 50;

export const planSync = command({
  name: 'sync plan',
  summary: 'Build the plan of every write; writes nothing',
  options,
  input,
  work: async (which, { rooms }) => {
    const { sync } = await rooms();
    const { ref, name } = await connectionNamed(await rooms(), which);
    const plan = await sync.plans.build(ref);
    return {
      lines: [
        `${name}: ${plan.rowCount} rows, hash ${plan.hash}`,
        ...plan.counts.map(({ kind, op, side, count }) => `  ${count} × ${op} ${kind}${sideWords(side)}`),
      ],
      json: { tenantId: ref.tenantId, connectionId: ref.connectionId, plan },
    };
  },
});

export const runSync = command({
  name: 'sync run',
  summary: 'Keep both sides equal now, until nothing is left that can be done now',
  options,
  input,
  work: async (which, { rooms }) => {
    const { sync } = await rooms();
    const { ref, name, view } = await connectionNamed(await rooms(), which);
    if (view.state !== 'active') throw notActive(view);
    await sync.noteLocal(ref.tenantId);
    const runs: RunView[] = [];
    do runs.push(await sync.runOnce(ref.connectionId, { reason: 'person' }));
    while (runs.length < MAX_RUNS && goesOn(runs.at(-1)));
    const last = runs.at(-1);
    return {
      lines: [
        ...runs.map(({ counts: { local, external, calls, conflicts, blocked } }, i) =>
          [
            `${name}, run ${i + 1}:`,
            `${local.created + local.updated + local.voided} written here,`,
            `${external.created + external.updated + external.voided} written to the ledger,`,
            `${conflicts} in conflict, ${blocked} not sent, ${calls} calls`,
          ].join(' '),
        ),
        last?.left === 0
          ? 'All is at rest.'
          : `${last?.left} changes are left${last?.stoppedBecause ? `: ${last.stoppedBecause}` : '.'}`,
      ],
      json: { tenantId: ref.tenantId, connectionId: ref.connectionId, runs, left: last?.left ?? 0 },
      isBad: last?.state === 'stopped',
    };
  },
});

export const reconcile = command({
  name: 'reconcile',
  summary: 'Both books as they are now, side by side; exit code 1 where something is unexplained',
  options,
  input,
  work: async (which, { rooms }) => {
    const { sync } = await rooms();
    const { ref, name } = await connectionNamed(await rooms(), which);
    const standing = await sync.standing(ref);
    const isEqual =
      standing.duplicates === 0 &&
      standing.unequalAtRest === 0 &&
      standing.lines.every(({ unexplainedMinor }) => unexplainedMinor === 0);
    return {
      lines: [
        `${name}, ${standing.at}`,
        ...standing.lines.map(lineWords),
        `duplicates ${standing.duplicates}, unequal at rest ${standing.unequalAtRest}, calls ${standing.calls}`,
        isEqual ? 'Both sides agree.' : 'The sides differ and nothing explains it.',
      ],
      json: { tenantId: ref.tenantId, connectionId: ref.connectionId, isEqual, standing },
      isBad: !isEqual,
    };
  },
});

type Which = z.output<typeof input>;
type Found = { readonly ref: ConnectionRef; readonly name: string; readonly view: ConnectionView };

/** The one that was named, or the only one there is. */
const connectionNamed = async (rooms: CliRooms, { tenant, connection }: Which): Promise<Found> => {
  const found: Found[] = [];
  for await (const business of businessesOf(rooms, tenant)) {
    for (const view of await rooms.sync.connections.list(business.id)) {
      const isMeant = connection === undefined ? view.state !== 'disconnected' : view.id === connection;
      const ref = { tenantId: business.id, connectionId: view.id };
      if (isMeant) found.push({ ref, name: `${business.name} ↔ ${view.organisation.name}`, view });
    }
  }
  const [only, second] = found;
  if (only === undefined) throw connection === undefined ? noConnection() : notFound(connection);
  if (second === undefined) return only;
  throw new BridgeError('BB_INPUT_INVALID', {
    problem: `There are several connections; name one with --connection: ${found.map(({ ref, name }) => `${ref.connectionId} (${name})`).join(', ')}`,
  });
};

const goesOn = (run: RunView | undefined): boolean =>
  run !== undefined && run.state === 'done' && run.left > 0 && run.notBefore === undefined;

const sideWords = (side: 'local' | 'external' | 'none'): string =>
  ({ local: ' here', external: ' in the ledger', none: '' })[side];

const lineWords = ({ kind, currency, local, external, differenceMinor, unexplainedMinor }: StandingLine): string => {
  if (currency === undefined) return `  ${kind}: ${local.count} here, ${external.count} in the ledger`;
  const words = (minor: number): string => displayMoney(minor, currency);
  return [
    `  ${kind} ${currency}: ${local.count} (${words(local.sumMinor)}) here,`,
    `${external.count} (${words(external.sumMinor)}) in the ledger,`,
    `difference ${words(differenceMinor)}, unexplained ${words(unexplainedMinor)}`,
  ].join(' ');
};

const notFound = (id: string): BridgeError => new BridgeError('BB_NOT_FOUND', { kind: 'connection', id });
const noConnection = (): BridgeError =>
  new BridgeError('BB_SYNC_REFUSED', {
    reason: 'No ledger is connected.',
    remedy: 'Connect one in the app, under Connections.',
  });
const notActive = ({ state }: ConnectionView): BridgeError =>
  new BridgeError('BB_SYNC_REFUSED', {
    reason: `This connection is not active (${state}).`,
    remedy: 'Finish setting it up, or connect the organisation again, in the app.',
  });
