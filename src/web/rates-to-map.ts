// The tax rates that a ledger must know: those of the business and, where lines name their tax, billing's own "no tax".
import type { Business } from '../billing/documents';
import type { Organisation } from '../sync/ports/ledger-port';
import type { BillingTaxRate } from '../sync/service';

export const NO_TAX: BillingTaxRate = { key: 'none', name: 'No tax', percent: '0' };

export const ratesToMap = (
  { taxRates }: Pick<Business, 'taxRates'>,
  { taxScheme }: Pick<Organisation, 'taxScheme'>,
): readonly BillingTaxRate[] => {
  const active = taxRates.filter(({ state }) => state === 'active');
  const namesTaxByLine = taxScheme === 'lineTax' || taxScheme === 'documentTax';
  return namesTaxByLine ? [...active, NO_TAX] : active;
};
