// Decisions about fields that both sides had changed, from what is stored: edits that a rule overruled, questions that a person answered,
// questions that are open. Reads only; nothing stored is trusted to have today's shape.
import { z } from 'zod';
import type { Instant } from '../../core/clock';
import type { JsonValue } from '../../core/json';
import { findAll, type Session } from '../../store/port';
import { links, type SyncAuditDocument, syncAudit } from '../collections';
import type { Link } from '../links/link';
import { readLink } from '../links/link-documents';
import { RECORD_KINDS } from '../records';
import type { PastDecision } from './preview-policy';

/** What JSON.parse gave is JSON; only its absence is an error. */
const value = z.custom<JsonValue>((given) => given !== undefined);
const side = z.enum(['billing', 'ledger']);
const kind = z.enum(RECORD_KINDS);

/** Written beside the intent of a write that overrules somebody. */
const Overruled = z.object({
  kind,
  name: z.string().optional(),
  atom: z.string(),
  loser: z.enum(['local', 'external']),
  local: value,
  external: value,
  status: z.enum(['draft', 'live', 'void', 'archived']),
  by: z.literal('rule'),
  newer: side.optional(),
});

/** Written when a person answers. */
const Answered = z.object({
  kind,
  name: z.string().optional(),
  problem: z.object({
    code: z.literal('bothChanged'),
    differences: z.array(z.object({ atom: z.string(), newer: side.optional() })),
  }),
  choice: z.object({ atoms: z.record(z.string(), z.object({ local: value, external: value, take: side })) }),
});

export type PastQuery = {
  readonly connectionId: string;
  readonly since: Instant;
  readonly now: Instant;
  readonly limit: number;
};
export type PastDecisions = {
  readonly decisions: readonly PastDecision[];
  /** From here on every decision is among them: later than was asked for, where less was kept in former times or too much there is. */
  readonly since: Instant;
  readonly isComplete: boolean;
};

/** Written before kinds and the order of edits were kept: nothing can be tried on it. */
const isFromBefore = (content: unknown): boolean =>
  typeof content === 'object' &&
  content !== null &&
  !('kind' in content) &&
  ('loser' in content || ('choice' in content && content.choice !== null));

/** Newest first, of one connection; at most `limit` stored rows are looked at. */
export const pastDecisions = async (
  session: Session,
  { connectionId, since, now, limit }: PastQuery,
): Promise<PastDecisions> => {
  const found: PastDecision[] = [];
  const known = new Set<string>();
  const note = (linkId: string, decision: PastDecision): void => {
    // A write that is tried again is audited again, and a question may be answered twice before the answer is carried.
    const key = JSON.stringify([linkId, decision.atom, decision.local, decision.external, decision.by]);
    if (known.has(key)) return;
    known.add(key);
    found.push(decision);
  };
  let looked = 0;
  const open = findAll(session, links, { where: { connectionId, state: 'conflict' } });
  for await (const document of open) {
    if (++looked > limit) return { decisions: found, since: now, isComplete: false };
    const link = readLink(document);
    for (const decision of openQuestions(link)) note(link.id, decision);
  }
  const audit = findAll(session, syncAudit, {
    where: { connectionId, at: { gte: since } },
    order: { index: 'byAge', direction: 'descending' },
  });
  for await (const row of audit) {
    if (++looked > limit) return { decisions: found, since: row.at, isComplete: false };
    const content: unknown = JSON.parse(row.memory);
    if (isFromBefore(content)) return { decisions: found, since: row.at, isComplete: true };
    for (const decision of decisionsIn(row, content)) note(row.linkId, decision);
  }
  return { decisions: found, since, isComplete: true };
};

const decisionsIn = ({ at }: SyncAuditDocument, content: unknown): readonly PastDecision[] => {
  const overruled = Overruled.safeParse(content);
  if (overruled.success) {
    const { loser, newer, name, ...facts } = overruled.data;
    const was = loser === 'local' ? 'ledger' : 'billing';
    return [{ ...facts, name: name ?? facts.atom, at, was, newer: newer ?? 'unclear' }];
  }
  const answered = Answered.safeParse(content);
  if (!answered.success) return [];
  const { problem, choice, name } = answered.data;
  return Object.entries(choice.atoms).map(([atom, { local, external, take }]) => ({
    kind: answered.data.kind,
    atom,
    status: 'live',
    name: name ?? atom,
    at,
    local,
    external,
    was: take,
    by: 'person',
    newer: problem.differences.find((difference) => difference.atom === atom)?.newer ?? 'unclear',
  }));
};

export const isFieldQuestion = (code: string): boolean => code === 'bothChanged' || code === 'restoredTooOften';

/** What a rule could decide: not what a person is to end a tug-of-war with, and not what is answered already. */
const openQuestions = ({ kind: of, label, problem, held, choice }: Link): readonly PastDecision[] => {
  if (problem === undefined || !isFieldQuestion(problem.code) || choice !== undefined) return [];
  return (problem.differences ?? [])
    .filter(({ atom }) => !held.includes(atom))
    .map(({ atom, local, external, newer }) => ({
      kind: of,
      atom,
      status: 'live',
      name: label?.name ?? atom,
      at: problem.since,
      local,
      external,
      was: 'ask',
      by: 'nobody',
      newer: newer ?? (problem.stamps === undefined ? 'notKept' : 'unclear'),
    }));
};
