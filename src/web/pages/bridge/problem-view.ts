// One problem as its page and the list show it: the sentence, both values facing each other with who and when, and what may be done.
import type { AtomDifference, ChangeNote, ProblemView } from '../../../sync/service';
import { amountView, atomValueWords, atomWords, kindName, restOf } from './words';

export const STATE_WORDS = { conflict: 'In conflict', blocked: 'Held up', waiting: 'Waiting' } as const;

export type Reader = { readonly base: string; readonly ledger: string; readonly locale: string };

export const problemView = (problem: ProblemView, reader: Reader): object => {
  const { base } = reader;
  const offers = new Set(problem.actions);
  const name =
    problem.local?.name ??
    problem.external?.name ??
    `${/^[aeiou]/.test(kindName(problem.kind)) ? 'An' : 'A'} ${kindName(problem.kind)}`;
  const mayTakeBilling = offers.has('takeBilling');
  const mayTakeLedger = offers.has('takeLedger');
  return {
    id: problem.id,
    href: `${base}/${encodeURIComponent(problem.id)}`,
    at: problem.since,
    code: problem.code,
    kind: kindName(problem.kind),
    status: problem.state === 'conflict' ? 'conflict' : problem.state === 'waiting' ? 'waiting' : 'overdue',
    words: STATE_WORDS[problem.state],
    name,
    rest: restOf(name, problem.message),
    mapping: /mapping|unmapped/i.test(`${problem.code} ${problem.fix}`) ? base.replace(/problems$/, 'mapping') : null,
    amount: amountView(problem.local ?? problem.external ?? {}),
    message: problem.message,
    fix: problem.fix,
    raw: problem.raw ?? null,
    localHref: problem.local === undefined ? null : localHref(problem),
    externalHref: problem.external?.url ?? null,
    shownAs: problem.shownAs ?? null,
    isAnswered: problem.isAnswered,
    differences: problem.differences.map((difference) => differenceView(difference, reader)),
    isOneField: problem.differences.length === 1,
    candidates: problem.candidates.map((candidate) => ({
      id: candidate.id,
      name: candidate.name,
      amount: amountView(candidate),
      date: candidate.date ?? null,
      url: candidate.url ?? null,
    })),
    mayRetry: offers.has('retry'),
    mayChoose: mayTakeBilling || mayTakeLedger,
    mayTakeBilling,
    mayTakeLedger,
    mayUnlink: offers.has('unlink'),
    mayLink: offers.has('link'),
    maySeparate: offers.has('separate'),
  };
};

const differenceView = (difference: AtomDifference, { ledger, locale }: Reader): object => {
  const { atom, local, external, suggestion, suggestedBecause, localChange, externalChange } = difference;
  return {
    atom,
    name: `take[${atom}]`,
    words: atomWords(atom),
    local: valueWords(atom, local, 'here', locale),
    external: valueWords(atom, external, `in ${ledger}`, locale),
    localChange: changeView(localChange),
    externalChange: changeView(externalChange),
    suggestsLocal: suggestion === 'billing',
    suggestsExternal: suggestion === 'ledger',
    because: suggestedBecause === undefined ? '' : BECAUSE[suggestedBecause],
  };
};

const STATUS_WORDS: Readonly<Record<string, string>> = {
  draft: 'a draft',
  live: 'in force',
  void: 'cancelled',
  archived: 'put aside',
};
const valueWords = (atom: string, value: unknown, side: string, locale: string): string =>
  (atom === 'status' && typeof value === 'string' ? STATUS_WORDS[value] : undefined) ??
  atomValueWords(value, side, locale);

const BECAUSE = {
  rule: 'suggested by your rules',
  newer: 'suggested: changed later',
  filled: 'suggested: the other side is empty',
} as const;

/** Only what is known: a name, a time, and whether it is this field that they belong to. */
const changeView = (note: ChangeNote | undefined): object => ({
  by: note?.by ?? null,
  at: note?.at ?? null,
  isOfField: note?.of === 'field',
});

const PLACES = {
  contact: 'customers',
  invoice: 'invoices',
  creditNote: 'credit-notes',
  payment: 'payments',
  allocation: 'credit-notes',
  refund: 'refunds',
} as const;
const localHref = (problem: ProblemView): string | null =>
  problem.kind === 'allocation' || problem.local === undefined || problem.local.id.startsWith('alc_')
    ? null
    : `/${PLACES[problem.kind]}/${encodeURIComponent(problem.local.id)}`;
