// Every collection of every room: what the store is opened with.
import { billingCollections } from '../billing/documents';
import { dunningCollections } from '../billing/dunning/documents';
import { mailCollections } from '../billing/mail/documents';
import { payCollections } from '../billing/pay/documents';
import { grantCollections } from '../connectors/oauth/grant-vault';
import { traffic } from '../connectors/traffic/meter';
import { pollWishes } from '../jobs/poll-wishes';
import { type Migration, migrationRecords } from '../store/migrations';
import type { Collection } from '../store/port';
import { syncCollections } from '../sync/collections';
import { apiCollections } from '../web/api/once';
import { apiKeys, consentStates, doorLinks, doorTries, memberships, users, webSessions } from '../web/auth/collections';

const doorCollections = [users, memberships, webSessions, doorLinks, apiKeys, doorTries, consentStates];

export const houseCollections = [
  migrationRecords,
  ...doorCollections,
  pollWishes,
  ...apiCollections,
  ...billingCollections,
  ...payCollections,
  ...mailCollections,
  ...dunningCollections,
  ...grantCollections,
  traffic,
  ...syncCollections,
] as unknown as readonly Collection[];

/** Only ever grows; see store/migrations.ts. */
export const houseMigrations: readonly Migration[] = [];
