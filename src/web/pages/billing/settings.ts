// Settings: the business, its tax rates and numbers, reminders, and what this server has set up.
import type { Business } from '../../../billing/documents';
import { BridgeError } from '../../../core/errors';
import { type Answer, page, redirect } from '../../http/answer';
import { attempt, type Field, type FormFailure, fieldViews, problemViews, textOf } from '../../http/forms';
import { guarded, type Route, type SignedIn } from '../../http/routes';
import { type KeyParts, keyPages } from './keys';
import { type BillingParts, commandOf, freshCommand, seenRevision } from './parts';
import { type TeamParts, teamPages } from './team';

export type SettingsParts = BillingParts &
  TeamParts &
  KeyParts & { readonly server: { readonly stripe: boolean; readonly mail: boolean } };

const FIELDS: readonly Field[] = [
  { name: 'name', label: 'Name', required: true },
  { name: 'legalName', label: 'Legal name', hint: 'As it must stand on invoices.' },
  { name: 'email', label: 'Mail address for answers', type: 'email' },
  { name: 'phone', label: 'Phone', type: 'tel' },
  { name: 'taxNumber', label: 'Tax number' },
  { name: 'street', label: 'Street', rows: 2 },
  { name: 'city', label: 'City' },
  { name: 'postalCode', label: 'Postal code' },
  { name: 'addressCountry', label: 'Country of the address', hint: 'Two letters, such as GB.' },
  { name: 'timeZone', label: 'Time zone', hint: 'Such as Europe/London.' },
  { name: 'termsDays', label: 'Days to pay', inputmode: 'numeric' },
  { name: 'prefix', label: 'Invoice numbers begin with', hint: 'A new beginning starts a new series at 1.' },
  {
    name: 'taxRounding',
    label: 'Tax is rounded',
    options: [
      { value: 'perLine', label: 'On each line, as Xero does' },
      { value: 'perRate', label: 'On each rate, as QuickBooks does' },
    ],
  },
  {
    name: 'taxRates',
    label: 'Tax rates',
    rows: 5,
    hint: 'One a line: key, name, percent. For example: standard, VAT 20%, 20',
  },
  { name: 'accent', label: 'Colour on pay pages', type: 'color' },
  {
    name: 'reminders',
    label: 'Reminders',
    options: [
      { value: 'off', label: 'Off' },
      { value: 'rehearsal', label: 'Rehearsal: shown, not sent' },
      { value: 'on', label: 'On: sent to customers' },
    ],
  },
];

export const settingsPages = (parts: SettingsParts): readonly Route[] => [
  ...teamPages(parts),
  ...keyPages(parts),
  guarded('GET /settings', 'read', (incoming) => businessPage(parts, incoming)),
  guarded('POST /settings', 'settings', (incoming) => save(parts, incoming)),
];

const valueIn = (business: Business, name: string): string => {
  switch (name) {
    case 'street':
      return business.address?.lines.join('\n') ?? '';
    case 'city':
    case 'postalCode':
      return business.address?.[name] ?? '';
    case 'addressCountry':
      return business.address?.country ?? '';
    case 'termsDays':
      return String(business.termsDays);
    case 'prefix':
      return business.numbering.invoice.prefix;
    case 'taxRates':
      return business.taxRates
        .filter(({ state }) => state === 'active')
        .map(({ key, name: words, percent }) => `${key}, ${words}, ${percent}`)
        .join('\n');
    case 'accent':
      return business.brand.accent;
    case 'reminders':
      return business.reminders.mode;
    case 'name':
    case 'legalName':
    case 'email':
    case 'phone':
    case 'taxNumber':
    case 'timeZone':
    case 'taxRounding':
      return business[name] ?? '';
    default:
      return '';
  }
};

