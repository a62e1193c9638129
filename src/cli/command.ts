// A command of the CLI: its words, its options and what it does. What it answers is printed as lines for people, or as JSON with --json.
import { z } from 'zod';
import type { Settings } from '../../config/settings';
import type { Billing } from '../billing/service';
import type { Clock } from '../core/clock';
import { parse } from '../core/parse';
import type { Sync } from '../sync/service';
import type { Accounts } from '../web/auth/accounts';
import type { ApiKeys } from '../web/auth/api-keys';

/** What commands work with. The rooms are opened on first use: a command that needs none runs beside a running BillBridge. */
export type CliParts = {
  readonly settings: Pick<Settings, 'dataDir' | 'publicUrl' | 'distributed'>;
  readonly clock: Clock;
  readonly rooms: () => Promise<CliRooms>;
};
export type CliRooms = {
  readonly billing: Billing;
  readonly sync: Sync;
  readonly accounts: Accounts;
  readonly apiKeys: ApiKeys;
};

export type Said = {
  readonly lines: readonly string[];
  readonly json: object;
  /** The work is done and the answer is bad news (books that differ): exit code 1. */
  readonly isBad?: boolean;
};

export type Command = {
  /** `tenant create` */
  readonly name: string;
  readonly summary: string;
  /** Option → what stands for its value in the help: `{ owner: 'EMAIL' }`. */
  readonly options: Readonly<Record<string, string>>;
  readonly required: ReadonlySet<string>;
  run(options: Readonly<Record<string, string>>, parts: CliParts): Promise<Said>;
};

type Spec<S extends z.ZodObject> = Pick<Command, 'name' | 'summary'> & {
  readonly options: { readonly [K in keyof z.input<S> & string]: string };
  readonly input: S;
  readonly work: (input: z.output<S>, parts: CliParts) => Promise<Said>;
};

export const command = <S extends z.ZodObject>({ name, summary, options, input, work }: Spec<S>): Command => ({
  name,
  summary,
  options,
  required: new Set(Object.keys(options).filter((option) => !z.safeParse(input.shape[option], undefined).success)),
  run: (given, parts) => work(parse(input, given), parts),
});
