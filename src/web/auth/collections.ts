// Documents of the door: users, who may enter which business, sessions, one-time links, API keys and the throttle's counters.
// All are system collections; secrets are kept as hashes only.
import { z } from 'zod';
import type { Collection, Document } from '../../store/port';
import { API_SCOPES, type ApiScope, ROLES, type Role } from '../access';

const base = { id: z.string(), revision: z.number().int() };
const instant = z.string();

export type User = Document & {
  readonly email: string; // lower case
  readonly name: string;
  /** `scrypt$…`; null until a password is chosen (signed in by link). */
  readonly passwordHash: string | null;
  readonly createdAt: string;
};
export const users: Collection<User> = {
  name: 'users',
  scope: 'system',
  schema: z.object({
    ...base,
    email: z.string(),
    name: z.string(),
    passwordHash: z.string().nullable(),
    createdAt: instant,
  }),
  indexes: [{ name: 'byEmail', fields: ['email'], unique: true }],
};

export type Membership = Document & {
  readonly userId: string;
  readonly businessId: string;
  readonly role: Role;
  readonly createdAt: string;
};
export const memberships: Collection<Membership> = {
  name: 'memberships',
  scope: 'system',
  schema: z.object({
    ...base,
    userId: z.string(),
    businessId: z.string(),
    role: z.enum(ROLES),
    createdAt: instant,
  }),
  indexes: [
    { name: 'byUser', fields: ['userId', 'businessId'], unique: true },
    { name: 'byBusiness', fields: ['businessId'] },
  ],
};

export type WebSession = Document & {
  readonly tokenHash: string;
  readonly userId: string;
  readonly businessId: string;
  readonly createdAt: string;
  readonly lastSeenAt: string;
  /** The session ends here whatever its use; the idle limit ends it earlier. */
  readonly expiresAt: string;
};
export const webSessions: Collection<WebSession> = {
  name: 'webSessions',
  scope: 'system',
  schema: z.object({
    ...base,
    tokenHash: z.string(),
    userId: z.string(),
    businessId: z.string(),
    createdAt: instant,
    lastSeenAt: instant,
    expiresAt: instant,
  }),
  indexes: [
    { name: 'byToken', fields: ['tokenHash'], unique: true },
    { name: 'byUser', fields: ['userId'] },
    { name: 'byExpiry', fields: ['expiresAt'] },
  ],
};

/** A link that opens the door once: an invitation to a business, or a sign-in for somebody who already belongs to it. */
export type DoorLink = Document & {
  readonly tokenHash: string;
  readonly kind: 'invitation' | 'signIn';
  readonly businessId: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly expiresAt: string;
  readonly usedAt: string | null;
};
export const doorLinks: Collection<DoorLink> = {
  name: 'doorLinks',
  scope: 'system',
  schema: z.object({
    ...base,
    tokenHash: z.string(),
    kind: z.enum(['invitation', 'signIn']),
    businessId: z.string(),
    email: z.string(),
    name: z.string(),
    role: z.enum(ROLES),
    expiresAt: instant,
    usedAt: instant.nullable(),
  }),
  indexes: [
    { name: 'byToken', fields: ['tokenHash'], unique: true },
    { name: 'byBusiness', fields: ['businessId'] },
  ],
};

export type ApiKey = Document & {
  readonly keyHash: string;
  /** The first characters, by which a person tells keys apart. */
  readonly shown: string;
  readonly businessId: string;
  readonly name: string;
  readonly scopes: readonly ApiScope[];
  readonly createdAt: string;
  readonly createdBy: string;
  readonly lastUsedAt: string | null;
  readonly revokedAt: string | null;
};
export const apiKeys: Collection<ApiKey> = {
  name: 'apiKeys',
  scope: 'system',
  schema: z.object({
    ...base,
    keyHash: z.string(),
    shown: z.string(),
    businessId: z.string(),
    name: z.string(),
    scopes: z.array(z.enum(API_SCOPES)),
    createdAt: instant,
    createdBy: z.string(),
    lastUsedAt: instant.nullable(),
    revokedAt: instant.nullable(),
  }),
  indexes: [
    { name: 'byHash', fields: ['keyHash'], unique: true },
    { name: 'byBusiness', fields: ['businessId'] },
  ],
};

/** Failed tries at the door, counted per subject (account and address, or address alone) within a window. */
export type DoorTries = Document & {
  readonly subject: string;
  readonly count: number;
  readonly windowEndsAt: string;
};
export const doorTries: Collection<DoorTries> = {
  name: 'doorTries',
  scope: 'system',
  schema: z.object({ ...base, subject: z.string(), count: z.number().int(), windowEndsAt: instant }),
  indexes: [{ name: 'bySubject', fields: ['subject'], unique: true }],
};

/** A consent under way at a ledger: binds the `state` of the redirect to the browser session that began it. Used once. */
export type ConsentState = Document & {
  readonly stateHash: string;
  readonly sessionId: string;
  readonly businessId: string;
  readonly userId: string;
  readonly provider: 'xero' | 'quickbooks';
  readonly expiresAt: string;
};
export const consentStates: Collection<ConsentState> = {
  name: 'consentStates',
  scope: 'system',
  schema: z.object({
    ...base,
    stateHash: z.string(),
    sessionId: z.string(),
    businessId: z.string(),
    userId: z.string(),
    provider: z.enum(['xero', 'quickbooks']),
    expiresAt: instant,
  }),
  indexes: [
    { name: 'byState', fields: ['stateHash'], unique: true },
    { name: 'byExpiry', fields: ['expiresAt'] },
  ],
};
