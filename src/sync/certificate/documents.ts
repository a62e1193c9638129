// Certificates as stored: the head for lists and history, the rows beside it in chunks. A certificate that says what the one before said
// points to its rows instead of storing them again.
import { z } from 'zod';
import type { Collection } from '../../store/port';

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

export const certificateCollections = [certificates, certificateChunks] as unknown as readonly Collection[];
