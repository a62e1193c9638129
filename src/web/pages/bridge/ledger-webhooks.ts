// Where ledgers tell of changes. The signature is checked over the raw bytes; what is told is stored as hints and answered at once.

import type { LedgerProvider } from '../../../connectors/provider-port';
import type { Logger } from '../../../core/logger';
import type { Sync } from '../../../sync/service';
import type { Answer } from '../../http/answer';
import { type Route, signed } from '../../http/routes';

type Parts = {
  readonly sync: Pick<Sync, 'noteHints'>;
  readonly providers: readonly LedgerProvider[];
  readonly logger: Logger;
};

export const ledgerWebhooks = ({ sync, providers, logger }: Parts): readonly Route[] =>
  providers.map((provider) =>
    signed(`POST /webhooks/${provider.name}`, async ({ rawBody, headers }): Promise<Answer> => {
      const verdict = provider.verifyWebhook(rawBody, headers);
      if (verdict.verdict === 'reject') {
        logger.warn('webhook refused', { provider: provider.name, bytes: rawBody.length });
        return { kind: 'text', body: '', status: 401 };
      }
      await sync.noteHints(
        verdict.hints.map(({ organisationId, kind, externalId, happenedAt }) => ({
          provider: provider.name,
          organisationId,
          kind,
          externalId,
          ...(happenedAt === undefined ? {} : { happenedAt }),
        })),
      );
      return { kind: 'text', body: '', status: 200 };
    }),
  );
