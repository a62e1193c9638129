// One problem as people and programs see it: words, values, who and when, what is suggested, and what may be done. Pure.
import { createHash } from 'node:crypto';
import { canonicalJson } from '../../core/json';
import type { Link } from '../links/link';
import type { PolicyChoices } from '../policy/policy';
import type { LastEdit } from '../ports/billing-port';
import type { AtomDifference, ChangeNote, ProblemView, RecordLabel } from '../service';
import { suggestionFor } from './suggestion';

/** `edits`: what billing knows of each field; left out where nobody looks that closely. */
export const viewOfProblem = (
  link: Link,
  choices: PolicyChoices,
  edits?: ReadonlyMap<string, LastEdit>,
): ProblemView => {
  const { problem } = link;
  const shownAs = shownAsOf(link);
  return {
    id: link.id,
    kind: link.kind,
    state: link.state === 'conflict' || link.state === 'waiting' ? link.state : 'blocked',
    code: problem?.code ?? 'unknown',
    message: problem?.message ?? 'This record has not come to rest.',
    fix: problem?.fix ?? 'Retry it.',
    since: problem?.since ?? '',
    differences: differencesOf(link, choices, edits),
    candidates: problem?.candidates ?? [],
    actions: actionsOf(link),
    isAnswered: link.choice !== undefined,
    ...(shownAs === undefined ? {} : { shownAs }),
    ...(problem?.raw === undefined ? {} : { raw: problem.raw }),
    ...labelsOf(link),
  };
};

const labelsOf = ({ label, localId, externalId, problem }: Link): { local?: RecordLabel; external?: RecordLabel } => ({
  ...(label && localId !== undefined ? { local: { ...label, id: localId } } : {}),
  ...(label && externalId !== undefined
    ? { external: { ...label, id: externalId, ...(problem?.externalUrl ? { url: problem.externalUrl } : {}) } }
    : {}),
});

const differencesOf = (
  { kind, problem }: Link,
  choices: PolicyChoices,
  edits: ReadonlyMap<string, LastEdit> | undefined,
): readonly AtomDifference[] =>
  (problem?.differences ?? []).map(({ newer, ...difference }) => ({
    ...difference,
    ...suggestionFor(kind, { ...difference, ...(newer ? { newer } : {}) }, choices),
    ...changesOf(problem?.stamps, edits?.get(difference.atom)),
  }));

/** Billing's log tells of the field itself; else, and in the ledger always, only the record as a whole is stamped. */
const changesOf = (
  stamps: NonNullable<Link['problem']>['stamps'],
  edit: LastEdit | undefined,
): { localChange?: ChangeNote; externalChange?: ChangeNote } => ({
  ...(edit
    ? { localChange: { ...edit, of: 'field' } }
    : stamps?.local
      ? { localChange: { ...stamps.local, of: 'record' } }
      : {}),
  ...(stamps?.external ? { externalChange: { at: stamps.external.at, of: 'record' } } : {}),
});

/** Stands for the question as it is put: the same text only where the same values are asked about. */
export const shownAsOf = ({ problem }: Pick<Link, 'problem'>): string | undefined => {
  const differences = problem?.differences ?? [];
  if (differences.length === 0) return undefined;
  const values = differences.map(({ atom, local, external }) => [atom, local, external]);
  return createHash('sha256')
    .update(canonicalJson([problem?.code, values]))
    .digest('base64url')
    .slice(0, 22);
};

/** What no write can carry is not offered: nobody brings a cancelled document back to life. */
export const actionsOf = (link: Link): ProblemView['actions'] => {
  const actions: ProblemView['actions'][number][] = ['retry'];
  const differences = link.problem?.differences ?? [];
  const status = differences.find(({ atom }) => atom === 'status');
  const isMoney = link.kind !== 'contact';
  if (link.state === 'conflict' && differences.length > 0) {
    if (!(isMoney && status !== undefined && status.local === 'live')) actions.push('takeBilling');
    if (!(isMoney && status !== undefined && status.external === 'live')) actions.push('takeLedger');
  }
  // Candidates of a pair are there to be named: who has a partner is not linked with another one.
  if (link.localId !== undefined && link.externalId !== undefined) actions.push('unlink');
  else if ((link.problem?.candidates ?? []).length > 0) actions.push('link', 'separate');
  return actions;
};
