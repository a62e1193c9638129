// Every plan is served by its index: SQLite neither scans a table nor sorts what the index has sorted.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { planAggregate, planQuery } from '../../../src/store/planner';
import type { Query } from '../../../src/store/port';
import { type Connection, openConnection } from '../../../src/store/sqlite/connection';
import { countSql, findSql, sumSql } from '../../../src/store/sqlite/sql';
import { prepareTables } from '../../../src/store/sqlite/tables';
import { parcels } from '../../contract/store/bed';

let folder: string;
let connection: Connection;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'billbridge-sql-'));
  connection = openConnection({ file: path.join(folder, 'plans.sqlite'), busyTimeoutMs: 0 });
  prepareTables(connection, [parcels]);
});
afterAll(() => {
  connection.close();
  rmSync(folder, { recursive: true, force: true });
});

const explain = (sql: string): string =>
  connection
    .all(`EXPLAIN QUERY PLAN ${sql}`, [])
    .map(({ detail }) => detail)
    .join('; ');

const token = (...values: unknown[]) => Buffer.from(JSON.stringify(values)).toString('base64url');

describe('SQLite', () => {
  it.each<[string, Query, string]>([
    ['everything', {}, 'sqlite_autoindex_parcels_1 (tenant=?)'],
    ['one by id', { where: { id: 'x' } }, 'sqlite_autoindex_parcels_1 (tenant=? AND id=?)'],
    ['a page by id', { after: token('id', 'a', 'x') }, 'sqlite_autoindex_parcels_1 (tenant=? AND id>?)'],
    ['an equality', { where: { customerId: 'c' } }, 'parcels.byCustomer (tenant=? AND f_customerId=?)'],
    [
      'an equality and a range',
      { where: { customerId: 'c', dueDate: { gte: 'a', lt: 'b' } } },
      'parcels.byCustomer (tenant=? AND f_customerId=? AND f_dueDate>? AND f_dueDate<?)',
    ],
    ['an order backwards', { order: { index: 'byDueDate', direction: 'descending' } }, 'parcels.byDueDate (tenant=?)'],
    [
      'pages of an order',
      { order: { index: 'byDueDate' }, after: token('byDueDate', 'a', '2026-01-01', 'x') },
      'parcels.byDueDate (tenant=? AND f_dueDate=? AND id>?)',
    ],
    [
      'a partial index',
      { where: { isOpen: true }, order: { index: 'openByDueDate' } },
      'parcels.openByDueDate (tenant=?)',
    ],
    ['presence', { where: { externalId: { gt: 'x' } } }, 'parcels.byExternalId (tenant=? AND f_externalId>?)'],
    [
      'several values',
      { where: { status: 'sent', isOpen: true, totalMinor: { in: [1, 2] } } },
      'parcels.byStatus (tenant=? AND f_status=? AND f_isOpen=? AND f_totalMinor=?)',
    ],
  ])('serves %s by the index', (_, query, expected) => {
    const plan = planQuery(parcels, query);
    for (const [i, segment] of plan.segments.entries()) {
      const explained = explain(findSql(parcels, 't', plan, segment, 10).sql);
      if (i === 0) expect(explained).toContain(expected);
      expect(explained).not.toMatch(/SCAN parcels|TEMP B-TREE FOR ORDER/); // ties alone may be sorted
    }
  });

  it('counts and groups by the index', () => {
    const selection = planAggregate(parcels, { status: 'sent' }, 'isOpen');
    const grouped = explain(sumSql(parcels, 't', selection, 'totalMinor', 'isOpen').sql);
    expect(grouped).toContain('parcels.byStatus (tenant=? AND f_status=?)');
    expect(grouped).not.toMatch(/SCAN parcels|TEMP B-TREE/);
    expect(explain(countSql(parcels, 't', selection).sql)).toContain('parcels.byStatus (tenant=? AND f_status=?)');
  });
});
