// Which payment settles how much of which document: an index over the lines of the payments, the only place that balances
// are derived from.
import type { Big } from 'big.js';
import { dec, sum } from './arithmetic';

export type SettledType = 'Invoice' | 'CreditMemo';
export type PaymentLine = {
  readonly Amount: number;
  readonly LinkedTxn: readonly { readonly TxnId: string; readonly TxnType: SettledType }[];
};

export type Links = {
  /** Replaces everything that this payment settles. */
  set(paymentId: string, lines: readonly PaymentLine[]): void;
  paymentsOf(type: SettledType, id: string): readonly string[];
  settled(type: SettledType, id: string): Big;
  clear(): void;
};

export const createLinks = (): Links => {
  const byDocument = new Map<string, Map<string, Big>>();
  const byPayment = new Map<string, readonly string[]>();
  const keyOf = (type: string, id: string): string => `${type}:${id}`;

  return {
    set: (paymentId, lines) => {
      for (const key of byPayment.get(paymentId) ?? []) byDocument.get(key)?.delete(paymentId);
      const keys = new Set<string>();
      for (const line of lines) {
        for (const { TxnType, TxnId } of line.LinkedTxn) {
          const key = keyOf(TxnType, TxnId);
          const settled = byDocument.get(key) ?? new Map<string, Big>();
          settled.set(paymentId, dec(line.Amount).plus(settled.get(paymentId) ?? 0));
          byDocument.set(key, settled);
          keys.add(key);
        }
      }
      byPayment.set(paymentId, [...keys]);
    },
    paymentsOf: (type, id) => [...(byDocument.get(keyOf(type, id))?.keys() ?? [])],
    settled: (type, id) => sum(byDocument.get(keyOf(type, id))?.values() ?? []),
    clear: () => {
      byDocument.clear();
      byPayment.clear();
    },
  };
};
