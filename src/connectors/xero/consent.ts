// The way into an organisation and out of it: consent, the way back, disconnecting.

import type { Logger } from '../../core/logger';
import { err, ok, type Result } from '../../core/result';
import { type LedgerProblem, LedgerUnavailable } from '../../sync/ports/ledger-port';
import type { GrantVault } from '../oauth/grant-vault';
import type { Consent, LedgerProvider } from '../provider-port';
import { listConnections, removeConnection } from './connections';
import { claimsOf, type XeroIdentity } from './identity';
import { scopesOf, type XeroSettings } from './settings';

export type ConsentDeps = {
  readonly settings: XeroSettings;
  readonly identity: XeroIdentity;
  readonly vault: GrantVault;
  readonly logger: Logger;
};

export const consentUrl = (
  settings: XeroSettings,
  { state, redirectUri }: Parameters<LedgerProvider['consentUrl']>[0],
): string => {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: settings.clientId ?? '',
    redirect_uri: redirectUri,
    scope: scopesOf(settings),
    state,
  });
  return `${settings.loginUrl}/identity/connect/authorize?${query}`;
};

export const finishConsent = async (
  { settings, identity, vault }: ConsentDeps,
  { tenantId, redirectUri, query }: Parameters<LedgerProvider['finishConsent']>[0],
): Promise<Result<Consent, LedgerProblem>> => {
  const { code, error } = query;
  if (error !== undefined) return err(error === 'access_denied' ? declined : notFinished);
  if (code === undefined || code === '' || code.length > 2_000) return err(notFinished);
  const answer = await identity.exchangeCode(code, redirectUri);
  if (answer.result === 'refused') return err(codeUsedUp);
  if (answer.result === 'failed') return err(answer.problem);
  const { tokens } = answer;
  const { xero_userid: subject, authentication_event_id: event } = claimsOf(tokens.accessToken);
  try {
    const connections = await listConnections(settings, tokens.accessToken);
    // One token reaches all that this user ever connected; the event tells which were chosen just now.
    const chosen = connections.filter(({ authEventId }) => event !== undefined && authEventId === event);
    const organisations = (chosen.length > 0 ? chosen : connections).map(({ tenantId: id, tenantName }) => ({
      id,
      name: tenantName ?? 'Unnamed organisation',
    }));
    if (organisations.length === 0) return err(noOrganisation);
    const grantId = await vault.save({
      tenantId,
      provider: 'xero',
      ...(subject === undefined ? {} : { subject }),
      scopes: tokens.scopes ?? scopesOf(settings).split(' '),
      tokens,
    });
    return ok({ grantId, organisations });
  } catch (failure) {
    if (failure instanceof LedgerUnavailable) return err(failure.problem);
    throw failure;
  }
};

/**
 * Removes this organisation's connection at Xero. The grant is the user's and may carry other organisations: it is revoked and forgotten
 * where none is left, and forgotten in any case where Xero did not say.
 */
export const disconnect = async (
  { settings, identity, vault, logger }: ConsentDeps,
  { tenantId, grantId, organisationId }: Parameters<LedgerProvider['disconnect']>[0],
): Promise<void> => {
  const grant = { tenantId, grantId };
  const token = await vault.accessToken({ ...grant, refresh: identity.refresh });
  let isShared = false;
  if (token.ok) {
    try {
      const connections = await listConnections(settings, token.value);
      const ours = connections.find((connection) => connection.tenantId === organisationId);
      if (ours !== undefined) await removeConnection(settings, token.value, ours.id);
      isShared = connections.some((connection) => connection.tenantId !== organisationId);
    } catch (error) {
      if (!(error instanceof LedgerUnavailable)) throw error;
      logger.warn('the connection could not be removed at Xero', { organisationId, problem: error.problem.message });
    }
  }
  if (!isShared) await vault.forget({ ...grant, revoke: identity.revoke });
};

const declined: LedgerProblem = {
  class: 'auth',
  code: 'access_denied',
  message: 'The consent was declined at Xero. Nothing was connected.',
};
const notFinished: LedgerProblem = {
  class: 'auth',
  message: 'Xero did not finish the consent. Start the connection again.',
};
const codeUsedUp: LedgerProblem = {
  class: 'auth',
  message: 'Xero’s answer was used before or is too old (5 minutes). Start the connection again.',
};
const noOrganisation: LedgerProblem = {
  class: 'auth',
  message: 'No organisation was chosen at Xero. Start again and choose one.',
};
