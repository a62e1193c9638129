// How the bridge stands, as the public API tells it: whether anything is still on its way, and what both books hold.
import { z } from 'zod';
import type { Owner } from './owner';
import type { World } from './world';

const side = z.object({
  count: z.number(),
  sum: z
    .string()
    .nullable()
    .transform((sum) => sum ?? ''),
});
const StandingAnswer = z.object({
  lines: z.array(
    z.object({
      kind: z.string(),
      local: side,
      external: side,
      difference: z
        .string()
        .nullable()
        .transform((sum) => sum ?? '0'),
    }),
  ),
  duplicates: z.number(),
  unequalAtRest: z.number(),
});
export type Standing = z.output<typeof StandingAnswer>;

const HealthAnswer = z.object({ backlog: z.number(), lastRun: z.object({ state: z.string() }).nullable() });

const ask = async (world: World, owner: Owner, key: string, what: string): Promise<unknown> => {
  const id = new URL(owner.connectionUrl()).pathname.split('/').at(-1);
  const response = await fetch(`${world.appUrl}/api/v1/connections/${id}/${what}`, {
    headers: { authorization: `Bearer ${key}` },
  });
  if (!response.ok)
    throw new Error(`${what} of ${owner.play.business} answered ${response.status}: ${await response.text()}`);
  return response.json();
};

/** From both books as they are now; costs calls to the ledger. */
export const readStanding = async (world: World, owner: Owner, key: string): Promise<Standing> =>
  StandingAnswer.parse(await ask(world, owner, key, 'standing'));

/** Nothing waits and no run is under way; asks nobody outside. */
export const isCalm = async (world: World, owner: Owner, key: string): Promise<boolean> => {
  const { backlog, lastRun } = HealthAnswer.parse(await ask(world, owner, key, 'health'));
  return backlog === 0 && lastRun !== null && lastRun.state !== 'running';
};

export const standingIsClean = ({ lines, unequalAtRest }: Standing): boolean =>
  unequalAtRest === 0 &&
  lines.every(({ local, external, difference }) => local.count === external.count && /^-?0(\.0+)?$/.test(difference));
