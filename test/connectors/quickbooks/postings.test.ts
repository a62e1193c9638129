// QuickBooks keeps the promises of postings, with tax codes and without; and what is asked of it is as documented.
import { expect, test } from '@jest/globals';
import { accountBalance } from '../../../sandbox/quickbooks/books/bank';
import type { FaultName as SandboxFault } from '../../../sandbox/quickbooks/faults';
import type { Exchange } from '../../../sandbox/quickbooks/http/exchange-log';
import {
  describeLedgerPostings,
  type PostingFaultName,
  type PostingsHarness,
} from '../../contract/ledger-postings/ledger-postings-contract';
import {
  checkQuickBooksAnswer,
  checkQuickBooksRequest,
  describeWithQuickBooksSchema,
} from '../../support/quickbooks-schema';
import { rehearse, UNITED_KINGDOM, UNITED_STATES } from './rehearsal';

const exchanges: Exchange[] = [];

const FAULTS: Readonly<Record<PostingFaultName, SandboxFault>> = {
  dropBeforeCommit: 'drop-request',
  commitThenDrop: 'lost-response',
  serverErrorAfterCommit: 'html-500-after',
  truncatedAnswer: 'truncated-answer',
  throttle: 'rate-limit',
};

const setUp = (company: typeof UNITED_KINGDOM) => async (): Promise<PostingsHarness> => {
  const rehearsal = await rehearse({ company });
  const { sandbox, port, books, close } = rehearsal;
  const { tables } = books.ledger;
  const named = (name: string): string =>
    [...tables.Account.rows()].find(({ record }) => record.Name === name)?.record.Id ?? '';
  const taxed = [...tables.TaxCode.rows()].find(({ record }) => record.Taxable && record.rateIds.length === 1);
  return {
    port,
    accounts: {
      clearing: named('Card Clearing'),
      bank: named('Checking'),
      fees: named('Card processing fees'),
      refunds: named('Services'),
    },
    feeTaxCode: company === UNITED_STATES ? undefined : taxed?.record.Id,
    // Lists come in batches, and those are posts too.
    fault: (name) => {
      for (const match of ['/purchase', '/deposit', '/transfer'])
        sandbox.faults.set({ name: FAULTS[name], times: 1, match });
    },
    balance: (account) => Math.round(accountBalance(books.ledger, account) * 100),
    count: () => tables.Purchase.size + tables.Deposit.size + tables.Transfer.size,
    archive: (account) => {
      const found = tables.Account.get(account);
      if (found !== undefined) tables.Account.update(account, { ...found, Active: false });
    },
    close: async () => {
      exchanges.push(...rehearsal.exchanges);
      await close();
    },
  };
};

describeLedgerPostings('QuickBooks (GB)', setUp(UNITED_KINGDOM));
describeLedgerPostings('QuickBooks (US)', setUp(UNITED_STATES));

test('money is never taken from Undeposited Funds, which QuickBooks empties by itself', async () => {
  const { port, books, close } = await rehearse();
  const account = [...books.ledger.tables.Account.rows()].find(({ record }) => record.Name === 'Undeposited Funds');
  const outcome = await port.postings?.post(
    {
      kind: 'transfer',
      reference: 'po_1',
      date: '2026-11-18',
      currency: 'GBP',
      memo: 'Payout po_1',
      from: account?.record.Id ?? '',
      to: '35',
      amountMinor: 100,
    },
    '00000000-0000-4000-8000-000000000001',
  );
  expect(outcome).toMatchObject({
    result: 'refused',
    problem: { message: expect.stringMatching(/Undeposited Funds/) },
  });
  expect(books.ledger.tables.Transfer.size).toBe(0);
  await close();
});

describeWithQuickBooksSchema('QuickBooks’ schema', () => {
  test('allows every purchase, deposit and transfer that was asked and answered above', () => {
    const bank = exchanges.filter(({ path, status }) => /\/(purchase|deposit|transfer)/.test(path) && status === 200);
    expect(bank.length).toBeGreaterThan(20);
    const problems = bank.flatMap(({ method, path, requestBody, status, responseBody }) => [
      ...checkQuickBooksRequest(method, path, requestBody),
      ...(typeof responseBody === 'object' ? checkQuickBooksAnswer(method, path, status, responseBody) : []),
    ]);
    // The schema demands a member “for internal use” that no transfer of the service has.
    expect([...new Set(problems)]).toEqual([]);
  });
});
