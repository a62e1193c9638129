import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { codeOf, newCustomer, newInvoice, openBench, type TestBench, type Wire } from './client';

let bench: TestBench;
beforeAll(async () => {
  bench = await openBench();
  const names = ["O'Neil & Sons", 'back\\slash', '100% Wool', 'Zebra', 'apple'];
  const ids: string[] = [];
  for (const name of names) ids.push(await newCustomer(bench, name));
  for (const [index, amount] of [10, 20, 30, 40, 50].entries()) {
    bench.clock.advance(60_000);
    await newInvoice(bench, ids[index % 2] ?? '', amount, {
      TxnDate: `2026-01-0${index + 1}`,
      DocNumber: `N-${index + 1}`,
    });
  }
  await bench.post('/customer', { Id: ids[4], SyncToken: '0', sparse: true, Active: false });
});
afterAll(() => bench.close());

const names = async (rest: string): Promise<string[]> =>
  ((await bench.query(`select * from Customer ${rest}`)).body.QueryResponse.Customer ?? []).map(
    (row: Wire) => row.DisplayName,
  );
const numbers = async (rest: string): Promise<string[]> =>
  ((await bench.query(`select * from Invoice ${rest}`)).body.QueryResponse.Invoice ?? []).map(
    (row: Wire) => row.DocNumber,
  );

test.each([
  ["where DisplayName = 'O\\'Neil & Sons'", ["O'Neil & Sons"]],
  ["where DisplayName = 'back\\\\slash'", ['back\\slash']],
  ["where DisplayName = 'zebra'", ['Zebra']],
  ["where DisplayName like '%sla%'", ['back\\slash']],
  ["where DisplayName LIKE 'z%'", ['Zebra']],
  ["where DisplayName like '100\\%'", undefined], // % has no escape
  ["where DisplayName in ('Zebra', '100% Wool')", ['100% Wool', 'Zebra']],
  ["where DisplayName > 'b' orderby DisplayName desc", ['Zebra', "O'Neil & Sons", 'back\\slash']],
  ['where Active = false', ['apple']],
  [
    'where Active in (true, false) orderby DisplayName',
    ['100% Wool', 'apple', 'back\\slash', "O'Neil & Sons", 'Zebra'],
  ],
  ["where Id in ('1', '3')", ["O'Neil & Sons", '100% Wool']],
  ["WHERE Balance > '70' AND Active = TRUE", ["O'Neil & Sons"]],
])('finds customers %s', async (rest, expected) => {
  if (expected) expect(await names(rest)).toEqual(expected);
  else expect(codeOf(await bench.query(`select * from Customer ${rest}`))).toBe('4000');
});

test.each([
  ["where TotalAmt >= '30' and TotalAmt < '50'", ['N-3', 'N-4']],
  ["where TxnDate <= '2026-01-02'", ['N-1', 'N-2']],
  ["where CustomerRef = '2'", ['N-2', 'N-4']],
  ["where DocNumber = 'n-5'", ['N-5']],
  ["where DocNumber in ('N-1', 'N-9')", ['N-1']],
  ['orderby TotalAmt desc startposition 2 maxresults 2', ['N-4', 'N-3']],
  ['order by CustomerRef, TxnDate desc', ['N-5', 'N-3', 'N-1', 'N-4', 'N-2']],
  ['startposition 6', []],
  ['maxresults 0', []],
  ["where MetaData.LastUpdatedTime >= '2026-03-12T11:04:00-07:00' orderby MetaData.LastUpdatedTime", ['N-4', 'N-5']],
  ["where metadata.createtime > '2026-03-12T18:04:00Z'", ['N-5']],
])('finds invoices %s', async (rest, expected) => {
  expect(await numbers(rest)).toEqual(expected);
});

test('counts, with and without a condition', async () => {
  expect((await bench.query('select count(*) from Invoice')).body.QueryResponse).toEqual({ totalCount: 5 });
  expect((await bench.query("SELECT COUNT(*) FROM invoice WHERE TotalAmt > '10'")).body.QueryResponse).toEqual({
    totalCount: 4,
  });
});

test('answers an empty result without the key of the entity', async () => {
  expect((await bench.query("select * from Invoice where DocNumber = 'none'")).body.QueryResponse).toEqual({});
});

test('tells where the page began and how long it is', async () => {
  const { QueryResponse } = (await bench.query('select * from Invoice startposition 4')).body;
  expect([QueryResponse.startPosition, QueryResponse.maxResults]).toEqual([4, 2]);
});

test('takes a statement as the text of a POST too', async () => {
  const { body } = await bench.call('POST', '/query', "select * from Customer where DisplayName = 'Zebra'");
  expect(body.QueryResponse.Customer).toHaveLength(1);
});

test.each([
  ['select Id from Customer', '4000'],
  ["select * from Customer where DisplayName != 'a'", '4000'],
  ["select * from Customer where DisplayName = 'a' or DisplayName = 'b'", '4000'],
  ["select * from Customer where DisplayName = 'O'Neil'", '4000'],
  ["select * from Customer where DisplayName = 'x\\' or Id > '0'", '4000'],
  ['select * from Invoice where TotalAmt > 10', '4000'],
  ['select * from Customer maxresults', '4000'],
  ['select * from', '4000'],
  ["select * from Customer where PrimaryEmailAddr = 'a'", '4001'],
  ["select * from Invoice where PrivateNote like '%bb%'", '4001'],
  ["select * from Customer where Id > '1'", '4001'],
  ["select * from Invoice where TotalAmt like '1%'", '4001'],
  ['select * from Invoice orderby Line', '4001'],
  ['select * from Invoice maxresults 1001', '4001'],
  ['select * from Invoice startposition 0', '4001'],
  ["select * from Invoice where MetaData.LastUpdatedTime > 'yesterday'", '4001'],
  ['select * from Bill', '500'],
])('refuses %s with code %s', async (statement, code) => {
  expect(codeOf(await bench.query(statement))).toBe(code);
});

test('shows 100 rows where nobody says how many', async () => {
  const books = bench.sandbox.books();
  for (let index = 0; index < 120; index += 1) books.enterCustomer({ displayName: `Row ${index}` });
  expect((await bench.query('select * from Customer')).body.QueryResponse.Customer).toHaveLength(100);
  expect((await bench.query('select * from Customer maxresults 1000')).body.QueryResponse.Customer).toHaveLength(124);
});
