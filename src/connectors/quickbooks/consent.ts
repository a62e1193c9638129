// The way into a company and out of it: consent, the way back, disconnecting. One consent reaches one company, and the company's id (realmId)
// comes only on the way back.
import { err, ok, type Result } from '../../core/result';
import type { LedgerProblem } from '../../sync/ports/ledger-port';
import type { GrantVault } from '../oauth/grant-vault';
import type { Consent, LedgerProvider } from '../provider-port';
import { CompanyAnswer, recordOf } from './answers';
import { classify } from './classify';
import type { QuickBooksIdentity } from './identity';
import { CALL_TIMEOUT_MS } from './limits';
import { type QuickBooksSettings, SCOPES } from './settings';
import { exchange, libraryClient } from './wire';

export type ConsentDeps = {
  readonly settings: QuickBooksSettings;
  readonly identity: QuickBooksIdentity;
  readonly vault: GrantVault;
};

export const consentUrl = (
  { authorizeUrl, clientId }: QuickBooksSettings,
  { state, redirectUri }: Parameters<LedgerProvider['consentUrl']>[0],
): string => {
  const query = new URLSearchParams({
    client_id: clientId ?? '',
    response_type: 'code',
    scope: SCOPES.join(' '),
    redirect_uri: redirectUri,
    state,
  });
  return `${authorizeUrl}?${query}`;
};

const MOST_CODE = 512;

export const finishConsent = async (
  { settings, identity, vault }: ConsentDeps,
  { tenantId, redirectUri, query }: Parameters<LedgerProvider['finishConsent']>[0],
): Promise<Result<Consent, LedgerProblem>> => {
  const { code, realmId, error } = query;
  if (error !== undefined) return err(error === 'access_denied' ? declined : notFinished);
  if (code === undefined || code === '' || code.length > MOST_CODE) return err(notFinished);
  if (realmId === undefined || !/^\d{1,30}$/.test(realmId)) return err(noCompany);
  // Once only: a second exchange of a code can end the tokens of the first.
  const answer = await identity.exchangeCode(code, redirectUri);
  if (answer.result === 'refused') return err(codeUsedUp);
  if (answer.result === 'failed') return err(answer.problem);
  const { tokens } = answer;
  const name = await companyName(settings, realmId, tokens.accessToken);
  if (!name.ok) return name;
  const grantId = await vault.save({
    tenantId,
    provider: 'quickbooks',
    subject: `realm:${realmId}`, // a company consented to again goes on with the same grant
    scopes: tokens.scopes ?? SCOPES,
    tokens,
  });
  return ok({ grantId, organisations: [{ id: realmId, name: name.value }] });
};

/** The first call with the new tokens: it also proves that they and the company belong together. */
const companyName = async (
  { apiUrl }: QuickBooksSettings,
  realmId: string,
  accessToken: string,
): Promise<Result<string, LedgerProblem>> => {
  const client = libraryClient({ apiUrl, realmId, accessToken });
  const verdict = classify(
    await exchange(client, (library, callback) => library.getCompanyInfo(realmId, callback), {
      timeoutMs: CALL_TIMEOUT_MS,
    }),
  );
  if (verdict.verdict === 'failed') {
    // The code is used up: tokens that work are not thrown away because the name could not be read just now.
    return verdict.problem.class === 'auth' ? err(verdict.problem) : ok(`Company ${realmId}`);
  }
  const company = CompanyAnswer.safeParse(recordOf(verdict.json, 'CompanyInfo')).data;
  return ok(company?.CompanyName ?? 'Unnamed company');
};

export const disconnect = async (
  { identity, vault }: ConsentDeps,
  { tenantId, grantId }: Parameters<LedgerProvider['disconnect']>[0],
): Promise<void> => {
  await vault.forget({ tenantId, grantId, revoke: identity.revoke });
};

const declined: LedgerProblem = {
  class: 'auth',
  code: 'access_denied',
  message: 'The consent was declined at QuickBooks. Nothing was connected.',
};
const notFinished: LedgerProblem = {
  class: 'auth',
  message: 'QuickBooks did not finish the consent. Start the connection again.',
};
const noCompany: LedgerProblem = {
  class: 'auth',
  message: 'QuickBooks named no company on the way back. Start the connection again and choose one.',
};
const codeUsedUp: LedgerProblem = {
  class: 'auth',
  message: 'QuickBooks’ answer was used before or is too old. Start the connection again.',
};
