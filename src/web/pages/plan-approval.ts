// The accountant's side of an approval link: one plan, all its rows, one answer. Looking changes nothing, and nothing else of the business
// is shown. A wrong, expired or revoked link gives one and the same page.
import { z } from 'zod';
import type { Billing } from '../../billing/service';
import type { ReportPdfParts } from '../../connectors/pdf/report-document';
import { parse } from '../../core/parse';
import type { PlanRow, Sync } from '../../sync/service';
import { type Answer, redirect } from '../http/answer';
import { attempt, type Field, type FormFailure, fieldViews, problemViews, textOf } from '../http/forms';
import { type Incoming, open, type Route } from '../http/routes';
import { paperStyleOf } from './bridge/paper-style';
import { csvOf, planFile, planView } from './bridge/plan';
import { amountView, ledgerName, opSign, sideWords } from './bridge/words';

const ROWS_PER_PAGE = 200;

const Typed = z
  .object({
    verdict: z.enum(['approved', 'sentBack'], 'press one of the two buttons'),
    name: z.string().trim().min(1, 'enter your name').max(120, 'use at most 120 characters'),
    comment: z.string().trim().max(2_000, 'use at most 2,000 characters'),
  })
  .refine(({ verdict, comment }) => verdict === 'approved' || comment !== '', {
    path: ['comment'],
    message: 'say what should be different',
  });
const FIELDS: readonly Field[] = [
  { name: 'name', label: 'Your name', autocomplete: 'name', required: true },
  { name: 'comment', label: 'Comment', hint: 'Needed where you send the plan back.', rows: 3 },
];

export type PlanApprovalParts = {
  readonly sync: Sync;
  readonly billing: Pick<Billing, 'businesses'>;
  readonly reportPdf: (paper: ReportPdfParts) => Promise<Buffer>;
};

export const planApprovalPages = ({ sync, billing, reportPdf }: PlanApprovalParts): readonly Route[] => {
  const tokenOf = ({ params }: Incoming): string => params.token ?? '';
  return [
    open('GET /plan/:token', (incoming) => approvalPage(sync, incoming)),
    open('GET /plan/:token/csv', async (incoming) => {
      const seen = await sync.approvals.look(tokenOf(incoming));
      if (seen === undefined) return unknownLink();
      const name = `plan-${seen.plan.hash.slice(0, 9)}.csv`;
      return { kind: 'file', name, type: 'text/csv; charset=utf-8', body: csvOf(seen.rows()) };
    }),
    open('GET /plan/:token/pdf', async (incoming) => {
      const seen = await sync.approvals.look(tokenOf(incoming));
      if (seen === undefined) return unknownLink();
      const { plan, connection, tenantId } = seen;
      const style = paperStyleOf(await billing.businesses.get(tenantId));
      return planFile({ reportPdf }, { plan, connection, rows: seen.rows(), style });
    }),
    open('POST /plan/:token', async (incoming) => {
      const { body } = incoming;
      const typed = { name: textOf(body, 'name'), comment: textOf(body, 'comment'), verdict: textOf(body, 'verdict') };
      // Asked first: whether a form is well filled is nobody's business without a link.
      if ((await sync.approvals.look(tokenOf(incoming))) === undefined) return unknownLink();
      const tried = await attempt(() => sync.approvals.answer(tokenOf(incoming), parse(Typed, typed)));
      if (!tried.ok) return approvalPage(sync, incoming, { typed, failure: tried.failure });
      return redirect(`/plan/${encodeURIComponent(tokenOf(incoming))}`);
    }),
  ];
};

const unknownLink = (): Answer => ({
  kind: 'page',
  view: 'plan/unknown',
  title: 'Plan',
  layout: 'customer',
  status: 404,
  data: {},
});

type Tried = { readonly typed: Readonly<Record<string, string>>; readonly failure: FormFailure };

const approvalPage = async (sync: Sync, { params, query }: Incoming, tried?: Tried): Promise<Answer> => {
  const token = params.token ?? '';
  const seen = await sync.approvals.look(token);
  if (seen === undefined) return unknownLink();
  const { link, plan, connection } = seen;
  const ledger = ledgerName(connection.provider);
  const base = `/plan/${encodeURIComponent(token)}`;
  const pages = Math.max(1, Math.ceil(plan.rowCount / ROWS_PER_PAGE));
  const at = Math.min(pages, Math.max(1, Number(/^\d{1,6}$/.exec(query.page ?? '')?.[0] ?? 1)));
  return {
    kind: 'page',
    view: 'plan/page',
    title: `Plan for ${connection.organisation.name}`,
    layout: 'customer',
    status: tried === undefined ? 200 : 422,
    data: {
      ledger,
      organisation: connection.organisation.name,
      plan: planView(plan, ledger),
      link: {
        isOpen: link.state === 'open',
        isReplaced: link.state === 'replaced',
        isClosed: link.state === 'closed',
        startsByOwner: link.startsBy === 'owner',
        answer: link.answer ? { ...link.answer, isApproval: link.answer.verdict === 'approved' } : null,
        expiresAt: link.expiresAt,
        createdBy: link.createdBy,
      },
      rows: await rowsOf(seen.rows(), at, ledger),
      at,
      pages,
      previous: at > 1 ? `${base}?page=${at - 1}` : null,
      next: at < pages ? `${base}?page=${at + 1}` : null,
      action: base,
      csv: `${base}/csv`,
      pdf: `${base}/pdf`,
      fields: fieldViews(FIELDS, (name) => tried?.typed[name] ?? '', tried?.failure),
      problems: problemViews(FIELDS, tried?.failure),
    },
  };
};

const rowsOf = async (rows: AsyncIterable<PlanRow>, page: number, ledger: string): Promise<readonly object[]> => {
  const shown: object[] = [];
  let position = 0;
  for await (const row of rows) {
    if (position >= page * ROWS_PER_PAGE) break;
    if (position++ < (page - 1) * ROWS_PER_PAGE) continue;
    const { name, why, date = null } = row;
    shown.push({ ...opSign(row.op), name, why, date, where: sideWords(row.side, ledger), amount: amountView(row) });
  }
  return shown;
};
