// Faults that would cost somebody money, each a few characters away from the code as it is. What they share: the product still looks well
// with them. A fault that no test notices is a missing test. Long because it is a list.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: patches hold the text of templates.
import type { Fault } from './plant';

const PLANNER = 'test/sync/planner/plan.test.ts';
const MERGE = 'test/sync/planner/merge.test.ts';
const GUARDS = 'test/sync/planner/guards.test.ts';
const TWO_WAY = 'test/scenarios/sync/two-way.test.ts';
const FEEDS = 'test/scenarios/sync/feeds.test.ts';
const ESCAPES = 'test/scenarios/sync/narrow-escapes.test.ts';
const FAILURES = 'test/scenarios/sync/failures.test.ts';
const STOPS = 'test/scenarios/sync/safety-stops.test.ts';
const UNDO = 'test/scenarios/sync/undo.test.ts';
const CERTIFICATE = 'test/scenarios/sync/certificate.test.ts';

/** The ten that the design names. */
const NAMED: readonly Fault[] = [
  {
    name: 'skip the look-up before sending again',
    harm: 'A create whose answer was lost is sent a second time although the first had arrived.',
    edits: [
      {
        file: 'src/sync/run/resolve.ts',
        find: 'const seen = await lookUp(bridge, outward);',
        put: 'const seen = new Map<string, Seen>();',
      },
    ],
    tests: [ESCAPES],
  },
  {
    name: 'drop the overlap of the cursor',
    harm: 'A change that the ledger lists a moment late is never seen by the poll.',
    edits: [
      {
        file: 'src/sync/run/feeds.ts',
        find: 'Date.parse(cursor) - OVERLAP_MS',
        put: 'Date.parse(cursor)',
      },
    ],
    tests: [FEEDS],
  },
  {
    name: 'compare billing with the ledger instead of each with its base',
    harm: 'What a ledger trims or rounds looks changed for ever and travels back and forth.',
    edits: [
      {
        file: 'src/sync/planner/merge.ts',
        find: 'const changedLocal = hasChanged(local.atoms, baseLocal, atom);',
        put: 'const changedLocal = hasChanged(local.atoms, external, atom);',
      },
      {
        file: 'src/sync/planner/merge.ts',
        find: 'const changedExternal = hasChanged(external.atoms, baseExternal, atom);',
        put: 'const changedExternal = hasChanged(external.atoms, local, atom);',
      },
    ],
    tests: [MERGE, PLANNER],
  },
  {
    name: 'take absence for deletion',
    harm: 'One short answer of the ledger cancels invoices in billing.',
    edits: [
      {
        file: 'src/sync/run/pairs.ts',
        find: "if (reading === undefined) return { state: 'unread', why: 'the ledger said nothing about this record' };",
        put: "if (reading === undefined) return { state: 'absent' };",
      },
    ],
    tests: [ESCAPES],
  },
  {
    name: 'move the cursor before the keys are stored',
    harm: 'A crash in between loses changes until the next full compare.',
    edits: [
      {
        file: 'src/sync/run/feeds.ts',
        find: 'const { news } = await notePage(bridge, kind, page);',
        put: 'if (page.next !== undefined) await advanceCursor(bridge, kind, page.next);\n    const { news } = await notePage(bridge, kind, page);',
      },
    ],
    tests: [FEEDS],
  },
  {
    name: 'a new key for each attempt',
    harm: 'The ledger cannot tell a repeat from a second record.',
    edits: [
      {
        file: 'src/sync/run/resolve.ts',
        find: 'attempt: (link.intent as Intent).attempt + 1,',
        put: 'attempt: (link.intent as Intent).attempt + 1,\n    key: bridge.uuid(),',
      },
    ],
    tests: [FAILURES],
  },
  {
    name: 'no lease',
    harm: 'Two workers decide the same write at once.',
    edits: [
      {
        file: 'src/sync/run/resolve.ts',
        find: 'if (lease !== undefined && lease.owner !== bridge.owner && heldUntilMs > nowMs)',
        put: 'if (lease !== undefined && nowMs < 0)',
      },
      {
        file: 'src/sync/run/pairs.ts',
        find: 'link.lease.owner !== bridge.owner && Date.parse(link.lease.expiresAt) > nowMs',
        put: 'nowMs < 0',
      },
    ],
    tests: [ESCAPES],
  },
  {
    name: 'split the money block',
    harm: 'A document that nobody wrote: the lines of one side under the totals of the other.',
    edits: [
      {
        file: 'src/sync/run/outward.ts',
        find: 'atoms: { ...kept, ...sent } };',
        put: 'atoms: { ...kept, ...sent, ...(kept.moneyBlock && sent.moneyBlock ? { moneyBlock: { ...(sent.moneyBlock as object), lines: (kept.moneyBlock as never)["lines"] } } : {}) } };',
      },
    ],
    tests: [TWO_WAY],
  },
  {
    name: 'take the base from what billing holds now',
    harm: 'An edit made while a write is under way counts as carried and never crosses.',
    edits: [
      {
        file: 'src/sync/run/outward-answers.ts',
        find: 'return settleDone(bridge, link, answer.record, { pair: nameOf(outward.pair) });',
        put: 'return settleDone(bridge, await withBillingNow(bridge, link), answer.record, { pair: nameOf(outward.pair) });',
      },
      {
        file: 'src/sync/run/outward-answers.ts',
        find: 'const dropIntent = (link: Link): Link =>',
        put: `const withBillingNow = async (bridge: Bridge, link: Link): Promise<Link> => {
  const now = (await bridge.billing.read(link.kind, [link.localId as string])).get(link.localId as string);
  const intent = link.intent as Intent;
  return now?.state === 'present' ? { ...link, intent: { ...intent, plannedLocal: now.record.projection } } : link;
};
const dropIntent = (link: Link): Link =>`,
      },
    ],
    tests: [ESCAPES],
  },
  {
    name: 'ignore the guards',
    harm: 'Locked periods, paid documents and wrong totals are written anyway.',
    edits: [
      {
        file: 'src/sync/planner/guards.ts',
        find: 'if (blocked) return blocked;',
        put: 'if (blocked) continue;',
      },
    ],
    tests: [GUARDS],
  },
];

