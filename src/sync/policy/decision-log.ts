// What was decided between the two books, newest first: edits that a rule overruled, fields that were put back, answers of people, changes
// of the rules. Both values stand beside each other, so that nothing that somebody typed is ever lost. Reads only.
import { z } from 'zod';
import type { JsonValue } from '../../core/json';
import { type SyncAuditDocument, syncAudit } from '../collections';
import { findConnection } from '../connection/connection-documents';
import { RECORD_KINDS } from '../records';
import type { DecisionEntry, PoliciesService, SyncDependencies } from '../service';

/** What JSON.parse gave is JSON; only its absence is an error. */
const value = z.custom<JsonValue>((given) => given !== undefined);
const Overruled = z.object({
  kind: z.enum(RECORD_KINDS).optional(),
  name: z.string().optional(),
  atom: z.string(),
  loser: z.enum(['local', 'external']),
  local: value,
  external: value,
  by: z.enum(['rule', 'person', 'direction']).optional(),
});
const Answered = z.object({
  kind: z.enum(RECORD_KINDS).optional(),
  name: z.string().optional(),
  choice: z
    .object({
      atoms: z.record(z.string(), z.object({ local: value, external: value, take: z.enum(['billing', 'ledger']) })),
    })
    .nullish(),
});

export const createDecisionLog =
  ({ store }: SyncDependencies): PoliciesService['log'] =>
  async (ref, { limit = 50, after } = {}) => {
    await findConnection(store, ref);
    const page = await store.forTenant(ref.tenantId).find(syncAudit, {
      where: { connectionId: ref.connectionId },
      order: { index: 'byAge', direction: 'descending' },
      limit,
      ...(after === undefined ? {} : { after }),
    });
    return { items: page.items.flatMap((row) => entryOf(row) ?? []), ...(page.next ? { next: page.next } : {}) };
  };

const entryOf = ({ id, at, who, what, memory }: SyncAuditDocument): DecisionEntry | undefined => {
  const content: unknown = JSON.parse(memory);
  const overruled = Overruled.safeParse(content);
  if (overruled.success) {
    const { kind, name, atom, loser, local, external, by = 'rule' } = overruled.data;
    // The person's own entry says it already, with his name.
    if (by === 'person') return undefined;
    const stands = loser === 'local' ? 'ledger' : 'billing';
    return { id, at, who, what, by, ...label(kind, name), values: [{ atom, local, external, stands }] };
  }
  const answered = Answered.safeParse(content);
  const { kind, name, choice } = answered.success ? answered.data : {};
  const values = Object.entries(choice?.atoms ?? {}).map(([atom, { local, external, take }]) => ({
    atom,
    local,
    external,
    stands: take,
  }));
  return { id, at, who, what, by: 'person', ...label(kind, name), values };
};

const label = (kind: DecisionEntry['kind'], name: string | undefined): Pick<DecisionEntry, 'kind' | 'name'> => ({
  ...(kind === undefined ? {} : { kind }),
  ...(name === undefined ? {} : { name }),
});