const businessPage = async (parts: SettingsParts, incoming: SignedIn, failure?: FormFailure): Promise<Answer> => {
  const business = await parts.billing.businesses.get(incoming.visitor.tenantId);
  const valueFor = (name: string): string =>
    failure === undefined ? valueIn(business, name) : textOf(incoming.body, name);
  return page(
    'settings',
    'billing/settings',
    'Settings',
    {
      tab: { business: true, team: false, keys: false },
      fields: fieldViews(FIELDS, valueFor, failure),
      problems: problemViews(FIELDS, failure),
      revision: failure === undefined ? String(business.revision) : textOf(incoming.body, '_revision'),
      command: freshCommand(),
      mayChange: incoming.visitor.role === 'owner',
      server: parts.server,
      tenantId: business.id,
    },
    { status: failure === undefined ? 200 : 422 },
  );
};

/** Rates that are no longer listed are archived, never removed: documents name them for ever. */
const ratesOf = (text: string, known: Business['taxRates']): Business['taxRates'] => {
  const listed = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const [key = '', name = '', percent = ''] = line.split(',').map((part) => part.trim());
      if (key === '' || name === '' || percent === '') {
        throw new BridgeError(
          'BB_INPUT_INVALID',
          { problem: `Tax rates: “${line}”` },
          { taxRates: `write “${line}” as key, name, percent, for example: standard, VAT 20%, 20` },
        );
      }
      return { key, name, percent: percent.replace('%', ''), state: 'active' as const };
    });
  const kept = known
    .filter(({ key }) => !listed.some((rate) => rate.key === key))
    .map((rate) => ({ ...rate, state: 'archived' as const }));
  return [...listed, ...kept];
};

const save = async (parts: SettingsParts, incoming: SignedIn): Promise<Answer> => {
  const { body, visitor } = incoming;
  const text = (name: string): string => textOf(body, name).trim();
  const tried = await attempt(async () => {
    const business = await parts.billing.businesses.get(visitor.tenantId);
    const lines = text('street')
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter((line) => line !== '');
    const hasAddress =
      lines.length > 0 || text('city') !== '' || text('postalCode') !== '' || text('addressCountry') !== '';
    const mode = text('reminders');
    return parts.billing.businesses.update(
      commandOf(incoming),
      {
        name: text('name'),
        legalName: text('legalName'),
        email: text('email'),
        phone: text('phone'),
        taxNumber: text('taxNumber'),
        timeZone: text('timeZone'),
        // What is no number is told by the engine, together with what else is wrong.
        termsDays: /^\d{1,4}$/.test(text('termsDays')) ? Number(text('termsDays')) : Number.NaN,
        address: hasAddress
          ? {
              lines,
              city: text('city'),
              region: business.address?.region ?? null,
              postalCode: text('postalCode'),
              country: text('addressCountry') || null,
            }
          : null,
        numbering: { ...business.numbering, invoice: { ...business.numbering.invoice, prefix: text('prefix') } },
        taxRounding: text('taxRounding') === 'perRate' ? 'perRate' : 'perLine',
        taxRates: ratesOf(textOf(body, 'taxRates'), business.taxRates),
        brand: { accent: text('accent') },
        reminders: { mode: mode === 'on' || mode === 'off' ? mode : 'rehearsal' },
      },
      seenRevision(incoming),
    );
  });
  if (tried.ok) return redirect('/settings', 'The settings are saved.');
  const fields = Object.fromEntries(
    Object.entries(tried.failure.fields).map(([name, message]) => [fieldOf(name), message]),
  );
  return businessPage(parts, incoming, { message: tried.failure.message, fix: tried.failure.fix, fields });
};

/** The engine's name of a value → the field of this form. */
const fieldOf = (name: string): string =>
  name
    .replace(/^address\.lines.*/, 'street')
    .replace(/^address\.country$/, 'addressCountry')
    .replace(/^address\./, '')
    .replace(/^numbering\..*/, 'prefix')
    .replace(/^taxRates.*/, 'taxRates')
    .replace(/^brand.*/, 'accent')
    .replace(/^reminders.*/, 'reminders');
