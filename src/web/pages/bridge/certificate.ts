// The reconciliation certificate: the verdict as one sentence, every month of both books side by side, the history, and the files to take
// away. Making one reads the whole ledger, so it is asked for by a button and never by looking.
import type { AskedCertificate } from '../../../sync/certificate/asked';
import type { CertificateView } from '../../../sync/certificate/certificate';
import type { Part, TallyRow } from '../../../sync/certificate/tally';
import type { ConnectionView } from '../../../sync/service';
import { type Answer, page, redirect } from '../../http/answer';
import { guarded, type Route, type SignedIn } from '../../http/routes';
import { certificateCsv, certificatePaper } from './certificate-files';
import { byMonth, causeHref, causeWords, kindWords, leftWords, monthWords, verdictWords } from './certificate-words';
import { paperStyleOf } from './paper-style';
import { actorOf, type BridgeParts, frameOf, refOf } from './parts';
import { kindNames, ledgerName } from './words';

type Parts = BridgeParts & {
  readonly reportPdf: (parts: ReturnType<typeof certificatePaper>) => Promise<Buffer>;
};

export const certificatePages = (parts: Parts): readonly Route[] => [
  guarded('GET /connections/:id/certificate', 'read', async (incoming) => {
    const certificate = await parts.sync.certificates.latest(refOf(incoming));
    return certificatePage(parts, incoming, certificate, true);
  }),
  guarded('POST /connections/:id/certificate', 'decide', async (incoming) => {
    // Reading both books takes as long as the ledger takes: nobody waits for it in front of a blank page.
    const ref = refOf(incoming);
    await parts.sync.certificates.ask(ref, { actor: actorOf(incoming.visitor) });
    await parts.wishes.certificateSoon(ref.connectionId);
    return redirect(`/connections/${ref.connectionId}/certificate`);
  }),
  guarded('GET /connections/:id/certificates/:certificate', 'read', async (incoming) => {
    const certificate = await parts.sync.certificates.get(refOf(incoming), incoming.params.certificate ?? '');
    return certificatePage(parts, incoming, certificate, false);
  }),
  guarded('GET /connections/:id/certificates/:certificate/certificate.csv', 'read', async (incoming) => {
    const { certificate, rows } = await readOne(parts, incoming);
    return {
      kind: 'file',
      name: `${fileName(certificate)}.csv`,
      type: 'text/csv; charset=utf-8',
      body: certificateCsv(rows),
    };
  }),
  guarded('GET /connections/:id/certificates/:certificate/certificate.pdf', 'read', (incoming) => pdf(parts, incoming)),
];

const fileName = ({ madeAt, hash }: CertificateView): string =>
  `certificate-${madeAt.slice(0, 10)}-${hash.slice(0, 9)}`;

const readOne = async (
  { sync }: Parts,
  incoming: SignedIn,
): Promise<{ readonly certificate: CertificateView; readonly rows: readonly TallyRow[] }> => {
  const ref = refOf(incoming);
  const certificate = await sync.certificates.get(ref, incoming.params.certificate ?? '');
  return { certificate, rows: await sync.certificates.rows(ref, certificate.id) };
};

const pdf = async (parts: Parts, incoming: SignedIn): Promise<Answer> => {
  const { certificate, rows } = await readOne(parts, incoming);
  const view = await parts.sync.connections.get(refOf(incoming));
  const { business, locale, isLetter, instant } = paperStyleOf(incoming.visitor.business);
  const paper = certificatePaper(certificate, rows, {
    ...{ business, organisation: view.organisation.name, ledger: ledgerName(view.provider), locale, isLetter },
    madeAt: instant(certificate.madeAt),
    madeBy: makerWords(certificate),
  });
  return {
    kind: 'file',
    name: `${fileName(certificate)}.pdf`,
    type: 'application/pdf',
    body: await parts.reportPdf(paper),
  };
};

const makerWords = ({ occasion, madeBy }: CertificateView): string =>
  occasion === 'nightly' ? 'every night' : `asked for by ${madeBy ?? 'a person'}`;

