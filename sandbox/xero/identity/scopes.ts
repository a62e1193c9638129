// The scopes an app may ask for, and which of them each part of the API wants. Apps registered since March 2026 know only the
// granular ones.

const WRITABLE = [
  'accounting.invoices',
  'accounting.payments',
  'accounting.banktransactions',
  'accounting.manualjournals',
  'accounting.contacts',
  'accounting.settings',
  'accounting.attachments',
];
const REPORTS = [
  'aged',
  'balancesheet',
  'banksummary',
  'budgetsummary',
  'executivesummary',
  'profitandloss',
  'trialbalance',
];
const PLAIN = [
  'openid',
  'profile',
  'email',
  'offline_access',
  'paymentservices',
  'app.connections',
  'accounting.journals.read',
];

export const KNOWN_SCOPES: ReadonlySet<string> = new Set([
  ...PLAIN,
  ...WRITABLE,
  ...WRITABLE.map((scope) => `${scope}.read`),
  ...[...REPORTS, 'taxreports'].map((report) => `accounting.reports.${report}.read`),
]);

export const isAllowed = (granted: ReadonlySet<string>, wanted: readonly string[], isRead: boolean): boolean =>
  wanted.some((scope) => granted.has(scope) || (isRead && granted.has(`${scope}.read`)));
