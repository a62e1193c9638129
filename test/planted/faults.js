// Faults planted in a copy of the source, one at a time: each is a mistake that would book money twice, lose an edit or hide a difference,
// and each must be caught by the tests named beside it. `find` stands exactly once in its file; test/planted/faults.test.ts sees to it.
const FAILURES = 'test/scenarios/sync/failures.test.ts';
const TWO_WAY = 'test/scenarios/sync/two-way.test.ts';
const FEEDS = 'test/scenarios/sync/feeds.test.ts';
const STOPS = 'test/scenarios/sync/safety-stops.test.ts';

/** @type {readonly { name: string, file: string, find: string, replace: string, tests: readonly string[] }[]} */
const FAULTS = [
  {
    name: 'sends again without looking whether it arrived',
    file: 'src/sync/run/resolve.ts',
    find: 'const seen = await lookUp(bridge, outward);',
    replace: 'const seen = new Map<string, Seen>();',
    tests: [FAILURES],
  },
  {
    name: 'asks for changes from the cursor on, without an overlap',
    file: 'src/sync/run/feeds.ts',
    find: 'Date.parse(cursor) - OVERLAP_MS',
    replace: 'Date.parse(cursor)',
    tests: [FEEDS],
  },
  {
    name: 'compares the ledger with what billing was, not with what the ledger was',
    file: 'src/sync/planner/merge.ts',
    find: 'const changedExternal = hasChanged(external.atoms, baseExternal, atom);',
    replace: 'const changedExternal = hasChanged(external.atoms, baseLocal, atom);',
    tests: ['test/sync/planner/merge.test.ts', TWO_WAY],
  },
  {
    name: 'takes a record that is missing from a list for deleted',
    file: 'src/sync/run/feeds.ts',
    find: 'if (isMissing) bridge.readings.drop(kind, link.externalId as string);',
    replace:
      "if (isMissing) bridge.readings.keep(kind, link.externalId as string, { state: 'absent', reason: 'deleted' });",
    tests: [FEEDS],
  },
  {
    name: 'moves the cursor before what it passed is stored',
    file: 'src/sync/run/feeds.ts',
    find: 'const { news } = await notePage(bridge, kind, page);',
    replace:
      'if (page.next !== undefined) await advanceCursor(bridge, kind, page.next);\n    const { news } = await notePage(bridge, kind, page);',
    tests: [FEEDS],
  },
  {
    name: 'makes a new key for every attempt',
    file: 'src/sync/run/resolve.ts',
    find: 'attempt: (link.intent as Intent).attempt + 1,',
    replace: 'attempt: (link.intent as Intent).attempt + 1,\n    key: bridge.uuid(),',
    tests: [FAILURES],
  },
  {
    name: 'leases to every worker under one name, so that nobody is kept off',
    file: 'src/sync/run/open-bridge.ts',
    find: '    owner: uuid(),',
    replace: "    owner: 'worker',",
    tests: [FAILURES],
  },
  {
    name: 'sends the lines of one document with the totals of another',
    file: 'src/sync/run/outward.ts',
    find: 'const payload: Projection = { status: statusAfter(wish.op, source), atoms: { ...kept, ...sent } };',
    replace: [
      'const payload: Projection = { status: statusAfter(wish.op, source), atoms: { ...kept, ...sent } };',
      "  const [here, there] = [sent.moneyBlock, 'moneyBlock' in kept ? kept.moneyBlock : undefined] as never[];",
      '  if (here && there) Object.assign(payload.atoms, { moneyBlock: { ...(here as object), lines: (there as { lines: [] }).lines } });',
    ].join('\n'),
    tests: [TWO_WAY],
  },
  {
    name: 'believes of all fields what only one of them has proven',
    file: 'src/sync/run/outward-answers.ts',
    find: 'baseLocal: local === undefined ? done.baseLocal : advance(done.baseLocal, taken, local),',
    replace:
      'baseLocal: local === undefined ? done.baseLocal : advance(done.baseLocal, comparedAtoms(kind, local), local),',
    tests: [TWO_WAY],
  },
  {
    name: 'changes what is paid, as if nobody guarded it',
    file: 'src/sync/planner/guards.ts',
    find: '  lockDate,\n  frozen,\n',
    replace: '  lockDate,\n',
    tests: ['test/sync/planner/guards.test.ts', TWO_WAY],
  },
  {
    name: 'lets a safety stop go by because time has passed',
    file: 'src/sync/safety/gate.ts',
    find: 'else if (isWanted) stopFor(await putOffStop(session, clock, isStill));',
    replace: 'else if (isWanted && nowMs < 0) stopFor(await putOffStop(session, clock, isStill));',
    tests: [STOPS],
  },
  {
    name: 'carries out a plan that is not the one that was approved',
    file: 'src/sync/write-plan/plans.ts',
    find: 'if (drawn.hash !== planHash) throw changedSince();',
    replace: 'if (planHash === undefined) throw changedSince();',
    tests: ['test/scenarios/sync/first-connect.test.ts', 'test/scenarios/sync/approval-link.test.ts'],
  },
  {
    name: 'writes over what a person changed in the ledger a moment ago',
    file: 'src/sync/run/outward.ts',
    find: "if (now?.state !== 'present' || !isSameRecord(now.record, pair.externalRecord)) return [];",
    replace: "if (now?.state !== 'present') return [];",
    tests: [FEEDS],
  },
];

module.exports = { FAULTS };
