// The bank account that money is entered on: named by id or code, and one that still takes entries.
import type { BookState } from './books';
import type { Account } from './records';

export const bankAccountOf = (
  books: BookState,
  { AccountID, Code }: { readonly AccountID?: string | undefined; readonly Code?: string | undefined } = {},
  field: string,
  problems: string[],
): Account | undefined => {
  const account = AccountID === undefined ? books.accounts.where('code', Code ?? '')[0] : books.accounts.get(AccountID);
  if (account === undefined) problems.push(`The ${field} could not be found`);
  else if (account.type !== 'BANK') problems.push(`The ${field} must be a bank account`);
  else if (account.status === 'ARCHIVED') problems.push(`The ${field} has been archived`);
  return account;
};
