// Renders the templates of views/ (handlebars, strict: a name that is not in the data is a bug and throws). Everything is escaped;
// there is no helper that lets raw text through.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import Handlebars from 'handlebars';
import { type CalendarDate, dateIn, displayDate } from '../core/calendar-date';
import { type CurrencyCode, displayMoney, exponentOf, formatMinor } from '../core/money';

export type Views = {
  /** `view` below views/ without extension, inside the layout of that name. */
  render(view: string, layout: string, data: object): string;
};

export const loadViews = (folder: string): Views => {
  const handlebars = Handlebars.create();
  registerHelpers(handlebars);
  const templates = new Map<string, Handlebars.TemplateDelegate>();
  for (const name of templateNames(folder)) {
    const source = readFileSync(path.join(folder, `${name}.hbs`), 'utf8');
    if (name.startsWith('partials/')) handlebars.registerPartial(name.slice('partials/'.length), source);
    else templates.set(name, handlebars.compile(source, { strict: true, knownHelpersOnly: false }));
  }
  const template = (name: string): Handlebars.TemplateDelegate => {
    const found = templates.get(name);
    if (found === undefined) throw new Error(`there is no view ${name}`);
    return found;
  };
  const safe = { allowProtoMethodsByDefault: false, allowProtoPropertiesByDefault: false } as const;
  return {
    render: (view, layout, data) => {
      const content = new Handlebars.SafeString(template(view)(data, safe));
      return template(`layouts/${layout}`)({ ...data, content }, safe);
    },
  };
};

const templateNames = (folder: string, below = ''): string[] =>
  readdirSync(path.join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const name = path.posix.join(below, entry.name);
    if (entry.isDirectory()) return templateNames(folder, name);
    return name.endsWith('.hbs') ? [name.slice(0, -'.hbs'.length)] : [];
  });

type HelperOptions = Handlebars.HelperOptions;
const localeOf = (options: HelperOptions): string => String(options.data?.root?.locale ?? 'en-GB');

const registerHelpers = (handlebars: typeof Handlebars): void => {
  /** `£1,234.50`: {{money minor currency}}. */
  handlebars.registerHelper('money', (minor: number, currency: CurrencyCode, options: HelperOptions) =>
    minus(displayMoney(minor, currency, localeOf(options))),
  );
  /** `1,234.50`, for columns whose head names the currency: {{amount minor currency}}. */
  handlebars.registerHelper('amount', (minor: number, currency: CurrencyCode, options: HelperOptions) => {
    const digits = exponentOf(currency);
    const format = { minimumFractionDigits: digits, maximumFractionDigits: digits };
    const plain = formatMinor(minor, currency) as unknown as number; // Intl reads decimal strings exactly
    return minus(new Intl.NumberFormat(localeOf(options), format).format(plain));
  });
  /** `3 Mar 2026`: {{date issueDate}}. */
  handlebars.registerHelper('date', (date: CalendarDate, options: HelperOptions) =>
    displayDate(date, localeOf(options)),
  );
  /** `3 Mar 2026, 09:31` in the business's zone: {{instant at}}. */
  handlebars.registerHelper('instant', (at: string, options: HelperOptions) => {
    const zone = String(options.data?.root?.timeZone ?? 'UTC');
    const locale = localeOf(options);
    const time = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', timeZone: zone });
    return `${displayDate(dateIn(zone, new Date(at)), locale)}, ${time.format(new Date(at))}`;
  });
  handlebars.registerHelper('figure', (value: number, options: HelperOptions) =>
    new Intl.NumberFormat(localeOf(options)).format(value),
  );
  /** `3 invoices`: {{plural count 'invoice' 'invoices'}}. */
  handlebars.registerHelper(
    'plural',
    (count: number, one: string, many: string, options: HelperOptions) =>
      `${new Intl.NumberFormat(localeOf(options)).format(count)} ${count === 1 ? one : many}`,
  );
  handlebars.registerHelper('eq', (a: unknown, b: unknown) => a === b);
  handlebars.registerHelper('not', (value: unknown) => !value);
  handlebars.registerHelper('and', (...values: unknown[]) => values.slice(0, -1).every(Boolean));
  handlebars.registerHelper('or', (...values: unknown[]) => values.slice(0, -1).some(Boolean));
  handlebars.registerHelper('gt', (a: number, b: number) => a > b);
  /** Reads a key that may be missing: {{get errors 'name'}}; with strict templates the only way to ask. */
  handlebars.registerHelper('get', (from: Record<string, unknown> | undefined, key: string) =>
    from !== undefined && from !== null && Object.hasOwn(from, key) ? from[key] : undefined,
  );
  handlebars.registerHelper('concat', (...parts: unknown[]) => parts.slice(0, -1).join(''));
};

/** A true minus sign: it has the width of a figure. */
const minus = (text: string): string => text.replace('-', '−');
