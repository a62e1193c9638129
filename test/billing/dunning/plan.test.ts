// Who gets which letter on which day: the table of the policy, and what must hold on every day of every debt.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { friendlyPolicy } from '../../../config/reminder-policies';
import { type CustomerFacts, planCustomer } from '../../../src/billing/dunning/plan';
import { type StepKey, stepOn } from '../../../src/billing/dunning/steps';
import { addDays, daysBetween } from '../../../src/core/calendar-date';
import { customerOf, factsWith, invoiceOf } from './build';

const plan = (facts: CustomerFacts, today: string) => planCustomer(facts, today, friendlyPolicy);
const toneOf = (facts: CustomerFacts, today: string): string => {
  const planned = plan(facts, today);
  return planned.kind === 'send' ? planned.tone : planned.kind === 'held' ? planned.obstacle.reason : 'nothing';
};
const DUE = '2026-03-03';

describe('the step of an invoice', () => {
  const old = invoiceOf({ dueDate: DUE });
  it.each([
    [-9, undefined],
    [-4, undefined],
    [-3, 'upcoming'],
    [-1, 'upcoming'],
    [0, 'dueToday'],
    [2, 'dueToday'],
    [3, 'friendly'],
    [6, 'friendly'],
    [7, 'clear'],
    [13, 'clear'],
    [14, 'firm'],
    [29, 'firm'],
    [30, 'final'],
    [36, 'final'],
    [37, undefined],
    [400, undefined],
  ])('on day %i is %s', (day, expected) => {
    expect(stepOn(old, addDays(DUE, day), friendlyPolicy)?.key).toBe(expected);
  });

  it('is the invoice itself on its day and the days after, if it was written here', () => {
    const fresh = invoiceOf({ issueDate: '2026-03-02', dueDate: '2026-04-01' });
    expect(stepOn(fresh, '2026-03-02', friendlyPolicy)?.key).toBe('invoice');
    expect(stepOn(fresh, '2026-03-07', friendlyPolicy)?.key).toBe('invoice');
    expect(stepOn(fresh, '2026-03-08', friendlyPolicy)).toBeUndefined();
    expect(stepOn({ ...fresh, origin: 'ledger' }, '2026-03-02', friendlyPolicy)).toBeUndefined();
  });

  it('of an invoice that is due at once is first the invoice, then the friendly reminder', () => {
    const cash = invoiceOf({ issueDate: DUE, dueDate: DUE });
    expect(stepOn(cash, DUE, friendlyPolicy)?.key).toBe('invoice');
    expect(stepOn(cash, addDays(DUE, 3), friendlyPolicy)?.key).toBe('friendly');
  });

  it.each([
    ['a draft', { status: 'draft', isOpen: false }],
    ['a void invoice', { status: 'void', isOpen: false }],
    ['a paid invoice', { openMinor: 0, isOpen: false }],
  ] as const)('of %s is none', (_name, more) => {
    expect(stepOn(invoiceOf({ dueDate: DUE, ...more }), addDays(DUE, 7), friendlyPolicy)).toBeUndefined();
  });
});

