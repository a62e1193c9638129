// Xero keeps the promises of postings; and what is asked of it is as documented.
import { expect, test } from '@jest/globals';
import { bankBalance } from '../../../sandbox/xero/books/bank';
import type { FaultName as SandboxFault } from '../../../sandbox/xero/faults';
import type { Exchange } from '../../../sandbox/xero/http/exchange-log';
import {
  describeLedgerPostings,
  type PostingFaultName,
  type PostingsHarness,
} from '../../contract/ledger-postings/ledger-postings-contract';
import { checkXeroAnswer, checkXeroRequest, describeWithXeroSchema } from '../../support/xero-schema';
import { rehearse } from './rehearsal';

const exchanges: Exchange[] = [];

const FAULTS: Readonly<Record<PostingFaultName, SandboxFault>> = {
  dropBeforeCommit: 'drop-request',
  commitThenDrop: 'lost-response',
  serverErrorAfterCommit: 'error-500-after',
  truncatedAnswer: 'truncated-answer',
  throttle: 'rate-limit-minute',
};

const setUp = async (): Promise<PostingsHarness> => {
  const rehearsal = await rehearse({ sandbox: { onExchange: (exchange) => exchanges.push(exchange) } });
  const { sandbox, port, close } = rehearsal;
  const { state } = sandbox.books();
  const named = (name: string): string => state.accounts.all().find((one) => one.name === name)?.accountId ?? '';
  return {
    port,
    accounts: {
      clearing: named('Stripe clearing GBP'),
      bank: named('Business Bank Account'),
      fees: named('Bank Fees'),
      refunds: named('Sales'),
    },
    feeTaxCode: 'INPUT2',
    fault: (name) => sandbox.faults.set({ name: FAULTS[name], times: 1, match: 'PUT ' }),
    balance: (account) => bankBalance(state, account),
    count: () =>
      state.bankTransactions.all().filter(({ type }) => !type.endsWith('TRANSFER')).length +
      state.bankTransfers.all().length,
    archive: (account) => {
      const found = state.accounts.get(account);
      if (found !== undefined) state.accounts.put({ ...found, status: 'ARCHIVED' });
    },
    close,
  };
};

describeLedgerPostings('Xero', setUp);

describeWithXeroSchema('Xero’s OpenAPI document', () => {
  test('allows every bank transaction and transfer that was asked and answered above', () => {
    // Broken answers are the faults' doing.
    const isWhole = ({ status, responseBody }: Exchange) => status === 200 && typeof responseBody === 'object';
    const bank = exchanges.filter((one) => one.path.includes('/Bank') && isWhole(one));
    expect(bank.length).toBeGreaterThan(20);
    const problems = bank.flatMap(({ method, path, requestBody, status, responseBody }) => [
      ...checkXeroRequest(method, path, requestBody),
      ...checkXeroAnswer(method, path, status, responseBody),
    ]);
    expect([...new Set(problems)]).toEqual([]);
  });
});
