// The stored form of a grant: what a consent gave us, its tokens sealed, and who refreshes it at the moment.
import { z } from 'zod';
import type { Instant } from '../../core/clock';
import type { Collection, TenantDocument } from '../../store/port';

export type Grant = TenantDocument & {
  readonly provider: 'xero' | 'quickbooks';
  /** The provider's user behind the consent; where given, a second consent of that user replaces the tokens of the first. */
  readonly subject: string | null;
  readonly scopes: readonly string[];
  readonly state: 'usable' | 'reconnect';
  readonly reason: string | null;
  /** Sealed under the grant's id. */
  readonly access: string;
  readonly accessExpiresAt: Instant;
  readonly refresh: string;
  readonly refreshExpiresAt: Instant | null;
  /** The refresh token before the last rotation, and when that happened: providers accept it a while longer. */
  readonly previousRefresh: string | null;
  readonly rotatedAt: Instant | null;
  readonly lease: { readonly owner: string; readonly until: Instant } | null;
};

export const grants: Collection<Grant> = {
  name: 'grants',
  scope: 'tenant',
  schema: z.object({
    id: z.string(),
    revision: z.number().int(),
    tenantId: z.string(),
    provider: z.enum(['xero', 'quickbooks']),
    subject: z.string().nullable(),
    scopes: z.array(z.string()),
    state: z.enum(['usable', 'reconnect']),
    reason: z.string().nullable(),
    access: z.string(),
    accessExpiresAt: z.string(),
    refresh: z.string(),
    refreshExpiresAt: z.string().nullable(),
    previousRefresh: z.string().nullable(),
    rotatedAt: z.string().nullable(),
    lease: z.object({ owner: z.string(), until: z.string() }).nullable(),
  }),
  indexes: [{ name: 'bySubject', fields: ['provider', 'subject'], unique: true, whenPresent: 'subject' }],
};

export const grantCollections = [grants] as const;
