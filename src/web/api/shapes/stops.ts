// How safety stops look in the API.
import { z } from 'zod';
import { RECORD_KINDS } from '../../../sync/records';
import type { HeldWrite, StopView } from '../../../sync/service';
import { Amount } from '../amounts';
import { amountOf } from './bridge';

const instant = z.iso.datetime();
const kind = z.enum(RECORD_KINDS);

export const STOP_CODES = ['manyEnds', 'manyChanges', 'moneyLimit', 'listEmpty', 'recordsUnreadable'] as const;

const stop = {
  id: z.string(),
  code: z.enum(STOP_CODES),
  kind: kind.nullable().meta({ description: 'Whose writes stop; null: those of every kind' }),
  state: z
    .enum(['open', 'released', 'passed'])
    .meta({ description: '`passed`: the plan changed, nothing trips it now' }),
  hash: z.string().meta({ description: 'To be sent back to release it: it stands for exactly these writes' }),
  message: z.string(),
  fix: z.string(),
  since: instant,
  looksAgainAt: instant,
  heldCount: z.int(),
  releasedBy: z.string().nullable(),
  releasedAt: instant.nullable(),
};
export const StopShape = z.object(stop).meta({ id: 'SafetyStop' });
export const showStop = (view: StopView): z.input<typeof StopShape> => ({
  ...view,
  kind: view.kind ?? null,
  releasedBy: view.releasedBy ?? null,
  releasedAt: view.releasedAt ?? null,
});

const Held = z
  .object({
    kind,
    side: z.enum(['local', 'external']).meta({ description: 'Which side would be written' }),
    does: z.enum(['create', 'change', 'end']),
    fields: z.array(z.string()),
    name: z.string(),
    localId: z.string().nullable(),
    externalId: z.string().nullable(),
    amount: Amount.nullable(),
    currency: z.string().nullable(),
  })
  .meta({ id: 'HeldWrite' });
export const StopWithWritesShape = z
  .object({ ...stop, held: z.array(Held).meta({ description: 'The first 500 writes that it holds back' }) })
  .meta({ id: 'SafetyStopWithWrites' });
export const showStopWithWrites = ({
  held,
  ...view
}: StopView & { readonly held: readonly HeldWrite[] }): z.input<typeof StopWithWritesShape> => ({
  ...showStop(view),
  held: held.map((write) => ({
    kind: write.kind,
    side: write.side,
    does: write.does,
    fields: [...write.atoms],
    name: write.name,
    localId: write.localId ?? null,
    externalId: write.externalId ?? null,
    amount: amountOf(write.money?.minor, write.money?.currency),
    currency: write.money?.currency ?? null,
  })),
});
