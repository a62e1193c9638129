// The main job, played: two businesses, from sign-up to the table in which both books agree. Each scene says what it checks, and a check
// that fails ends the play with its reason.

import { createBookkeeper, type LedgerDesk } from './bookkeeper';
import type { Play } from './books';
import { textOf } from './browser';
import type { Narrator } from './narrator';
import { createOwner, type Owner, within } from './owner';
import { type PaidLink, payFirstLink } from './payer';
import { isCalm, readStanding, standingIsClean } from './standing';
import type { World } from './world';

export type Part = { readonly owner: Owner; readonly desk: LedgerDesk; readonly key: string };
export type Ending = {
  readonly parts: readonly Part[];
  readonly rows: readonly (readonly string[])[];
  /** Sentences of what does not hold; empty when all is well. */
  readonly failures: readonly string[];
};

export const TABLE_HEAD = [
  'business',
  'record',
  'here',
  'ledger',
  'here, sum',
  'ledger, sum',
  'difference',
  'duplicates',
  'calls',
];

export const play = async (world: World, plays: readonly Play[], today: string, say: Narrator): Promise<Ending> => {
  const failures: string[] = [];
  const check = (holds: boolean, sentence: string): void => {
    say.line(`${holds ? '✓' : '✗'} ${sentence}`);
    if (!holds) failures.push(sentence);
  };
  const parts: Part[] = [];
  for (const one of plays) parts.push(await firstConnect(world, one, today, say, check));
  for (const part of parts) await bookkeeperWorks(part, today, say, check);
  await remindersLeave(world, parts, say, check);
  for (const part of parts) await customerPays(world, part, say, check);
  return closingTable(world, parts, say, failures);
};

type Check = (holds: boolean, sentence: string) => void;

const firstConnect = async (world: World, one: Play, today: string, say: Narrator, check: Check): Promise<Part> => {
  const owner = createOwner(world.appUrl, one);
  const desk = createBookkeeper(world, one);

  say.scene(`${one.business} signs up and writes what it is owed`);
  await owner.signUp();
  const customers = [...one.bothSides, ...one.onlyHere];
  for (const [index, customer] of customers.entries()) {
    await owner.writeCustomer(customer);
    say.progress(`customers ${index + 1} of ${customers.length}`);
  }
  say.done();
  for (const [index, invoice] of one.ourInvoices.entries()) {
    await owner.writeInvoice(invoice, today);
    say.progress(`invoices ${index + 1} of ${one.ourInvoices.length}`);
  }
  say.done();

  say.scene(`It connects ${one.ledger} through the consent page, and the books are read`);
  await owner.connect();
  await owner.awaitImport((text) => say.progress(text));
  say.done();
  await owner.saveMapping();
  say.line('Where sales, tax and money go was suggested from the ledger’s own lists, and saved by the owner.');
  const matched = await owner.decideMatches();
  say.line(
    `Matching: ${matched.exact} pairs were exact and accepted together, ${matched.byHand} were decided one by one.`,
  );

  say.scene('The plan of every write, before the first one');
  const plan = await owner.makePlan();
  say.line(`${plan.heading}: ${plan.counts}`);
  for (const row of plan.rows) say.line(`  ${row}`);
  check(
    desk.writes() === 0,
    `nothing was written to ${one.ledger} before the plan was approved (${desk.writes()} writes)`,
  );
  say.line(`The owner presses “${plan.button}”.`);
  await owner.approvePlan();
  const key = await owner.makeApiKey();
  await atRest(world, owner, key);
  check(standingIsClean(await readStanding(world, owner, key)), 'both books hold the same, to the cent');
  const before = desk.writes();
  await owner.syncNow();
  await atRest(world, owner, key);
  check(desk.writes() === before, 'a second run wrote nothing');
  return { owner, desk, key };
};

/** Until nothing is on its way any more. */
const atRest = async (world: World, owner: Owner, key: string): Promise<void> => {
  let calmLooks = 0;
  await within(`${owner.play.ledger} coming to rest`, 120_000, async () => {
    calmLooks = (await isCalm(world, owner, key)) ? calmLooks + 1 : 0;
    return calmLooks >= 3;
  });
};

