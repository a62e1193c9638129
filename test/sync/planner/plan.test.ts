// The planner over all small states: every view gets one decision, and the table of the algorithm holds row by row.
import { describe, expect, it } from '@jest/globals';
import { type Base, EMPTY_BASE, type Intent, type Link } from '../../../src/sync/links/link';
import type { Across } from '../../../src/sync/planner/atoms';
import { type Decision, type PairView, planPair } from '../../../src/sync/planner/plan';
import type { SideView } from '../../../src/sync/planner/side-view';
import type { Atoms, Projection, RecordKind, RecordStatus } from '../../../src/sync/records';

const project = (atoms: Atoms, status: RecordStatus = 'live'): Projection => ({ status, atoms }) as Projection;
const present = (atoms: Atoms, status: RecordStatus = 'live'): SideView => ({
  state: 'present',
  projection: project(atoms, status),
});
const absent: SideView = { state: 'absent' };
const unread: SideView = { state: 'unread', why: 'the answer is no JSON' };
const base = (atoms: Atoms, status: RecordStatus = 'live'): Base => ({ status, atoms });

const atomsOf = (side: SideView): Atoms => (side.state === 'present' ? side.projection.atoms : {});
const across = (local: SideView, external: SideView): Across => ({
  localAsExternal: atomsOf(local),
  externalAsLocal: atomsOf(external),
});

const link = (change: Partial<Link> = {}): Link => ({
  id: 'lnk_1',
  revision: 1,
  tenantId: 'ten_1',
  connectionId: 'con_1',
  kind: 'contact',
  localId: 'cus_1',
  externalId: 'L1',
  state: 'linked',
  baseLocal: base({ name: 'Acme' }),
  baseExternal: base({ name: 'Acme' }),
  mapVersion: '1',
  generation: 0,
  held: [],
  restores: [],
  separateFrom: [],
  ...change,
});

const view = (local: SideView, external: SideView, change: Partial<PairView> = {}): PairView => ({
  kind: change.link?.kind ?? 'contact',
  local,
  external,
  across: across(local, external),
  isLeasedElsewhere: false,
  mapVersion: '1',
  pulls: true,
  isBeforeCutOver: false,
  restoresLeft: 2,
  signature: 's',
  ...change,
});

const intent: Intent = {
  op: 'update',
  side: 'external',
  atoms: ['name'],
  payload: project({ name: 'Acme' }),
  mapVersion: '1',
  tag: 'bb:cus_1:0',
  key: 'k',
  attempt: 1,
  sentAt: '2026-01-01T00:00:00.000Z',
  deadline: '2026-01-01T00:01:00.000Z',
  outcome: 'unknown',
  why: '',
};

const kindOf = (decision: Decision): string => {
  if (decision.do === 'merge') {
    const { adopt, push, pull, conflicts } = decision.merge;
    return [adopt.length && 'adopt', push.length && 'push', pull.length && 'pull', conflicts.length && 'conflict']
      .filter(Boolean)
      .join('+');
  }
  if (decision.do === 'end' || decision.do === 'create' || decision.do === 'revive')
    return `${decision.do} ${decision.side}`;
  return decision.do;
};

const asInvoice = (change: Partial<Link> = {}): Partial<PairView> => ({
  kind: 'invoice',
  link: link({ kind: 'invoice', ...change }),
});
const SAME = { name: 'Acme' };
const HERE = { name: 'Acme plc' };
const THERE = { name: 'ACME' };

