// Allocations as callers send them, put into the engine's minor units once the currency is known.
import { z } from 'zod';
import { isCalendarDate } from '../../core/calendar-date';
import type { CurrencyCode } from '../../core/money';
import { AmountInput, minorOf } from './amounts';
import { idOf } from './ids';
import { given } from './paging';

const allocation = z.strictObject({
  invoiceId: idOf('the invoice'),
  amount: AmountInput,
  date: z
    .string()
    .refine(isCalendarDate, 'enter a date such as 2026-03-31')
    .optional()
    .meta({ format: 'date', description: 'Default: the day of the payment, or today for a credit note' }),
});
export const AllocationList = z
  .array(allocation, 'send a list of allocations')
  .max(200, 'allocate to at most 200 invoices');

export const AllocateBody = z.strictObject({ allocations: AllocationList.min(1, 'name at least one invoice') });

export const allocationsIn = (list: z.output<typeof AllocationList>, currency: CurrencyCode) =>
  list.map(({ amount, ...rest }, i) => ({
    ...given(rest),
    amountMinor: minorOf(amount, currency, `allocations.${i}.amount`),
  }));
