// What QuickBooks makes of text: composed characters, no blanks at the ends, cut to the field. Empty is absent.

export const cut = (text: string, length: number): string => {
  const whole = text.normalize('NFC').trim();
  if (whole.length <= length) return whole;
  const short = whole.slice(0, length);
  // Never half of a pair, and no blank that the cut brought to the end.
  return (/[\uD800-\uDBFF]$/.test(short) ? short.slice(0, -1) : short).trimEnd();
};

export const cutOrNull = (text: string | null | undefined, length: number): string | null => {
  const short = text == null ? '' : cut(text, length);
  return short === '' ? null : short;
};

/** Names of customers may hold no colon (it separates levels), tab or line break. */
export const displayName = (text: string, length: number): string =>
  cut(text.replace(/[\t\r\n]+/g, ' ').replace(/:/g, '-'), length);
