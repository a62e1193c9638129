// What is set up on this server and what is not: names of settings and addresses to paste, never a value.
import type { LedgerProvider } from '../../../connectors/provider-port';
import type { Answer } from '../../http/answer';
import { open, type Route } from '../../http/routes';
import { callbackUrl, webhookUrl } from './parts';

type Parts = {
  readonly providers: readonly LedgerProvider[];
  readonly publicUrl: string;
  readonly stripe: { readonly isSet: boolean; readonly isWebhookSet: boolean };
  readonly mail: { readonly isSet: boolean };
  readonly mode: 'embedded' | 'distributed';
};

export const setupPages = (parts: Parts): readonly Route[] => [open('GET /setup', async () => setupPage(parts))];

const setupPage = ({ providers, publicUrl, stripe, mail, mode }: Parts): Answer => ({
  kind: 'page',
  view: 'bridge/setup',
  title: 'What to set up',
  layout: 'bare',
  data: {
    publicUrl,
    isLocal: publicUrl.startsWith('http://'),
    isEmbedded: mode === 'embedded',
    ledgers: providers.map((provider) => ({
      name: provider.displayName,
      isSet: provider.missing === undefined,
      settings: provider.missing?.settings ?? [],
      whereToGet: provider.missing?.whereToGet ?? '',
      callback: callbackUrl(publicUrl, provider.name),
      webhook: webhookUrl(publicUrl, provider.name),
      isQuickBooks: provider.name === 'quickbooks',
      launch: `${publicUrl}/launch/quickbooks`,
      disconnect: `${publicUrl}/disconnected/quickbooks`,
    })),
    stripe: { ...stripe, webhook: `${publicUrl}/webhooks/stripe` },
    mail,
  },
});
