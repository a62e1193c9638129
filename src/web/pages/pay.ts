// The customer's side of a pay link, and where Stripe tells of payments. Looking never changes anything; one press leads to Stripe.

import type { GatewayPort } from '../../billing/pay/gateway-port';
import type { Pay, PayView } from '../../billing/pay/pay';
import type { Billing } from '../../billing/service';
import { daysBetween, displayDate } from '../../core/calendar-date';
import { type Answer, redirect } from '../http/answer';
import { attempt } from '../http/forms';
import { type Incoming, open, type Route, signed } from '../http/routes';

export type PayPageParts = {
  readonly pay: Pay;
  readonly billing: Billing;
  readonly gateway: GatewayPort;
  readonly pdf: (tenantId: string, invoiceId: string) => Promise<{ readonly name: string; readonly body: Buffer }>;
  /** Asks for the event to be worked off soon. */
  readonly eventCame: (eventId: string) => Promise<void>;
  /** A payout moved at the gateway; only a hint. */
  readonly payoutCame?: () => Promise<void>;
};

const MOST_LINES = 40;
/** How often the page of somebody who comes back looks again by itself. */
const LOOKS = 8;

export const payPages = (parts: PayPageParts): readonly Route[] => {
  const { pay, gateway } = parts;
  const tokenOf = ({ params }: Incoming): string => params.token ?? '';
  return [
    open('GET /pay/:token', async (incoming) =>
      payPage(parts, tokenOf(incoming), await pay.look(tokenOf(incoming)), {}),
    ),
    open('POST /pay/:token/checkout', async (incoming) => {
      const token = tokenOf(incoming);
      const tried = await attempt(() => pay.begin(token));
      if (tried.ok) return redirect(tried.value);
      const trouble = `${tried.failure.message} ${tried.failure.fix}`;
      return payPage(parts, token, await pay.look(token), { trouble, status: 409 });
    }),
    open('GET /pay/:token/done', async (incoming) => {
      const token = tokenOf(incoming);
      const looks = Math.min(LOOKS, Number(/^\d{1,2}$/.exec(incoming.query.look ?? '')?.[0] ?? 0));
      return payPage(parts, token, await pay.returned(token), { isReturn: true, looks });
    }),
    open('GET /pay/:token/pdf', async (incoming) => {
      const view = await pay.look(tokenOf(incoming));
      if (view === undefined) return unknownLink();
      const { name, body } = await parts.pdf(view.tenantId, view.invoice.id);
      return { kind: 'file', name, type: 'application/pdf', body, inline: true };
    }),
    signed('POST /webhooks/stripe', async ({ rawBody, headers }) => {
      const event = gateway.verifyEvent(rawBody, headers['stripe-signature']);
      if (event === undefined) return { kind: 'text', body: '', status: 400 };
      await pay.noteEvent(event, rawBody.toString('utf8'));
      await parts.eventCame(event.id);
      if (event.type.startsWith('payout.')) await parts.payoutCame?.();
      return { kind: 'text', body: '', status: 200 };
    }),
  ];
};

const unknownLink = (): Answer => ({
  kind: 'page',
  view: 'pay/unknown',
  title: 'Pay link',
  layout: 'customer',
  status: 404,
  data: {},
});

type Moment = {
  readonly trouble?: string;
  readonly status?: number;
  readonly isReturn?: boolean;
  readonly looks?: number;
};

const payPage = async (
  { billing }: PayPageParts,
  token: string,
  view: PayView | undefined,
  moment: Moment,
): Promise<Answer> => {
  if (view === undefined) return unknownLink();
  const { business, invoice, state } = view;
  const today = await billing.businesses.today(view.tenantId);
  const names = new Map(business.taxRates.map(({ key, name }) => [key, name]));
  const base = `/pay/${encodeURIComponent(token)}`;
  return {
    kind: 'page',
    view: 'pay/page',
    title: `Invoice ${invoice.number} · ${business.name}`,
    layout: 'customer',
    status: moment.status ?? 200,
    data: {
      locale: view.customer.locale ?? business.locale,
      seller: sellerView(view),
      invoice: invoiceView(view, today),
      state: {
        isPaid: state === 'paid',
        isVoid: state === 'void',
        isInProgress: state === 'inProgress',
        isOpen: state === 'open' || state === 'part',
      },
      lines: invoice.lines.slice(0, MOST_LINES).map((line) => ({
        words: line.quantity === '1' ? line.description : `${line.description}, ${line.quantity}`,
        netMinor: line.netMinor,
      })),
      taxes:
        invoice.taxMode === 'taxExclusive'
          ? invoice.taxRows.map(({ taxRate, taxMinor }) => ({ name: names.get(taxRate) ?? 'Tax', taxMinor }))
          : [],
      obstacle: view.obstacle,
      trouble: moment.trouble ?? null,
      thanks: moment.isReturn ?? false,
      waits: moment.isReturn ?? false,
      again: (moment.looks ?? LOOKS) < LOOKS ? `${base}/done?look=${(moment.looks ?? 0) + 1}` : null,
      doneHref: `${base}/done`,
      action: `${base}/checkout`,
      pdf: `${base}/pdf`,
    },
  };
};

const sellerView = ({ business }: PayView): object => ({
  name: business.name,
  initial: [...business.name][0] ?? '',
  accent: business.brand.accent,
  isBright: isBright(business.brand.accent),
  email: business.email,
  phone: business.phone,
  legal: [
    business.legalName ?? business.name,
    ...(business.address === null
      ? []
      : [...business.address.lines, business.address.city ?? '', business.address.postalCode ?? '']),
    business.taxNumber === null ? '' : `Tax number ${business.taxNumber}`,
  ]
    .filter((part) => part !== '')
    .join(', '),
});

/** Whether white could not be read on it. */
const isBright = (hex: string): boolean => {
  const [red = 0, green = 0, blue = 0] = (hex.match(/[0-9a-f]{2}/gi) ?? []).map((pair) => Number.parseInt(pair, 16));
  return 0.299 * red + 0.587 * green + 0.114 * blue > 140;
};

const invoiceView = ({ invoice, business, customer }: PayView, today: string): object => {
  const late = daysBetween(invoice.dueDate, today);
  const due = displayDate(invoice.dueDate, customer.locale ?? business.locale);
  return {
    number: invoice.number,
    summary: invoice.lines[0]?.description ?? null,
    currency: invoice.currency,
    totalMinor: invoice.totalMinor,
    allocatedMinor: invoice.allocatedMinor,
    openMinor: invoice.openMinor,
    isPart: invoice.allocatedMinor > 0,
    settledDate: invoice.settledDate,
    dueStatus: late > 30 ? 'late' : late > 0 ? 'overdue' : 'issued',
    dueWords:
      late > 0
        ? `Was due ${due}, ${late} ${late === 1 ? 'day' : 'days'} ago`
        : late === 0
          ? `Due today, ${due}`
          : `Due ${due}`,
  };
};
