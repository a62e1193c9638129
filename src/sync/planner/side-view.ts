// One side of a pair as it was read. Only a definite answer says `absent`; a record missing from a list says nothing.
import type { Instant } from '../../core/clock';
import type { JsonValue } from '../../core/json';
import type { Projection, RecordStatus } from '../records';

export type SideView =
  | { readonly state: 'unread'; readonly why: string; readonly raw?: string }
  | { readonly state: 'absent'; readonly mergedInto?: string }
  | Present;
export type Present = { readonly state: 'present'; readonly projection: Projection; readonly changedAt?: Instant };

export const isEnded = (status: RecordStatus | undefined): boolean => status === 'void' || status === 'archived';

export const isGone = (side: SideView): boolean =>
  side.state === 'absent' || (side.state === 'present' && isEnded(side.projection.status));

/** The value of an atom (or the status) as a person is shown it. */
export const shownValue = (side: SideView, atom: string): JsonValue => {
  if (side.state !== 'present') return atom === 'status' ? 'void' : null;
  return atom === 'status' ? side.projection.status : (side.projection.atoms[atom] ?? null);
};
