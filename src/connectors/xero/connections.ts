// Which organisations a consent reaches: Xero keeps them beside the Accounting API, at fixed addresses that only the wire can redirect.
import { z } from 'zod';
import { LedgerUnavailable } from '../../sync/ports/ledger-port';
import { classify } from './classify';
import { CALL_TIMEOUT_MS } from './limits';
import { exchange, loadXeroNode, type WireHosts } from './wire';

const ConnectionAnswer = z.object({
  id: z.string(),
  authEventId: z.string().nullish(),
  tenantId: z.string(),
  tenantType: z.string(),
  tenantName: z.string().nullish(),
});
export type XeroConnection = z.output<typeof ConnectionAnswer>;

const clientWith = (accessToken: string) => {
  const { XeroClient } = loadXeroNode();
  const client = new XeroClient();
  client.setTokenSet({ access_token: accessToken });
  return client;
};

/** Organisations only; a practice has no books. Throws LedgerUnavailable. */
export const listConnections = async (hosts: WireHosts, accessToken: string): Promise<readonly XeroConnection[]> => {
  const client = clientWith(accessToken);
  const verdict = classify(await exchange(() => client.updateTenants(false), { ...hosts, timeoutMs: CALL_TIMEOUT_MS }));
  if (verdict.verdict === 'failed') throw new LedgerUnavailable(verdict.problem);
  const connections = z.array(ConnectionAnswer).safeParse(verdict.json);
  if (!connections.success) {
    throw new LedgerUnavailable({ class: 'transient', message: 'Xero’s list of connections is not understood.' });
  }
  return connections.data.filter(({ tenantType }) => tenantType === 'ORGANISATION');
};

/** An unknown connection is as good as removed. Throws LedgerUnavailable. */
export const removeConnection = async (hosts: WireHosts, accessToken: string, id: string): Promise<void> => {
  const client = clientWith(accessToken);
  const verdict = classify(await exchange(() => client.disconnect(id), { ...hosts, timeoutMs: CALL_TIMEOUT_MS }));
  if (verdict.verdict === 'failed' && verdict.problem.class !== 'notFound')
    throw new LedgerUnavailable(verdict.problem);
};
