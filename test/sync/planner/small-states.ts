// Small states of one pair, in words: each dimension has a handful of values, and a state is one value of each. `pairOf` builds what the
// planner is shown. Combinations that no row can be in are built as well; the laws say which of them they speak of.

import type { JsonValue } from '../../../src/core/json';
import { type Base, EMPTY_BASE, type Intent, type Link } from '../../../src/sync/links/link';
import { asBase } from '../../../src/sync/planner/atoms';
import type { MatchVerdict, PairView } from '../../../src/sync/planner/plan';
import type { SideView } from '../../../src/sync/planner/side-view';
import { CLASHES, fieldOf, type PolicyChoices } from '../../../src/sync/policy/policy';
import type { Guards, Organisation } from '../../../src/sync/ports/ledger-port';
import {
  type Atoms,
  type Projection,
  RECORD_KINDS,
  type RecordKind,
  type RecordStatus,
} from '../../../src/sync/records';
import { ATOM_NAMES, atomValue, type Token } from './atom-values';

/** What became of one atom since both sides agreed on it. `emptyHere`: no memory of either side, and billing has nothing in it. */
export const PATTERNS = ['same', 'here', 'there', 'alike', 'clash', 'clearedHere', 'clearedBoth', 'emptyHere'] as const;
export type Pattern = (typeof PATTERNS)[number];

export const DIMENSIONS = {
  kind: RECORD_KINDS,
  local: ['unread', 'absent', 'draft', 'live', 'void', 'archived'],
  external: ['unread', 'absent', 'merged', 'draft', 'live', 'void', 'archived'],
  row: ['none', 'onlyLocal', 'onlyExternal', 'linked', 'waiting', 'conflict', 'blocked', 'gone', 'unlinked'],
  baseLocal: ['none', 'live', 'ended'],
  baseExternal: ['none', 'live', 'ended'],
  first: PATTERNS,
  second: ['same', 'here', 'there', 'clash'],
  third: ['same', 'there', 'clearedBoth', 'emptyHere'],
  intent: ['none', 'open'],
  lease: ['free', 'elsewhere'],
  problem: ['none', 'stands', 'moved'],
  choice: ['none', 'billing', 'ledger', 'billingStatus', 'ledgerStatus', 'otherValues', 'otherMapping'],
  undo: ['none', 'end', 'restore', 'unlink'],
  held: ['none', 'first'],
  mapping: ['same', 'changed'],
  match: ['none', 'exact', 'candidates'],
  parent: ['none', 'waits', 'ignored', 'moving'],
  customer: ['known', 'inDoubt'],
  pulls: ['yes', 'no'],
  cutOver: ['after', 'before'],
  restores: ['left', 'spent'],
  policy: ['default', ...CLASHES],
  stamps: ['none', 'hereNewer', 'thereNewer'],
  guards: ['free', 'paid', 'reconciled', 'locked'],
} as const;
export type Dimension = keyof typeof DIMENSIONS;
export type SmallState = { readonly [D in Dimension]: (typeof DIMENSIONS)[D][number] };

/** Every dimension at rest: a linked pair that nobody touched. */
export const AT_REST: SmallState = {
  ...{ kind: 'contact', local: 'live', external: 'live', row: 'linked', baseLocal: 'live', baseExternal: 'live' },
  ...{ first: 'same', second: 'same', third: 'same', intent: 'none', lease: 'free', problem: 'none', choice: 'none' },
  ...{ undo: 'none', held: 'none', mapping: 'same', match: 'none', parent: 'none', customer: 'known', pulls: 'yes' },
  ...{ cutOver: 'after', restores: 'left', policy: 'default', stamps: 'none', guards: 'free' },
};

export type SmallPair = {
  readonly view: PairView;
  readonly guards: { readonly local: Guards; readonly external: Guards };
  readonly organisation: Organisation;
  /** What the ledger can still change on its record. */
  readonly editable?: readonly string[];
  /** The record that a merge or a match leads to. */
  readonly other: Projection;
};

const TOKENS: Readonly<Record<Pattern, { readonly local: Token; readonly external: Token; readonly bases: string }>> = {
  same: { local: 'was', external: 'was', bases: 'LE' },
  here: { local: 'here', external: 'was', bases: 'LE' },
  there: { local: 'was', external: 'there', bases: 'LE' },
  alike: { local: 'here', external: 'here', bases: 'LE' },
  clash: { local: 'here', external: 'there', bases: 'LE' },
  clearedHere: { local: 'here', external: 'was', bases: 'E' },
  clearedBoth: { local: 'here', external: 'here', bases: '' },
  emptyHere: { local: 'empty', external: 'there', bases: '' },
};

