// Letters as mail: for each kind an HTML and a plain text written by hand (config/templates), the subject on the first line of the text.
// Strict handlebars: a name that the letter does not have is a bug and throws. HTML is escaped, addresses are checked, subjects are one line.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import Handlebars from 'handlebars';
import { LETTER_KINDS, type Letter, type LetterKind, type LetterRenderer } from '../../billing/mail/letter';
import { buttonColours } from './colours';
import { oneLine } from './one-line';

type Templates = { readonly html: Handlebars.TemplateDelegate; readonly text: Handlebars.TemplateDelegate };

export const createLetterRenderer = (folder: string): LetterRenderer => {
  const kinds = load(folder);
  const safe = { allowProtoMethodsByDefault: false, allowProtoPropertiesByDefault: false } as const;
  return {
    render(letter) {
      const data = { ...letter, ...checkedLinks(letter), colours: buttonColours(letter.seller.accent) };
      const { html, text } = kinds[letter.kind];
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
    },
  };
};

const load = (folder: string): Readonly<Record<LetterKind, Templates>> => {
  const html = Handlebars.create();
  const text = Handlebars.create();
  for (const name of readdirSync(folder)) {
    const source = readFileSync(path.join(folder, name), 'utf8');
    const [stem = '', format] = name.split('.');
    if (!stem.startsWith('_')) continue;
    (format === 'html' ? html : text).registerPartial(stem.slice(1), source);
  }
  const compile = (kind: LetterKind): Templates => ({
    html: html.compile(readFileSync(path.join(folder, `${kind}.html.hbs`), 'utf8'), { strict: true }),
    text: text.compile(readFileSync(path.join(folder, `${kind}.text.hbs`), 'utf8'), { strict: true, noEscape: true }),
  });
  return Object.fromEntries(LETTER_KINDS.map((kind) => [kind, compile(kind)])) as Record<LetterKind, Templates>;
};

/** Handlebars escapes letters, not meanings: a link is https, http or mailto, or it is no link of ours. */
const checkedLinks = (letter: Letter): Pick<Letter, 'pay' | 'answers'> => {
  const links = [letter.pay?.url, letter.unsubscribeUrl, ...(letter.answers ?? []).map(({ url }) => url)];
  const items = [letter.lead, ...letter.overdue, ...letter.comingDue].map(({ payUrl }) => payUrl);
  for (const link of [...links, ...items]) {
    if (typeof link === 'string' && !/^(https?:|mailto:)/.test(link))
      throw new Error('a letter holds a link of another kind');
  }
  return { pay: letter.pay, answers: letter.answers };
};
