// One fault for each guard, and the sentence a person reads.
import { describe, expect, it } from '@jest/globals';
import { type GuardFacts, guard } from '../../../src/sync/planner/guards';
import type { Organisation } from '../../../src/sync/ports/ledger-port';
import { contact, invoice, moneyBlock, payment } from '../../support/sync-world';

const organisation: Organisation = {
  id: 'o',
  name: 'Acme',
  baseCurrency: 'GBP',
  currencies: ['GBP'],
  country: 'GB',
  timeZone: 'Europe/London',
  taxScheme: 'lineTax',
  isDemo: false,
  notices: [],
};
const FREE = { allocatedMinor: 0, openMinor: 0, reconciled: false };
const facts = (change: Partial<GuardFacts> = {}): GuardFacts => ({
  kind: 'invoice',
  side: 'external',
  op: 'create',
  payload: { status: 'live', atoms: invoice('INV-1', 'c') },
  atoms: ['moneyBlock'],
  organisation,
  ledgerName: 'Xero',
  name: 'INV-1',
  ...change,
});
const live = (atoms: object) => ({ status: 'live', atoms }) as GuardFacts['payload'];
const codeOf = (change: Partial<GuardFacts>): string | undefined => guard(facts(change))?.code;

describe('guards', () => {
  it('let a sound document pass', () => {
    expect(guard(facts())).toBeUndefined();
  });

  it('G1: lines that do not add up, and a total that the ledger would round otherwise', () => {
    const [line] = moneyBlock(10_000).lines;
    const broken = moneyBlock(10_000, { lines: [{ ...(line as NonNullable<typeof line>), netMinor: 9_999 }] });
    expect(codeOf({ payload: live(invoice('INV-1', 'c', 0, { moneyBlock: broken })) })).toBe('totalsDiffer');
    const predicted = live(
      invoice('INV-1', 'c', 0, { moneyBlock: moneyBlock(10_000, { totalMinor: 12_001, taxMinor: 2_001 }) }),
    );
    expect(guard(facts({ predicted }))?.message).toContain('£120.01 instead of £120.00');
  });

  it('G2: what is paid, reconciled or locked on the side to be written', () => {
    const target = { projection: live(invoice('INV-1', 'c')), guards: { ...FREE, allocatedMinor: 100 } };
    expect(codeOf({ op: 'update', target, editable: ['reference'] })).toBe('frozen');
    expect(codeOf({ op: 'update', target, editable: ['reference'], atoms: ['reference'] })).toBeUndefined();
    expect(codeOf({ op: 'update', side: 'local', target })).toBe('frozen');
    expect(codeOf({ op: 'update', side: 'local', target, atoms: ['contact'] })).toBe('frozen');
    expect(codeOf({ op: 'update', side: 'local', target, atoms: ['reference'] })).toBeUndefined();
    const locked = { ...organisation, lockedThrough: '2026-03-31' };
    const blocked = guard(facts({ organisation: locked }));
    expect(blocked?.message).toBe(
      'INV-1 was not sent: its date, 1 Mar 2026, is in a period locked in Xero until 31 Mar 2026.',
    );
    expect(codeOf({ organisation: locked, op: 'update', atoms: ['reference'] })).toBeUndefined();
  });

  it('G2: what a credit pays is dated the day it is allocated, so a closed period of its own does not hold it', () => {
    const locked = { ...organisation, lockedThrough: '2026-03-31' };
    const ofCredit = (isCredit: boolean, op: 'create' | 'update' | 'void') => {
      const credit = live(payment('c', 'i', 100, isCredit ? { isCredit } : {}));
      const target = { projection: credit, guards: FREE };
      return codeOf({
        kind: 'payment',
        organisation: locked,
        op,
        atoms: ['payment'],
        payload: credit,
        ...(op === 'create' ? {} : { target, editable: ['payment'] }),
      });
    };
    expect(ofCredit(true, 'update')).toBeUndefined();
    expect([ofCredit(true, 'create'), ofCredit(true, 'void'), ofCredit(false, 'update')]).toEqual(
      Array(3).fill('periodLocked'),
    );
  });

  it('G3: nothing that money sits on is voided', () => {
    const paid = { projection: live(invoice('INV-1', 'c')), guards: { ...FREE, allocatedMinor: 100 } };
    expect(codeOf({ op: 'void', atoms: ['status'], target: paid })).toBe('hasMoney');
    const reconciled = { projection: live(payment('c', 'i', 100)), guards: { ...FREE, reconciled: true } };
    expect(
      guard(
        facts({
          kind: 'payment',
          op: 'void',
          atoms: ['status'],
          payload: live(payment('c', 'i', 100)),
          target: reconciled,
        }),
      )?.fix,
    ).toContain('reconciliation');
  });

  it('G4: never more allocated than paid', () => {
    const over = payment('c', 'i', 100, { amountMinor: 99 });
    expect(codeOf({ kind: 'payment', payload: live(over) })).toBe('overAllocated');
  });

  it('G5: one currency on both sides, and one that the organisation has', () => {
    const yen = live(invoice('INV-1', 'c', 0, { moneyBlock: moneyBlock(100, { currency: 'JPY' }) }));
    expect(codeOf({ payload: yen })).toBe('currencyOff');
    expect(
      codeOf({ op: 'update', payload: yen, target: { projection: live(invoice('INV-1', 'c')), guards: FREE } }),
    ).toBe('currencyDiffers');
    expect(codeOf({ contactCurrency: 'EUR' })).toBe('currencyDiffers');
    const [pounds, euros] = [contact('A', { currency: 'GBP' }), contact('A', { currency: 'EUR' })];
    expect(
      codeOf({
        kind: 'contact',
        op: 'update',
        atoms: ['name'],
        payload: live(pounds),
        target: { projection: live(euros), guards: FREE },
      }),
    ).toBe('currencyDiffers');
  });

  it('name what the ledger objects to before anything is sent', () => {
    const objections = [
      { class: 'validation', code: 'unmappedTax', message: 'the tax rate "half" is not mapped.' },
    ] as const;
    expect(guard(facts({ objections }))).toMatchObject({
      code: 'unmappedTax',
      message: expect.stringContaining('"half"'),
    });
    expect(codeOf({ objections, op: 'void', atoms: ['status'] })).toBeUndefined();
  });
});
