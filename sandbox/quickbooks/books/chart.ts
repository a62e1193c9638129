// The lists that a new company starts with: accounts, items, terms, payment methods, tax codes and rates.
import type { Company } from './company';
import { currencyName } from './currencies';
import type { Tables } from './tables';

const ACCOUNTS = [
  ['1', 'Services', 'Income', 'ServiceFeeIncome', 'Revenue', '4000'],
  ['2', 'Sales of Product Income', 'Income', 'SalesOfProductIncome', 'Revenue', '4010'],
  ['3', 'Discounts given', 'Income', 'DiscountsRefundsGiven', 'Revenue', '4090'],
  ['4', 'Undeposited Funds', 'Other Current Asset', 'UndepositedFunds', 'Asset', ''],
  ['35', 'Checking', 'Bank', 'Checking', 'Asset', '1000'],
  ['36', 'Savings', 'Bank', 'Savings', 'Asset', '1010'],
  ['37', 'Card Clearing', 'Bank', 'CashOnHand', 'Asset', '1050'],
  ['40', 'Bank charges', 'Expense', 'BankCharges', 'Expense', '6010'],
  ['41', 'Card processing fees', 'Expense', 'OtherMiscellaneousServiceCost', 'Expense', '6020'],
  ['84', 'Accounts Receivable (A/R)', 'Accounts Receivable', 'AccountsReceivable', 'Asset', ''],
  ['85', 'Sales Tax Payable', 'Other Current Liability', 'SalesTaxPayable', 'Liability', ''],
  ['86', 'Retained Earnings', 'Equity', 'RetainedEarnings', 'Equity', ''],
] as const;
export const RECEIVABLE_ID = '84';
export const UNDEPOSITED_ID = '4';
export const DISCOUNT_ACCOUNT_ID = '3';

const ITEMS = [
  ['1', 'Services', '1'],
  ['2', 'Hours', '1'],
  ['3', 'Sales', '2'],
] as const;

const TERMS = [
  ['1', 'Due on receipt', 0],
  ['2', 'Net 15', 15],
  ['3', 'Net 30', 30],
  ['4', 'Net 60', 60],
] as const;

const METHODS = [
  ['1', 'Cash', 'NON_CREDIT_CARD'],
  ['2', 'Check', 'NON_CREDIT_CARD'],
  ['3', 'Credit Card', 'CREDIT_CARD'],
  ['4', 'Bank transfer', 'NON_CREDIT_CARD'],
] as const;

export const openLists = (company: Company, tables: Tables): void => {
  for (const [id, Name, AccountType, AccountSubType, Classification, number] of ACCOUNTS) {
    const AcctNum = number === '' ? {} : { AcctNum: number };
    const currency = company.homeCurrency;
    tables.Account.insert(
      { Name, AccountType, AccountSubType, Classification, Active: true, currency, ...AcctNum },
      id,
    );
  }
  for (const [id, Name, account] of ITEMS) {
    const IncomeAccountRef = { value: account };
    tables.Item.insert({ Name, Type: 'Service', Active: true, Taxable: true, IncomeAccountRef }, id);
  }
  for (const [id, Name, DueDays] of TERMS) tables.Term.insert({ Name, DueDays, Active: true }, id);
  for (const [id, Name, Type] of METHODS) tables.PaymentMethod.insert({ Name, Type, Active: true }, id);
  for (const Code of Object.keys(company.exchangeRates)) {
    tables.CompanyCurrency.insert({ Name: currencyName(Code), Code, Active: true });
  }
  if (company.taxScheme === 'automated') openAutomatedTax(company, tables);
  if (company.taxScheme === 'codes') openTaxCodes(company, tables);
};

/** Automated sales tax shows two pseudo codes, and a rate per state that its engine uses. */
const openAutomatedTax = (company: Company, tables: Tables): void => {
  for (const [state, percent] of Object.entries(company.salesTaxByState)) {
    tables.TaxRate.insert(
      { Name: `${state} sales tax`, percent, Active: true, agency: '1' },
      rateIdOfState(company, state),
    );
  }
  const rateIds = [rateIdOfState(company, company.state)];
  tables.TaxCode.insert({ Name: 'TAX', Description: 'TAX', Taxable: true, Active: true, rateIds }, 'TAX');
  tables.TaxCode.insert({ Name: 'NON', Description: 'NON', Taxable: false, Active: true, rateIds: [] }, 'NON');
};
export const rateIdOfState = (company: Company, state: string): string =>
  String(Object.keys(company.salesTaxByState).indexOf(state) + 1);

const openTaxCodes = (company: Company, tables: Tables): void => {
  for (const code of company.taxCodes) {
    const rateIds = code.rates.map(
      ({ name, percent }) => tables.TaxRate.insert({ Name: name, percent, Active: true, agency: '1' }).Id,
    );
    const { name: Name, description: Description = code.name } = code;
    tables.TaxCode.insert({ Name, Description, Taxable: rateIds.length > 0, Active: true, rateIds });
  }
};
