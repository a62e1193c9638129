// How a business writes on paper: size of the sheet, language of figures and dates, its clock. What the papers say is English.
import type { Business } from '../../../billing/documents';

export type PaperStyle = {
  readonly business: string;
  readonly locale: string;
  readonly isLetter: boolean;
  /** An instant as the business writes it, by its own clock. */
  readonly instant: (at: string) => string;
};

export const paperStyleOf = ({
  name,
  locale: own,
  country,
  timeZone,
}: Pick<Business, 'name' | 'locale' | 'country' | 'timeZone'>): PaperStyle => {
  const locale = own.startsWith('en') ? own : 'en-GB';
  const format = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short', timeZone });
  return {
    business: name,
    locale,
    isLetter: country === 'US' || country === 'CA',
    instant: (at) => format.format(new Date(at)),
  };
};
