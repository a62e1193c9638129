// The bridge's documents, declared once. Projections point at records with `$ref` keys, which no store may hold: they are kept as JSON
// text in `memory`, and only what is looked up stands beside it as fields. Over 300 lines: twelve declarations and no logic.
import { z } from 'zod';
import type { Collection } from '../store/port';
import { certificateCollections } from './certificate/documents';
import { CLASHES } from './policy/policy';
import { postingCollections } from './postings/collections';
import { questionCollections } from './problems/question-documents';
import { RECORD_KINDS } from './records';
import { undoCollections } from './undo/undo-documents';
import { approvalLinks, approvalTokens } from './write-plan/approval-documents';

const base = { id: z.string(), revision: z.number().int(), tenantId: z.string() };
const instant = z.string();
const kind = z.enum(RECORD_KINDS);
const side = z.enum(['local', 'external']);
const json = z.record(z.string(), z.unknown());

const connectionState = z.enum(['connected', 'importing', 'matching', 'review', 'active', 'paused', 'disconnected']);

const connectionSchema = z.object({
  ...base,
  provider: z.enum(['xero', 'quickbooks', 'memory']),
  organisationId: z.string(),
  grantId: z.string(),
  state: connectionState,
  resumesAs: connectionState.optional(),
  pausedBecause: z.string().optional(),
  /** Present while it takes part: one per tenant. */
  isConnected: z.boolean(),
  organisation: json,
  organisationReadAt: instant,
  paymentUnit: z.enum(['allocation', 'payment']),
  kinds: z.array(kind),
  progress: z.array(
    z.object({ kind, done: z.number().int(), total: z.number().int().optional(), finished: z.boolean() }),
  ),
  /** What the last import found, for the person who looks before going on. */
  glance: json.optional(),
  /** Largest stamp seen per kind, in the ledger's clock. */
  cursors: z.partialRecord(kind, instant),
  needsFullCompare: z.boolean(),
  mapping: json.optional(),
  mappingSavedBy: z.string().optional(),
  mappingSavedAt: instant.optional(),
  /** What the mapping pointed at in vain when the ledger's lists were read last. */
  mappingGaps: z.array(z.string()).optional(),
  /** Who wins which field, where a person chose otherwise than the house; `asksAnew` until open questions were looked at under it. */
  policy: z
    .object({
      version: z.number().int(),
      choices: z.array(z.object({ field: z.string(), rule: z.enum(CLASHES) })),
      savedBy: z.string(),
      savedAt: instant,
      asksAnew: z.boolean(),
    })
    .optional(),
  cutOverDate: z.string().optional(),
  pulledKinds: z.array(kind),
  connectedAt: instant,
  connectedBy: z.string(),
  activatedAt: instant.optional(),
  /** Some link was seen since it became active: none at all is a loss from then on. */
  hadLinks: z.boolean().optional(),
  lastPollAt: instant.optional(),
  polledAt: z.partialRecord(kind, instant).optional(),
  webhookHeardAt: instant.optional(),
  /** A look found a change that a webhook should have told. */
  webhookMissedAt: instant.optional(),
  /** A payment that the webhook of its invoice led to; one that none did. */
  moneyHeardAt: instant.optional(),
  moneyMissedAt: instant.optional(),
  /** Calls are scarce: so long what webhooks tell of waits to be read together. */
  gathersForMs: z.number().int().optional(),
  /** The last time that what changed of a kind did not fit one page. */
  longListAt: z.partialRecord(kind, instant).optional(),
  lastFullCompareAt: instant.optional(),
  /** Most that payments may add up to in 24 hours, per currency, in minor units. */
  moneyLimits: z.record(z.string(), z.number().int()).optional(),
});
export type ConnectionDocument = z.infer<typeof connectionSchema>;
export const connections: Collection<ConnectionDocument> = {
  name: 'syncConnections',
  scope: 'tenant',
  schema: connectionSchema,
  indexes: [
    { name: 'oneConnected', fields: ['isConnected'], unique: true, whenEqual: { field: 'isConnected', value: true } },
    { name: 'byOrganisation', fields: ['provider', 'organisationId'], unique: true },
  ],
};

const directorySchema = z.object({
  id: z.string(),
  revision: z.number().int(),
  tenantId: z.string(),
  provider: z.string(),
  organisationId: z.string(),
  state: connectionState,
});
/** Which tenant a connection belongs to: for jobs and webhooks, which know only ids. */
export type DirectoryDocument = z.infer<typeof directorySchema>;
export const directory: Collection<DirectoryDocument> = {
  name: 'syncDirectory',
  scope: 'system',
  schema: directorySchema,
  indexes: [{ name: 'byState', fields: ['state'] }],
};

const claimSchema = z.object({
  id: z.string(), // provider:organisationId
  revision: z.number().int(),
  tenantId: z.string(),
  connectionId: z.string(),
});
/** An organisation is connected in one tenant only. */
export type ClaimDocument = z.infer<typeof claimSchema>;
export const claims: Collection<ClaimDocument> = {
  name: 'syncClaims',
  scope: 'system',
  schema: claimSchema,
  indexes: [],
};