const certificatePage = async (
  parts: Parts,
  incoming: SignedIn,
  certificate: CertificateView | undefined,
  isLatest: boolean,
): Promise<Answer> => {
  const ref = refOf(incoming);
  const view = await parts.sync.connections.get(ref);
  const { after } = incoming.query;
  const history = await parts.sync.certificates.list(ref, { limit: 30, ...(after === undefined ? {} : { after }) });
  const base = `/connections/${view.id}`;
  const { locale } = incoming.visitor.business;
  const asked = await parts.sync.certificates.asked(ref);
  return page('connections', 'bridge/certificate', 'Certificate', {
    ...frameOf(view, incoming.visitor, 'certificate'),
    base,
    isLatest,
    isComparing: asked !== undefined && asked.state !== 'failed',
    asked: asked === undefined ? null : askedView(asked, parts.clock.now()),
    certificate: certificate === undefined ? null : headView(certificate, view, locale),
    months:
      certificate === undefined
        ? []
        : monthViews(await parts.sync.certificates.rows(ref, certificate.id), view, locale),
    history: history.items.map((item) => ({
      ...headView(item, view, locale),
      isHere: item.id === certificate?.id,
    })),
    next: history.next === undefined ? null : `${base}/certificate?after=${encodeURIComponent(history.next)}`,
  });
};

/** Longer than a job waits for its turn: then nobody seems to be working. */
const LONG_MS = 2 * 60_000;

const askedView = (asked: AskedCertificate, now: Date): object => ({
  isFailed: asked.state === 'failed',
  isWaiting: asked.state === 'waiting',
  isLong: asked.state === 'waiting' && now.getTime() - Date.parse(asked.askedAt) > LONG_MS,
  by: asked.askedBy,
  at: asked.askedAt,
  because: asked.because ?? null,
  read: asked.read.map(({ kind, count }) => ({ count, words: kindNames(kind) })),
});

const VERDICTS = {
  equal: { words: 'Equal', status: 'agrees' },
  explained: { words: 'Explained', status: 'waiting' },
  unexplained: { words: 'Unexplained', status: 'overdue' },
} as const;

const headView = (certificate: CertificateView, view: ConnectionView, locale: string): object => ({
  ...verdictWords(certificate, ledgerName(view.provider), locale),
  verdict: VERDICTS[certificate.verdict],
  at: certificate.madeAt,
  maker: makerWords(certificate),
  left: leftWords(certificate, locale),
  isNews: certificate.isNews,
  was: certificate.isNews && certificate.before !== undefined ? VERDICTS[certificate.before].words.toLowerCase() : null,
  documents: certificate.documents,
  calls: certificate.calls,
  fingerprint: certificate.hash.slice(0, 16),
  href: `/connections/${view.id}/certificates/${certificate.id}`,
});

const monthViews = (rows: readonly TallyRow[], view: ConnectionView, locale: string): readonly object[] => {
  const ledger = ledgerName(view.provider);
  const base = `/connections/${view.id}`;
  return byMonth(rows).map(([month, inMonth]) => ({
    name: monthWords(month, locale),
    rows: inMonth.map(({ kind, currency, local, external, differenceMinor, causes, unexplained, ourBug }) => ({
      kind: kindWords(kind),
      currency: currency ?? null,
      local,
      external,
      difference: differenceMinor,
      countDifference: local.count - external.count,
      isEqual: causes.length === 0 && unexplained.count === 0 && unexplained.sumMinor === 0 && ourBug.count === 0,
      causes: causes.map((part) => ({
        words: causeWords(part.cause, ledger),
        href: causeHref(part.cause, base) ?? null,
        ...partView(part, currency),
      })),
      unexplained: unexplained.count === 0 && unexplained.sumMinor === 0 ? null : partView(unexplained, currency),
      ourBug: ourBug.count === 0 ? null : partView(ourBug, undefined),
    })),
  }));
};

const partView = ({ count, sumMinor, examples }: Part, currency: string | undefined): object => ({
  count,
  sum: currency === undefined ? null : { minor: sumMinor, currency },
  names: examples.map(({ name }) => name).join(', '),
  more: Math.max(0, count - examples.length),
});