const guardOff = (name: string, harm: string, line: string): Fault => ({
  name: `ignore one guard: ${name}`,
  harm,
  edits: [{ file: 'src/sync/planner/guards.ts', find: `  ${line},\n`, put: '' }],
  tests: [GUARDS],
});

const GUARDS_OFF: readonly Fault[] = [
  guardOff('closed period', 'The books of a filed period change.', 'lockDate'),
  guardOff('frozen document', 'A paid document gets other amounts.', 'frozen'),
  guardOff('money on a document', 'A paid invoice is cancelled.', 'endsWithMoney'),
  guardOff('totals', 'The two books differ by a cent.', 'totals'),
  guardOff('allocations', 'More is allocated than was paid.', 'allocations'),
  guardOff('currency', 'Pounds are booked as dollars.', 'currency'),
];

/** Of our own: rules that are easy to lose in a tidy-up. */
const MORE: readonly Fault[] = [
  {
    name: 'time alone releases a safety stop',
    harm: 'Nobody looks for a day, and four hundred invoices are cancelled.',
    edits: [
      {
        file: 'src/sync/safety/gate.ts',
        find: 'else if (isWanted) stopFor(await putOffStop(session, clock, isStill));',
        put: '',
      },
    ],
    tests: [STOPS],
  },
  {
    name: 'count ends per run instead of per day',
    harm: 'A broken import cancels everything, five records at a time.',
    edits: [
      {
        file: 'src/sync/safety/gate.ts',
        find: 'if (asked.some((effect) => isCounted(effect, moneyLimits))) {',
        put: 'if (asked.length < 0) {',
      },
    ],
    tests: [STOPS],
  },
  {
    name: 'believe an empty list',
    harm: 'A reset organisation empties billing.',
    edits: [
      {
        file: 'src/sync/safety/gate.ts',
        find: 'await hold(trip);\n      return false;',
        put: 'return true;',
      },
    ],
    tests: [STOPS],
  },
  {
    name: 'undo without a second look',
    harm: 'Taking a run back overwrites what somebody has typed since.',
    edits: [
      {
        file: 'src/sync/undo/undo.ts',
        find: "if (moved.length > 0) return drop(`${moved.map(atomName).join(' and ')} changed since`);",
        put: '',
      },
      {
        file: 'src/sync/undo/undo.ts',
        find: "if (changed.length > 0) return drop(`${changed.map(atomName).join(' and ')} changed since`);",
        put: '',
      },
    ],
    tests: [UNDO],
  },
  {
    name: 'a certificate that trusts links instead of the books',
    harm: 'It certifies what we remember, and a wrong amount is never found.',
    edits: [
      {
        file: 'src/sync/certificate/reading.ts',
        find: '      areEquivalent(atom, local.projection.atoms, external.projection.atoms, across),',
        put: '      books.links.size > 0 || areEquivalent(atom, local.projection.atoms, external.projection.atoms, across),',
      },
    ],
    tests: [CERTIFICATE],
  },
  {
    name: 'a tug-of-war without an end',
    harm: 'Bridge and bookkeeper overwrite each other for ever.',
    edits: [
      {
        file: 'src/sync/run/pairs.ts',
        find: 'restoresLeft: Math.max(0, RESTORES_AT_MOST - recent.length),',
        put: 'restoresLeft: Math.max(1, RESTORES_AT_MOST - recent.length),',
      },
    ],
    tests: [TWO_WAY],
  },
  {
    name: 'an answer given for other values',
    harm: 'A person decided between two names and a third one is lost.',
    edits: [
      {
        file: 'src/sync/problems/choice.ts',
        find: 'if (!sameValue(shownValue(local, atom), shownLocal) || !sameValue(shownValue(external, atom), shownExternal)) {',
        put: "if (mapVersion === '' && sameValue(shownLocal, shownExternal)) {",
      },
    ],
    tests: [ESCAPES],
  },
  {
    name: 'a money record half carried under an open conflict',
    harm: 'A document nobody approved: new dates, old amounts.',
    edits: [
      {
        file: 'src/sync/planner/plan.ts',
        find: "merged.conflicts.length === 0 || kind === 'contact' ? merged :",
        put: 'merged.conflicts.length >= 0 || kind === "contact" ? merged :',
      },
    ],
    tests: [TWO_WAY],
  },
  {
    name: 'nobody is told what was overruled',
    harm: 'An edit disappears, and the activity log says nothing.',
    edits: [
      {
        file: 'src/sync/planner/merge.ts',
        find: 'if (outcome.overrules) {',
        put: "if (outcome.overrules && input.kind === 'payment') {",
      },
    ],
    tests: [MERGE],
  },
  {
    name: 'give up before the ledger has settled',
    harm: 'A slow write lands after its repeat, and stands there twice.',
    edits: [
      {
        file: 'src/sync/run/resolve.ts',
        find: 'const mayGiveUp = bridge.clock.now().getTime() >= settledAtMs;',
        put: 'const mayGiveUp = bridge.clock.now().getTime() > 0 || settledAtMs > 0;',
      },
    ],
    tests: [FAILURES],
  },
  {
    name: 'believe an answer of 200',
    harm: 'The ledger kept the old amount, and we remember the new one as agreed.',
    edits: [
      {
        file: 'src/sync/run/outward-answers.ts',
        find: 'const taken = sent.filter((atom) => sameValue(atoms[atom], expected[atom]));',
        put: 'const taken = sent.filter((atom) => atom in atoms || atom in expected || sameValue(1, 1));',
      },
    ],
    tests: [ESCAPES],
  },
  {
    name: 'trust what was read before another run wrote',
    harm: 'Two workers at once: what one has just sent is taken back by the other.',
    edits: [
      {
        file: 'src/sync/run/watched-links.ts',
        find: 'if (seen.get(link.id) !== link.revision) onMoved(link);',
        put: '',
      },
    ],
    tests: ['test/sync/run/watched-links.test.ts', 'test/model/sync/found-seasons.test.ts'],
  },
  {
    name: 'send on a lease that is about to end',
    harm: 'A stalled process sends what another worker has taken over.',
    edits: [
      {
        file: 'src/sync/run/outward.ts',
        find: '- nowMs > bridge.ledger.capabilities.hardTimeoutMs,\n  );',
        put: '- nowMs > -1e12,\n  );',
      },
    ],
    tests: [ESCAPES],
  },
  {
    name: 'write over what changed since the plan',
    harm: 'A value that the bookkeeper typed a second ago is gone.',
    edits: [
      {
        file: 'src/sync/run/outward.ts',
        find: "if (now?.state !== 'present' || !isSameRecord(now.record, pair.externalRecord)) return [];",
        put: "if (now?.state !== 'present' || isSameRecord(now.record, undefined)) return [];",
      },
    ],
    tests: [FEEDS],
  },
  {
    name: 'copy again what a person has unlinked',
    harm: 'A pair that was parted on purpose is put back together.',
    edits: [
      {
        file: 'src/sync/planner/plan.ts',
        find: "if (link.retiredBecause === 'unlinked') return { do: 'none' };",
        put: '',
      },
    ],
    tests: [PLANNER, UNDO],
  },
  {
    name: 'link a mere candidate',
    harm: 'Two customers of one name become one.',
    edits: [
      {
        file: 'src/sync/planner/plan.ts',
        find: "if (match.found === 'candidates') {",
        put: "if (match.found === 'candidates' && match.candidates.length > 1) {",
      },
    ],
    tests: [PLANNER],
  },
];

export const FAULTS: readonly Fault[] = [...NAMED, ...GUARDS_OFF, ...MORE];
