// What a write replaced and what it left there: kept with its row, so that the run can be taken back. Only of the written side, and only
// the atoms that were written. Rows of older runs have none, and say so.
import { z } from 'zod';
import type { Intent } from '../links/link';
import type { Atoms, Projection } from '../records';

const projection = z.object({
  status: z.enum(['draft', 'live', 'void', 'archived']),
  atoms: z.record(z.string(), z.json()),
});

const imageSchema = z.object({
  linkId: z.string(),
  generation: z.number().int(),
  atoms: z.array(z.string()),
  /** Absent for what was created or linked. */
  before: projection.optional(),
  after: projection.optional(),
  /** Its place among the writes of the run: instants do not tell, within one of them much is written. */
  place: z.number().int().default(0),
  /** First half of a replacement: the record was reversed only to be written anew. */
  stage: z.literal('reverse').optional(),
});
export type RowImage = Omit<z.infer<typeof imageSchema>, 'before' | 'after'> & {
  readonly before?: Projection;
  readonly after?: Projection;
};

export const storeImage = (image: RowImage): string => JSON.stringify(image);

/** Undefined where nothing, or nothing that we understand, was kept. */
export const readImage = (memory: string | undefined): RowImage | undefined => {
  if (memory === undefined) return undefined;
  const parsed = imageSchema.safeParse(JSON.parse(memory));
  return parsed.success ? (parsed.data as RowImage) : undefined;
};

/** `written`: the record as the write left it. */
export type ImageDraft = Omit<RowImage, 'place'>;
export const imageOf = (
  link: { readonly id: string; readonly generation: number },
  intent: Intent,
  written: Projection,
): ImageDraft => {
  const before = intent.side === 'local' ? intent.plannedLocal : intent.plannedExternal;
  const atoms = intent.op === 'create' ? Object.keys(written.atoms) : intent.op === 'update' ? intent.atoms : [];
  return {
    linkId: link.id,
    generation: link.generation,
    atoms: [...atoms],
    after: only(written, atoms),
    ...(before === undefined || intent.op === 'create' ? {} : { before: only(before, atoms) }),
    ...(intent.stage === undefined ? {} : { stage: intent.stage }),
  };
};

const only = ({ status, atoms }: Projection, wanted: readonly string[]): Projection => ({
  status,
  // An atom that the record did not have is kept as empty: that is what has to be put back.
  atoms: Object.fromEntries(wanted.map((atom) => [atom, atoms[atom] ?? null])) as Atoms,
});
