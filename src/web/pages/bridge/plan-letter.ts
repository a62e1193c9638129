// The letter that asks an accountant to approve a plan: shown first as it will arrive, then stored together with its link and handed to the
// outbox. The link itself stands only in the mail that leaves; what is kept of the letter has a mark in its place.
import type { Business } from '../../../billing/documents';
import { sellerOf } from '../../../billing/dunning/compose-letter';
import { type Mail, SECRET_MARK } from '../../../billing/mail/documents';
import type { RenderedLetter } from '../../../billing/mail/letter';
import type { MailOutbox } from '../../../billing/mail/outbox';
import type { PlanLetterRenderer } from '../../../billing/mail/plan-letter';
import { BridgeError } from '../../../core/errors';
import type { IdSource } from '../../../core/ids';
import { displayMoney } from '../../../core/money';
import { parse } from '../../../core/parse';
import { DuplicateKeyError } from '../../../store/port';
import type { ConnectionView, PlanView } from '../../../sync/service';
import { APPROVAL_LINK_DAYS } from '../../../sync/write-plan/approval-rules';
import { type Answer, page, redirect } from '../../http/answer';
import { attempt, idText, textOf } from '../../http/forms';
import { guarded, type Route, type SignedIn } from '../../http/routes';
import { LinkRequest, type Made, typedRequest } from './approval-request';
import { paperStyleOf } from './paper-style';
import { actorOf, type BridgeParts, frameOf, refOf } from './parts';
import { countOf, ledgerName, opSign, sideWords } from './words';

export type PlanLetterParts = BridgeParts & {
  readonly outbox: MailOutbox;
  readonly letters: PlanLetterRenderer;
  readonly ids: IdSource;
};

export const planLetterRoutes = (
  parts: PlanLetterParts,
  show: (incoming: SignedIn, made: Made) => Promise<Answer>,
): readonly Route[] => [
  guarded('POST /connections/:id/plan/letter', 'decide', async (incoming) => {
    const typed = typedRequest(incoming);
    const tried = await attempt(() => lookAtLetter(parts, incoming));
    return tried.ok ? tried.value : show(incoming, { meantFor: typed.meantFor, failure: tried.failure });
  }),
  guarded('POST /connections/:id/plan/letter/send', 'decide', async (incoming) => {
    const typed = typedRequest(incoming);
    const tried = await attempt(() => sendLetter(parts, incoming));
    if (!tried.ok) return show(incoming, { meantFor: typed.meantFor, failure: tried.failure });
    return redirect(`/connections/${incoming.params.id}/plan`, tried.value);
  }),
];

type Asked = {
  readonly connection: ConnectionView;
  readonly plan: PlanView;
  readonly letter: RenderedLetter;
  readonly meantFor: string;
  readonly startsBy: 'approval' | 'owner';
};

const askedOf = async (parts: PlanLetterParts, incoming: SignedIn): Promise<Asked> => {
  const ref = refOf(incoming);
  const connection = await parts.sync.connections.get(ref);
  const { meantFor, startsBy, planHash } = typedRequest(incoming);
  parse(LinkRequest, { meantFor });
  const plan = await parts.sync.plans.latest(ref);
  if (plan?.hash !== planHash || connection.state !== 'review') {
    throw new BridgeError('BB_SYNC_REFUSED', {
      reason: 'This plan no longer waits for approval.',
      remedy: 'Open the plan as it is now and ask from there.',
    });
  }
  const { business, actor } = incoming.visitor;
  const asker = actor.name;
  const letter = renderLetter(parts, { plan, connection, business, asker, isStart: startsBy === 'approval' });
  return { connection, plan, letter, meantFor, startsBy };
};

const renderLetter = (
  { letters, publicUrl }: PlanLetterParts,
  {
    plan,
    connection,
    business,
    asker,
    isStart,
  }: {
    readonly plan: PlanView;
    readonly connection: ConnectionView;
    readonly business: Business;
    readonly asker: string;
    readonly isStart: boolean;
  },
): RenderedLetter => {
  const { locale } = paperStyleOf(business);
  const ledger = ledgerName(connection.provider);
  const writes = plan.counts.filter(({ side }) => side !== 'none').reduce((sum, { count }) => sum + count, 0);
  return letters.renderPlan({
    language: locale,
    seller: sellerOf(business),
    organisation: connection.organisation.name,
    ledger,
    writes: `${new Intl.NumberFormat(locale).format(writes)} ${writes === 1 ? 'write' : 'writes'}`,
    lines: linesOf(plan, ledger, locale),
    plan: plan.hash.slice(0, 9),
    asker,
    isStart,
    days: APPROVAL_LINK_DAYS,
    go: { url: `${publicUrl}/plan/${SECRET_MARK}`, label: 'Look through the plan', host: new URL(publicUrl).host },
  });
};

