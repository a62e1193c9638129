// What the outbox keeps: every mail as it was or will be sent, and the files attached to it. Nothing of a mail is made anew for a repeat.
import { z } from 'zod';
import type { Collection } from '../../store/port';
import { LETTER_KINDS } from './letter';

const tenantDocument = { id: z.string(), revision: z.int(), tenantId: z.string() };

/**
 * `waiting`: not tried, or tried and surely not sent. `sending`: handed to the mail server; nobody else may. `sent`: taken by the server.
 * `kept`: no outgoing mail is set up. `rehearsal`: made to be looked at only. `refused`: will not be tried again. `unknown`: may have gone
 * out. `dropped`: what it says stopped being true before it was sent.
 */
export const MAIL_STATES = [
  'waiting',
  'sending',
  'sent',
  'kept',
  'rehearsal',
  'refused',
  'unknown',
  'dropped',
] as const;
export type MailState = (typeof MAIL_STATES)[number];

/** Letters to customers, and the one to an accountant. */
export const MAIL_KINDS = [...LETTER_KINDS, 'planApproval'] as const;

/** Where a mail's secret stands in what is kept of it. */
export const SECRET_MARK = '(only-in-the-mail)';

export const mailSchema = z.object({
  ...tenantDocument,
  /** Unique for ever: what this mail is, once. */
  key: z.string(),
  kind: z.enum(MAIL_KINDS),
  /** Null where the reader is no customer. */
  customerId: z.string().nullable(),
  /** The invoices it is about, with what was open of each when it was written. */
  items: z.array(z.object({ invoiceId: z.string(), openMinor: z.int() })),
  /** Reminders are looked at once more before they leave; an invoice or receipt is true whenever it arrives. */
  isReminder: z.boolean(),
  state: z.enum(MAIL_STATES),
  /** Of `waiting`: not before. Of `sending`: taken as lost after. Else: when it came to rest. */
  dueAt: z.string(),
  attempts: z.int(),
  /** Why it is where it is, in words; null where nothing needs to be said. */
  reason: z.string().nullable(),
  /** The server refused this very address. */
  isAddressRefused: z.boolean(),
  messageId: z.string(),
  references: z.array(z.string()),
  /** Mails of one thread share it. */
  threadKey: z.string(),
  fromName: z.string(),
  replyTo: z.object({ name: z.string(), address: z.string() }).nullable(),
  to: z.object({ name: z.string(), address: z.string() }),
  subject: z.string(),
  html: z.string(),
  text: z.string(),
  /** Sealed: what stands in place of SECRET_MARK in the mail that leaves, and may be read nowhere here. Gone once the mail is sent. */
  sealedSecret: z.string().nullable().optional(),
  unsubscribeUrl: z.string().nullable(),
  files: z.array(z.object({ id: z.string(), name: z.string(), type: z.string() })),
  createdAt: z.string(),
  sentAt: z.string().nullable(),
  /** Who pressed the button; null for what the policy sends by itself. */
  sentBy: z.string().nullable(),
});
export type Mail = z.infer<typeof mailSchema>;

export const mails: Collection<Mail> = {
  name: 'mails',
  scope: 'tenant',
  schema: mailSchema,
  indexes: [
    { name: 'key', fields: ['key'], unique: true },
    { name: 'createdAt', fields: ['createdAt'] },
    { name: 'state', fields: ['state', 'dueAt'] },
    { name: 'customer', fields: ['customerId', 'createdAt'] },
    { name: 'thread', fields: ['threadKey', 'createdAt'] },
  ],
};

/** A file by its content: the id is its hash, so that five reminders with the same PDF keep it once. */
const mailFileSchema = z.object({ ...tenantDocument, base64: z.string() });
export type MailFile = z.infer<typeof mailFileSchema>;
export const mailFiles: Collection<MailFile> = {
  name: 'mailFiles',
  scope: 'tenant',
  schema: mailFileSchema,
  indexes: [],
};

export const mailCollections = [mails, mailFiles] as const;
