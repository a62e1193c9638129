// Every letter in HTML and in words: complete, escaped, one button, and readable by itself.
import { describe, expect, it } from '@jest/globals';
import { friendlyPolicy } from '../../../config/reminder-policies';
import type { Business, Invoice } from '../../../src/billing/documents';
import { composeReminder } from '../../../src/billing/dunning/compose-letter';
import { LETTER_KINDS, type LetterKind } from '../../../src/billing/mail/letter';
import { buttonColours } from '../../../src/connectors/mail/colours';
import { createLetterRenderer } from '../../../src/connectors/mail/render';
import { addDays } from '../../../src/core/calendar-date';
import { customerOf, invoiceOf } from '../../billing/dunning/build';
import { templatesFolder } from '../../support/templates';

const letters = createLetterRenderer(templatesFolder);
const business = {
  name: 'Hollis & Reed <Joinery>',
  legalName: null,
  email: 'anna@hollis.example',
  phone: null,
  taxNumber: null,
  address: null,
  locale: 'en-GB',
  brand: { accent: '#35523f' },
} as unknown as Business;
const DUE = '2026-03-05';
const dayOf: Readonly<Record<LetterKind, number>> = {
  ...Object.fromEntries(friendlyPolicy.steps.map(({ key, day }) => [key, key === 'invoice' ? -20 : day])),
} as Record<LetterKind, number>;

const letterOf = (kind: Exclude<LetterKind, 'receipt'>, count: number, more: Partial<Invoice> = {}) => {
  const invoices = Array.from({ length: count }, (_, index) =>
    invoiceOf({ id: `inv_${index}`, number: `INV-${index}`, openMinor: 139_500, dueDate: DUE, ...more }),
  );
  const today = addDays(DUE, dayOf[kind]);
  const isLate = dayOf[kind] > 0;
  const [lead = invoiceOf()] = invoices;
  return composeReminder(
    { kind: 'send', tone: kind, lead, due: [], overdue: isLate ? invoices : [], comingDue: isLate ? [] : invoices },
    {
      business,
      customer: customerOf({ name: 'Tom & "Co" <b>' }),
      today,
      payUrls: new Map(invoices.map(({ id }) => [id, `https://bridge.example/pay/${id}?a=1&b=2`])),
      credit: null,
      unsubscribeUrl: 'https://bridge.example/u/t',
      hasPdf: true,
    },
  );
};
const reminders = LETTER_KINDS.filter((kind) => kind !== 'receipt');

describe.each(reminders)('the letter %s', (kind) => {
  it.each([1, 3])('about %i invoices says how much and since when first, in both forms', (count) => {
    const { subject, html, text } = letters.render(letterOf(kind, count));
    const amount = count === 1 ? '£1,395.00' : '£4,185.00';
    const [firstLine = ''] = text.split('\n');
    expect(firstLine).toContain(amount);
    expect(firstLine).toMatch(/5 Mar 2026|today/);
    expect(html).toContain(amount);
    expect(subject).not.toMatch(/[{}\n]/);
    expect(`${html}${text}`).not.toMatch(/\{\{|undefined|null|\[object/);
    expect(html.match(/class="go"/g)).toHaveLength(1);
    expect(html.length).toBeLessThan(100_000);
    expect(text.split('\n').filter((line) => line.length > 100 && !line.includes('https://'))).toEqual([]);
  });

  it('escapes what people typed in HTML, and leaves it as it is in words', () => {
    const { html, text } = letters.render(letterOf(kind, 1));
    expect(html).toContain('Tom &amp; &quot;Co&quot; &lt;b&gt;');
    expect(html).not.toContain('<Joinery>');
    expect(text).toContain('Hello Tom & "Co" <b>,');
    expect(html).toContain('href="https://bridge.example/pay/inv_0?a&#x3D;1&amp;b&#x3D;2"');
  });
});

describe('a letter', () => {
  it('holds no link but to a page or a mail', () => {
    const letter = letterOf('clear', 1);
    const bad = { ...letter, pay: { url: 'javascript:alert(1)', label: 'Pay', host: 'x' } };
    expect(() => letters.render(bad)).toThrow('a link of another kind');
  });

  it('of a paid invoice asks for nothing', () => {
    const paid = letterOf('invoice', 1, { openMinor: 0, isOpen: false });
    const { text, html } = letters.render({ ...paid, pay: null });
    expect(text.split('\n')[0]).toBe('INV-0 is paid.');
    expect(html).not.toContain('class="go"');
  });
});

describe('the seller’s colour', () => {
  it.each(['#000000', '#ffffff', '#35523f', '#ffd400', '#ff0000', '#0b5fff', 'red;}', ''])(
    '%s can be read on',
    (accent) => {
      const { ground, text, darkGround, darkText } = buttonColours(accent);
      expect(contrast(ground, text)).toBeGreaterThan(4.5);
      expect(contrast(darkGround, darkText)).toBeGreaterThan(4.5);
    },
  );
});

const contrast = (a: string, b: string): number => {
  const luminance = (colour: string): number => {
    const [r = 0, g = 0, bl = 0] = [1, 3, 5].map((at) => {
      const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * bl;
  };
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
};

describe('the letter that asks to approve a plan', () => {
  const render = (isStart: boolean) =>
    letters.renderPlan({
      language: 'en-GB',
      seller: { name: 'Hollis & Reed <Joinery>', initials: 'HR', foot: 'Hollis & Reed', accent: '#35523f' },
      ...{
        organisation: 'Books & <b>',
        ledger: 'Xero',
        writes: '214 writes',
        plan: 'c5fb39805',
        asker: 'Olive',
        days: 14,
      },
      lines: ['create 214 invoices in Xero, £182,400.00'],
      isStart,
      go: { url: 'https://bridge.example/plan/t', label: 'Look through the plan', host: 'bridge.example' },
    });

  it('says what would be written and where the button leads, in both forms, and nothing of invoices to pay', () => {
    const { subject, html, text } = render(true);
    expect(subject).toBe('Please approve our bookkeeping plan for Books & <b>');
    for (const form of [html, text]) {
      expect(form).toContain('create 214 invoices in Xero, £182,400.00');
      expect(form).toContain('https://bridge.example/plan/t');
      expect(form).toContain('With your approval the work starts at once.');
      expect(form).not.toMatch(/pay page|\{\{|undefined|null|\[object/);
    }
    expect(html.match(/class="go"/g)).toHaveLength(1);
    expect(html).toContain('Books &amp; &lt;b&gt;');
    expect(html).not.toContain('<Joinery>');
    expect(html).toContain('Hello,<br>');
    expect(text.split('\n').filter((line) => line.length > 100)).toEqual([]);
  });

  it('says who starts the work where the approval does not', () => {
    expect(render(false).text).toContain('Olive starts the work after your approval.');
  });

  it('holds no link of another kind', () => {
    expect(() =>
      letters.renderPlan({
        ...{ language: 'en', organisation: 'B', ledger: 'Xero', writes: '1 write', plan: 'c', asker: 'O', days: 14 },
        seller: { name: 'H', initials: 'H', foot: 'H', accent: '#35523f' },
        ...{ lines: [], isStart: true, go: { url: 'javascript:alert(1)', label: 'x', host: 'x' } },
      }),
    ).toThrow('a link of another kind');
  });
});
