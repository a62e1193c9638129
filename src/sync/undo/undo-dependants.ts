// Which documents and payments of a customer stay: under them its contact is not put aside. Counted from the links, which know whom each
// record belongs to; nobody is asked.
import type { Link } from '../links/link';
import { isEnded } from '../planner/side-view';
import { type Atoms, type RecordKind, refsIn } from '../records';
import type { Bridge } from '../run/bridge';

const OF_CUSTOMERS: readonly RecordKind[] = ['invoice', 'creditNote', 'payment'];

/** By the id of the contact's link. `leaving`: links of records that the same undo takes away. */
export const dependantsOf = async (
  bridge: Pick<Bridge, 'links'>,
  contacts: readonly Link[],
  leaving: ReadonlySet<string>,
): Promise<ReadonlyMap<string, number>> => {
  const byRecord = new Map<string, string>();
  for (const { id, localId, externalId } of contacts) {
    if (localId !== undefined) byRecord.set(`local:${localId}`, id);
    if (externalId !== undefined) byRecord.set(`external:${externalId}`, id);
  }
  const counts = new Map<string, number>();
  if (byRecord.size === 0) return counts;
  for (const kind of OF_CUSTOMERS) {
    for await (const link of bridge.links.ofKind(kind)) {
      if (leaving.has(link.id) || isOver(link)) continue;
      const contact =
        contactIn('local', link.baseLocal.atoms, byRecord) ??
        contactIn('external', link.baseExternal.atoms, byRecord) ??
        contactOnItsWay(link, byRecord);
      if (contact !== undefined) counts.set(contact, (counts.get(contact) ?? 0) + 1);
    }
  }
  return counts;
};

const isOver = ({ state, baseLocal, baseExternal }: Link): boolean =>
  state === 'retired' || isEnded(baseLocal.status) || isEnded(baseExternal.status);

/** A create without an answer yet: it may stand there already. */
const contactOnItsWay = ({ intent }: Link, byRecord: ReadonlyMap<string, string>): string | undefined =>
  intent?.op === 'create' ? contactIn(intent.side, intent.payload.atoms, byRecord) : undefined;

const contactIn = (side: string, atoms: Atoms, byRecord: ReadonlyMap<string, string>): string | undefined => {
  for (const ref of refsIn(atoms as never)) {
    const contact = ref.$ref === 'contact' ? byRecord.get(`${side}:${ref.id}`) : undefined;
    if (contact !== undefined) return contact;
  }
  return undefined;
};
