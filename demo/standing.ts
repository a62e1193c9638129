// What both books hold, as the public API tells it.
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
const Answer = z.object({
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
export type Standing = z.output<typeof Answer>;

export const readStanding = async (world: World, owner: Owner, key: string): Promise<Standing> => {
  const id = new URL(owner.connectionUrl()).pathname.split('/').at(-1);
  const response = await fetch(`${world.appUrl}/api/v1/connections/${id}/standing`, {
    headers: { authorization: `Bearer ${key}` },
  });
  if (!response.ok)
    throw new Error(`the standing of ${owner.play.business} answered ${response.status}: ${await response.text()}`);
  return Answer.parse(await response.json());
};

export const standingIsClean = ({ lines, unequalAtRest }: Standing): boolean =>
  unequalAtRest === 0 &&
  lines.every(({ local, external, difference }) => local.count === external.count && /^-?0(\.0+)?$/.test(difference));
