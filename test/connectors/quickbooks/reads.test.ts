// The traps of reading QuickBooks, each by name: lists that lag, lie or leave out, the change feed and its cap, look-ups.
import { afterEach, describe, expect, test } from '@jest/globals';
import { type LedgerPort, LedgerUnavailable } from '../../../src/sync/ports/ledger-port';
import { RECORD_KINDS, type RecordKind } from '../../../src/sync/records';
import { change, paymentFor } from '../../contract/ledger-port/acting';
import { create, unique } from '../../contract/ledger-port/builders';
import { gathered, newContact, newInvoice, present, readOne, writeDone, writeOne } from './acting';
import { type Rehearsal, rehearse } from './rehearsal';

describe('reading QuickBooks', () => {
  let rehearsal: Rehearsal;
  afterEach(() => rehearsal.close());
  const set = async (...options: Parameters<typeof rehearse>): Promise<Rehearsal> => {
    rehearsal = await rehearse(...options);
    return rehearsal;
  };
  const paths = () => rehearsal.exchanges.map(({ method, path }) => `${method} ${decodeURIComponent(path)}`);
  const newContacts = async (port: LedgerPort, count: number): Promise<string[]> => {
    const ids: string[] = [];
    for (let i = 0; i < count; i++) ids.push(await newContact(port));
    return ids;
  };

  describe('by id', () => {
    test('many records take one query, one record a read of its own', async () => {
      const { port, calls } = await set();
      const ids = await newContacts(port, 12);
      const before = calls();
      expect((await port.read('contact', ids)).size).toBe(12);
      expect(calls() - before).toBe(1);
      await port.read('contact', ids.slice(0, 1));
      expect(paths().at(-1)).toMatch(/^GET \/v3\/company\/\d+\/customer\/\d+\?/);
    });

    test('a list that lags behind our own write is not believed', async () => {
      const { port, sandbox } = await set();
      const [first = '', second = ''] = await newContacts(port, 2);
      await writeDone(
        port,
        change('contact', await readOne(port, 'contact', first), 'update', { email: 'new@example.com' }),
      );
      sandbox.faults.set({ name: 'read-lag', parameters: { seconds: 3_600 } });
      const readings = await port.read('contact', [first, second]);
      expect(present(readings.get(first)).projection.atoms.email).toBe('new@example.com');
      expect(readings.get(second)?.state).toBe('present');
    });

    test('a list that shows old SyncTokens costs one refusal: then the record itself is asked for', async () => {
      const { port, books, sandbox } = await set();
      const [first = '', second = ''] = await newContacts(port, 2);
      books.changePhone(first, '1');
      books.changePhone(second, '1');
      sandbox.faults.set({ name: 'old-tokens' });
      const seen = present((await port.read('contact', [first, second])).get(first));
      const late = change('contact', seen, 'update', { email: 'a@example.com' });
      expect(await writeOne(port, late)).toMatchObject({ result: 'refused', problem: { class: 'stale' } });
      const fresh = present((await port.read('contact', [first, second])).get(first));
      expect(await writeOne(port, change('contact', fresh, 'update', { email: 'a@example.com' }))).toMatchObject({
        result: 'done',
      });
      // Doubted once, not for ever.
      sandbox.faults.clear();
      const before = rehearsal.calls();
      await port.read('contact', [first, second]);
      expect(rehearsal.calls() - before).toBe(1);
    });

    test('what a decision about an unknown outcome rests on is never read from a list', async () => {
      const { port } = await set();
      const ids = await newContacts(port, 3);
      const before = rehearsal.exchanges.length;
      await port.read('contact', ids, 'resolve');
      const read = paths().slice(before);
      expect(read).toHaveLength(3);
      for (const path of read) expect(path).toMatch(/\/customer\/\d+\?/);
    });

    test('a deleted record is absent because QuickBooks says so, and a list that leaves one out says nothing', async () => {
      const { port, books, sandbox } = await set();
      const [one, two] = [await newInvoice(port), await newInvoice(port)];
      books.deleteInvoice(two.externalId);
      sandbox.faults.set({ name: 'empty-list' });
      const readings = await port.read('invoice', [one.externalId, two.externalId]);
      expect(readings.get(one.externalId)?.state).toBe('present');
      expect(readings.get(two.externalId)).toEqual({ state: 'absent', reason: 'notFound' });
    });

    test('invoices that a list shows without lines are read alone; from a list they are unread', async () => {
      const { port, sandbox } = await set();
      const [one, two] = [await newInvoice(port), await newInvoice(port)];
      sandbox.faults.set({ name: 'lists-without-lines' });
      const readings = await port.read('invoice', [one.externalId, two.externalId]);
      expect(present(readings.get(one.externalId)).projection).toEqual(one.projection);
      expect(present(readings.get(two.externalId)).projection).toEqual(two.projection);
      const listed = (await gathered(port.list('invoice'))).get(one.externalId);
      expect(listed).toMatchObject({ state: 'unread', problem: { class: 'transient', code: 'withoutLines' } });
    });

    test('text that is no id is absent and asks nobody', async () => {
      const { port, calls } = await set();
      await port.organisation();
      await port.chart();
      const before = calls();
      expect((await port.read('invoice', ["1' or Id > '0"])).get("1' or Id > '0")?.state).toBe('absent');
      expect(calls()).toBe(before);
    });
  });

  describe('lists', () => {
    test('show what is inactive, which QuickBooks hides unless asked', async () => {
      const { port, books } = await set();
      const id = await newContact(port);
      books.makeInactive(id);
      expect(present((await gathered(port.list('contact'))).get(id)).projection.status).toBe('archived');
    });

    test('miss nothing though rows before the page go away while it is read', async () => {
      const { port, books } = await set({ settings: { pageSize: 5 } });
      const contactId = await newContact(port);
      const ids: string[] = [];
      for (let i = 0; i < 24; i++) ids.push((await newInvoice(port, { contactId })).externalId);
      const gone = new Set(ids.slice(0, 6));
      const seen = new Set<string>();
      let pages = 0;
      for await (const page of port.list('invoice')) {
        for (const { externalId } of page.readings) seen.add(externalId);
        if (pages++ === 1) for (const id of gone) books.deleteInvoice(id);
      }
      expect(ids.filter((id) => !gone.has(id) && !seen.has(id))).toEqual([]);
    });

    test('a page that holds less than it says is no end of the list', async () => {
      const { port, sandbox } = await set();
      await newContacts(port, 4);
      sandbox.faults.set({ name: 'short-page', match: 'customer' });
      const listing = gathered(port.list('contact'));
      await expect(listing).rejects.toBeInstanceOf(LedgerUnavailable);
      await expect(listing).rejects.toMatchObject({ problem: { class: 'transient', code: 'shortPage' } });
    });

    test('begin at a day where one is named', async () => {
      const { port } = await set();
      const contactId = await newContact(port);
      const old = await newInvoice(port, { contactId, issueDate: '2025-03-01', dueDate: '2025-03-31' });
      const recent = await newInvoice(port, { contactId });
      const listed = await gathered(port.list('invoice', { from: '2026-01-01' }));
      expect([listed.has(old.externalId), listed.has(recent.externalId)]).toEqual([false, true]);
    });

    test('an organisation that has nothing lists nothing, and still gives a cursor', async () => {
      const { port } = await set();
      const pages = [];
      for await (const page of port.list('creditNote')) pages.push(page);
      expect(pages).toEqual([{ readings: [], next: expect.stringMatching(/^2026-11-20T.*Z$/) }]);
    });
  });

  describe('changes', () => {
    const minutesAgo = (minutes: number): string =>
      new Date(rehearsal.clock.now().getTime() - minutes * 60_000).toISOString();
    const changed = <K extends RecordKind>(kind: K) => gathered(rehearsal.port.changes(kind, minutesAgo(10)));

    test('of all kinds are told by one call', async () => {
      const { port, calls } = await set();
      const invoice = await newInvoice(port);
      const payment = await writeDone(port, create('payment', paymentFor(invoice, 300)));
      const before = calls();
      const since = minutesAgo(10);
      const seen = new Map<RecordKind, string[]>();
      for (const kind of RECORD_KINDS) seen.set(kind, [...(await gathered(port.changes(kind, since))).keys()]);
      expect(calls() - before).toBe(1);
      expect(seen.get('invoice')).toEqual([invoice.externalId]);
      expect(seen.get('payment')).toEqual([payment.externalId]);
      expect(seen.get('allocation')).toEqual([]);
    });

    test('asked a second time are asked of QuickBooks anew', async () => {
      const { books } = await set();
      await changed('contact');
      const id = books.enterCustomer({ displayName: unique('Since') });
      expect((await changed('contact')).has(id)).toBe(true);
    });

    test('include what was deleted, which no list tells', async () => {
      const { port, books } = await set();
      const invoice = await newInvoice(port);
      const payment = await writeDone(port, create('payment', paymentFor(invoice, 300)));
      books.deletePayment(payment.externalId);
      expect((await changed('payment')).get(payment.externalId)).toEqual({ state: 'absent', reason: 'deleted' });
      expect((await gathered(port.list('payment'))).has(payment.externalId)).toBe(false);
    });

    test('of quiet times still move the cursor, so that it never leaves the window', async () => {
      const { port, clock } = await set();
      await port.organisation();
      const since = minutesAgo(10);
      clock.advance(20 * 86_400_000);
      const pages = [];
      for await (const page of port.changes('contact', since)) pages.push(page);
      expect(pages).toHaveLength(1);
      expect(Date.parse(pages[0]?.next ?? '') - Date.parse(since)).toBeGreaterThan(19 * 86_400_000);
    });

    test('older than thirty days come from a query, and as truncated, since it tells of no deletion', async () => {
      const { port } = await set({ settings: { pageSize: 5 } });
      const ids = [];
      for (let i = 0; i < 7; i++) ids.push(await newContact(port));
      const pages = [];
      for await (const page of port.changes('contact', '2026-09-01T00:00:00.000Z')) pages.push(page);
      expect(pages.map(({ truncated }) => truncated)).toEqual([undefined, true]);
      expect(pages.flatMap(({ readings }) => readings.map(({ externalId }) => externalId))).toEqual(ids);
      expect(paths().join()).not.toContain('/cdc');
    });

    test('beyond the cap over all kinds are asked for kind by kind; beyond it in one kind they are truncated', async () => {
      const { port, books } = await set();
      const contactId = await newContact(port);
      const line = { unitPrice: '1', taxCode: rehearsal.mapping.taxCodes.zero ?? '' };
      for (let i = 0; i < 600; i++) books.enterCustomer({ displayName: unique('Many') });
      for (let i = 0; i < 500; i++) books.enterInvoice({ customerId: contactId, lines: [line], date: '2026-11-02' });
      const pagesOf = async (kind: RecordKind) => {
        const pages = [];
        for await (const page of port.changes(kind, minutesAgo(10))) pages.push(page);
        return pages;
      };
      const [contacts, invoices] = [await pagesOf('contact'), await pagesOf('invoice')];
      expect(contacts.map(({ readings, truncated }) => [readings.length, truncated])).toEqual([[601, undefined]]);
      expect(invoices.map(({ readings, truncated }) => [readings.length, truncated])).toEqual([[500, undefined]]);
      for (let i = 0; i < 500; i++) books.enterCustomer({ displayName: unique('More') });
      expect(await pagesOf('contact')).toMatchObject([{ truncated: true }]);
    }, 20_000);
  });

  describe('look-ups', () => {
    test('a payment without an invoice, and an allocation, are found by the tag in their note', async () => {
      const { port } = await set();
      const invoice = await newInvoice(port);
      const { payment } = paymentFor(invoice, 400).atoms;
      const request = create('payment', { status: 'live', atoms: { payment: { ...payment, allocations: [] } } });
      const record = await writeDone(port, request);
      const key = { by: 'tag', tag: request.tag } as const;
      expect((await port.findByNaturalKey('payment', [key])).get(key)?.map((found) => found.externalId)).toEqual([
        record.externalId,
      ]);
    });

    test('an untagged payment of the same invoice, amount and day is shown as what it may be', async () => {
      const { port, books } = await set();
      const invoice = await newInvoice(port);
      const customerId = invoice.projection.atoms.contact.id;
      const invoices = [{ invoiceId: invoice.externalId, amount: '4' }];
      const id = books.recordPayment({ customerId, amount: '4', date: '2026-11-10', invoices });
      const payment = { invoiceId: invoice.externalId, amountMinor: 400, date: '2026-11-10' };
      const key = { by: 'tag', tag: 'bb:pay_01:0', payment } as const;
      const other = { ...key, payment: { ...payment, amountMinor: 401 } } as const;
      const found = await port.findByNaturalKey('payment', [key, other]);
      expect(found.get(key)?.map(({ externalId, tag }) => [externalId, tag])).toEqual([[id, undefined]]);
      expect(found.get(other)).toEqual([]);
      // One that carries another tag of ours is another payment of ours.
      const ours = await writeDone(port, create('payment', paymentFor(invoice, 500)));
      const like = { ...key, payment: { ...payment, amountMinor: 500 } } as const;
      expect((await port.findByNaturalKey('payment', [like])).get(like)).toEqual([]);
      expect(ours.tag).not.toBe(key.tag);
    });

    test('three hundred names need few calls', async () => {
      const { port, calls } = await set();
      await port.organisation();
      await port.chart();
      const keys = Array.from({ length: 300 }, (_, i) => ({ by: 'name', name: `Nobody O'Number ${i}` }) as const);
      const before = calls();
      const found = await port.findByNaturalKey('contact', keys);
      expect(calls() - before).toBeLessThanOrEqual(10);
      expect(found.size).toBe(300);
    });

    test('a record that is not understood proves nothing: the look-up fails instead of finding none', async () => {
      const { port, books } = await set();
      const id = await newContact(port, { name: 'Strange Ltd' });
      const { tables } = books.ledger;
      const customer = tables.Customer.get(id);
      if (customer !== undefined) tables.Customer.update(id, { ...customer, PrimaryPhone: 'by pigeon' as never });
      const key = { by: 'name', name: 'Strange Ltd' } as const;
      await expect(port.findByNaturalKey('contact', [key])).rejects.toBeInstanceOf(LedgerUnavailable);
    });
  });

  describe('what people type', () => {
    test('an address comes back with its country in three letters, and is the same address', async () => {
      const { port, books } = await set();
      const address = {
        lines: ['1 Quay St', 'Floor 2'],
        city: 'Leeds',
        region: null,
        postalCode: 'LS1',
        country: 'GB',
      };
      const id = await newContact(port, { address });
      expect(books.ledger.tables.Customer.get(id)?.BillAddr?.Country).toBe('GBR');
      expect((await readOne(port, 'contact', id)).projection.atoms.address).toEqual(address);
    });

    test('a name of a country, a fifth line and an unknown country', async () => {
      const { port, books } = await set();
      const BillAddr = { Line1: 'a', Line2: 'b', Line3: 'c', Line4: 'd', Line5: 'e', Country: 'United Kingdom' };
      const id = books.enterCustomer({ displayName: unique('Typed'), address: BillAddr });
      const other = books.enterCustomer({ displayName: unique('Typed'), address: { Country: 'Atlantis' } });
      expect((await readOne(port, 'contact', id)).projection.atoms.address).toMatchObject({
        lines: ['a', 'b', 'c', 'd, e'],
        country: 'GB',
      });
      expect((await readOne(port, 'contact', other)).projection.atoms.address).toBeNull();
    });

    test('a discount over the document becomes a line below zero, so that the lines add up', async () => {
      const { port, books } = await set();
      const customerId = await newContact(port);
      const id = books.enterInvoice({
        customerId,
        lines: [{ description: 'Bread', unitPrice: '100', taxCode: rehearsal.mapping.taxCodes.standard ?? '' }],
        discountPercent: '10',
      });
      const { moneyBlock, accounts } = (await readOne(port, 'invoice', id)).projection.atoms;
      expect(moneyBlock.lines.map(({ description, netMinor }) => [description, netMinor])).toEqual([
        ['Bread', 10_000],
        ['Discount 10%', -1_000],
      ]);
      expect(moneyBlock.netMinor).toBe(9_000);
      expect(moneyBlock.netMinor + moneyBlock.taxMinor).toBe(moneyBlock.totalMinor);
      expect(accounts).toHaveLength(2);
      expect(port.normalise('invoice', (await readOne(port, 'invoice', id)).projection).atoms.moneyBlock.lines).toEqual(
        moneyBlock.lines,
      );
    });

    test('a line of words alone is kept as one when the document is changed', async () => {
      const { port, books } = await set();
      const invoice = await newInvoice(port);
      const id = invoice.externalId;
      const standing = books.ledger.tables.Invoice.get(id)?.Line ?? [];
      const words = { DetailType: 'DescriptionOnly', Description: 'With thanks', DescriptionLineDetail: {} };
      books.editInvoice(id, { Line: [...standing, words] });
      const read = await readOne(port, 'invoice', id);
      const { moneyBlock, accounts } = read.projection.atoms;
      expect(moneyBlock.lines.at(-1)).toMatchObject({ description: 'With thanks', netMinor: 0, taxRate: 'none' });
      expect(port.objections('invoice', read.projection)).toEqual([]);
      const lines = moneyBlock.lines.map((line, i) => (i === 0 ? { ...line, description: 'Rolls' } : line));
      const written = await writeDone(
        port,
        change('invoice', read, 'update', { moneyBlock: { ...moneyBlock, lines }, accounts }),
      );
      expect(written.projection.atoms.moneyBlock).toEqual({ ...moneyBlock, lines });
      expect(books.ledger.tables.Invoice.get(id)?.Line.map(({ DetailType }) => DetailType)).toEqual([
        'SalesItemLineDetail',
        'DescriptionOnly',
      ]);
    });
  });
});