/** `create 214 invoices in Xero, £182,400.00`: a line for each kind, operation and side, its sums one behind the other. */
const linesOf = ({ counts, totals }: PlanView, ledger: string, locale: string): readonly string[] =>
  counts
    .filter(({ side }) => side !== 'none')
    .map(({ kind, op, side, count }) => {
      const sums = totals
        .filter((total) => total.kind === kind && total.op === op && total.side === side)
        .map(({ sumMinor, currency }) => displayMoney(sumMinor, currency, locale));
      return [`${opSign(op).word} ${countOf(count, kind)} ${sideWords(side, ledger)}`, ...sums].join(', ');
    });

const lookAtLetter = async (parts: PlanLetterParts, incoming: SignedIn): Promise<Answer> => {
  const { connection, plan, letter, meantFor, startsBy } = await askedOf(parts, incoming);
  const { business } = incoming.visitor;
  return page('connections', 'bridge/plan-letter', 'Letter to your accountant', {
    ...frameOf(connection, incoming.visitor, 'plan'),
    base: `/connections/${connection.id}/plan`,
    hash: plan.hash,
    press: parts.ids('prs'),
    meantFor,
    ownerStarts: startsBy === 'owner',
    fromName: business.name,
    replyTo: business.email,
    subject: letter.subject,
    text: letter.text.replaceAll(SECRET_MARK, '…'),
  });
};

const sendLetter = async (parts: PlanLetterParts, incoming: SignedIn): Promise<string> => {
  const { plan, letter, meantFor, startsBy } = await askedOf(parts, incoming);
  const { business, tenantId } = incoming.visitor;
  const ref = refOf(incoming);
  // One key for one look at the letter: pressed twice, it goes out once.
  const key = `planApproval:${ref.connectionId}:${idText(textOf(incoming.body, 'press'), 'letter')}`;
  const actor = actorOf(incoming.visitor);
  let isNew = true;
  try {
    await parts.sync.approvals.create(
      ref,
      { planHash: plan.hash, meantFor, startsBy, actor, letterKey: key },
      async (session, token) => {
        await parts.outbox.store(session, {
          ...{ key, kind: 'planApproval', customerId: null, items: [], isReminder: false, isRehearsal: false },
          ...{ threadKey: `plan:${plan.id}`, fromName: business.name, to: { name: '', address: meantFor } },
          replyTo: business.email === null ? null : { name: business.name, address: business.email },
          ...letter,
          ...{ unsubscribeUrl: null, files: [], sentBy: actor.name, secret: token },
        });
      },
    );
  } catch (error) {
    if (!(error instanceof DuplicateKeyError)) throw error;
    isNew = false;
  }
  const mail = await parts.outbox.byKey(tenantId, key);
  if (mail === undefined) throw new Error(`the letter ${key} was stored and is not there`);
  const said = letterWords(await parts.outbox.sendNow(tenantId, mail.id));
  return isNew ? said : `${said} It was not sent a second time.`;
};

const letterWords = ({ state, to, reason }: Mail): string => {
  switch (state) {
    case 'sent':
      return `The letter was sent to ${to.address}.`;
    case 'kept':
      return `The letter to ${to.address} was kept: this server has no outgoing mail. Make a link and send it yourself.`;
    case 'waiting':
    case 'sending':
      return `The letter is on its way to ${to.address}; the mail server will be asked again. ${reason ?? ''}`.trim();
    case 'unknown':
      return `The letter may have reached ${to.address}, or not: ask before you send another.`;
    default:
      return `The letter was not sent to ${to.address}. ${reason ?? ''}`.trim();
  }
};

const STATE_WORDS: Readonly<Record<Mail['state'], string>> = {
  waiting: 'letter on its way',
  sending: 'letter on its way',
  sent: 'letter sent',
  kept: 'letter kept: no outgoing mail here',
  rehearsal: 'letter not sent',
  refused: 'letter not delivered',
  unknown: 'letter perhaps delivered',
  dropped: 'letter withdrawn',
};

/** How the letter of a link stands; null where it was copied by hand. */
export const letterState = async (
  { outbox }: Pick<PlanLetterParts, 'outbox'>,
  tenantId: string,
  key: string | undefined,
): Promise<{ readonly words: string; readonly href: string } | null> => {
  const mail = key === undefined ? undefined : await outbox.byKey(tenantId, key);
  return mail === undefined ? null : { words: STATE_WORDS[mail.state], href: `/reminders/mails/${mail.id}` };
};

/** The link was revoked: a letter that has not left says nothing any more. */
export const withdrawLetter = async (
  { outbox }: Pick<PlanLetterParts, 'outbox'>,
  tenantId: string,
  key: string | undefined,
): Promise<void> => {
  const mail = key === undefined ? undefined : await outbox.byKey(tenantId, key);
  if (mail !== undefined) await outbox.drop(tenantId, mail.id, 'The link in it was revoked before it left.');
};
