// What every ledger's postings promise, over the wire of its rehearsal: exact to the cent, found again by their reference, written once
// whatever becomes of the answer, and unseen by the two-way sync.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { LedgerPort } from '../../../src/sync/ports/ledger-port';
import type { LedgerPostings, Posting } from '../../../src/sync/ports/ledger-postings';

export type PostingFaultName =
  | 'dropBeforeCommit'
  | 'commitThenDrop'
  | 'serverErrorAfterCommit'
  | 'truncatedAnswer'
  | 'throttle';

export type PostingsHarness = {
  readonly port: LedgerPort;
  readonly accounts: {
    readonly clearing: string;
    readonly bank: string;
    readonly fees: string;
    readonly refunds: string;
  };
  readonly feeTaxCode: string | undefined;
  /** The next write meets it. */
  fault(name: PostingFaultName): void;
  /** What lies on a bank account by the books, in minor units. */
  balance(account: string): number;
  /** Postings that stand in the books. */
  count(): number;
  archive(account: string): void;
  close(): Promise<void>;
};

export const describeLedgerPostings = (ledger: string, setUp: () => Promise<PostingsHarness>): void => {
  describe(`postings in ${ledger}`, () => {
    let harness: PostingsHarness;
    let postings: LedgerPostings;
    beforeEach(async () => {
      harness = await setUp();
      await harness.port.organisation();
      await harness.port.chart();
      if (harness.port.postings === undefined) throw new Error('the ledger takes no postings');
      postings = harness.port.postings;
    });
    afterEach(() => harness.close());

    const bank = (kind: 'spend' | 'receive', amountMinor: number, change: Partial<Posting> = {}): Posting =>
      ({
        kind,
        reference: `po_1 ${kind}`,
        date: '2026-11-18',
        currency: 'GBP',
        memo: 'Fees of payout po_1',
        account: harness.accounts.clearing,
        payee: 'Stripe',
        lines: [{ account: harness.accounts.fees, description: 'Fees of the payment gateway', amountMinor }],
        ...change,
      }) as Posting;
    const transfer = (amountMinor: number, change: Partial<Posting> = {}): Posting =>
      ({
        kind: 'transfer',
        reference: 'po_1',
        date: '2026-11-18',
        currency: 'GBP',
        memo: 'Payout po_1',
        from: harness.accounts.clearing,
        to: harness.accounts.bank,
        amountMinor,
        ...change,
      }) as Posting;
    const kinds: readonly (readonly [string, () => Posting])[] = [
      ['money spent', () => bank('spend', 1_234)],
      ['money received', () => bank('receive', 1_234)],
      ['a transfer', () => transfer(98_765)],
    ];
    let keys = 0;
    const key = (): string => `00000000-0000-4000-8000-${String(++keys).padStart(12, '0')}`;

    test('spend, receive and transfer move the accounts by exactly their amounts', async () => {
      const { clearing, bank: account } = harness.accounts;
      const before = harness.balance(account);
      for (const posting of [bank('spend', 320), bank('receive', 1_501), transfer(9_680)]) {
        expect(await postings.post(posting, key())).toMatchObject({ result: 'done', externalId: expect.any(String) });
      }
      expect(harness.balance(clearing)).toBe(-320 + 1_501 - 9_680);
      expect(harness.balance(account) - before).toBe(9_680);
      expect(harness.count()).toBe(3);
    });

    test('a tax code is taken out of the amount, never added to it', async () => {
      const line = { account: harness.accounts.fees, description: 'Fees', amountMinor: 1_201 };
      const { feeTaxCode } = harness;
      const taxed = feeTaxCode === undefined ? line : { ...line, taxCode: feeTaxCode };
      await postings.post(bank('spend', 0, { lines: [taxed] } as Partial<Posting>), key());
      expect(harness.balance(harness.accounts.clearing)).toBe(-1_201);
    });

    test.each(kinds)('%s is found by its reference, and nothing else is', async (_name, make) => {
      const posting = make();
      expect(await postings.find(posting)).toBeUndefined();
      const sent = await postings.post(posting, key());
      expect(sent.result === 'done' && (await postings.find(posting))).toEqual({
        externalId: sent.result === 'done' ? sent.externalId : '',
      });
      expect(await postings.find({ ...posting, reference: 'po_2' })).toBeUndefined();
    });

    test.each(kinds)('%s that stands with another amount is not taken for ours', async (_name, make) => {
      const posting = make();
      await postings.post(posting, key());
      const other =
        posting.kind === 'transfer'
          ? { ...posting, amountMinor: 1 }
          : { ...posting, lines: posting.lines.map((line) => ({ ...line, amountMinor: 1 })) };
      await expect(postings.find(other)).rejects.toThrow(/another amount/);
    });

    test.each(
      kinds.flatMap(([name, make]) =>
        (['commitThenDrop', 'serverErrorAfterCommit', 'truncatedAnswer'] as const).map(
          (fault) => [name, fault, make] as const,
        ),
      ),
    )('%s, %s: the outcome is unknown, and a look-up proves it', async (_name, fault, make) => {
      harness.fault(fault);
      const posting = make();
      expect((await postings.post(posting, key())).result).toBe('unknown');
      expect(harness.count()).toBe(1);
      expect(await postings.find(posting)).toBeDefined();
    });

    test.each(kinds)(
      '%s that got lost on its way is proved absent, and posted once after that',
      async (_name, make) => {
        harness.fault('dropBeforeCommit');
        const posting = make();
        const own = key();
        expect((await postings.post(posting, own)).result).toBe('unknown');
        expect(await postings.find(posting)).toBeUndefined();
        expect((await postings.post(posting, own)).result).toBe('done');
        expect(harness.count()).toBe(1);
      },
    );

    test.each(kinds)('%s sent twice at once under one key stands once', async (_name, make) => {
      const posting = make();
      const own = key();
      const [first, second] = [await postings.post(posting, own), await postings.post(posting, own)];
      expect(first).toEqual(second);
      expect(harness.count()).toBe(1);
    });

    test.each(kinds)('%s that is throttled was surely not sent', async (_name, make) => {
      harness.fault('throttle');
      expect((await postings.post(make(), key())).result).toBe('notSent');
      expect(harness.count()).toBe(0);
    });

    test('an archived account is a refusal in the ledger’s words', async () => {
      harness.archive(harness.accounts.fees);
      const outcome = await postings.post(bank('spend', 320), key());
      expect(outcome).toMatchObject({ result: 'refused', problem: { message: expect.stringMatching(/\w+ \w+/) } });
      expect(harness.count()).toBe(0);
    });

    test('nothing of it comes back as a record of the sync', async () => {
      for (const [, make] of kinds) await postings.post(make(), key());
      for (const kind of ['contact', 'payment', 'invoice', 'creditNote', 'allocation'] as const) {
        for await (const page of harness.port.list(kind)) {
          expect(page.readings.filter(({ reading }) => reading.state !== 'absent')).toEqual([]);
        }
        for await (const page of harness.port.changes(kind, '2026-11-19T00:00:00.000Z')) {
          expect(page.readings.filter(({ reading }) => reading.state !== 'absent')).toEqual([]);
        }
      }
    });
  });
};
