// Letters as mail: for each kind an HTML and a plain text written by hand (config/templates), the subject on the first line of the text.
// Strict handlebars: a name that the letter does not have is a bug and throws. HTML is escaped, addresses are checked, subjects are one line.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import Handlebars from 'handlebars';
import { LETTER_KINDS, type Letter, type LetterRenderer, type RenderedLetter } from '../../billing/mail/letter';
import type { PlanLetterRenderer } from '../../billing/mail/plan-letter';
import { buttonColours } from './colours';
import { oneLine } from './one-line';

type Templates = { readonly html: Handlebars.TemplateDelegate; readonly text: Handlebars.TemplateDelegate };

const TEMPLATES = [...LETTER_KINDS, 'planApproval'] as const;
type TemplateName = (typeof TEMPLATES)[number];

const safe = { allowProtoMethodsByDefault: false, allowProtoPropertiesByDefault: false } as const;

export const createLetterRenderer = (folder: string): LetterRenderer & PlanLetterRenderer => {
  const kinds = load(folder);
  return {
    render: (letter) =>
      rendered(kinds[letter.kind], {
        ...letter,
        ...checkedLinks(letter),
        colours: buttonColours(letter.seller.accent),
      }),
    renderPlan: ({ go, ...letter }) =>
      rendered(kinds.planApproval, {
        ...NO_INVOICES,
        ...letter,
        pay: { ...go, url: checkedLink(go.url) },
        colours: buttonColours(letter.seller.accent),
      }),
  };
};

/** What the layout asks of a letter that is about invoices; this one is not. */
const NO_INVOICES = {
  ...{ greetingName: '', credit: null, isOne: true, overdue: [], comingDue: [], comingDueHeading: '' },
  ...{ answers: null, hasPdf: false, unsubscribeUrl: null },
};

const rendered = ({ html, text }: Templates, data: object): RenderedLetter => {
  const [first = '', ...rest] = text(data, safe).split('\n');
  const subject = oneLine(first.replace(/^Subject:/, ''));
  return {
    subject,
    text: `${rest
      .join('\n')
      .replace(/\n{3,}/g, '\n\n')
      .trim()}\n`,
    html: html({ ...data, subject }, safe),
  };
};

const load = (folder: string): Readonly<Record<TemplateName, Templates>> => {
  const html = Handlebars.create();
  const text = Handlebars.create();
  for (const name of readdirSync(folder)) {
    const source = readFileSync(path.join(folder, name), 'utf8');
    const [stem = '', format] = name.split('.');
    if (!stem.startsWith('_')) continue;
    (format === 'html' ? html : text).registerPartial(stem.slice(1), source);
  }
  const compile = (kind: TemplateName): Templates => ({
    html: html.compile(readFileSync(path.join(folder, `${kind}.html.hbs`), 'utf8'), { strict: true }),
    text: text.compile(readFileSync(path.join(folder, `${kind}.text.hbs`), 'utf8'), { strict: true, noEscape: true }),
  });
  return Object.fromEntries(TEMPLATES.map((name) => [name, compile(name)])) as Record<TemplateName, Templates>;
};

/** Handlebars escapes letters, not meanings: a link is https, http or mailto, or it is no link of ours. */
const checkedLinks = (letter: Letter): Pick<Letter, 'pay' | 'answers'> => {
  const links = [letter.pay?.url, letter.unsubscribeUrl, ...(letter.answers ?? []).map(({ url }) => url)];
  const items = [letter.lead, ...letter.overdue, ...letter.comingDue].map(({ payUrl }) => payUrl);
  for (const link of [...links, ...items]) {
    if (typeof link === 'string') checkedLink(link);
  }
  return { pay: letter.pay, answers: letter.answers };
};

const checkedLink = (link: string): string => {
  if (!/^(https?:|mailto:)/.test(link)) throw new Error('a letter holds a link of another kind');
  return link;
};
