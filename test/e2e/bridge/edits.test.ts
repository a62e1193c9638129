// What people do on both sides, one story after the other on the same books: each ends with both sides equal or with a question that a
// person answers, and with nothing twice and nothing lost.
import { afterAll, describe, expect, it } from '@jest/globals';
import type { Customer, Invoice } from '../../../src/billing/documents';
import type { ProblemView } from '../../../src/sync/service';
import { expectExplained, expectLevel, LEDGERS, type LedgerName, lineOf, openWorld, TODAY, type World } from './world';

type Story = {
  readonly world: World;
  /** A customer and an open invoice of 100, linked on both sides. */
  readonly customer: Customer;
  readonly invoice: Invoice;
  /** Unique in this test. */
  readonly tag: string;
};

const ACTOR = { id: 'usr_owner', name: 'Olive Owner' };
const worlds = new Map<LedgerName, World>();
const spoiled = new Set<LedgerName>();
let turn = 0;

afterAll(async () => {
  for (const world of worlds.values()) await world.close();
});

/** On the books as the stories before left them; on new ones where a story failed. */
const tell = (ledger: LedgerName, story: (parts: Story) => Promise<void>) => async (): Promise<void> => {
  const known = worlds.get(ledger);
  if (known !== undefined && spoiled.has(ledger)) await known.close();
  const world = known === undefined || spoiled.has(ledger) ? await openWorld(ledger) : known;
  worlds.set(ledger, world);
  spoiled.add(ledger);
  turn += 1;
  const tag = `${turn}`;
  const customer = await world.customer(`Story ${tag}`);
  const invoice = await world.invoice(customer, '100');
  world.clock.advance(16 * 60_000);
  await world.settle();
  world.clock.advance(16 * 60_000);
  await story({ world, customer, invoice, tag });
  spoiled.delete(ledger);
};

const numberOf = ({ number }: { readonly number: string | null }): string => number ?? '';
const there = ({ world, invoice }: Story) => world.thereNumbered(numberOf(invoice));
const here = ({ world, invoice }: Story): Promise<Invoice> =>
  world.house.billing.invoices.get(world.tenantId, invoice.id);
const who = ({ world, customer }: Story): Promise<Customer> =>
  world.house.billing.customers.get(world.tenantId, customer.id);
const onlyProblem = async (world: World): Promise<ProblemView> => {
  const found = await world.problems();
  expect(found.map(({ message }) => message)).toHaveLength(1);
  return found[0] as ProblemView;
};
const text = (minor: number): string => (minor / 100).toFixed(2);

