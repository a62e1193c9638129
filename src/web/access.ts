// Who may do what: roles, permissions and scopes. Each route names its access (http/routes.ts); there is no route without one.

export const ROLES = ['owner', 'bookkeeper', 'accountant', 'viewer'] as const;
export type Role = (typeof ROLES)[number];

export const roleWords: Readonly<Record<Role, { readonly name: string; readonly may: string }>> = {
  owner: { name: 'Owner', may: 'Everything, team and settings included.' },
  bookkeeper: { name: 'Bookkeeper', may: 'Writes invoices, payments and customers, connects ledgers.' },
  accountant: { name: 'Accountant', may: 'Reads everything, decides mapping and matches, approves plans.' },
  viewer: { name: 'Viewer', may: 'Reads everything, changes nothing.' },
};

/** What a signed-in person can be allowed to do. `read` is any role's. */
export type Permission = 'read' | 'write' | 'decide' | 'connect' | 'settings' | 'undo';

export const permissionRoles: Readonly<Record<Permission, readonly Role[]>> = {
  read: ROLES,
  /** Customers, invoices, credit notes, payments, mails to customers. */
  write: ['owner', 'bookkeeper'],
  /** What concerns the bridge and needs an accounting eye: mapping, matches, plans, problems, sync now. */
  decide: ['owner', 'bookkeeper', 'accountant'],
  connect: ['owner', 'bookkeeper'],
  /** Business, team, API keys, payments, mail, reminders on or off. */
  settings: ['owner'],
  /** Taking back what a run wrote. */
  undo: ['owner'],
};

export const may = (role: Role, permission: Permission): boolean => permissionRoles[permission].includes(role);

export const API_SCOPES = [
  'customers:read',
  'customers:write',
  'invoices:read',
  'invoices:write',
  'creditNotes:read',
  'creditNotes:write',
  'payments:read',
  'payments:write',
  'connections:read',
  'connections:write',
  'activity:read',
] as const;
export type ApiScope = (typeof API_SCOPES)[number];

/**
 * `public`: anybody. `signedIn`: any session, whatever the role (also before a business is chosen). A permission: a session whose
 * role has it. `scope:…`: an API key with that scope. `metrics`: the metrics token. `signature`: a provider's signature.
 */
export type Access = 'public' | 'signedIn' | 'metrics' | 'signature' | Permission | `scope:${ApiScope}`;
