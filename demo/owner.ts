// What an owner does in the browser, page by page: sign up, write customers and invoices, connect the ledger, look at matches and plan,
// approve. Only pages and their forms are used.

import { dueDateOf, issueDateOf, type Play, type PlayCustomer, type PlayInvoice } from './books';
import { type Browser, createBrowser, type Filled, textOf, type Visited } from './browser';

export type Owner = {
  readonly play: Play;
  readonly browser: Browser;
  signUp(): Promise<void>;
  writeCustomer(customer: PlayCustomer): Promise<void>;
  writeInvoice(invoice: PlayInvoice, today: string): Promise<void>;
  /** Through the ledger's consent page and back; the connection's page. */
  connect(): Promise<void>;
  /** Reads the connection page until reading has ended; tells what it shows meanwhile. */
  awaitImport(tell: (text: string) => void): Promise<void>;
  saveMapping(): Promise<void>;
  decideMatches(): Promise<{ readonly exact: number; readonly byHand: number }>;
  makePlan(): Promise<{
    readonly heading: string;
    readonly counts: string;
    readonly rows: readonly string[];
    readonly button: string;
  }>;
  approvePlan(): Promise<void>;
  syncNow(): Promise<void>;
  /** The key is shown once on the page. */
  makeApiKey(scopes?: readonly string[]): Promise<string>;
  sendDueReminders(): Promise<string>;
  connectionUrl(): string;
};

const within = async (what: string, limitMs: number, holds: () => Promise<boolean>): Promise<void> => {
  const until = Date.now() + limitMs;
  while (!(await holds())) {
    if (Date.now() > until) throw new Error(`${what} did not happen within ${limitMs / 1_000} s`);
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
};

export { within };

export const createOwner = (appUrl: string, play: Play): Owner => {
  const browser = createBrowser();
  const customerIds = new Map<string, string>();
  let connection = '';

  const open = async (path: string): Promise<Visited> => {
    const page = await browser.open(`${appUrl}${path}`);
    if (page.status >= 400) throw new Error(`${path} answered ${page.status}: ${textOf(page.html).slice(0, 300)}`);
    return page;
  };
  const submit = async (page: Visited, action: string, values?: Filled, press?: string): Promise<Visited> => {
    const answer = await browser.submit(page, action, values, press);
    if (answer.status >= 400)
      throw new Error(`${action} answered ${answer.status}: ${mainOf(answer.html).slice(0, 400)}`);
    return answer;
  };

  return {
    play,
    browser,
    connectionUrl: () => `${appUrl}${connection}`,
    signUp: async () => {
      const { owner, business, country } = play;
      await submit(await open('/signup'), '/signup', {
        business,
        country,
        name: owner.name,
        email: owner.email,
        password: owner.password,
      });
      await submit(await open('/settings'), '/settings', {
        email: owner.email,
        taxRates: play.taxRates,
        prefix: play.numberPrefix,
        reminders: 'on',
      });
    },
    writeCustomer: async (customer) => {
      const { name, email, phone } = customer;
      const page = await submit(await open('/customers/new'), '/customers', { name, email, phone });
      customerIds.set(name, new URL(page.url).pathname.split('/').at(-1) ?? '');
    },
    writeInvoice: async (invoice, today) => {
      const page = await open(`/invoices/new?customer=${customerIds.get(invoice.customer)}`);
      const answer = await submit(
        page,
        '/invoices',
        {
          issueDate: issueDateOf(invoice, today),
          dueDate: dueDateOf(invoice, today),
          taxMode: 'taxExclusive',
          'lines[0][description]': invoice.what,
          'lines[0][quantity]': invoice.quantity,
          'lines[0][unitPrice]': invoice.price,
          'lines[0][taxRate]': play.taxRate,
        },
        'issue',
      );
      if (!textOf(answer.html).includes(`${invoice.number} is issued.`)) {
        throw new Error(`${invoice.number} was to be issued; the page says: ${mainOf(answer.html).slice(0, 200)}`);
      }
    },
    connect: async () => {
      const provider = play.ledger === 'Xero' ? 'xero' : 'quickbooks';
      const consent = await submit(await open('/connections'), `/connect/${provider}`);
      const [form] = consent.forms;
      if (form === undefined) throw new Error(`the consent page at ${consent.url} has no form`);
      const back = await submit(consent, form.action, {}, form.buttons[0]?.text);
      connection = new URL(back.url).pathname;
      if (!/^\/connections\/con_\w+$/.test(connection))
        throw new Error(`the way back ended at ${back.url}: ${mainOf(back.html).slice(0, 300)}`);
    },
    awaitImport: (tell) =>
      within('reading the ledger', 60_000, async () => {
        const page = await open(connection);
        const counts = [...page.html.matchAll(/<p class="row after"><b>([^<]+)<\/b><span class="muted">([^<]+)/g)];
        if (counts.length > 0) tell(counts.map(([, kind, count]) => `${kind} ${count?.trim()}`).join(' · '));
        return textOf(page.html).includes('Waits for your review');
      }),
    saveMapping: async () => {
      await submit(await open(`${connection}/mapping`), '/mapping');
    },
    decideMatches: async () => {
      let exact = 0;
      let page = await open(`${connection}/matches?state=exact`);
      if (page.forms.some(({ action }) => action.endsWith('/matches/exact'))) {
        const answer = await submit(page, '/matches/exact');
        exact = Number(/(\d+) exact pairs? (?:is|are) accepted/.exec(textOf(answer.html))?.[1] ?? 0);
      }
      let byHand = 0;
      for (const state of ['suggested', 'ambiguous']) {
        page = await open(`${connection}/matches?state=${state}`);
        while (page.forms.some(({ action }) => action.endsWith('/matches/decide'))) {
          await submit(page, '/matches/decide', {}, 'link');
          byHand += 1;
          page = await open(`${connection}/matches?state=${state}`);
        }
      }
      return { exact, byHand };
    },
    makePlan: async () => {
      const page = await submit(await open(`${connection}/plan`), `${connection}/plan`);
      const heading = textOf(/<h1>([\s\S]*?)<\/h1>/.exec(page.html)?.[1] ?? '');
      const counts = textOf(/<div class="counts after">([\s\S]*?)<\/div>/.exec(page.html)?.[1] ?? '');
      const rows = [...page.html.matchAll(/<tr class="(?:create|change|drop)">([\s\S]*?)<\/tr>/g)].map(([, row = '']) =>
        textOf(row),
      );
      const button = page.forms.find(({ action }) => action.endsWith('/plan/approve'))?.buttons[0]?.text ?? '';
      return { heading, counts, rows, button };
    },
    approvePlan: async () => {
      await submit(await open(`${connection}/plan`), '/plan/approve');
    },
    syncNow: async () => {
      await submit(await open(connection), `${connection}/sync`);
    },
    makeApiKey: async (scopes = ['connections:read']) => {
      const page = await open('/settings/keys');
      const answer = await submit(page, '/settings/keys', {
        name: 'The demo reads its closing table',
        scope: scopes,
      });
      const key = /id="secret" value="([^"]+)"/.exec(answer.html)?.[1];
      if (key === undefined) throw new Error('no key was shown');
      return key;
    },
    sendDueReminders: async () => {
      const answer = await submit(await open('/reminders'), '/reminders/run');
      return mainOf(answer.html);
    },
  };
};

/** The text of the page's main part. */
const mainOf = (html: string): string => textOf(/<main\b[^>]*>([\s\S]*)<\/main>/.exec(html)?.[1] ?? html);
