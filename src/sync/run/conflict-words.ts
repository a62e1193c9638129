// Conflicts in a person's words: what happened, and the one thing to do.

import type { Problem } from '../links/link';
import { atomName } from '../planner/guards';
import type { AtomConflict, ConflictCode } from '../planner/plan';
import type { RecordLabel } from '../service';
import type { Bridge } from './bridge';
import type { ReadPair } from './pair';
import { nameOf } from './rows';

type Conflict = {
  readonly code: ConflictCode;
  readonly atoms: readonly AtomConflict[];
  readonly candidates?: readonly RecordLabel[];
  readonly why?: string;
};

export const problemOf = (bridge: Bridge, pair: ReadPair, conflict: Conflict): Omit<Problem, 'since'> => ({
  code: conflict.code,
  ...words(bridge, pair, conflict),
  ...(conflict.atoms.length > 0 ? { differences: conflict.atoms } : {}),
  ...(conflict.candidates && conflict.candidates.length > 0 ? { candidates: conflict.candidates } : {}),
  stamps: stampsOf(pair),
  ...(pair.externalRecord?.url === undefined ? {} : { externalUrl: pair.externalRecord.url }),
});

const stampsOf = ({ localRecord, externalRecord }: ReadPair): NonNullable<Problem['stamps']> => ({
  ...(localRecord ? { local: { at: localRecord.changedAt, by: localRecord.changedBy } } : {}),
  ...(externalRecord?.changedAt === undefined ? {} : { external: { at: externalRecord.changedAt } }),
});

const words = (
  { ledgerName }: Bridge,
  pair: ReadPair,
  { code, atoms, why }: Conflict,
): Pick<Problem, 'message' | 'fix'> => {
  const name = nameOf(pair);
  const what = atoms.map(({ atom }) => atomName(atom)).join(' and ');
  switch (code) {
    case 'bothChanged':
      return {
        message: `${name}: ${what} ${atoms.length === 1 ? 'differs' : 'differ'} between billing and ${ledgerName}, and both sides were edited.`,
        fix: `Decide which is right: take billing's value or the one in ${ledgerName}.`,
      };
    case 'restoredTooOften':
      return {
        message: `${name}: ${what} keeps being changed back and forth between billing and ${ledgerName}.`,
        fix: 'Decide which value is right; it then stays until somebody changes it again.',
      };
    case 'statusClash': {
      const endedHere = pair.local.state !== 'present' || pair.local.projection.status === 'void';
      return {
        message: endedHere
          ? `${name} was cancelled in billing, but it was changed in ${ledgerName} since.`
          : `${name} was cancelled in ${ledgerName}, but it was changed in billing since.`,
        fix: 'Decide whether it is cancelled on both sides; else issue it anew under another number.',
      };
    }
    case 'livesAgain':
      return {
        message: `${name} was over on both sides, and one of them has brought it back.`,
        fix: 'Cancel it there again, or write a new document.',
      };
    case 'maybeSame':
      return {
        message: `${name} may already be there: ${why ?? 'a record looks the same'}.`,
        fix: 'Say whether it is the same record. Until then nothing is created.',
      };
    case 'contactMerged':
      return {
        message: `${name} was merged in ${ledgerName} into a contact that belongs to another customer of yours.`,
        fix: 'Merge the two customers in billing as well, or unlink this one.',
      };
  }
};