describe.each(LEDGERS)('on %s', (_name, ledger) => {
  it(
    'merges a phone changed here with an e-mail changed there at once',
    tell(ledger, async (story) => {
      const { world, customer } = story;
      const { id } = world.thereNamed(customer.name);
      await world.house.billing.customers.update(world.as(), customer.id, { phone: '020 1111' });
      world.desk.changeEmail(id, 'new@rehearsal.example');
      await world.settle();
      expect(await who(story)).toMatchObject({ phone: '020 1111', email: 'new@rehearsal.example' });
      expect(world.thereNamed(customer.name)).toMatchObject({ phone: '020 1111', email: 'new@rehearsal.example' });
      await expectLevel(world);
    }),
  );

  it.each([
    ['billing', 'mine@rehearsal.example'],
    ['ledger', 'theirs@rehearsal.example'],
  ] as const)('asks where both changed one e-mail, and carries what the person takes: %s', (take, kept) =>
    tell(ledger, async (story) => {
      const { world, customer } = story;
      await world.house.billing.customers.update(world.as(), customer.id, { email: 'mine@rehearsal.example' });
      world.desk.changeEmail(world.thereNamed(customer.name).id, 'theirs@rehearsal.example');
      await world.settle();
      const problem = await onlyProblem(world);
      expect(problem).toMatchObject({
        state: 'conflict',
        differences: [{ atom: 'email', local: 'mine@rehearsal.example', external: 'theirs@rehearsal.example' }],
      });
      await expectExplained(world);
      await world.house.sync.problems.choose(world.ref, { problemId: problem.id, take, actor: ACTOR });
      await world.settle();
      expect((await who(story)).email).toBe(kept);
      expect(world.thereNamed(customer.name).email).toBe(kept);
      await expectLevel(world);
    })(),
  );

  it(
    'carries changed lines of an open invoice to the ledger',
    tell(ledger, async (story) => {
      const { world, invoice } = story;
      await world.house.billing.invoices.update(world.as(), invoice.id, {
        lines: [lineOf(ledger, '40'), { ...lineOf(ledger, '12.345'), quantity: '3', description: 'Extra' }],
      });
      await world.settle();
      expect(there(story)).toMatchObject({ totalMinor: (await here(story)).totalMinor, lineCount: 2 });
      await expectLevel(world);
    }),
  );

  it(
    'takes a due date changed in the ledger',
    tell(ledger, async (story) => {
      story.world.desk.changeDueDate(there(story).id, '2026-05-09');
      await story.world.settle();
      await answerIfAsked(story, 'ledger');
      expect((await here(story)).dueDate).toBe('2026-05-09');
      await expectLevel(story.world);
    }),
  );

  it(
    'voids there what is voided here',
    tell(ledger, async (story) => {
      await story.world.house.billing.invoices.void(story.world.as(), story.invoice.id);
      await story.world.settle();
      expect(there(story).isVoid).toBe(true);
      await expectLevel(story.world);
    }),
  );

  it(
    'voids here what is voided there',
    tell(ledger, async (story) => {
      story.world.desk.voidInvoice(there(story).id);
      await story.world.settle();
      expect((await here(story)).status).toBe('void');
      await expectLevel(story.world);
    }),
  );

  it(
    'books here what is paid there, and takes it back when the payment is deleted',
    tell(ledger, async (story) => {
      const { world, invoice } = story;
      const paid = world.desk.pay(there(story), text(invoice.totalMinor), TODAY);
      await world.settle();
      expect((await here(story)).state).toBe('paid');
      await expectLevel(world);
      world.desk.removePayment(paid);
      await world.settle();
      await world.night();
      expect((await here(story)).state).toBe('open');
      await expectLevel(world);
    }),
  );

  it(
    'books there one payment over two invoices, and follows when a bookkeeper deletes it',
    tell(ledger, async (story) => {
      const { world, customer, invoice } = story;
      const second = await world.invoice(customer, '50');
      const payment = await world.pay(customer, 7_000, [
        [invoice, 4_000],
        [second, 3_000],
      ]);
      await world.settle();
      expect(there(story).openMinor).toBe(invoice.totalMinor - 4_000);
      expect(world.thereNumbered(numberOf(second)).openMinor).toBe(second.totalMinor - 3_000);
      await expectLevel(world);
      const mine = world.desk.payments().filter(({ invoiceIds }) => invoiceIds.includes(there(story).id));
      for (const { id } of mine) world.desk.removePayment(id);
      await world.settle();
      await world.night();
      await answerIfAsked(story, 'ledger');
      expect(await here(story)).toMatchObject({ allocatedMinor: 0 });
      await expectExplained(world);
      expect(payment.amountMinor).toBe(7_000);
    }),
  );

  it(
    'reverses there a payment reversed here',
    tell(ledger, async (story) => {
      const { world, customer, invoice } = story;
      const payment = await world.pay(customer, 4_000, [[invoice, 4_000]]);
      await world.settle();
      await world.house.billing.payments.reverse(world.as(), payment.id);
      await world.settle();
      expect(there(story).openMinor).toBe(invoice.totalMinor);
      await expectLevel(world);
    }),
  );

  it(
    'carries a credit note and its allocation to the ledger',
    tell(ledger, async (story) => {
      const { world, customer, invoice } = story;
      const note = await world.house.billing.creditNotes.createIssued(world.as(), {
        customerId: customer.id,
        issueDate: TODAY,
        lines: [lineOf(ledger, '30')],
      });
      await world.house.billing.creditNotes.allocate(world.as(), note.id, {
        allocations: [{ invoiceId: invoice.id, amountMinor: note.totalMinor }],
      });
      await world.settle();
      expect(there(story).openMinor).toBe(invoice.totalMinor - note.totalMinor);
      await expectLevel(world);
    }),
  );

  it(
    'takes a credit note and its allocation from the ledger',
    tell(ledger, async (story) => {
      const { world, invoice, tag } = story;
      const note = world.desk.enterCreditNote(there(story).customerId, `CR-${ledger}-${tag}`, '20', TODAY);
      await world.settle();
      world.desk.applyCredit(note, there(story).id);
      await world.settle();
      await world.night();
      expect((await here(story)).openMinor).toBe(there(story).openMinor);
      expect((await here(story)).openMinor).toBeLessThan(invoice.totalMinor);
      await expectLevel(world);
    }),
  );

  it(
    "keeps what was paid too much as the customer's credit",
    tell(ledger, async (story) => {
      const { world, customer, invoice } = story;
      await world.pay(customer, invoice.totalMinor + 2_500, [[invoice, invoice.totalMinor]]);
      await world.settle();
      expect(there(story).openMinor).toBe(0);
      expect(await world.house.billing.customers.balance(world.tenantId, customer.id)).toMatchObject([
        { creditMinor: 2_500 },
      ]);
      await expectExplained(world);
      // Spent later on another invoice, so that the books of the next story are level.
      const next = await world.invoice(customer, '90');
      const [payment] = (await world.house.billing.payments.list(world.tenantId, { customerId: customer.id })).items;
      await world.house.billing.payments.allocate(world.as(), payment?.id ?? '', {
        allocations: [{ invoiceId: next.id, amountMinor: 2_500 }],
      });
      await world.settle();
      expect(world.thereNumbered(numberOf(next)).openMinor).toBe(next.totalMinor - 2_500);
      await expectLevel(world);
    }),
  );

  it(
    'follows a customer renamed in the ledger',
    tell(ledger, async (story) => {
      const { world, customer, tag } = story;
      world.desk.rename(world.thereNamed(customer.name).id, `Renamed ${tag}`);
      await world.settle();
      expect((await who(story)).name).toBe(`Renamed ${tag}`);
      await expectLevel(world);
    }),
  );

  it(
    'archives here a customer archived in the ledger',
    tell(ledger, async (story) => {
      const { world, customer, invoice } = story;
      await world.pay(customer, invoice.totalMinor, [[invoice, invoice.totalMinor]]);
      await world.settle();
      world.clock.advance(60_000);
      world.desk.archive(world.thereNamed(customer.name).id);
      await world.settle();
      expect((await who(story)).state).toBe('archived');
      await expectExplained(world);
    }),
  );

  it(
    'asks about or follows customers merged in the ledger, and loses no invoice',
    tell(ledger, async (story) => {
      const { world, customer, invoice, tag } = story;
      const other = await world.customer(`Merged ${tag}`);
      const theirs = await world.invoice(other, '5');
      await world.settle();
      world.clock.advance(60_000);
      world.desk.merge(world.thereNamed(other.name).id, world.thereNamed(customer.name).id);
      await world.settle();
      await world.night();
      if (ledger === 'xero') expect((await world.problems()).length).toBeGreaterThan(0);
      else expect(await world.hereNumbered(numberOf(theirs))).toMatchObject({ customerId: customer.id });
      for (const { number } of [invoice, theirs]) {
        expect(world.thereNumbered(number ?? '')).toMatchObject({ isVoid: false });
        expect(await world.hereNumbered(number ?? '')).toMatchObject({ status: 'issued' });
      }
      await expectExplained(world);
      // Whether two customers become one is for people to say; the next story begins on other books.
      await renew(ledger);
    }),
  );

  it(
    'names what a lock date forbids, and sends it once the books are open',
    tell(ledger, async (story) => {
      const { world, customer } = story;
      world.desk.lockUntil('2026-03-31');
      world.clock.advance(61 * 60_000);
      const late = await world.invoice(customer, '77');
      await world.settle();
      const problem = await onlyProblem(world);
      expect(problem).toMatchObject({ state: 'blocked', kind: 'invoice' });
      expect(`${problem.message} ${problem.fix}`).toMatch(/lock|clos/i);
      await expectExplained(world);
      world.desk.lockUntil(null);
      world.clock.advance(61 * 60_000);
      await world.house.sync.problems.retry(world.ref, problem.id, ACTOR);
      await world.settle();
      expect(world.thereNumbered(numberOf(late)).totalMinor).toBe(late.totalMinor);
      await expectLevel(world);
    }),
  );

  it(
    'goes on where it stood after disconnecting and connecting the same organisation',
    tell(ledger, async (story) => {
      const { world, customer } = story;
      await world.house.sync.connections.disconnect(world.ref, ACTOR);
      await world.house.billing.customers.update(world.as(), customer.id, { phone: '020 2222' });
      const meanwhile = await world.invoice(customer, '31');
      world.desk.changeEmail(world.thereNamed(customer.name).id, 'while@rehearsal.example');
      await world.connect();
      expect((await world.house.sync.connections.get(world.ref)).state).toBe('active');
      await world.settle();
      expect(world.thereNumbered(numberOf(meanwhile)).totalMinor).toBe(meanwhile.totalMinor);
      expect(world.thereNamed(customer.name)).toMatchObject({ phone: '020 2222', email: 'while@rehearsal.example' });
      await expectLevel(world);
    }),
  );

  it(
    'looks at every link anew when the mapping changes while active',
    tell(ledger, async (story) => {
      const { world } = story;
      const { current } = await world.house.sync.mapping.get(world.ref);
      if (current === undefined) throw new Error('no mapping');
      const { version: _version, ...choices } = current;
      const { chart } = await world.house.sync.mapping.suggest(world.ref, { taxRates: [], currencies: [] });
      const other = [
        ...chart.accounts
          .filter(({ use, state }) => use === 'revenue' && state === 'active')
          .map(({ code, id }) => code ?? id),
        ...(chart.items ?? []).map(({ id }) => id),
      ].find((id) => id !== choices.revenue);
      await world.house.sync.mapping.save(world.ref, {
        choices: { ...choices, revenue: other ?? choices.revenue },
        actor: ACTOR,
      });
      const writes = world.writes();
      await world.settle();
      expect(world.writes()).toBe(writes);
      await expectLevel(world);
      await world.house.sync.mapping.save(world.ref, { choices, actor: ACTOR });
      await world.settle();
      await expectLevel(world);
    }),
  );

  it.each([
    ['an apostrophe', "O'Brien & Sons"],
    ['a backslash', 'Back\\slash Ltd'],
    ['quotes', 'The "Old" \'Mill\' “House”'],
    ['an emoji', 'Café 🍰 Ltd'],
    ['200 characters', `Long ${'abcdefghi '.repeat(60)}`.slice(0, 199)],
  ])('carries a customer whose name has %s', (_what, name) =>
    tell(ledger, async ({ world }) => {
      const customer = await world.customer(name, { email: null });
      const invoice = await world.invoice(customer, '9.99');
      await world.settle();
      await world.night();
      expect(world.thereNumbered(numberOf(invoice)).totalMinor).toBe(invoice.totalMinor);
      expect(world.thereNamed(name).isActive).toBe(true);
      await expectLevel(world);
    })(),
  );

  it(
    'takes a customer of the ledger with the longest name it allows, or asks, and goes on with the rest',
    tell(ledger, async (story) => {
      const { world, customer, tag } = story;
      const long = `"Größter" Kunde's ${'x'.repeat(500)}`.slice(0, ledger === 'xero' ? 255 : 500);
      const id = world.desk.enterCustomer(long, { email: `long${tag}@rehearsal.example` });
      world.desk.enterInvoice(id, `LONG-${tag}`, '3', { date: TODAY, dueDate: TODAY });
      world.desk.changePhone(world.thereNamed(customer.name).id, '020 3333');
      await world.settle();
      await world.night();
      expect((await who(story)).phone).toBe('020 3333');
      const problems = await world.problems();
      const taken = await world.house.billing.invoices.byNumber(world.tenantId, `LONG-${tag}`);
      expect(taken !== undefined || problems.length > 0).toBe(true);
      expect(world.desk.customers().find((one) => one.id === id)?.name).toBe(long);
      await expectExplained(world);
      if (problems.length > 0) await renew(ledger);
    }),
  );

  it(
    'carries a discount, fifty lines and tax that is included',
    tell(ledger, async (story) => {
      const { world, customer } = story;
      const discounted = await world.invoice(customer, '0', {
        lines: [{ ...lineOf(ledger, '99.99'), quantity: '3', discountPercent: '12.5' }],
      });
      const long = await world.invoice(customer, '0', {
        lines: Array.from({ length: 50 }, (_, i) => ({
          ...lineOf(ledger, `${i + 1}.${10 + i}`),
          description: `Line ${i + 1}`,
        })),
      });
      const documents = [discounted, long];
      if (ledger === 'xero') documents.push(await world.invoice(customer, '119.95', { taxMode: 'taxInclusive' }));
      await world.settle();
      await expectLevel(world);
      for (const { number, totalMinor } of documents)
        expect(world.thereNumbered(number ?? '').totalMinor).toBe(totalMinor);
      expect(world.thereNumbered(numberOf(long)).lineCount).toBe(50);
    }),
  );
});

/** What only a person may decide is decided by one. */
const answerIfAsked = async ({ world }: Story, take: 'billing' | 'ledger'): Promise<void> => {
  const open = await world.problems();
  for (const { id, state } of open) {
    if (state === 'conflict') await world.house.sync.problems.choose(world.ref, { problemId: id, take, actor: ACTOR });
  }
  if (open.length > 0) await world.settle();
};

const renew = async (ledger: LedgerName): Promise<void> => {
  await worlds.get(ledger)?.close();
  worlds.delete(ledger);
};
