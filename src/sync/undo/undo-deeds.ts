// What a run did to each record, all its writes taken together: the first value it replaced, the last one it left. Pure.
import type { RunRowDocument } from '../collections';
import type { Atoms, Projection, RecordKind } from '../records';
import type { Side } from '../service';
import { type RowImage, readImage } from './run-images';

export type UndoDeed = {
  readonly kind: RecordKind;
  /** The side that was written; `none` for a link. */
  readonly side: Side | 'none';
  readonly did: 'create' | 'update' | 'void' | 'link';
  readonly name: string;
  readonly localId?: string;
  readonly externalId?: string;
  /** Absent in rows of runs that kept nothing. */
  readonly kept?: {
    readonly linkId: string;
    readonly generation: number;
    readonly atoms: readonly string[];
    readonly before?: Projection;
    readonly after?: Projection;
  };
  /** The same run also made this pair: once its values are back, both sides go their own ways. */
  readonly isOfNewPair: boolean;
};

type Step = { readonly row: RunRowDocument; readonly image?: RowImage };

/** Later kinds first: money is taken off a document before the document goes, and documents before their customer. */
export const deedsOf = (rows: readonly RunRowDocument[]): readonly UndoDeed[] => {
  const groups = new Map<string, Step[]>();
  const steps = rows.flatMap((row): Step[] => {
    const image = readImage(row.memory);
    return row.op === 'retire' ? [] : [{ row, ...(image ? { image } : {}) }];
  });
  steps.sort((a, b) => (a.image?.place ?? 0) - (b.image?.place ?? 0) || a.row.id.localeCompare(b.row.id));
  for (const step of steps) {
    const { row, image } = step;
    const key = image === undefined ? `row:${row.id}` : `${image.linkId}:${row.side}`;
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    group.push(step);
  }
  const newPairs = new Set<string>();
  for (const { row, image } of steps) {
    if (image && (row.op === 'adopt' || (row.op === 'create' && image.generation === 0))) newPairs.add(image.linkId);
  }
  return [...groups.values()].flatMap((group) => deedOf(group, newPairs));
};

const DID = { create: 'create', update: 'update', void: 'void', adopt: 'link', retire: 'void' } as const;

const deedOf = (steps: readonly Step[], newPairs: ReadonlySet<string>): readonly UndoDeed[] => {
  const [first, last] = [steps[0], steps.at(-1)];
  if (first === undefined || last === undefined) return [];
  const { kind, side, name, localId, externalId } = last.row;
  const shared = {
    kind,
    side,
    name,
    ...(localId === undefined ? {} : { localId }),
    ...(externalId === undefined ? {} : { externalId }),
  };
  if (first.image === undefined) return [{ ...shared, did: DID[first.row.op], isOfNewPair: false }];
  // Written more than once: whether it was born or ended weighs more than what was changed on the way.
  const ops = steps.map(({ row }) => row.op);
  const did = ops.includes('create') ? 'create' : ops.includes('void') ? 'void' : DID[last.row.op];
  const images = steps.flatMap(({ image }) => image ?? []);
  return [{ ...shared, did, kept: netOf(images), isOfNewPair: newPairs.has(first.image.linkId) }];
};

const netOf = (images: readonly RowImage[]): NonNullable<UndoDeed['kept']> => {
  const before: Record<string, unknown> = {};
  const after: Record<string, unknown> = {};
  for (const image of images) {
    for (const [atom, value] of Object.entries(image.before?.atoms ?? {})) if (!(atom in before)) before[atom] = value;
    Object.assign(after, image.after?.atoms);
  }
  const [first, last] = [images[0] as RowImage, images.at(-1) as RowImage];
  return {
    linkId: last.linkId,
    generation: last.generation,
    atoms: [...new Set(images.flatMap(({ atoms }) => atoms))],
    ...(first.before ? { before: { status: first.before.status, atoms: before as Atoms } } : {}),
    ...(last.after ? { after: { status: last.after.status, atoms: after as Atoms } } : {}),
  };
};
