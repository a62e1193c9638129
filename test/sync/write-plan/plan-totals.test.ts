// Money of a plan: added per currency, and only what is alike.
import { describe, expect, it } from '@jest/globals';
import type { PlanRow } from '../../../src/sync/service';
import { totalsOf } from '../../../src/sync/write-plan/plan-totals';

const row = (change: Partial<PlanRow>): PlanRow => ({
  ...{ kind: 'invoice', op: 'create', side: 'external', name: 'x', why: 'not there yet', currency: 'EUR' },
  ...change,
});

describe('the totals of a plan', () => {
  it('add what has the same kind, operation, side and currency', () => {
    const rows = [row({ amountMinor: 1_050 }), row({ amountMinor: 250 }), row({ amountMinor: 7, currency: 'GBP' })];
    expect(totalsOf([...rows, row({ amountMinor: 9, op: 'void' })])).toEqual([
      { kind: 'invoice', op: 'create', side: 'external', currency: 'EUR', sumMinor: 1_300 },
      { kind: 'invoice', op: 'create', side: 'external', currency: 'GBP', sumMinor: 7 },
      { kind: 'invoice', op: 'void', side: 'external', currency: 'EUR', sumMinor: 9 },
    ]);
  });
  it('pass by what has no amount', () => expect(totalsOf([row({ kind: 'contact' })])).toEqual([]));
  it('refuse to be inexact', () => {
    const most = row({ amountMinor: Number.MAX_SAFE_INTEGER });
    expect(() => totalsOf([most, row({ amountMinor: 1 })])).toThrow('too large');
  });
});