const linkSchema = z.object({
  ...base,
  connectionId: z.string(),
  kind,
  localId: z.string().optional(),
  externalId: z.string().optional(),
  state: z.enum(['linked', 'waiting', 'conflict', 'blocked', 'retired']),
  waitsFor: z.string().optional(),
  /** When its open intent was stored. */
  intentAt: instant.optional(),
  memory: z.string(),
});
export type LinkDocument = z.infer<typeof linkSchema>;
export const links: Collection<LinkDocument> = {
  name: 'syncLinks',
  scope: 'tenant',
  schema: linkSchema,
  indexes: [
    { name: 'uniqueLocal', fields: ['connectionId', 'kind', 'localId'], unique: true, whenPresent: 'localId' },
    { name: 'uniqueExternal', fields: ['connectionId', 'kind', 'externalId'], unique: true, whenPresent: 'externalId' },
    { name: 'byKind', fields: ['connectionId', 'kind'] },
    { name: 'byState', fields: ['connectionId', 'state'] },
    { name: 'byKindState', fields: ['connectionId', 'kind', 'state'] },
    { name: 'byWait', fields: ['connectionId', 'waitsFor'], whenPresent: 'waitsFor' },
    { name: 'byIntent', fields: ['connectionId', 'intentAt'], whenPresent: 'intentAt' },
  ],
};

const dirtySchema = z.object({
  ...base,
  connectionId: z.string(),
  kind,
  rank: z.number().int(),
  side,
  recordId: z.string(),
  /** Raised by every hint; the entry is removed only at the number the worker started from. */
  number: z.number().int(),
  since: instant,
  /** Not to be looked at before. */
  dueAt: instant,
  tries: z.number().int(),
});
export type DirtyDocument = z.infer<typeof dirtySchema>;
export const dirtyRecords: Collection<DirtyDocument> = {
  name: 'syncDirty',
  scope: 'tenant',
  schema: dirtySchema,
  indexes: [
    { name: 'byDue', fields: ['connectionId', 'rank', 'dueAt'] },
    { name: 'byAge', fields: ['connectionId', 'since'] },
    { name: 'byNext', fields: ['connectionId', 'dueAt'] },
  ],
};

const sightingSchema = z.object({
  ...base,
  connectionId: z.string(),
  kind,
  externalId: z.string(),
  version: z.string(),
  memory: z.string(),
});
/** A ledger record as last seen that has no partner at rest yet. */
export type SightingDocument = z.infer<typeof sightingSchema>;
export const sightings: Collection<SightingDocument> = {
  name: 'syncSightings',
  scope: 'tenant',
  schema: sightingSchema,
  indexes: [{ name: 'byRecord', fields: ['connectionId', 'kind', 'externalId'], unique: true }],
};

const matchSchema = z.object({
  ...base,
  connectionId: z.string(),
  kind,
  rank: z.number().int(),
  state: z.enum(['exact', 'suggested', 'ambiguous', 'decided']),
  localId: z.string(),
  externalId: z.string(),
  score: z.number().int(),
  reason: z.string(),
  verdict: z.enum(['link', 'separate']).optional(),
  decidedBy: z.string().optional(),
  decidedAt: instant.optional(),
  /** Labels, differences and choices. */
  memory: z.string(),
});
export type MatchDocument = z.infer<typeof matchSchema>;
export const matches: Collection<MatchDocument> = {
  name: 'syncMatches',
  scope: 'tenant',
  schema: matchSchema,
  indexes: [
    { name: 'byKind', fields: ['connectionId', 'kind'] },
    { name: 'byState', fields: ['connectionId', 'state', 'rank'] },
    { name: 'byKindState', fields: ['connectionId', 'kind', 'state'] },
    { name: 'byRank', fields: ['connectionId', 'rank'] },
  ],
};

const planSchema = z.object({
  ...base,
  connectionId: z.string(),
  hash: z.string(),
  builtAt: instant,
  counts: z.array(
    z.object({
      kind,
      op: z.enum(['create', 'update', 'void', 'adopt', 'link', 'ask']),
      side: z.enum(['local', 'external', 'none']),
      count: z.number().int(),
    }),
  ),
  /** Plans that were made before totals were kept have none. */
  totals: z
    .array(
      z.object({
        kind,
        op: z.enum(['create', 'update', 'void', 'adopt', 'link', 'ask']),
        side: z.enum(['local', 'external', 'none']),
        currency: z.string(),
        sumMinor: z.number().int(),
      }),
    )
    .optional(),
  rowCount: z.number().int(),
  /** As it stood when the plan was made; the hash covers it. */
  cutOverDate: z.string().optional(),
  approvedBy: z.string().optional(),
  approvedAt: instant.optional(),
});
export type PlanDocument = z.infer<typeof planSchema>;
export const plans: Collection<PlanDocument> = {
  name: 'syncPlans',
  scope: 'tenant',
  schema: planSchema,
  indexes: [{ name: 'byAge', fields: ['connectionId', 'builtAt'] }],
};

