// Certificates as stored: the head for lists and history, the rows beside it in chunks. A certificate that says what the one before said
// points to its rows instead of storing them again.
import { z } from 'zod';
import type { Collection } from '../../store/port';
import { RECORD_KINDS } from '../records';

const instant = z.string();
const count = z.number().int();

const certificateSchema = z.object({
  id: z.string(),
  revision: count,
  tenantId: z.string(),
  connectionId: z.string(),
  /** Counts the certificates of a connection: history goes by it, since clocks stand still or run back. */
  number: count,
  madeAt: instant,
  occasion: z.enum(['nightly', 'person']),
  madeBy: z.string().optional(),
  verdict: z.enum(['equal', 'explained', 'unexplained']),
  hash: z.string(),
  isNews: z.boolean(),
  before: z.enum(['equal', 'explained', 'unexplained']).optional(),
  documents: count,
  customers: count,
  explained: count,
  unexplained: count,
  ourBug: count,
  unexplainedSums: z.array(z.object({ currency: z.string(), minor: count })),
  rowCount: count,
  /** The certificate that holds the rows: this one, or an earlier one with the same hash. */
  rowsOf: z.string(),
  calls: count,
});
export type CertificateDocument = z.infer<typeof certificateSchema>;
export const certificates: Collection<CertificateDocument> = {
  name: 'syncCertificates',
  scope: 'tenant',
  schema: certificateSchema,
  indexes: [{ name: 'byNumber', fields: ['connectionId', 'number'], unique: true }],
};

const chunkSchema = z.object({
  id: z.string(),
  revision: count,
  tenantId: z.string(),
  certificateId: z.string(),
  position: count,
  rows: z.string(),
});
export type CertificateChunkDocument = z.infer<typeof chunkSchema>;
export const certificateChunks: Collection<CertificateChunkDocument> = {
  name: 'syncCertificateChunks',
  scope: 'tenant',
  schema: chunkSchema,
  indexes: [{ name: 'byCertificate', fields: ['certificateId', 'position'] }],
};

/** What a person has asked for and is not made yet: one a connection. */
const askedSchema = z.object({
  /** Of the connection. */
  id: z.string(),
  revision: z.number().int(),
  tenantId: z.string(),
  state: z.enum(['waiting', 'running', 'failed']),
  askedAt: z.string(),
  actor: z.object({ id: z.string(), name: z.string() }),
  /** Records of the ledger that were read so far, in the order of reading. */
  read: z.array(z.object({ kind: z.enum(RECORD_KINDS), count: z.number().int() })),
  tries: z.number().int(),
  /** Why the last try came to nothing, and what to do. */
  because: z.string().optional(),
});
export type AskedDocument = z.infer<typeof askedSchema>;
export const askedCertificates: Collection<AskedDocument> = {
  name: 'syncAskedCertificates',
  scope: 'tenant',
  schema: askedSchema,
  indexes: [],
};

export const certificateCollections = [
  certificates,
  certificateChunks,
  askedCertificates,
] as unknown as readonly Collection[];
