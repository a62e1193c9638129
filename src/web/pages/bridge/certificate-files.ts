// The certificate to take away: as CSV (a line for each month, kind and currency, and a column for each cause) and as the paper that a PDF
// is drawn from.
import type { ReportPdfParts } from '../../../connectors/pdf/report-document';
import type { CurrencyCode } from '../../../core/money';
import { displayMoney } from '../../../core/money';
import { CAUSES } from '../../../sync/certificate/causes';
import type { CertificateView } from '../../../sync/certificate/certificate';
import type { Part, TallyRow } from '../../../sync/certificate/tally';
import { csvLine } from '../../http/csv';
import { byMonth, causeWords, kindWords, monthWords, plainAmount, verdictWords } from './certificate-words';

const CSV_HEAD = [
  ...['month', 'kind', 'currency', 'count here', 'sum here', 'count ledger', 'sum ledger', 'difference'],
  ...CAUSES.flatMap((cause) => [`${cause} count`, `${cause} sum`]),
  ...['unexplained count', 'unexplained sum', 'unequal at rest', 'records'],
];

export async function* certificateCsv(rows: readonly TallyRow[]): AsyncIterable<string> {
  yield csvLine(CSV_HEAD);
  for (const row of rows) {
    const { month, kind, currency, local, external, differenceMinor, causes, unexplained, ourBug } = row;
    const amount = (minor: number): string => plainAmount(minor, currency);
    const partOf = (part: Part | undefined): readonly (string | number)[] => [
      part?.count ?? 0,
      amount(part?.sumMinor ?? 0),
    ];
    yield csvLine([
      ...[month, kind, currency ?? ''],
      ...[local.count, amount(local.sumMinor), external.count, amount(external.sumMinor), amount(differenceMinor)],
      ...CAUSES.flatMap((cause) => partOf(causes.find((part) => part.cause === cause))),
      ...partOf(unexplained),
      ourBug.count,
      namesOf([...causes, unexplained, ourBug]),
    ]);
  }
}

/** Names behind the differences of a row, each once. */
const namesOf = (parts: readonly Part[]): string => {
  const names = new Set(parts.flatMap(({ examples }) => examples.map(({ name }) => name)));
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  const shown = parts.reduce((sum, { examples }) => sum + examples.length, 0);
  return [...names, ...(count > shown ? [`and ${count - shown} more`] : [])].join('; ');
};

export type PaperFacts = {
  readonly business: string;
  readonly organisation: string;
  readonly ledger: string;
  readonly locale: string;
  readonly isLetter: boolean;
  /** When it was made, as the business writes it. */
  readonly madeAt: string;
  readonly madeBy: string;
};

export const certificatePaper = (
  certificate: CertificateView,
  rows: readonly TallyRow[],
  { business, organisation, ledger, locale, isLetter, madeAt, madeBy }: PaperFacts,
): ReportPdfParts => {
  const { sentence, detail } = verdictWords(certificate, ledger, locale);
  return {
    title: 'Reconciliation certificate',
    author: business,
    stamp: certificate.madeAt,
    isLetter,
    lead: sentence,
    facts: [
      ['Books here', business],
      [`Books in ${ledger}`, organisation],
      ['Made', `${madeAt}, ${madeBy}`],
      ['Fingerprint', certificate.hash.slice(0, 16)],
    ],
    text: detail,
    head: ['', 'Here', ledger, 'Difference', 'Why'],
    right: [1, 2, 3],
    groups: byMonth(rows).map(([month, inMonth]) => ({
      name: monthWords(month, locale),
      rows: inMonth.map((row) => paperRow(row, ledger, locale)),
    })),
    footer: `${business} and ${organisation} · fingerprint ${certificate.hash.slice(0, 16)}`,
  };
};

const paperRow = (row: TallyRow, ledger: string, locale: string): readonly string[] => {
  const { kind, currency, local, external, differenceMinor, causes, unexplained, ourBug } = row;
  const side = ({ count, sumMinor }: { readonly count: number; readonly sumMinor: number }): string =>
    `${new Intl.NumberFormat(locale).format(count)}${currency === undefined ? '' : ` · ${inWords(sumMinor, currency, locale)}`}`;
  const reasons = causes.map(
    ({ cause, count, sumMinor }) =>
      `${count} ${causeWords(cause, ledger)}${currency === undefined ? '' : `: ${inWords(sumMinor, currency, locale)}`}`,
  );
  if (unexplained.count > 0 || unexplained.sumMinor !== 0) {
    const sum = currency === undefined ? '' : `: ${inWords(unexplained.sumMinor, currency, locale)}`;
    reasons.push(`UNEXPLAINED, ${unexplained.count}${sum} (${namesOf([unexplained])})`);
  }
  if (ourBug.count > 0) reasons.push(`${ourBug.count} unchanged and not equal (${namesOf([ourBug])})`);
  return [
    kindWords(kind),
    side(local),
    side(external),
    currency === undefined
      ? String(local.count - external.count)
      : differenceMinor === 0
        ? '0'
        : inWords(differenceMinor, currency, locale),
    reasons.join('\n'),
  ];
};

const inWords = (minor: number, currency: CurrencyCode, locale: string): string =>
  displayMoney(minor, currency, locale).replace('-', '−');
