// What a new business starts with in each country: currency, time zone, language, the usual tax rates. All of it can be changed, and what
// the ledger says later is shown beside it.
import type { BusinessInput } from '../../billing/inputs';

type Start = Pick<BusinessInput, 'baseCurrency' | 'timeZone' | 'locale' | 'taxRates' | 'taxRounding'>;
type Country = { readonly code: string; readonly name: string; readonly start: Start };

const rate = (key: string, name: string, percent: string) => ({ key, name, percent });

const country = (
  code: string,
  name: string,
  baseCurrency: string,
  timeZone: string,
  locale: string,
  taxRates: Start['taxRates'] = [],
  taxRounding: 'perLine' | 'perRate' = 'perLine',
): Country => ({ code, name, start: { baseCurrency, timeZone, locale, taxRates, taxRounding } });

export const COUNTRIES: readonly Country[] = [
  country('GB', 'United Kingdom', 'GBP', 'Europe/London', 'en-GB', [
    rate('standard', 'VAT 20%', '20'),
    rate('reduced', 'VAT 5%', '5'),
    rate('zero', 'Zero-rated', '0'),
  ]),
  country('US', 'United States', 'USD', 'America/New_York', 'en-US', [], 'perRate'),
  country('AU', 'Australia', 'AUD', 'Australia/Sydney', 'en-AU', [
    rate('standard', 'GST 10%', '10'),
    rate('zero', 'GST-free', '0'),
  ]),
  country('NZ', 'New Zealand', 'NZD', 'Pacific/Auckland', 'en-NZ', [
    rate('standard', 'GST 15%', '15'),
    rate('zero', 'Zero-rated', '0'),
  ]),
  country('IE', 'Ireland', 'EUR', 'Europe/Dublin', 'en-IE', [
    rate('standard', 'VAT 23%', '23'),
    rate('reduced', 'VAT 13.5%', '13.5'),
    rate('zero', 'Zero-rated', '0'),
  ]),
  country(
    'CA',
    'Canada',
    'CAD',
    'America/Toronto',
    'en-CA',
    [rate('gst', 'GST 5%', '5'), rate('zero', 'Zero-rated', '0')],
    'perRate',
  ),
  country('DE', 'Germany', 'EUR', 'Europe/Berlin', 'de-DE', [
    rate('standard', 'USt 19%', '19'),
    rate('reduced', 'USt 7%', '7'),
    rate('zero', 'Steuerfrei', '0'),
  ]),
  country('FR', 'France', 'EUR', 'Europe/Paris', 'fr-FR', [
    rate('standard', 'TVA 20%', '20'),
    rate('reduced', 'TVA 10%', '10'),
    rate('zero', 'Exonéré', '0'),
  ]),
  country('NL', 'Netherlands', 'EUR', 'Europe/Amsterdam', 'nl-NL', [
    rate('standard', 'BTW 21%', '21'),
    rate('reduced', 'BTW 9%', '9'),
    rate('zero', 'BTW 0%', '0'),
  ]),
  country('ZA', 'South Africa', 'ZAR', 'Africa/Johannesburg', 'en-ZA', [
    rate('standard', 'VAT 15%', '15'),
    rate('zero', 'Zero-rated', '0'),
  ]),
  country('SG', 'Singapore', 'SGD', 'Asia/Singapore', 'en-SG', [
    rate('standard', 'GST 9%', '9'),
    rate('zero', 'Zero-rated', '0'),
  ]),
  country(
    'JP',
    'Japan',
    'JPY',
    'Asia/Tokyo',
    'ja-JP',
    [rate('standard', '消費税 10%', '10'), rate('reduced', '消費税 8%', '8')],
    'perRate',
  ),
];

export const countryDefaults = (code: string): Start & { readonly country: string } => {
  const found = COUNTRIES.find((candidate) => candidate.code === code);
  if (found === undefined) throw new RangeError(`no country ${code} to start with`);
  return { country: code, ...found.start };
};
