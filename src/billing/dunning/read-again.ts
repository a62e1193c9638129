// The look at ledger and gateway before a reminder: what could not be read, or is being paid, is held. In doubt it is held too.
import type { DunningParts, Freshness } from './parts';

export const readAgain = async (
  { freshness, logger }: Pick<DunningParts, 'freshness' | 'logger'>,
  tenantId: string,
  invoiceIds: readonly string[],
): Promise<ReadonlyMap<string, Freshness>> => {
  try {
    return await freshness(tenantId, invoiceIds);
  } catch (error) {
    logger.error('could not re-read before reminding', { tenant: tenantId, error });
    const held = { state: 'held', reason: 'The ledger or the payment gateway could not be read.' } as const;
    return new Map(invoiceIds.map((id) => [id, held]));
  }
};

/** The first reason that holds one of these back; undefined where all are fresh. */
export const heldAmong = (
  answers: ReadonlyMap<string, Freshness>,
  invoiceIds: readonly string[],
): string | undefined => {
  for (const id of invoiceIds) {
    const answer = answers.get(id) ?? { state: 'held', reason: 'It could not be checked against the ledger.' };
    if (answer.state === 'held') return answer.reason;
  }
  return undefined;
};
