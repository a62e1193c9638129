// Reminders: what is about to go out, what went out, and what needs a look. Switching them on is asked once, with the numbers. Also the two
// addresses at the foot of a reminder, where its reader ends them.
import { z } from 'zod';
import type { Dunning } from '../../billing/dunning/parts';
import type { MailOutbox } from '../../billing/mail/outbox';
import type { Billing } from '../../billing/service';
import { BridgeError } from '../../core/errors';
import { parse } from '../../core/parse';
import { type Answer, page, redirect } from '../http/answer';
import { guarded, type Incoming, open, type Route, type SignedIn, signed } from '../http/routes';
import { endWords, forecastView, mailRow, mailView, policyView } from './reminder-views';

export type ReminderParts = {
  readonly dunning: Dunning;
  readonly outbox: MailOutbox;
  readonly billing: Billing;
  /** Is outgoing mail set up on this server? */
  readonly sendsMail: boolean;
};

const DAYS_SHOWN = 30;
const MAILS_SHOWN = 30;

export const reminderPages = (parts: ReminderParts): readonly Route[] => [
  guarded('GET /reminders', 'read', (incoming) => overview(parts, incoming)),
  guarded('POST /reminders/mode', 'settings', (incoming) => setMode(parts, incoming)),
  guarded('POST /reminders/run', 'write', async ({ visitor }) => {
    const { sent, written, held } = await parts.dunning.runDue(visitor.tenantId);
    const count = visitor.business.reminders.mode === 'on' ? sent : written;
    const words = count === 0 ? 'Nothing is due at this hour' : `${count} ${count === 1 ? 'mail' : 'mails'} left`;
    return redirect('/reminders', held.length === 0 ? `${words}.` : `${words}; ${held.length} are held, see below.`);
  }),
  guarded('GET /reminders/mails/:id', 'read', async ({ visitor, params }) => {
    const mail = await parts.outbox.get(visitor.tenantId, params.id ?? '');
    const customers = await parts.billing.customers.getMany(
      visitor.tenantId,
      mail.customerId === null ? [] : [mail.customerId],
    );
    const ids = mail.items.map(({ invoiceId }) => invoiceId);
    const invoices = await parts.billing.invoices.getMany(visitor.tenantId, ids);
    return page('reminders', 'reminders/mail', mail.subject, mailView(mail, customers, invoices));
  }),
  guarded('GET /reminders/mails/:id/view', 'read', (incoming) => asReaderSees(parts, incoming)),
  guarded('GET /reminders/mails/:id/files/:index', 'read', async ({ visitor, params }) => {
    const index = Number(params.index);
    const file = await parts.outbox.file(visitor.tenantId, params.id ?? '', Number.isInteger(index) ? index : -1);
    return { kind: 'file', ...file };
  }),
  guarded('POST /reminders/mails/:id/send', 'write', async ({ visitor, params }) => {
    const mail = await parts.outbox.sendAgain(visitor.tenantId, params.id ?? '');
    return redirect(`/reminders/mails/${mail.id}`, `${mailRow(mail, new Map()).status.words}: ${mail.to.address}.`);
  }),
  open('GET /u/:token', (incoming) =>
    optOutPage(parts.dunning.lookAtOptOut(incoming.params.token ?? ''), incoming, false),
  ),
  // Mail programs press this by themselves (RFC 8058), without a form of ours: the token in the address is the secret.
  signed('POST /u/:token', (incoming) => optOutPage(parts.dunning.optOut(incoming.params.token ?? ''), incoming, true)),
];

const overview = async (parts: ReminderParts, { visitor, query }: SignedIn): Promise<Answer> => {
  const { tenantId, business } = visitor;
  const [forecast, last, mails] = await Promise.all([
    parts.dunning.preview(tenantId, DAYS_SHOWN),
    parts.dunning.lastRound(tenantId),
    parts.outbox.list(tenantId, { limit: MAILS_SHOWN, ...(query.after === undefined ? {} : { after: query.after }) }),
  ]);
  const stuck = (
    await Promise.all(
      (['unknown', 'refused'] as const).map((state) => parts.outbox.list(tenantId, { state, limit: 20 })),
    )
  ).flatMap(({ items }) => items);
  const held = last?.held ?? [];
  const customerIds = [...mails.items, ...stuck, ...held].flatMap(({ customerId }) => customerId ?? []);
  const customers = await parts.billing.customers.getMany(tenantId, customerIds);
  const { mode } = business.reminders;
  return page('reminders', 'reminders/overview', 'Reminders', {
    mode: { isOff: mode === 'off', isRehearsal: mode === 'rehearsal', isOn: mode === 'on' },
    sendsMail: parts.sendsMail,
    summary: endWords(forecast, mode),
    forecast: forecastView(forecast, business.locale),
    policy: policyView(),
    held: held.map(({ customerId, reason }) => ({
      customer: customers.get(customerId)?.name ?? 'A customer',
      href: `/customers/${customerId}`,
      reason,
    })),
    stuck: stuck.map((mail) => mailRow(mail, customers)),
    mails: mails.items.map((mail) => mailRow(mail, customers)),
    next: mails.next === undefined ? null : `/reminders?${new URLSearchParams({ after: mails.next })}#mails`,
  });
};

const Mode = z.object({ mode: z.enum(['off', 'rehearsal', 'on'], 'choose off, rehearsal or on') });
const MODE_SAID = {
  off: 'Reminders are off. Invoices that you send yourself still go out.',
  rehearsal: 'Rehearsal: reminders are written and shown here, none is sent.',
  on: 'Reminders are on: the next ones leave in their morning.',
} as const;

const setMode = async ({ billing }: ReminderParts, { visitor, body }: SignedIn): Promise<Answer> => {
  const { mode } = parse(Mode, body);
  await billing.businesses.update({ tenantId: visitor.tenantId, actor: visitor.actor }, { reminders: { mode } });
  return redirect('/reminders', MODE_SAID[mode]);
};

/** The mail's own HTML with its inline styles, closed in: no script, no picture, no form, nobody else's origin. */
const asReaderSees = async ({ outbox }: ReminderParts, { visitor, params, res }: SignedIn): Promise<Answer> => {
  const mail = await outbox.get(visitor.tenantId, params.id ?? '');
  res.setHeader('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-popups");
  res.setHeader('Cache-Control', 'no-store');
  return { kind: 'text', type: 'text/html', body: mail.html };
};

const optOutPage = async (
  looking: ReturnType<Dunning['optOut']>,
  { params }: Incoming,
  isDone: boolean,
): Promise<Answer> => {
  const names = await looking;
  if (names === undefined) throw new BridgeError('BB_NOT_FOUND', { kind: 'link', id: 'in this address' });
  return {
    kind: 'page',
    view: 'reminders/opt-out',
    title: 'Reminders',
    layout: 'bare',
    data: { ...names, isDone, action: `/u/${encodeURIComponent(params.token ?? '')}` },
  };
};
