// Stories of documents that end, or that cannot be written any more: cancelled here or there, closed periods, many at once, a run taken back.
import { ACTOR, invoice, payment } from '../../support/sync-world';
import { ACME, ACME_CONNECTED, noProblems } from './stories-of-customers';
import { CONNECT, type Desk, RUN, type Story } from './story';

const statusHere = (desk: Desk, number: string) =>
  desk.world.billing.get('invoice', desk.here('invoice', number))?.projection.status;
const statusThere = (desk: Desk, number: string) =>
  desk.world.ledger.get('invoice', desk.there('invoice', number))?.projection.status;
const countProblems = async ({ world }: Desk): Promise<number> =>
  (await world.sync.problems.list(world.ref())).items.length;

const bill =
  (number: string, issueDate = '2026-03-01') =>
  (desk: Desk) =>
    desk.world.billing.user.create(
      'invoice',
      invoice(number, desk.here('contact', 'Acme Ltd'), 10_000, { dates: { issueDate, dueDate: '2026-03-31' } }),
    );

const SEVEN = {
  say: 'Both sides have seven invoices of Acme Ltd, INV-1 to INV-7.',
  does: (desk: Desk) => {
    for (let i = 2; i <= 7; i++) bill(`INV-${i}`)(desk);
  },
  runs: 'to rest',
} as const;

export const storiesOfEndings: readonly Story[] = [
  {
    name: 'void-in-the-ledger',
    title: 'The bookkeeper voids an invoice',
    about: 'An issued invoice is cancelled in billing too, and never deleted.',
    given: ACME_CONNECTED,
    when: [
      {
        say: 'In the ledger, INV-1 is voided.',
        does: (desk) => desk.world.ledger.hands.setStatus('invoice', desk.there('invoice', 'INV-1'), 'void'),
      },
      RUN,
    ],
    outcome: [
      ['INV-1 is cancelled in billing.', (desk) => statusHere(desk, 'INV-1') === 'void'],
      ['Nobody has to be asked.', noProblems],
    ],
  },
  {
    name: 'void-here-paid-there',
    title: 'Cancelled in billing while it is paid in the ledger',
    about:
      'A document that money sits on is not voided. Both sides stay as people left them, and the one thing to do is named.',
    given: ACME_CONNECTED,
    when: [
      {
        say: 'In billing, Ada cancels INV-1.',
        does: (desk) => desk.world.billing.user.setStatus('invoice', desk.here('invoice', 'INV-1'), 'void'),
      },
      {
        say: 'Before the bridge runs, the bookkeeper enters a payment of £120.00 for it in the ledger.',
        does: (desk) =>
          desk.world.ledger.hands.create(
            'payment',
            payment(desk.there('contact', 'Acme Ltd'), desk.there('invoice', 'INV-1'), 12_000),
          ),
      },
      RUN,
    ],
    outcome: [
      ['INV-1 is still valid in the ledger.', (desk) => statusThere(desk, 'INV-1') === 'live'],
      ['The payment is not lost in the ledger.', ({ world }) => world.ledger.live('payment').length === 1],
      ['Somebody is told.', async (desk) => (await countProblems(desk)) > 0],
    ],
  },
  {
    name: 'closed-period',
    title: 'An invoice dated in a closed period',
    about: 'It is named before anything is sent. When the lock moves, it goes by itself.',
    given: [
      ...ACME_CONNECTED,
      {
        say: 'The ledger is locked until 28 February 2026.',
        does: ({ world }) => {
          world.ledger.setLockDate('2026-02-28');
          world.clock.advance(2 * 3_600_000);
        },
        runs: 'to rest',
      },
    ],
    when: [
      { say: 'In billing, Ada writes INV-2, dated 20 February.', does: bill('INV-2', '2026-02-20') },
      { say: 'She writes INV-3, dated 1 March.', does: bill('INV-3') },
      RUN,
      {
        say: 'The bookkeeper moves the lock back to 31 January, and a day passes.',
        does: ({ world }) => {
          world.ledger.setLockDate('2026-01-31');
          world.clock.advance(24 * 3_600_000);
        },
      },
      {
        say: 'The nightly compare looks at everything, and the bridge runs.',
        does: ({ world }) => world.sync.fullCompare(world.ref().connectionId),
        runs: 'to rest',
      },
    ],
    outcome: [
      ['Both invoices are in the ledger.', ({ world }) => world.ledger.live('invoice').length === 3],
      ['Nobody has to be asked any more.', noProblems],
    ],
  },
  {
    name: 'mass-void-stopped',
    title: 'Six invoices are voided at once',
    about: 'That many ends look like a mistake. Nothing of it is carried over before a named person says so.',
    given: [...ACME_CONNECTED, SEVEN],
    when: [
      {
        say: 'In the ledger, INV-1 to INV-6 are voided.',
        does: (desk) => {
          for (let i = 1; i <= 6; i++) {
            desk.world.ledger.hands.setStatus('invoice', desk.there('invoice', `INV-${i}`), 'void');
          }
        },
      },
      RUN,
      {
        say: 'Ada looks at the list and lets exactly these through.',
        does: async ({ world }) => {
          for (const { id, hash, state } of await world.sync.stops.list(world.ref())) {
            if (state === 'open') await world.sync.stops.release(world.ref(), { stopId: id, hash, actor: ACTOR });
          }
        },
      },
      RUN,
    ],
    outcome: [
      ['One invoice is left in billing.', ({ world }) => world.billing.live('invoice').length === 1],
      [
        'The release bears a name.',
        async ({ world }) => (await world.sync.stops.list(world.ref())).some(({ releasedBy }) => releasedBy === 'Ada'),
      ],
    ],
  },
  {
    name: 'undo-of-a-run',
    title: 'A first run is taken back',
    about: 'What it made in the ledger is cancelled there and not made again; what cannot be taken back says why.',
    given: [ACME],
    when: [
      CONNECT,
      {
        say: 'Ada sees that the wrong organisation was connected, looks at what an undo would do, and approves it.',
        does: async ({ world }) => {
          const { items } = await world.sync.runs.list(world.ref(), { limit: 1 });
          const plan = await world.sync.undo.preview(world.ref(), items[0]?.id ?? '', ACTOR);
          await world.sync.undo.approve(world.ref(), plan.id, plan.hash, ACTOR);
        },
      },
      RUN,
    ],
    outcome: [
      [
        'Nothing valid is left in the ledger.',
        ({ world }) => world.ledger.live('invoice').length + world.ledger.live('contact').length === 0,
      ],
      ['Billing has all that it had.', (desk) => statusHere(desk, 'INV-1') === 'live'],
      ['Nobody has to be asked.', noProblems],
    ],
  },
  {
    name: 'vanished-from-lists',
    title: 'Lists come back empty while the records are there',
    about: 'Absence is not deletion. What is missing from a list is read by itself before anything is concluded.',
    given: ACME_CONNECTED,
    when: [
      {
        say: 'The lists of the ledger come back empty, as after an outage, while everything is compared.',
        does: async ({ world }) => {
          world.ledger.faults.read.push('emptyList', 'emptyList', 'emptyList', 'emptyList', 'emptyList', 'emptyList');
          await world.sync.fullCompare(world.ref().connectionId);
          if (world.ledger.faults.read.splice(0).length > 2) throw new Error('the lists were not asked for');
        },
      },
      RUN,
    ],
    outcome: [
      ['INV-1 is valid on both sides.', (desk) => statusHere(desk, 'INV-1') === statusThere(desk, 'INV-1')],
      ['Nothing was cancelled in billing.', (desk) => statusHere(desk, 'INV-1') === 'live'],
    ],
  },
];
