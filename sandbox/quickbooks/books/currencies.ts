// What currencies are called, as far as rehearsals use them.

const CURRENCY_NAMES: Readonly<Record<string, string>> = {
  AUD: 'Australian Dollar',
  CAD: 'Canadian Dollar',
  EUR: 'Euro',
  GBP: 'British Pound Sterling',
  JPY: 'Japanese Yen',
  USD: 'United States Dollar',
};
export const currencyName = (code: string): string => CURRENCY_NAMES[code] ?? code;
