// A plan on paper: what it comes to, then every row with its reason. Pure. A plan of more rows than can be drawn in reasonable time lists
// its writes first and says what was left out; the fingerprint covers all of it, and the CSV has all of it.
import type { ReportPdfParts } from '../../../connectors/pdf/report-document';
import { displayDate } from '../../../core/calendar-date';
import { type CurrencyCode, displayMoney } from '../../../core/money';
import { RECORD_KINDS, type RecordKind } from '../../../sync/records';
import type { PlanCount, PlanOp, PlanRow, PlanTotal, PlanView } from '../../../sync/service';
import type { PaperStyle } from './paper-style';
import { capital, countOf, kindNames, opSign, sideWords } from './words';

/** A drawing of so many rows takes a few seconds. */
export const MOST_ROWS = 5_000;
const LONGEST_NAME = 160;

export type PlanPaperFacts = PaperStyle & {
  readonly organisation: string;
  readonly ledger: string;
};

type Paper = Omit<PlanPaperFacts, 'instant'>;

export const planPaper = async (
  plan: PlanView,
  rows: AsyncIterable<PlanRow>,
  facts: PlanPaperFacts,
): Promise<ReportPdfParts> => {
  const { business, organisation, ledger, isLetter, instant } = facts;
  const { cutOverDate, approvedBy, approvedAt } = plan;
  const figures = new Intl.NumberFormat(facts.locale);
  const writes = plan.counts.filter(({ side }) => side !== 'none').reduce((sum, { count }) => sum + count, 0);
  return {
    title: `Write plan ${plan.hash.slice(0, 9)}`,
    author: business,
    stamp: plan.builtAt,
    isLetter,
    lead:
      writes === 0
        ? `Nothing would be written, neither in ${ledger} nor here.`
        : `${figures.format(writes)} ${writes === 1 ? 'write' : 'writes'} would be made, and no other.`,
    facts: [
      ['Books here', business],
      [`Books in ${ledger}`, organisation],
      ['Made', instant(plan.builtAt)],
      ['Cut-over date', cutOverDate === undefined ? 'none: documents of every date' : cutOverWords(cutOverDate, facts)],
      ['Approved', approvedAt === undefined ? 'not yet' : `${instant(approvedAt)}, by ${approvedBy ?? 'a person'}`],
      ['Fingerprint', plan.hash],
    ],
    text: 'Whoever approves, approves the plan with this fingerprint. If anything in it changes before then, the approval is refused.',
    head: ['', 'Record', 'Date', 'Amount', 'What happens'],
    right: [3],
    widths: [60, 132, 56, 84],
    groups: [{ name: 'In sum', rows: sumRows(plan, facts) }, ...(await kindGroups(plan, rows, facts))],
    footer: `${business} and ${organisation} · plan ${plan.hash.slice(0, 16)}`,
  };
};

const cutOverWords = (date: string, { locale }: Paper): string =>
  `${displayDate(date, locale)}: older documents are neither created nor changed`;

/** A line for each kind, operation, side and currency; where there is no money, one line. */
const sumRows = ({ counts, totals }: PlanView, paper: Paper): readonly (readonly string[])[] =>
  counts.flatMap((count) => {
    const sums = totals.filter(({ kind, op, side }) => kind === count.kind && op === count.op && side === count.side);
    const amounts = sums.length === 0 ? [''] : sums.map((total) => amountOf(total.sumMinor, total.currency, paper));
    return amounts.map((amount, at) => [
      signWords(count.op),
      at === 0 ? countOf(count.count, count.kind) : '',
      '',
      amount,
      where(count, paper) || 'nothing is written',
    ]);
  });

const kindGroups = async (
  { rowCount }: PlanView,
  rows: AsyncIterable<PlanRow>,
  paper: Paper,
): Promise<ReportPdfParts['groups']> => {
  const hasRoomForAll = rowCount <= MOST_ROWS;
  const groups = new Map<RecordKind, { lines: (readonly string[])[]; more: number }>();
  let drawn = 0;
  for await (const row of rows) {
    const group = groups.get(row.kind) ?? { lines: [], more: 0 };
    groups.set(row.kind, group);
    const isWanted = hasRoomForAll || (writesOrAsks(row) && drawn < MOST_ROWS);
    if (isWanted) {
      group.lines.push(lineOf(row, paper));
      drawn += 1;
    } else group.more += 1;
  }
  return RECORD_KINDS.flatMap((kind) => {
    const group = groups.get(kind);
    if (group === undefined) return [];
    const left = ['', `and ${new Intl.NumberFormat(paper.locale).format(group.more)} more`, '', '', 'in the CSV'];
    return [{ name: capital(kindNames(kind)), rows: group.more === 0 ? group.lines : [...group.lines, left] }];
  });
};

const writesOrAsks = ({ op }: PlanRow): boolean => op !== 'adopt' && op !== 'link';

const lineOf = (row: PlanRow, paper: Paper): readonly string[] => {
  const { amountMinor, currency, date } = row;
  const place = where(row, paper);
  return [
    signWords(row.op),
    row.name.length > LONGEST_NAME ? `${row.name.slice(0, LONGEST_NAME - 1)}…` : row.name,
    date === undefined ? '' : displayDate(date, paper.locale),
    amountMinor === undefined || currency === undefined ? '' : amountOf(amountMinor, currency, paper),
    place === '' ? row.why : `${place}: ${row.why}`,
  ];
};

const SIGNS: Readonly<Record<PlanOp, string>> = {
  create: 'create',
  update: 'change',
  void: 'void',
  adopt: 'link',
  link: 'link',
  ask: 'not decided',
};
const signWords = (op: PlanOp): string => `${opSign(op).sign} ${SIGNS[op]}`;

const where = ({ side }: Pick<PlanCount | PlanTotal, 'side'>, { ledger }: Paper): string => sideWords(side, ledger);

/** With the code of the currency: a symbol alone may be several. */
const amountOf = (minor: number, currency: CurrencyCode, { locale }: Paper): string =>
  `${displayMoney(minor, currency, locale).replace('-', '−')} ${currency}`;
