// What a decision would do to the books, as far as a safety stop has to know it: which record, on which side, ended or changed in what.
// Pure. It names effects; whether they are too many is judged in stops.ts.
import type { CurrencyCode } from '../../core/money';
import type { Link } from '../links/link';
import type { Decision } from '../planner/plan';
import { type Atoms, isCashKind, type PaymentAtoms, type RecordKind, type RefundAtoms } from '../records';
import type { Side } from '../service';

export type Effect = {
  /** The exact write: record, side, what is done, and the two states it was planned on. Another edit makes it another effect. */
  readonly key: string;
  readonly kind: RecordKind;
  /** The side that is written. */
  readonly side: Side;
  readonly does: 'create' | 'change' | 'end';
  readonly atoms: readonly string[];
  readonly name: string;
  readonly localId?: string;
  readonly externalId?: string;
  /** Of payments and refunds: what is booked, changed or taken back. */
  readonly money?: { readonly minor: number; readonly currency: CurrencyCode };
  /** The ledger says that the record is gone, not that it is void: this end is drawn from absence. */
  readonly isFromAbsence?: true;
  /** The pair never agreed before: a person approved it with the plan of the first connection. */
  readonly isFirst?: true;
  /** A person chose this value for this very record. */
  readonly isDecided?: true;
};

/** The pair that a decision is about, as a run holds it. */
export type Planned = {
  readonly kind: RecordKind;
  readonly link?: Link;
  readonly localId?: string;
  readonly externalId?: string;
  readonly localRecord?: { readonly revision: number; readonly projection: { readonly atoms: object } };
  readonly externalRecord?: { readonly version: string; readonly projection: { readonly atoms: object } };
  readonly external: { readonly state: string };
  readonly name: string;
};

/** Undefined where nothing is written to either side's books. */
export const effectOf = (pair: Planned, decision: Decision): Effect | undefined => {
  switch (decision.do) {
    case 'create':
      return effect(pair, decision.side, 'create', []);
    case 'end':
      return {
        ...effect(pair, decision.side, 'end', ['status']),
        ...(decision.side === 'local' && pair.external.state === 'absent' ? { isFromAbsence: true } : {}),
      };
    case 'revive':
      return effect(pair, decision.side, decision.how === 'recreate' ? 'create' : 'change', ['status']);
    case 'merge': {
      const { push, pull } = decision.merge;
      const atoms = pull.length > 0 ? pull : push;
      if (atoms.length === 0) return undefined;
      const isDecided = atoms.every((atom) => decision.chosen.includes(atom));
      return {
        ...effect(pair, pull.length > 0 ? 'local' : 'external', 'change', atoms),
        ...(isDecided ? { isDecided: true as const } : {}),
      };
    }
    default:
      return undefined;
  }
};

const effect = (pair: Planned, side: Side, does: Effect['does'], atoms: readonly string[]): Effect => {
  const { kind, link, localId, externalId, localRecord, externalRecord, name } = pair;
  const money = moneyOf(pair);
  return {
    key: [
      kind,
      localId ?? '-',
      externalId ?? '-',
      side,
      does,
      [...atoms].sort().join('+'),
      localRecord?.revision ?? '-',
      externalRecord?.version ?? '-',
    ].join('|'),
    kind,
    side,
    does,
    atoms,
    name,
    ...(localId === undefined ? {} : { localId }),
    ...(externalId === undefined ? {} : { externalId }),
    ...(money === undefined ? {} : { money }),
    ...(link !== undefined && link.baseExternal.status === undefined && link.baseLocal.status === undefined
      ? { isFirst: true }
      : {}),
  };
};

const moneyOf = ({ kind, localRecord, externalRecord }: Planned): Effect['money'] => {
  if (!isCashKind(kind)) return undefined;
  const atoms = (localRecord ?? externalRecord)?.projection.atoms as
    | (Atoms & Partial<PaymentAtoms & RefundAtoms>)
    | undefined;
  const cash = atoms?.payment ?? atoms?.refund;
  return cash && { minor: cash.amountMinor, currency: cash.currency };
};
