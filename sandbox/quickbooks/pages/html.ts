// Markup as a template whose values are escaped unless they are markup themselves.

export class Markup {
  constructor(readonly text: string) {}
}

export type Fragment = Markup | string | number | undefined | false | readonly Fragment[];

export const html = (parts: TemplateStringsArray, ...values: Fragment[]): Markup =>
  new Markup(parts.reduce((text, part, index) => text + inMarkup(values[index - 1]) + part));

const inMarkup = (value: Fragment): string => {
  if (value === undefined || value === false) return '';
  if (value instanceof Markup) return value.text;
  if (typeof value === 'object') return value.map(inMarkup).join('');
  return String(value).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
};
