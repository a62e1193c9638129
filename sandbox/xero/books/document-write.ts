// How a document is written: by whom, in which mode, under which faults; and the sentences in which Xero refuses.
import type { Actor } from './books';
import type { WriteMode } from './contacts';
import type { UnitPlaces } from './document-lines';
import type { SalesDocument } from './records';

export type DocumentWrite = {
  readonly kind: SalesDocument['kind'];
  readonly mode: WriteMode;
  readonly actor: Actor;
  readonly unitPlaces: UnitPlaces;
  /** Fault: an edit behind a lock date answers as if it had been taken. */
  readonly dropsLockedEdits?: boolean;
  /** Fault: an amount edited on a paid document is refused instead of dropped. */
  readonly refusesPaidEdits?: boolean;
  /** Fault: new lines of a foreign document reset its rate to that of the day. */
  readonly resetsRate?: boolean;
  /** Fault: an update that says nothing of lines loses their discounts. */
  readonly losesDiscounts?: boolean;
};

export const PAID_DOCUMENT = 'This document cannot be edited as it has a payment or credit note allocated to it';
export const NOT_MODIFIABLE = 'Invoice not of valid status for modification';
export const typeOf = (kind: SalesDocument['kind']): string => (kind === 'invoice' ? 'ACCREC' : 'ACCRECCREDIT');
export const noun = (kind: SalesDocument['kind']): string => (kind === 'invoice' ? 'Invoice' : 'Credit note');
export const uniqueNumber = (kind: SalesDocument['kind']): string =>
  kind === 'invoice' ? 'Invoice # must be unique.' : 'Credit note # must be unique.';
