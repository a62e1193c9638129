// What a plan comes to in money, per kind, operation, side and currency. Pure; currencies are never added to each other.
import type { PlanRow, PlanTotal } from '../service';

export const totalsOf = (rows: Iterable<PlanRow>): readonly PlanTotal[] => {
  const totals = new Map<string, PlanTotal>();
  for (const { kind, op, side, currency, amountMinor } of rows) {
    if (currency === undefined || amountMinor === undefined) continue;
    const key = `${kind}:${op}:${side}:${currency}`;
    const sumMinor = (totals.get(key)?.sumMinor ?? 0) + amountMinor;
    if (!Number.isSafeInteger(sumMinor)) throw new Error(`the total of ${key} is too large to be exact`);
    totals.set(key, { kind, op, side, currency, sumMinor });
  }
  return [...totals.values()];
};
