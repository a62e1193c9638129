// Documents that will never cross: older than the cut-over, over before they crossed, or of a kind that is not pulled. What belongs to one
// alone stays with it. Reads what is known already, and makes no call.
import { dateOf } from '../links/link';
import { isEnded } from '../planner/side-view';
import type { PaymentAtoms, Projection, RecordRef } from '../records';
import type { Side } from '../service';
import type { Bridge } from './bridge';

/** The document as far as it is known here, where it stays out. */
export const staysOut = async (bridge: Bridge, side: Side, ref: RecordRef): Promise<Projection | undefined> => {
  const projection = await knownProjection(bridge, side, ref);
  if (projection === undefined) return undefined;
  const date = dateOf(ref.$ref, projection.atoms);
  const cutOver = bridge.connection.cutOverDate;
  const isOld = cutOver !== undefined && date !== undefined && date < cutOver;
  const isOver = ref.$ref !== 'contact' && isEnded(projection.status);
  return isOld || isOver || (side === 'external' && !bridge.pulls(ref.$ref)) ? projection : undefined;
};

const knownProjection = async (bridge: Bridge, side: Side, { $ref, id }: RecordRef) => {
  if (side === 'local') {
    const reading = (await bridge.billing.read($ref, [id])).get(id);
    return reading?.state === 'present' ? reading.record.projection : undefined;
  }
  const known = bridge.readings.known($ref, id);
  if (known?.state === 'present') return known.record.projection;
  return (await bridge.sightings.get($ref, [id])).get(id)?.projection;
};

/** Whether some of the money is on none of these documents: left out with them, nobody would see it. */
export const hasMoneyBeside = (
  { payment: { amountMinor, allocations } }: PaymentAtoms,
  documents: readonly RecordRef[],
): boolean => {
  const ids = new Set(documents.map(({ id }) => id));
  const onThem = allocations.filter(({ invoice }) => ids.has(invoice.id));
  return onThem.reduce((sum, one) => sum + one.amountMinor, 0) < amountMinor;
};
