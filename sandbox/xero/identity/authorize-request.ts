// What an app sends to the consent page, and what is wrong with it. Nothing is redirected to an address that was not registered.
import { z } from 'zod';
import { KNOWN_SCOPES } from './scopes';

export type AppRegistration = {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Empty: any https address, and any http address of localhost, as a developer's app. */
  readonly redirectUris: readonly string[];
};

const Fields = z.object({
  response_type: z.string().default(''),
  client_id: z.string().default(''),
  redirect_uri: z.string().default(''),
  scope: z.string().default(''),
  state: z.string().optional(),
  nonce: z.string().optional(),
  code_challenge: z.string().optional(),
  code_challenge_method: z.string().optional(),
});
export type AuthorizeRequest = z.infer<typeof Fields>;
export type Reading =
  | { readonly ok: true; readonly request: AuthorizeRequest; readonly scopes: readonly string[] }
  | { readonly ok: false; readonly error: string; readonly detail: string };

export const readAuthorizeRequest = (values: unknown, app: AppRegistration): Reading => {
  const parsed = Fields.safeParse(values);
  if (!parsed.success) return { ok: false, error: 'invalid_request', detail: 'The request could not be read' };
  const request = parsed.data;
  const fail = (error: string, detail: string): Reading => ({ ok: false, error, detail });
  if (request.client_id !== app.clientId) return fail('unauthorized_client', 'Unknown client or client not enabled');
  if (!isRegistered(request.redirect_uri, app)) return fail('invalid_request', 'Invalid redirect_uri');
  if (request.response_type !== 'code') return fail('unsupported_response_type', 'response_type must be code');
  const scopes = request.scope.split(/\s+/).filter((scope) => scope !== '');
  const unknown = scopes.filter((scope) => !KNOWN_SCOPES.has(scope));
  if (scopes.length === 0 || unknown.length > 0)
    return fail('invalid_scope', `Invalid scope: ${unknown.join(' ') || 'none given'}`);
  if (request.code_challenge !== undefined && request.code_challenge_method !== 'S256') {
    return fail('invalid_request', 'Transform algorithm not supported');
  }
  return { ok: true, request, scopes };
};

export const isAllowedRedirect = (uri: string): boolean => {
  if (!URL.canParse(uri)) return false;
  const { protocol, hostname } = new URL(uri);
  return protocol === 'https:' || (protocol === 'http:' && hostname === 'localhost');
};

const isRegistered = (uri: string, app: AppRegistration): boolean =>
  app.redirectUris.length === 0 ? isAllowedRedirect(uri) : app.redirectUris.includes(uri);