const bookkeeperWorks = async ({ owner, desk }: Part, today: string, say: Narrator, check: Check): Promise<void> => {
  const { ledger } = owner.play;
  say.scene(`The bookkeeper of ${owner.play.business} works in ${ledger}`);
  const done = await desk.workADay(today);
  for (const sentence of done.said) say.line(sentence);
  await desk.flushWebhooks();
  if (!desk.tellsOfPayments) {
    say.line(
      `${ledger} sends no webhooks of payments: the owner presses “Sync now” instead of waiting for the next look.`,
    );
    await owner.syncNow();
  }
  const { browser } = owner;
  const base = new URL(owner.connectionUrl()).origin;
  const pageOf = async (path: string): Promise<string> => textOf((await browser.open(`${base}${path}`)).html);
  await within(`the work in ${ledger} arriving here`, 120_000, async () => {
    const [search, paid, gone] = await Promise.all([
      pageOf(`/search?q=${encodeURIComponent(done.newInvoice)}`),
      pageOf(`/search?q=${encodeURIComponent(done.paidInvoice)}`),
      pageOf(`/search?q=${encodeURIComponent(done.voidedInvoice)}`),
    ]);
    return search.includes(done.newCustomer) && paid.includes('Paid') && gone.includes('Void');
  });
  check(true, `the new customer, the new invoice, the payment and the void arrived here`);
  const customer = await pageOf(`/search?q=${encodeURIComponent(done.phoneOf)}`);
  const link = /\/customers\/cus_\w+/.exec(
    (await browser.open(`${base}/search?q=${encodeURIComponent(done.phoneOf)}`)).html,
  )?.[0];
  const page = link === undefined ? customer : await pageOf(link);
  check(page.includes(done.phone), `the changed phone of ${done.phoneOf} arrived here`);
};

const remindersLeave = async (world: World, parts: readonly Part[], say: Narrator, check: Check): Promise<void> => {
  say.scene('Overdue invoices get their reminder: both ledgers are read again first');
  for (const { owner } of parts) {
    const before = world.mailbox.mails.length;
    await owner.sendDueReminders();
    await within(`reminders of ${owner.play.business}`, 120_000, async () => world.mailbox.mails.length > before);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const mails = world.mailbox.mails.slice(before);
    for (const mail of mails) say.line(`${mail.to.join(', ')}: ${mail.subject}`);
    check(mails.length > 0, `${mails.length} mails of ${owner.play.business} are in the mailbox`);
    const perCustomer = new Set(mails.map((mail) => mail.to.join()));
    check(perCustomer.size === mails.length, 'no customer got two');
    await owner.sendDueReminders();
    await new Promise((resolve) => setTimeout(resolve, 300));
    check(world.mailbox.mails.length === before + mails.length, 'asking again sent nothing again');
  }
};

const customerPays = async (world: World, part: Part, say: Narrator, check: Check): Promise<void> => {
  const { owner, desk, key } = part;
  say.scene(`A customer of ${owner.play.business} opens the link and pays`);
  const paid: PaidLink = await payFirstLink(world, owner);
  say.line(`${paid.customer} pays ${paid.amount} for ${paid.invoice} on Stripe’s page.`);
  await within('the thank-you page', 60_000, async () =>
    textOf((await owner.browser.open(paid.doneUrl)).html).includes('Paid'),
  );
  await within('the receipt', 60_000, async () =>
    world.mailbox.mails.some((mail) => mail.to.includes(paid.mail) && /receipt|thank/i.test(mail.subject)),
  );
  check(true, `the receipt is in the mailbox of ${paid.customer}`);
  await atRest(world, owner, key);
  const booked = desk.paymentsIntoClearing();
  check(booked.length === 1, `the payment is booked once, in ${desk.clearingName()} of ${owner.play.ledger}`);
};

const closingTable = async (
  world: World,
  parts: readonly Part[],
  say: Narrator,
  failures: string[],
): Promise<Ending> => {
  say.scene('Both books, side by side');
  const rows: string[][] = [];
  for (const { owner, desk, key } of parts) {
    const standing = await readStanding(world, owner, key);
    for (const line of standing.lines.filter(
      ({ kind }) => kind === 'contact' || kind === 'openInvoice' || kind === 'payment',
    )) {
      rows.push([
        `${owner.play.business}, ${owner.play.ledger}`,
        { contact: 'customers', openInvoice: 'open invoices', payment: 'payments' }[line.kind as 'contact'] ??
          line.kind,
        String(line.local.count),
        String(line.external.count),
        line.local.sum,
        line.external.sum,
        line.difference,
        String(standing.duplicates),
        String(desk.calls()),
      ]);
      const isEqual =
        line.local.count === line.external.count &&
        line.local.sum === line.external.sum &&
        /^0(\.0+)?$/.test(line.difference);
      if (!isEqual)
        failures.push(
          `${owner.play.business}: ${line.kind} differs by ${line.difference} (${line.local.count} here, ${line.external.count} in ${owner.play.ledger})`,
        );
    }
    if (standing.duplicates !== 0) failures.push(`${owner.play.business}: ${standing.duplicates} duplicates`);
    if (standing.unequalAtRest !== 0)
      failures.push(`${owner.play.business}: ${standing.unequalAtRest} pairs are unequal at rest`);
  }
  say.table(TABLE_HEAD, rows);
  return { parts, rows, failures };
};
