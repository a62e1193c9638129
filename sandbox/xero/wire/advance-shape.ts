// Overpayments and prepayments in Xero's JSON. Neither tells the bank account, the link or the reference of the money it was made of:
// those are on its bank transaction.
import { allocationsFrom, remainingCredit } from '../books/advances';
import type { BookState } from '../books/books';
import type { Advance } from '../books/records';
import { wireDate, wireInstant, wireInstantString } from './dates';
import { shapeAllocation, shapeLine } from './document-shape';
import { type Json, number } from './json';

export const shapeAdvance = (books: BookState, advance: Advance, hasLines: boolean): Json => {
  const contact = books.contacts.get(advance.contactId);
  return {
    [idFieldOf(advance.kind)]: advance.id,
    Type: advance.kind === 'overpayment' ? 'RECEIVE-OVERPAYMENT' : 'RECEIVE-PREPAYMENT',
    Contact: { ContactID: advance.contactId, Name: contact?.name ?? '' },
    Date: wireDate(advance.date),
    Status: advance.status,
    LineAmountTypes: advance.lineAmountTypes,
    LineItems: hasLines ? advance.lines.map((line) => shapeLine(line, 4)) : [],
    SubTotal: number(advance.subTotal),
    TotalTax: number(advance.totalTax),
    Total: number(advance.total),
    UpdatedDateUTC: wireInstant(advance.updatedAt),
    UpdatedDateUTCString: wireInstantString(advance.updatedAt),
    CurrencyCode: advance.currency,
    CurrencyRate: Number(advance.currencyRate),
    RemainingCredit: number(remainingCredit(books, advance)),
    Allocations: allocationsFrom(books, advance).map((allocation) => shapeAllocation(books, allocation)),
    Payments: [],
    HasAttachments: false,
  };
};

export const idFieldOf = (kind: Advance['kind']): 'OverpaymentID' | 'PrepaymentID' =>
  kind === 'overpayment' ? 'OverpaymentID' : 'PrepaymentID';