describe('the plan of a customer', () => {
  const seven = addDays(DUE, 7);
  const invoice = invoiceOf({ dueDate: DUE });

  it('sends a step once, and the next one when it comes', () => {
    const sent = (...steps: StepKey[]) => ({ sent: new Map([[invoice.id, new Set(steps)]]) });
    expect(toneOf(factsWith([invoice]), seven)).toBe('clear');
    expect(toneOf(factsWith([invoice], sent('clear')), seven)).toBe('nothing');
    expect(toneOf(factsWith([invoice], sent('clear')), addDays(DUE, 14))).toBe('firm');
  });

  it('writes one letter about everything overdue, in the tone of the oldest', () => {
    const older = invoiceOf({ id: 'inv_2', number: 'INV-2', dueDate: addDays(DUE, -8) });
    const coming = invoiceOf({ id: 'inv_3', dueDate: addDays(seven, 3), issueDate: DUE, origin: 'ledger' });
    const later = invoiceOf({ id: 'inv_4', dueDate: addDays(seven, 20), issueDate: DUE, origin: 'ledger' });
    const planned = plan(factsWith([invoice, coming, later, older]), seven);
    expect(planned).toMatchObject({
      kind: 'send',
      tone: 'firm',
      lead: { id: 'inv_2' },
      overdue: [{ id: 'inv_2' }, { id: 'inv_1' }],
      comingDue: [{ id: 'inv_3' }],
    });
  });

  it.each<[string, Partial<CustomerFacts>, string]>([
    ['who has no address', { customer: customerOf({ email: null }) }, 'There is no mail address.'],
    ['who is archived', { customer: customerOf({ state: 'archived' }) }, 'The customer is archived.'],
    [
      'whose address was refused',
      { isAddressRefused: true },
      'The mail server refuses tom@brightwell.example: correct the address.',
    ],
    [
      'who is paused',
      { customer: customerOf({ chasing: { mode: 'paused', pausedUntil: null, reason: 'talking' } }) },
      'Reminders are paused: talking.',
    ],
    [
      'who is paused until tomorrow',
      { customer: customerOf({ chasing: { mode: 'paused', pausedUntil: addDays(seven, 1), reason: null } }) },
      'Reminders are paused.',
    ],
    ['who got a mail today', { mailDates: [seven] }, 'A mail went out today.'],
    ['who got a mail two days ago', { mailDates: [addDays(seven, -2)] }, 'Enough mails went out in the last days.'],
    [
      'who got two mails in a week',
      { mailDates: [addDays(seven, -6), addDays(seven, -3)] },
      'Enough mails went out in the last days.',
    ],
    ['whose credit covers what he owes', { credit: new Map([['GBP', 10_000]]) }, 'nothing'],
  ])('holds back from a customer %s', (_name, more, reason) => {
    expect(toneOf(factsWith([invoice], more), seven)).toBe(reason);
  });

  it.each<[string, Partial<CustomerFacts>]>([
    ['who got a mail three days ago', { mailDates: [addDays(seven, -3)] }],
    [
      'who was paused until today',
      { customer: customerOf({ chasing: { mode: 'paused', pausedUntil: seven, reason: null } }) },
    ],
    ['whose credit is too little', { credit: new Map([['GBP', 9_999]]) }],
    ['whose credit is in another currency', { credit: new Map([['EUR', 99_999]]) }],
  ])('writes to a customer %s', (_name, more) => {
    expect(toneOf(factsWith([invoice], more), seven)).toBe('clear');
  });

  it('does not chase small change alone, though it lists it beside more', () => {
    const small = invoiceOf({ id: 'inv_s', openMinor: 999, dueDate: DUE });
    const yen = invoiceOf({ id: 'inv_y', openMinor: 999, currency: 'JPY', dueDate: DUE });
    expect(toneOf(factsWith([small, yen]), seven)).toBe('The amount is too small to be chased.');
    expect(plan(factsWith([small, invoice]), seven)).toMatchObject({ overdue: [{ id: 'inv_1' }, { id: 'inv_s' }] });
  });

  it('sends a new invoice to a customer who is not to be chased, and that alone', () => {
    const fresh = invoiceOf({ id: 'inv_new', issueDate: seven, dueDate: addDays(seven, 30) });
    const paused = customerOf({ chasing: { mode: 'paused', pausedUntil: null, reason: null } });
    expect(plan(factsWith([invoice, fresh], { customer: paused }), seven)).toMatchObject({
      kind: 'send',
      tone: 'invoice',
      overdue: [],
      comingDue: [{ id: 'inv_new' }],
      due: [{ invoice: { id: 'inv_new' } }],
    });
  });

  it('ends after seven messages about an invoice', () => {
    const steps = new Set<StepKey>(['invoice', 'upcoming', 'dueToday', 'friendly', 'clear', 'firm', 'final']);
    const strict = { ...friendlyPolicy, mostMessages: 3 };
    const sent = new Map([[invoice.id, new Set([...steps].slice(0, 3))]]);
    expect(planCustomer(factsWith([invoice], { sent }), seven, strict).kind).toBe('nothing');
  });
});

describe('over the whole life of any debts', () => {
  const debts = fc.array(
    fc.record({
      start: fc.integer({ min: 0, max: 60 }),
      terms: fc.constantFrom(0, 7, 14, 30),
      openMinor: fc.integer({ min: 1, max: 500_000 }),
      origin: fc.constantFrom('billing' as const, 'ledger' as const),
    }),
    { minLength: 1, maxLength: 6 },
  );

  it('no step is sent twice, no older step after a newer one, never more than the caps allow, nothing after the end', () => {
    fc.assert(
      fc.property(debts, fc.integer({ min: 0, max: 50 }), (drawn, goLive) => {
        const invoices = drawn.map(({ start, terms, openMinor, origin }, index) => {
          const issueDate = addDays('2026-01-01', start);
          return invoiceOf({ id: `inv_${index}`, issueDate, dueDate: addDays(issueDate, terms), openMinor, origin });
        });
        const sent = new Map<string, ReadonlySet<StepKey>>();
        const mailDates: string[] = [];
        const order = friendlyPolicy.steps.map(({ key }) => key);
        for (let day = goLive; day < 160; day++) {
          const today = addDays('2026-01-01', day);
          const born = invoices.filter(({ issueDate }) => issueDate <= today);
          const planned = plan(factsWith(born, { sent, mailDates }), today);
          if (planned.kind !== 'send') continue;
          mailDates.push(today);
          if (planned.tone !== 'invoice') {
            const within = (days: number) => mailDates.filter((date) => daysBetween(date, today) < days).length;
            expect(within(3)).toBeLessThanOrEqual(1);
            expect(within(7)).toBeLessThanOrEqual(2);
          }
          for (const { invoice, step } of planned.due) {
            const done = sent.get(invoice.id) ?? new Set<StepKey>();
            expect(done.has(step.key)).toBe(false);
            for (const earlier of done) expect(order.indexOf(earlier)).toBeLessThan(order.indexOf(step.key));
            expect(daysBetween(invoice.dueDate, today)).toBeLessThan(friendlyPolicy.endsAfterDays);
            sent.set(invoice.id, new Set([...done, step.key]));
          }
        }
      }),
      { numRuns: 25 },
    );
  });
});