export const pairOf = (state: SmallState): SmallPair => {
  const { kind } = state;
  const patterns = [state.first, state.second, state.third];
  const atomsOf = (pick: (pattern: Pattern) => Token | undefined): Atoms => atomsFrom(kind, patterns.map(pick));
  const side = (word: SmallState['external'], atoms: Atoms, changedAt: string | undefined): SideView => {
    if (word === 'unread') return { state: 'unread', why: 'the answer has no total' };
    if (word === 'absent') return { state: 'absent' };
    if (word === 'merged') return { state: 'absent', mergedInto: 'survivor' };
    return { state: 'present', projection: { status: word, atoms }, ...(changedAt ? { changedAt } : {}) };
  };
  const [here, there] = [atomsOf((p) => TOKENS[p].local), atomsOf((p) => TOKENS[p].external)];
  const stamps = STAMPS[state.stamps];
  const local = side(hasLocal(state) ? state.local : 'absent', here, stamps.local);
  const external = side(hasExternal(state) ? state.external : 'absent', there, stamps.external);
  const baseOf = (word: 'none' | 'live' | 'ended', atoms: Atoms): Base => {
    if (word === 'none') return EMPTY_BASE;
    return { status: word === 'live' ? 'live' : endedAs(state), atoms };
  };
  const ofBase = (letter: 'L' | 'E') => atomsOf((p) => (TOKENS[p].bases.includes(letter) ? 'was' : undefined));
  const link = linkOf(state, {
    baseLocal: baseOf(state.baseLocal, ofBase('L')),
    baseExternal: baseOf(state.baseExternal, ofBase('E')),
    local,
    external,
  });
  const was = atomsOf(() => 'was');
  const money = {
    allocatedMinor: state.guards === 'paid' ? 500 : 0,
    openMinor: 0,
    reconciled: state.guards === 'reconciled',
  };
  return {
    view: {
      kind,
      ...(link ? { link } : {}),
      local,
      external,
      across: { localAsExternal: here, externalAsLocal: there },
      isLeasedElsewhere: state.lease === 'elsewhere',
      mapVersion: state.mapping === 'same' ? '1' : '2',
      match: MATCHES[state.match],
      ...PARENTS[state.parent],
      ...(state.customer === 'inDoubt' && kind !== 'contact' ? { customerInDoubt: 'contact:local:cus_1' } : {}),
      pulls: state.pulls === 'yes',
      isBeforeCutOver: state.cutOver === 'before' && kind !== 'contact',
      restoresLeft: state.restores === 'left' ? 2 : 0,
      signature: 'now',
      policy: policyOf(state),
    },
    guards: { local: money, external: money },
    organisation: { ...ORGANISATION, ...(state.guards === 'locked' ? { lockedThrough: '2026-12-31' } : {}) },
    ...(state.guards === 'paid' || state.guards === 'reconciled' ? { editable: ['reference'] } : {}),
    other: { status: 'live', atoms: was } as Projection,
  };
};

const made = new Map<string, Atoms>();

/** The first atoms of a kind as told (left out where nothing is), the rest as agreed. Made once: there are few of them and many states. */
const atomsFrom = (kind: RecordKind, tokens: readonly (Token | undefined)[]): Atoms => {
  const key = `${kind} ${tokens.join(' ')}`;
  const known = made.get(key);
  if (known) return known;
  const atoms: Record<string, JsonValue> = {};
  for (const [at, atom] of ATOM_NAMES[kind].entries()) {
    const token = at < tokens.length ? tokens[at] : 'was';
    if (token !== undefined) atoms[atom] = atomValue(kind, atom, token);
  }
  made.set(key, frozen(atoms));
  return atoms;
};

/** Who changes what it was shown throws. */
const frozen = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null)
    for (const inner of Object.values(Object.freeze(value))) frozen(inner);
  return value;
};

/** A row without a side's id has nothing to read there; without any row only the side that was found is looked at. */
const hasLocal = ({ row, local }: SmallState): boolean =>
  row !== 'onlyExternal' && !(row === 'none' && local === 'absent');
const hasExternal = ({ row, local }: SmallState): boolean =>
  row === 'none' ? local === 'absent' || local === 'unread' : row !== 'onlyLocal';
const endedAs = ({ kind }: SmallState): RecordStatus => (kind === 'contact' ? 'archived' : 'void');