const planChunkSchema = z.object({ ...base, planId: z.string(), position: z.number().int(), rows: z.string() });
export type PlanChunkDocument = z.infer<typeof planChunkSchema>;
export const planChunks: Collection<PlanChunkDocument> = {
  name: 'syncPlanChunks',
  scope: 'tenant',
  schema: planChunkSchema,
  indexes: [{ name: 'byPlan', fields: ['planId', 'position'] }],
};

const writeCounts = z.object({ created: z.number().int(), updated: z.number().int(), voided: z.number().int() });
const runSchema = z.object({
  ...base,
  connectionId: z.string(),
  reason: z.string(),
  state: z.enum(['running', 'done', 'stopped']),
  stoppedBecause: z.string().optional(),
  stoppedBy: z.enum(['throttled', 'auth', 'transient', 'aborted']).optional(),
  startedAt: instant,
  endedAt: instant.optional(),
  counts: z.object({
    local: writeCounts,
    external: writeCounts,
    adopted: z.number().int(),
    unchanged: z.number().int(),
    waiting: z.number().int(),
    blocked: z.number().int(),
    conflicts: z.number().int(),
    examined: z.number().int(),
    calls: z.number().int(),
  }),
  left: z.number().int(),
  notBefore: instant.optional(),
});
export type RunDocument = z.infer<typeof runSchema>;
export const runs: Collection<RunDocument> = {
  name: 'syncRuns',
  scope: 'tenant',
  schema: runSchema,
  indexes: [{ name: 'byAge', fields: ['connectionId', 'startedAt'] }],
};

const runRowSchema = z.object({
  ...base,
  runId: z.string(),
  kind,
  op: z.enum(['create', 'update', 'void', 'adopt', 'retire']),
  side: z.enum(['local', 'external', 'none']),
  name: z.string(),
  localId: z.string().optional(),
  externalId: z.string().optional(),
  why: z.string(),
  amountMinor: z.number().int().optional(),
  currency: z.string().optional(),
  at: instant,
  /** What it replaced and what it left there (run-images.ts). */
  memory: z.string().optional(),
});
export type RunRowDocument = z.infer<typeof runRowSchema>;
export const runRows: Collection<RunRowDocument> = {
  name: 'syncRunRows',
  scope: 'tenant',
  schema: runRowSchema,
  indexes: [
    { name: 'byRun', fields: ['runId'] },
    { name: 'byRunTime', fields: ['runId', 'at'] },
  ],
};

const auditSchema = z.object({
  ...base,
  connectionId: z.string(),
  linkId: z.string(),
  at: instant,
  what: z.string(),
  who: z.string(),
  /** Both values of what was overruled or decided. */
  memory: z.string(),
});
export type SyncAuditDocument = z.infer<typeof auditSchema>;
export const syncAudit: Collection<SyncAuditDocument> = {
  name: 'syncAudit',
  scope: 'tenant',
  schema: auditSchema,
  indexes: [
    { name: 'byLink', fields: ['connectionId', 'linkId', 'at'] },
    { name: 'byAge', fields: ['connectionId', 'at'] },
  ],
};

const safetyStopSchema = z.object({
  ...base,
  connectionId: z.string(),
  code: z.enum(['manyEnds', 'manyChanges', 'moneyLimit', 'listEmpty', 'recordsUnreadable']),
  /** Whose writes stop; absent: those of every kind. */
  kind: kind.optional(),
  /** Code, kind and what it is about: one of these is open at a time. */
  slot: z.string(),
  state: z.enum(['open', 'released', 'passed']),
  /** Of exactly the writes that it holds back. */
  hash: z.string(),
  message: z.string(),
  fix: z.string(),
  since: instant,
  /** Before this the held records are not looked at again. */
  judgeAt: instant,
  effectCount: z.number().int(),
  releasedBy: z.string().optional(),
  releasedAt: instant.optional(),
  /** The first effects for people, and the keys of all. */
  memory: z.string(),
});
export type SafetyStopDocument = z.infer<typeof safetyStopSchema>;
export const safetyStops: Collection<SafetyStopDocument> = {
  name: 'syncSafetyStops',
  scope: 'tenant',
  schema: safetyStopSchema,
  indexes: [
    { name: 'byState', fields: ['connectionId', 'state', 'since'] },
    {
      name: 'oneOpen',
      fields: ['connectionId', 'slot', 'state'],
      unique: true,
      whenEqual: { field: 'state', value: 'open' },
    },
  ],
};

/** To be handed to the store when it is opened. */
export const syncCollections: readonly Collection[] = [
  ...undoCollections,
  connections,
  directory,
  claims,
  links,
  dirtyRecords,
  sightings,
  matches,
  plans,
  planChunks,
  runs,
  runRows,
  syncAudit,
  safetyStops,
  ...postingCollections,
  ...certificateCollections,
  approvalLinks,
  approvalTokens,
  ...questionCollections,
] as readonly Collection[];
