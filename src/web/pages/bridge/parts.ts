// What the pages of the bridge share: their services, and a connection found by the address with what every page shows of it.

import type { LedgerProvider, ProviderName } from '../../../connectors/provider-port';
import type { Clock } from '../../../core/clock';
import { BridgeError } from '../../../core/errors';
import type { ConnectionRef, ConnectionView, Sync } from '../../../sync/service';
import { may } from '../../access';
import type { SignedIn } from '../../http/routes';
import type { Visitor } from '../../http/visitor';
import { ledgerName, stateWords } from './words';

export type BridgeParts = {
  readonly sync: Sync;
  readonly providers: readonly LedgerProvider[];
  readonly clock: Clock;
  readonly publicUrl: string;
  readonly wishes: {
    syncSoon(connectionId: string, reason: string): Promise<void>;
    importSoon(connectionId: string): Promise<void>;
    certificateSoon(connectionId: string): Promise<void>;
    /** Look at payouts again: what they waited for may have been chosen. */
    payoutsCame?(): Promise<void>;
  };
};

export const refOf = (incoming: SignedIn): ConnectionRef => ({
  tenantId: incoming.visitor.tenantId,
  connectionId: incoming.params.id ?? '',
});

export const actorOf = ({ user }: Visitor): { readonly id: string; readonly name: string } => ({
  id: user.id,
  name: user.name,
});

export const providerNamed = (providers: readonly LedgerProvider[], name: string): LedgerProvider => {
  const found = providers.find((provider) => provider.name === name);
  if (found === undefined) throw new BridgeError('BB_NOT_FOUND', { kind: 'ledger', id: name });
  return found;
};

export const callbackUrl = (publicUrl: string, name: ProviderName): string => `${publicUrl}/connect/${name}/callback`;
export const webhookUrl = (publicUrl: string, name: ProviderName): string => `${publicUrl}/webhooks/${name}`;

const STEPS = ['importing', 'matching', 'review', 'active'] as const;

/** The head of every page of one connection: names, state, tabs. `tab` is the one that is open. */
export const frameOf = (view: ConnectionView, visitor: Visitor, tab: string): object => {
  const ledger = ledgerName(view.provider);
  const base = `/connections/${view.id}`;
  const isBeforeActive = view.state !== 'active' && view.state !== 'paused' && view.state !== 'disconnected';
  return {
    connection: {
      id: view.id,
      base,
      ledger,
      organisation: view.organisation.name,
      isDemo: view.organisation.isDemo,
      state: stateWords(view.state, ledger),
      isActive: view.state === 'active',
      isPaused: view.state === 'paused',
      isGone: view.state === 'disconnected',
      isReading: view.state === 'connected' || view.state === 'importing' || view.state === 'matching',
      isReview: view.state === 'review',
      isRehearsal: isBeforeActive,
      pausedBecause: view.pausedBecause ?? null,
      connectedAt: view.connectedAt,
      provider: view.provider,
      step: STEPS.indexOf(view.state as (typeof STEPS)[number]) + 1,
      notices: view.organisation.notices,
      mayDecide: may(visitor.role, 'decide'),
      mayConnect: may(visitor.role, 'connect'),
    },
    tabs: [
      ['overview', 'Overview', base],
      ['mapping', 'Mapping', `${base}/mapping`],
      ['policy', 'Who wins', `${base}/policy`],
      ['matches', 'Matches', `${base}/matches`],
      ['plan', 'Plan', `${base}/plan`],
      ['runs', 'Runs', `${base}/runs`],
      ['problems', 'Problems', `${base}/problems`],
      ['certificate', 'Certificate', `${base}/certificate`],
    ].map(([id, name, href]) => ({ name, href, isHere: id === tab })),
  };
};