const STAMPS = {
  none: { local: undefined, external: undefined },
  hereNewer: { local: '2026-01-01T10:10:00.000Z', external: '2026-01-01T10:00:00.000Z' },
  thereNewer: { local: '2026-01-01T10:00:00.000Z', external: '2026-01-01T10:10:00.000Z' },
};
const MATCHES: Readonly<Record<SmallState['match'], MatchVerdict>> = {
  none: { found: 'none' },
  exact: { found: 'exact', id: 'twin', why: 'same number and total' },
  candidates: { found: 'candidates', candidates: [{ id: 'x', name: 'Acme' }], why: 'same name' },
};
const PARENTS: Readonly<Record<SmallState['parent'], Pick<PairView, 'parent'>>> = {
  none: {},
  waits: { parent: { waitsFor: 'contact:local:cus_1' } },
  ignored: { parent: 'ignored' },
  moving: { parent: 'moving' },
};
const ORGANISATION: Organisation = {
  ...{ id: 'o', name: 'Acme', baseCurrency: 'GBP', currencies: ['GBP'], country: 'GB', timeZone: 'Europe/London' },
  ...{ taxScheme: 'lineTax', isDemo: false, notices: [] },
};

const BY_DEFAULT: PolicyChoices = {};
const policyOf = ({ kind, policy }: SmallState): PolicyChoices =>
  policy === 'default' ? BY_DEFAULT : Object.fromEntries(ATOM_NAMES[kind].map((atom) => [fieldOf(kind, atom), policy]));

type Seen = Pick<Link, 'baseLocal' | 'baseExternal'> & { readonly local: SideView; readonly external: SideView };

const linkOf = (state: SmallState, seen: Seen): Link | undefined => {
  const { row, kind } = state;
  if (row === 'none') return undefined;
  const isRefused = row === 'conflict' || row === 'blocked';
  const first = ATOM_NAMES[kind][0] as string;
  return {
    ...{ id: 'lnk_1', revision: 1, tenantId: 'ten_1', connectionId: 'con_1', kind, mapVersion: '1', generation: 0 },
    ...(row === 'onlyExternal' ? {} : { localId: 'loc_1' }),
    ...(row === 'onlyLocal' ? {} : { externalId: 'ext_1' }),
    state:
      row === 'gone' || row === 'unlinked' ? 'retired' : row.startsWith('only') ? 'waiting' : (row as Link['state']),
    ...(row === 'gone' || row === 'unlinked' ? { retiredBecause: row } : {}),
    baseLocal: seen.baseLocal,
    baseExternal: seen.baseExternal,
    held: state.held === 'first' ? [first] : [],
    ...{ restores: [], separateFrom: [] },
    ...(isRefused && state.problem !== 'none'
      ? { problem: { ...PROBLEM, standsWhile: state.problem === 'stands' ? 'now' : 'before' } }
      : {}),
    ...(state.intent === 'open' ? { intent: INTENT } : {}),
    ...choiceOf(state, seen, first),
    ...undoOf(state, seen, first),
  };
};

const PROBLEM = { code: 'frozen', message: 'It is paid.', fix: 'Undo it.', since: '2026-01-01T00:00:00.000Z' };
const INTENT: Intent = {
  ...{ op: 'update', side: 'external', atoms: [], payload: { status: 'live', atoms: {} } as unknown as Projection },
  ...{ mapVersion: '1', tag: 'bb:loc_1:0', key: 'k', attempt: 1, sentAt: '2026-01-01T00:00:00.000Z' },
  ...{ deadline: '2026-01-01T00:01:00.000Z', outcome: 'unknown', why: '' },
};

const choiceOf = ({ choice }: SmallState, { local, external }: Seen, first: string): Pick<Link, 'choice'> => {
  if (choice === 'none') return {};
  const atom = choice.endsWith('Status') ? 'status' : first;
  const shown = (side: SideView) => {
    if (side.state !== 'present') return atom === 'status' ? 'void' : null;
    return atom === 'status' ? side.projection.status : (side.projection.atoms[atom] ?? null);
  };
  const values = { local: choice === 'otherValues' ? 'long gone' : shown(local), external: shown(external) };
  const take = choice.startsWith('ledger') ? 'ledger' : 'billing';
  return { choice: { mapVersion: choice === 'otherMapping' ? '0' : '1', atoms: { [atom]: { ...values, take } } } };
};

const undoOf = ({ undo, kind }: SmallState, { external }: Seen, first: string): Pick<Link, 'undo'> => {
  if (undo === 'none') return {};
  const after = external.state === 'present' ? asBase(external.projection).atoms : {};
  const afterwards = undo === 'end' ? 'unlink' : undo === 'unlink' ? 'leave' : 'carry';
  const restores = undo === 'restore';
  return {
    undo: {
      ...{ planId: 'u', rowId: 'r', does: undo, side: 'external', afterwards },
      atoms: restores ? [first] : [],
      before: restores ? { [first]: atomValue(kind, first, 'older') } : {},
      after: restores ? { [first]: after[first] ?? null } : after,
    },
  };
};
