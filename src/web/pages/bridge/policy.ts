// Who wins where both sides changed the same field: chosen field by field, tried out on the last 90 days, then saved. Trying saves
// nothing; saving writes nothing to a ledger by itself.
import { z } from 'zod';
import { parse } from '../../../core/parse';
import { CLASHES, type Clash, type PolicyChoices } from '../../../sync/policy/policy';
import type { PolicyPreview, PolicyRow, PolicyView, PreviewExample, PreviewRow } from '../../../sync/service';
import { type Answer, page, redirect } from '../../http/answer';
import { attempt, type FormFailure } from '../../http/forms';
import { guarded, type Route, type SignedIn } from '../../http/routes';
import { actorOf, type BridgeParts, frameOf, refOf } from './parts';
import { atomValueWords, atomWords, capital, kindNames, ledgerName } from './words';

const Form = z.object({
  act: z.enum(['preview', 'save'], 'choose what to do'),
  version: z.coerce.number('load the page again').int().min(0),
  rule: z.record(z.string().max(100), z.enum(CLASHES, 'choose one of the rules shown')).default({}),
});

export const policyPages = (parts: BridgeParts): readonly Route[] => [
  guarded('GET /connections/:id/policy', 'read', (incoming) => policyPage(parts, incoming)),
  guarded('POST /connections/:id/policy', 'decide', (incoming) => act(parts, incoming)),
];

const act = async (parts: BridgeParts, incoming: SignedIn): Promise<Answer> => {
  const ref = refOf(incoming);
  const { policies } = parts.sync;
  const form = parse(Form, incoming.body);
  if (form.act === 'preview') {
    const tried = await attempt(() => policies.preview(ref, form.rule));
    if (!tried.ok) return policyPage(parts, incoming, { failure: tried.failure });
    return policyPage(parts, incoming, { tried: { choices: form.rule, preview: tried.value, version: form.version } });
  }
  const request = { choices: form.rule, shownVersion: form.version, actor: actorOf(incoming.visitor) };
  const saved = await attempt(() => policies.save(ref, request));
  if (!saved.ok && saved.failure.code === 'BB_NOT_FOUND') throw saved.failure;
  if (!saved.ok) return policyPage(parts, incoming, { failure: saved.failure });
  return redirect(`/connections/${ref.connectionId}/policy`, 'Saved. These rules count from the next run on.');
};

type Shown = {
  readonly failure?: FormFailure;
  /** `version`: of the policy that the person had before his eyes when he tried. */
  readonly tried?: { readonly choices: PolicyChoices; readonly preview: PolicyPreview; readonly version: number };
};

const policyPage = async (parts: BridgeParts, incoming: SignedIn, { failure, tried }: Shown = {}): Promise<Answer> => {
  const ref = refOf(incoming);
  const view = await parts.sync.connections.get(ref);
  const policy = await parts.sync.policies.get(ref);
  const words = wordsFor(ledgerName(view.provider), incoming.visitor.business.locale);
  const { activatedAt } = view;
  return page(
    'connections',
    'bridge/policy',
    'Who wins',
    {
      ...frameOf(view, incoming.visitor, 'policy'),
      action: `/connections/${view.id}/policy`,
      ledger: words.ledger,
      version: tried?.version ?? policy.version,
      groups: groupsOf(policy, tried?.choices, words),
      saved: policy.savedAt === undefined ? null : { by: policy.savedBy ?? '', at: policy.savedAt },
      history: policy.history.map((entry) => ({
        at: entry.at,
        who: entry.who,
        changes: entry.changes.map(({ field, before, after }) => ({
          field: fieldWords(policy.rows, field),
          before: words.rule(before),
          after: words.rule(after),
        })),
      })),
      preview: tried === undefined ? null : previewView(tried.preview, activatedAt, words),
      problems: failure === undefined ? [] : [{ id: null, message: `${failure.message} ${failure.fix}` }],
    },
    { status: failure === undefined ? 200 : 422 },
  );
};

// ---- words --------------------------------------------------------------------------------------------------------------------------