describe('the planner', () => {
  it.each<[string, PairView, string]>([
    ['row 0: a side that could not be read', view(unread, present(SAME), { link: link() }), 'park'],
    [
      'row 0: a lease held elsewhere',
      view(present(HERE), present(SAME), { link: link(), isLeasedElsewhere: true }),
      'defer',
    ],
    [
      'row 0: a parent without a twin',
      view(present(SAME), absent, { parent: { waitsFor: 'contact:local:c' } }),
      'defer',
    ],
    ['row 0 never delays row 1', view(unread, unread, { link: link({ intent }) }), 'resolveIntent'],
    ['row 1: an open intent', view(present(HERE), present(THERE), { link: link({ intent }) }), 'resolveIntent'],
    ['row 2: only in billing', view(present(SAME), absent), 'create external'],
    ['row 2: an exact match', view(present(SAME), absent, { match: { found: 'exact', id: 'L1', why: '' } }), 'link'],
    [
      'row 2: a mere candidate never creates',
      view(present(SAME), absent, { match: { found: 'candidates', candidates: [], why: '' } }),
      'conflict',
    ],
    ['row 3: only in the ledger', view(absent, present(SAME)), 'create local'],
    ['row 3: a kind that is not pulled', view(absent, present(SAME), { pulls: false }), 'ignore'],
    ['row 3: before the cut-over', view(absent, present(SAME), { isBeforeCutOver: true }), 'ignore'],
    ['row 4: neither changed', view(present(SAME), present(SAME), { link: link() }), 'none'],
    ['row 5: both changed alike', view(present(HERE), present(HERE), { link: link() }), 'adopt'],
    ['row 6: only billing changed', view(present(HERE), present(SAME), { link: link() }), 'push'],
    ['row 7: only the ledger changed', view(present(SAME), present(THERE), { link: link() }), 'pull'],
    [
      'row 7: what only billing owns is restored',
      view(present({ externalRef: 'a' }), present({ externalRef: 'b' }), {
        link: link({ baseLocal: base({ externalRef: 'a' }), baseExternal: base({ externalRef: 'a' }) }),
      }),
      'push',
    ],
    [
      'row 7: beyond the restore budget it is asked',
      view(present({ externalRef: 'a' }), present({ externalRef: 'b' }), {
        restoresLeft: 0,
        link: link({ baseLocal: base({ externalRef: 'a' }), baseExternal: base({ externalRef: 'a' }) }),
      }),
      'conflict',
    ],
    ['row 8: both changed differently', view(present(HERE), present(THERE), { link: link() }), 'conflict'],
    ['row 9: cancelled in billing', view(present(SAME, 'void'), present(SAME), asInvoice()), 'end external'],
    ['row 10: voided in the ledger', view(present(SAME), present(SAME, 'void'), asInvoice()), 'end local'],
    ['row 10: deleted in the ledger', view(present(SAME), absent, asInvoice()), 'end local'],
    [
      'row 11: money cancelled here, edited there',
      view(present(SAME, 'void'), present(THERE), asInvoice()),
      'conflict',
    ],
    [
      'row 11: a contact archived here, edited there',
      view(present(SAME, 'archived'), present(THERE), { link: link() }),
      'revive local',
    ],
    ['row 12: over on both sides', view(present(SAME, 'void'), absent, asInvoice()), 'retire'],
    [
      'row 13: merged into another contact',
      view(present(HERE), { state: 'absent', mergedInto: 'L2' }, { link: link() }),
      'repoint',
    ],
    [
      'row 14: unlinked stays unlinked',
      view(present(HERE), present(THERE), { link: link({ state: 'retired', retiredBecause: 'unlinked' }) }),
      'none',
    ],
    [
      'row 14: gone stays gone',
      view(present(SAME, 'void'), absent, asInvoice({ state: 'retired', retiredBecause: 'gone' })),
      'none',
    ],
    [
      'row 14: money that lives again',
      view(present(SAME), present(SAME, 'void'), asInvoice({ state: 'retired', retiredBecause: 'gone' })),
      'conflict',
    ],
    [
      'row 14: a contact that lives again',
      view(present(SAME), present(SAME, 'archived'), { link: link({ state: 'retired', retiredBecause: 'gone' }) }),
      'revive external',
    ],
    [
      'a cleared base counts as changed',
      view(present(SAME), present(SAME), { link: link({ baseLocal: EMPTY_BASE }) }),
      'adopt',
    ],
    [
      'a voided document is compared by its status only',
      view(present(SAME), present({ name: '' }, 'void'), asInvoice()),
      'end local',
    ],
    [
      'a refusal stands until something moves',
      view(present(HERE), present(SAME), {
        link: link({ state: 'blocked', problem: { code: 'x', message: '', fix: '', since: '', standsWhile: 's' } }),
      }),
      'stay',
    ],
    [
      'and falls when it does',
      view(present(HERE), present(SAME), {
        signature: 't',
        link: link({ state: 'blocked', problem: { code: 'x', message: '', fix: '', since: '', standsWhile: 's' } }),
      }),
      'push',
    ],
    [
      'under a new mapping nothing is diffed',
      view(present({ moneyBlock: 1 }), present({ moneyBlock: 2 }), {
        mapVersion: '2',
        link: link({ kind: 'invoice', baseLocal: base({ moneyBlock: 1 }), baseExternal: base({ moneyBlock: 1 }) }),
      }),
      'rebase',
    ],
    ['drafts stay where they are', view(present(SAME, 'draft'), absent), 'ignore'],
  ])('%s', (_name, pair, expected) => {
    expect(kindOf(planPair(pair))).toBe(expected);
  });

  it.each([
    ['both bases differ', [2, 3], [1, 1], ['moneyBlock']],
    ['only the ledger differs from its base', [1, 3], [1, 1], ['moneyBlock']],
    ['neither differs from its base, and they are unequal all the same', [1, 3], [1, 3], ['moneyBlock']],
    ['only billing differs from its base: an edit, carried across as ever', [2, 1], [1, 1], []],
    ['they are equal', [2, 2], [1, 1], []],
  ])(
    'decides afresh about an amount under a new mapping, or not: %s',
    (_name, [local, external], [here, there], clear) => {
      const pair = view(present({ moneyBlock: local as number }), present({ moneyBlock: external as number }), {
        mapVersion: '2',
        link: link({
          kind: 'invoice',
          baseLocal: base({ moneyBlock: here as number }),
          baseExternal: base({ moneyBlock: there as number }),
        }),
      });
      expect(planPair({ ...pair, kind: 'invoice' })).toMatchObject({ do: 'rebase', clear });
    },
  );

  it('gives every small state exactly one decision, and never a write where a side is unread', () => {
    const values = [SAME, HERE, THERE];
    const statuses: RecordStatus[] = ['draft', 'live', 'void', 'archived'];
    const sides: SideView[] = [
      absent,
      unread,
      ...values.flatMap((value) => statuses.map((status) => present(value, status))),
    ];
    const bases: Base[] = [EMPTY_BASE, base(SAME), base(SAME, 'void'), base(HERE)];
    const kinds: RecordKind[] = ['contact', 'invoice', 'payment'];
    let states = 0;
    for (const kind of kinds) {
      for (const local of sides) {
        for (const external of sides) {
          const links: (Link | undefined)[] = [undefined];
          for (const baseLocal of bases) {
            for (const baseExternal of bases) {
              for (const state of ['linked', 'retired', 'conflict'] as const) {
                links.push(
                  link({
                    kind,
                    state,
                    baseLocal,
                    baseExternal,
                    ...(state === 'retired' ? { retiredBecause: 'gone' } : {}),
                  }),
                );
              }
            }
          }
          for (const known of links) {
            const decision = planPair(view(local, external, { kind, ...(known ? { link: known } : {}) }));
            states++;
            expect(typeof decision.do).toBe('string');
            const isUnread = local.state === 'unread' || external.state === 'unread';
            if (isUnread) expect(decision.do).toBe('park');
            // I9: an ended document is never updated.
            if (decision.do === 'merge' && kind !== 'contact') {
              expect(
                [local, external].every((side) => side.state === 'present' && side.projection.status !== 'void'),
              ).toBe(true);
            }
          }
        }
      }
    }
    expect(states).toBeGreaterThan(20_000);
  });

  it('is symmetric where the policy is', () => {
    const mirrored: Record<string, string> = {
      push: 'pull',
      pull: 'push',
      'end local': 'end external',
      'end external': 'end local',
      'revive local': 'revive external',
      'revive external': 'revive local',
    };
    const statuses: RecordStatus[] = ['live', 'void'];
    for (const kind of ['contact', 'invoice'] as const) {
      for (const a of [SAME, HERE, THERE]) {
        for (const b of [SAME, HERE, THERE]) {
          for (const s of statuses) {
            for (const t of statuses) {
              const there = kindOf(planPair(view(present(a, s), present(b, t), { kind, link: link({ kind }) })));
              const back = kindOf(planPair(view(present(b, t), present(a, s), { kind, link: link({ kind }) })));
              expect(back).toBe(mirrored[there] ?? there);
            }
          }
        }
      }
    }
  });

  it('looks at 50,000 unchanged pairs in well under five seconds', () => {
    const block = {
      currency: 'GBP',
      taxMode: 'taxExclusive',
      netMinor: 100,
      taxMinor: 20,
      totalMinor: 120,
      lines: Array.from({ length: 5 }, (_, i) => ({
        description: `Line ${i}`,
        quantity: '1',
        unitPrice: '0.2',
        discountPercent: '0',
        taxRate: 'standard',
        netMinor: 20,
      })),
    };
    const atoms = {
      number: 'INV-1',
      contact: { $ref: 'contact', id: 'c' },
      moneyBlock: block,
      dates: { issueDate: '2026-01-01', dueDate: '2026-02-01' },
      reference: null,
      accounts: [null],
    };
    const known = link({
      kind: 'invoice',
      baseLocal: base(structuredClone(atoms)),
      baseExternal: base(structuredClone(atoms)),
    });
    const pair = view(present(structuredClone(atoms)), present(structuredClone(atoms)), {
      kind: 'invoice',
      link: known,
    });
    let quiet = 0;
    for (let i = 0; i < 50_000; i++) if (planPair(pair).do === 'none') quiet++;
    expect(quiet).toBe(50_000);
  });
});
