// The fields that a purchase, a deposit and a transfer may carry. As strict as those of sales.
import { z } from 'zod';
import { day, echoed, entity, flag, number, optionalRef, ref, text } from './shapes';

const bank = {
  ...entity,
  TxnDate: day,
  PrivateNote: text(4000),
  CurrencyRef: optionalRef,
  ExchangeRate: number,
  DepartmentRef: optionalRef,
  TotalAmt: echoed,
  HomeTotalAmt: echoed,
  TxnTaxDetail: echoed,
};
const line = { Id: echoed, LineNum: echoed, Description: text(4000), Amount: z.number() };
const taxMode = z.enum(['TaxExcluded', 'TaxInclusive', 'NotApplicable']).optional();

export const purchaseShape = z.strictObject({
  ...bank,
  AccountRef: ref,
  PaymentType: z.enum(['Cash', 'Check', 'CreditCard']),
  PaymentMethodRef: optionalRef,
  EntityRef: optionalRef,
  Credit: flag,
  DocNumber: text(21),
  GlobalTaxCalculation: taxMode,
  PrintStatus: echoed,
  Line: z
    .array(
      z.strictObject({
        ...line,
        DetailType: z.literal('AccountBasedExpenseLineDetail'),
        AccountBasedExpenseLineDetail: z.strictObject({
          AccountRef: ref,
          TaxCodeRef: optionalRef,
          TaxAmount: echoed,
          TaxInclusiveAmt: number,
          BillableStatus: z.enum(['Billable', 'NotBillable', 'HasBeenBilled']).optional(),
          ClassRef: optionalRef,
          CustomerRef: optionalRef,
        }),
      }),
    )
    .min(1),
});
export type PurchaseInput = z.output<typeof purchaseShape>;

export const depositShape = z.strictObject({
  ...bank,
  DepositToAccountRef: ref,
  DocNumber: text(21),
  GlobalTaxCalculation: taxMode,
  Line: z
    .array(
      z.strictObject({
        ...line,
        // Lines that take up payments of customers are not part of this rehearsal.
        DetailType: z.literal('DepositLineDetail'),
        DepositLineDetail: z.strictObject({
          AccountRef: ref,
          Entity: optionalRef,
          TaxCodeRef: optionalRef,
          TaxApplicableOn: text(20),
          PaymentMethodRef: optionalRef,
          CheckNum: text(21),
          ClassRef: optionalRef,
        }),
      }),
    )
    .min(1),
});
export type DepositInput = z.output<typeof depositShape>;

export const transferShape = z.strictObject({ ...bank, FromAccountRef: ref, ToAccountRef: ref, Amount: z.number() });
export type TransferInput = z.output<typeof transferShape>;