type Words = {
  readonly ledger: string;
  readonly rule: (rule: Clash) => string;
  readonly value: (value: unknown, side: 'here' | 'there') => string;
};
const wordsFor = (ledger: string, locale: string): Words => ({
  ledger,
  rule: (rule) =>
    ({ manual: 'Ask me', billing: 'Here wins', ledger: `${capital(ledger)} wins`, newest: 'The newer one wins' })[rule],
  value: (value, side) => atomValueWords(value, side === 'here' ? 'here' : `in ${ledger}`, locale),
});

const fieldWords = (rows: readonly PolicyRow[], field: string): string => {
  const row = rows.find((candidate) => candidate.field === field);
  return row === undefined ? field : `${atomWords(row.atom)} of ${kindNames(row.kind)}`;
};

const ORDER: readonly Clash[] = ['manual', 'billing', 'ledger', 'newest'];

const groupsOf = (
  { rows }: PolicyView,
  choices: PolicyChoices | undefined,
  words: Words,
): readonly { readonly title: string; readonly rows: readonly object[] }[] =>
  [...new Set(rows.map(({ kind }) => kind))].map((kind) => ({
    title: capital(kindNames(kind)),
    rows: rows.filter((row) => row.kind === kind).map((row) => rowView(row, choices, words)),
  }));

const rowView = (row: PolicyRow, choices: PolicyChoices | undefined, words: Words): object => {
  const chosen = choices?.[row.field] ?? (choices === undefined ? row.rule : row.standard);
  return {
    id: `p-${row.field.replace(/\W+/g, '-')}`,
    name: `rule[${row.field}]`,
    words: atomWords(row.atom),
    question: `If both sides changed ${atomWords(row.atom).toLowerCase()} of ${kindNames(row.kind)}`,
    fixedBecause: row.fixedBecause ?? null,
    standard: chosen === row.standard ? null : words.rule(row.standard),
    options: ORDER.filter((rule) => row.choices.includes(rule)).map((rule) => ({
      value: rule,
      words: words.rule(rule),
      isChosen: rule === chosen,
    })),
  };
};

// ---- preview ------------------------------------------------------------------------------------------------------------------------

const previewView = (preview: PolicyPreview, activatedAt: string | undefined, words: Words): object => {
  const total = (count: (row: PreviewRow) => number): number => preview.rows.reduce((sum, row) => sum + count(row), 0);
  const from = activatedAt !== undefined && activatedAt > preview.from ? activatedAt : preview.from;
  return {
    from,
    isComplete: preview.isComplete,
    decisions: total(({ decisions }) => decisions),
    otherwise: total(({ otherwise }) => otherwise),
    unasked: total(({ unasked }) => unasked),
    settlesNow: total(({ settlesNow }) => settlesNow),
    unknown: total(({ unknown }) => unknown),
    rows: preview.rows
      .filter(({ decisions }) => decisions > 0)
      .map(({ kind, atom, decisions, otherwise, examples }) => ({
        words: `${atomWords(atom)} of ${kindNames(kind)}`,
        decisions,
        otherwise,
        isCut: otherwise > examples.length,
        examples: examples.map((example) => exampleView(example, words)),
      })),
  };
};

const exampleView = (example: PreviewExample, words: Words): object => ({
  name: example.name,
  at: example.at,
  local: words.value(example.local, 'here'),
  external: words.value(example.external, 'there'),
  was: wasWords(example, words.ledger),
  wouldBe: outcomeWords(example.wouldBe, words.ledger),
});

const wasWords = ({ by, was }: PreviewExample, ledger: string): string => {
  if (by === 'nobody') return 'Still open';
  const side = was === 'ledger' ? capital(ledger) : 'Here';
  return by === 'person' ? `Asked, ${was === 'ledger' ? ledger : 'here'} was taken` : `${side} won`;
};

const outcomeWords = (outcome: PreviewExample['wouldBe'], ledger: string): string =>
  ({ billing: 'Here wins', ledger: `${capital(ledger)} wins`, ask: 'You are asked', unknown: 'Not known' })[outcome];
