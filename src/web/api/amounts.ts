// Money on the wire: a decimal string beside its currency. More decimals than the currency has are refused, never rounded.
import { z } from 'zod';
import { BridgeError } from '../../core/errors';
import { type CurrencyCode, formatMinor, parseMoney } from '../../core/money';

/** An amount in an answer. */
export const Amount = z
  .string()
  .meta({ description: 'Decimal string in the currency of the document', pattern: '^-?\\d+(\\.\\d+)?$' });

/** An amount above zero that a caller sends. */
export const AmountInput = z
  .string('enter the amount as text such as "120.50"')
  .regex(/^\d{1,15}(\.\d{1,10})?$/, 'enter the amount as text such as "120.50"')
  .meta({ description: 'Decimal string with at most the decimals of the currency', examples: ['120.50'] });

/** `field` is named where the amount does not fit the currency. */
export const minorOf = (text: string, currency: CurrencyCode, field: string): number => {
  const parsed = parseMoney(text, currency);
  if (parsed.ok) return parsed.value.minor;
  const words = {
    notANumber: 'enter the amount as text such as "120.50"',
    tooManyDecimals: `${currency} has fewer decimals: enter an amount such as "${formatMinor(12_050, currency)}"`,
    tooLarge: 'enter a smaller amount',
  }[parsed.error];
  throw new BridgeError('BB_INPUT_INVALID', { problem: `${field}: ${words}` }, { [field]: words });
};
