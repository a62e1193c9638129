// Stories of money: paid here or there, in part, too much, given back.
import type { RecordKind } from '../../../src/sync/records';
import { allocation, creditNote, payment, refund } from '../../support/sync-world';
import { ACME_CONNECTED, noProblems } from './stories-of-customers';
import { type Desk, RUN, type Story } from './story';

const openHere = (desk: Desk, kind: RecordKind, name: string) =>
  desk.world.billing.get(kind, desk.here(kind, name))?.guards.openMinor;
const openThere = (desk: Desk, kind: RecordKind, name: string) =>
  desk.world.ledger.get(kind, desk.there(kind, name))?.guards.openMinor;
const bothOpen = (kind: RecordKind, name: string, minor: number) => (desk: Desk) =>
  openHere(desk, kind, name) === minor && openThere(desk, kind, name) === minor;

const payHere = (amountMinor: number) => (desk: Desk) =>
  desk.world.billing.user.create(
    'payment',
    payment(desk.here('contact', 'Acme Ltd'), desk.here('invoice', 'INV-1'), amountMinor),
  );
const payThere = (amountMinor: number) => (desk: Desk) =>
  desk.world.ledger.hands.create(
    'payment',
    payment(desk.there('contact', 'Acme Ltd'), desk.there('invoice', 'INV-1'), amountMinor),
  );

export const storiesOfMoney: readonly Story[] = [
  {
    name: 'paid-in-billing',
    title: 'An invoice is paid in billing',
    about: 'The payment goes to the ledger once, and the invoice is settled there too.',
    given: ACME_CONNECTED,
    when: [{ say: 'Acme pays INV-1 by bank transfer; Ada enters it in billing.', does: payHere(12_000) }, RUN, RUN],
    outcome: [
      ['INV-1 is settled on both sides.', bothOpen('invoice', 'INV-1', 0)],
      ['The ledger has one payment.', ({ world }) => world.ledger.live('payment').length === 1],
      ['Nobody has to be asked.', noProblems],
    ],
  },
  {
    name: 'paid-in-the-ledger',
    title: 'An invoice is paid in the ledger',
    about: 'The bookkeeper matched the bank line; billing learns of it and stops asking for the money.',
    given: ACME_CONNECTED,
    when: [
      { say: 'The bookkeeper enters the payment of INV-1 in the ledger.', does: payThere(12_000) },
      RUN,
      {
        say: 'Later she takes it back: it was for somebody else.',
        does: (desk) => desk.world.ledger.hands.setStatus('payment', desk.there('payment', 'INV-1'), 'void'),
      },
      RUN,
    ],
    outcome: [
      ['INV-1 is owed again on both sides.', bothOpen('invoice', 'INV-1', 12_000)],
      [
        'The payment is kept in billing, cancelled.',
        ({ world }) => world.billing.all('payment').every(({ projection }) => projection.status === 'void'),
      ],
      ['Nobody has to be asked.', noProblems],
    ],
  },
  {
    name: 'part-payment-and-credit',
    title: 'A part payment in the ledger and a credit note in billing',
    about: 'Both lower what is owed. Each crosses by itself, and neither is taken for the other.',
    given: ACME_CONNECTED,
    when: [
      { say: 'The bookkeeper enters £50.00 received for INV-1.', does: payThere(5_000) },
      {
        say: 'In billing, Ada writes the credit note CN-1 of £24.00 and uses it for INV-1.',
        does: (desk) => {
          const { user } = desk.world.billing;
          const note = user.create('creditNote', creditNote('CN-1', desk.here('contact', 'Acme Ltd'), 2_000));
          user.create('allocation', allocation(note, desk.here('invoice', 'INV-1'), 2_400));
        },
      },
      RUN,
    ],
    outcome: [
      ['£46.00 of INV-1 is owed on both sides.', bothOpen('invoice', 'INV-1', 4_600)],
      ['CN-1 is used up on both sides.', bothOpen('creditNote', 'CN-1', 0)],
      ['Nobody has to be asked.', noProblems],
    ],
  },
  {
    name: 'overpaid',
    title: 'More is paid than the invoice asks for',
    about:
      'What is too much stays with the customer as a credit, on both sides alike; it is not spread over other invoices.',
    options: { capabilities: { paymentUnit: 'payment' } },
    given: ACME_CONNECTED,
    when: [
      {
        say: 'Acme pays £150.00 for INV-1 of £120.00; Ada enters all of it in billing.',
        does: (desk) => {
          const [acme, invoice] = [desk.here('contact', 'Acme Ltd'), desk.here('invoice', 'INV-1')];
          const of = { $ref: 'invoice' as const, id: invoice };
          desk.world.billing.user.create(
            'payment',
            payment(acme, invoice, 15_000, { allocations: [{ invoice: of, amountMinor: 12_000 }] }),
          );
        },
      },
      RUN,
    ],
    outcome: [
      ['INV-1 is settled on both sides.', bothOpen('invoice', 'INV-1', 0)],
      ['£30.00 of the payment is left on both sides.', bothOpen('payment', 'INV-1', 3_000)],
      ['Nobody has to be asked.', noProblems],
    ],
  },
  {
    name: 'refund',
    title: 'What is left of a credit note is paid back',
    about: 'The refund crosses as a record of its own, so that both sides know that the credit is gone.',
    given: [
      ...ACME_CONNECTED,
      {
        say: 'Both sides have the credit note CN-1 of £24.00.',
        does: (desk) =>
          desk.world.billing.user.create('creditNote', creditNote('CN-1', desk.here('contact', 'Acme Ltd'), 2_000)),
        runs: 'to rest',
      },
    ],
    when: [
      {
        say: 'Ada pays £24.00 back by bank transfer and enters it in billing.',
        does: (desk) => desk.world.billing.user.create('refund', refund(desk.here('creditNote', 'CN-1'), 2_400)),
      },
      RUN,
    ],
    outcome: [
      ['Nothing is left of CN-1 on either side.', bothOpen('creditNote', 'CN-1', 0)],
      ['The ledger has one refund.', ({ world }) => world.ledger.live('refund').length === 1],
      ['Nobody has to be asked.', noProblems],
    ],
  },
  {
    name: 'lost-answer-found-again',
    title: 'The ledger books a payment, but its answer is lost',
    about: 'Nobody knows then whether the payment is there. The bridge looks before it tries again, and finds it.',
    given: ACME_CONNECTED,
    when: [
      { say: 'Acme pays INV-1; Ada enters it in billing.', does: payHere(12_000) },
      {
        say: 'The next write to the ledger is carried out, and then the line drops.',
        does: ({ world }) => void world.ledger.faults.write.push('commitThenTimeout'),
      },
      { say: 'The bridge runs once.', runs: 'once' },
      { say: 'Minutes later it runs again.', runs: 'to rest' },
    ],
    outcome: [
      [
        'The payment was sent once.',
        ({ world }) => world.ledger.log.filter(({ kind }) => kind === 'payment').length === 1,
      ],
      ['The ledger has one payment.', ({ world }) => world.ledger.all('payment').length === 1],
      ['INV-1 is settled on both sides.', bothOpen('invoice', 'INV-1', 0)],
      ['Nobody has to be asked.', noProblems],
    ],
  },
];
