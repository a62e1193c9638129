// Stories of customers: found on both sides, edited, doubled, merged.
import type { ContactAtoms } from '../../../src/sync/records';
import { ACTOR, contact, invoice } from '../../support/sync-world';
import { CONNECT, type Desk, RUN, type Step, type Story } from './story';

const hereOf = (desk: Desk, name: string) =>
  desk.world.billing.get('contact', desk.here('contact', name))?.projection.atoms as ContactAtoms;
const thereOf = (desk: Desk, name: string) =>
  desk.world.ledger.get('contact', desk.there('contact', name))?.projection.atoms as ContactAtoms;
export const noProblems = async ({ world }: Desk): Promise<boolean> =>
  (await world.sync.problems.list(world.ref())).items.length === 0;

export const ACME: Step = {
  say: 'Acme Ltd is a customer in billing, with the open invoice INV-1 of £120.00.',
  does: ({ world }: Desk) => {
    const id = world.billing.user.create('contact', contact('Acme Ltd'));
    world.billing.user.create('invoice', invoice('INV-1', id));
  },
};
export const ACME_CONNECTED: readonly Step[] = [ACME, { ...CONNECT, say: 'Both books are connected and equal.' }];

export const storiesOfCustomers: readonly Story[] = [
  {
    name: 'first-connect',
    title: 'Two books that knew nothing of each other are connected',
    about: 'What is surely the same is linked and not copied. What only one side knows is made on the other.',
    given: [
      {
        say: 'Billing has the customers Acme Ltd and Bolt & Co, each with an invoice of £120.00.',
        does: ({ world }) => {
          for (const [name, number] of [['Acme Ltd', 'INV-1'] as const, ['Bolt & Co', 'INV-2'] as const]) {
            world.billing.user.create('invoice', invoice(number, world.billing.user.create('contact', contact(name))));
          }
        },
      },
      {
        say: 'The ledger has Acme Ltd with the same e-mail address and the same invoice INV-1, and the customer Cobalt.',
        does: ({ world }) => {
          const acme = world.ledger.hands.create('contact', contact('Acme Ltd', { phone: '+44201' }));
          world.ledger.hands.create('invoice', invoice('INV-1', acme));
          world.ledger.hands.create('contact', contact('Cobalt'));
        },
      },
    ],
    when: [CONNECT],
    outcome: [
      ['INV-1 is in the ledger once.', ({ world }) => world.ledger.live('invoice').length === 2],
      ['Acme’s phone number came over to billing.', (desk) => hereOf(desk, 'Acme Ltd').phone === '+44201'],
      ['Nobody has to be asked.', noProblems],
    ],
  },
  {
    name: 'edits-of-different-fields',
    title: 'Two people edit different fields of one customer',
    about: 'Each field is compared by itself, so that both edits are kept.',
    given: ACME_CONNECTED,
    when: [
      {
        say: 'In billing, Acme’s e-mail address becomes accounts@acme.example.',
        does: (desk) =>
          desk.world.billing.user.edit('contact', desk.here('contact', 'Acme Ltd'), { email: 'accounts@acme.example' }),
      },
      {
        say: 'In the ledger, its phone number becomes +44207.',
        does: (desk) => desk.world.ledger.hands.edit('contact', desk.there('contact', 'Acme Ltd'), { phone: '+44207' }),
      },
      RUN,
    ],
    outcome: [
      [
        'Both sides have both edits.',
        (desk) =>
          [hereOf(desk, 'Acme Ltd'), thereOf(desk, 'Acme Ltd')].every(
            ({ email, phone }) => email === 'accounts@acme.example' && phone === '+44207',
          ),
      ],
      ['Nobody has to be asked.', noProblems],
    ],
  },
  {
    name: 'a-clash-and-its-answer',
    title: 'Two people rename one customer, each otherwise',
    about: 'No rule can know which name is right. A person is asked, and the answer is carried across.',
    given: ACME_CONNECTED,
    when: [
      {
        say: 'In billing, Acme Ltd is renamed Acme plc.',
        does: (desk) => desk.world.billing.user.edit('contact', desk.here('contact', 'Acme Ltd'), { name: 'Acme plc' }),
      },
      {
        say: 'In the ledger, it is renamed Acme Group.',
        does: (desk) =>
          desk.world.ledger.hands.edit('contact', desk.there('contact', 'Acme Ltd'), { name: 'Acme Group' }),
      },
      RUN,
      {
        say: 'Ada answers: the ledger is right.',
        does: async ({ world }) => {
          const [asked] = (await world.sync.problems.list(world.ref())).items;
          await world.sync.problems.choose(world.ref(), { problemId: asked?.id ?? '', take: 'ledger', actor: ACTOR });
        },
      },
      RUN,
    ],
    outcome: [
      ['Both sides say Acme Group.', (desk) => hereOf(desk, 'Acme Group').name === thereOf(desk, 'Acme Group').name],
      [
        'The name that lost is kept in the log of decisions.',
        async ({ world }) =>
          (await world.sync.policies.log(world.ref())).items.some(({ values }) =>
            values.some(({ local, external }) => local === 'Acme plc' && external === 'Acme Group'),
          ),
      ],
    ],
  },
  {
    name: 'two-customers-of-one-name',
    title: 'A customer of a name that the ledger has already',
    about: 'The same name is no proof: two John Smiths are two people until somebody says otherwise.',
    given: ACME_CONNECTED,
    when: [
      {
        say: 'The bookkeeper has a John Smith of her own, with another e-mail address.',
        does: ({ world }) =>
          void world.ledger.hands.create('contact', contact('John Smith', { email: 'john@north.example' })),
      },
      {
        say: 'In billing, another John Smith is entered, with the invoice INV-2.',
        does: ({ world }) => {
          const john = world.billing.user.create('contact', contact('John Smith', { email: 'j.smith@south.example' }));
          world.billing.user.create('invoice', invoice('INV-2', john));
        },
      },
      RUN,
      {
        say: 'Ada answers: these are two people. The bookkeeper puts “north” behind the name of hers.',
        does: async (desk) => {
          const { world } = desk;
          world.ledger.hands.edit('contact', desk.there('contact', 'John Smith'), { name: 'John Smith (north)' });
          for (const { id, candidates } of (await world.sync.problems.list(world.ref())).items) {
            if (candidates.length > 0) await world.sync.problems.separate(world.ref(), id, ACTOR);
          }
        },
      },
      RUN,
    ],
    outcome: [
      [
        'The ledger has both of them.',
        ({ world }) =>
          world.ledger
            .live('contact')
            .filter(({ projection }) => (projection.atoms as ContactAtoms).name.startsWith('John Smith')).length === 2,
      ],
      ['INV-2 is with the right one.', (desk) => thereOf(desk, 'John Smith').email === 'j.smith@south.example'],
    ],
  },
  {
    name: 'customer-merged-in-the-ledger',
    title: 'The bookkeeper merges two customers',
    about:
      'A customer that was merged away lives on in the one it was merged into: the link follows, and no copy is made.',
    given: ACME_CONNECTED,
    when: [
      {
        say: 'The bookkeeper enters the customer Acme Trading, which is the same firm.',
        does: ({ world }) => void world.ledger.hands.create('contact', contact('Acme Trading')),
      },
      {
        say: 'In the ledger, Acme Ltd is merged into Acme Trading.',
        does: (desk) =>
          desk.world.ledger.hands.merge(desk.there('contact', 'Acme Ltd'), desk.there('contact', 'Acme Trading')),
      },
      RUN,
      {
        say: 'Ada answers: the ledger is right.',
        does: async ({ world }) => {
          for (const { id, actions } of (await world.sync.problems.list(world.ref())).items) {
            if (!actions.includes('takeLedger')) continue;
            await world.sync.problems.choose(world.ref(), { problemId: id, take: 'ledger', actor: ACTOR });
          }
        },
      },
      RUN,
    ],
    outcome: [
      ['The ledger has one customer.', ({ world }) => world.ledger.live('contact').length === 1],
      [
        'INV-1 is where it was, once on each side.',
        ({ world }) => world.ledger.live('invoice').length === 1 && world.billing.live('invoice').length === 1,
      ],
    ],
  },
];
