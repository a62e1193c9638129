// The page on which a person lets an app into a company, and the page that says why an app cannot ask.
import { html, type PageContent } from '../../shared/page';

export type ConsentView = {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  readonly state: string;
  readonly companies: readonly { readonly realmId: string; readonly name: string }[];
};

const SCOPE_WORDS: Readonly<Record<string, string>> = {
  'com.intuit.quickbooks.accounting': 'Read and write the accounting data of the company',
  openid: 'Know who you are',
  profile: 'Your name',
  email: 'Your e-mail address',
  phone: 'Your phone number',
  address: 'Your address',
};

export const consentPage = (view: ConsentView): PageContent => ({
  system: 'quickbooks',
  title: 'Connect an app to QuickBooks',
  shape: 'pay',
  body: html`<dl><dt>App at</dt><dd>${new URL(view.redirectUri).host}</dd>${view.scopes.map(
    (scope, index) => html`<dt>${index === 0 && 'May'}</dt><dd>${SCOPE_WORDS[scope] ?? scope}</dd>`,
  )}</dl>
<h2>Which company?</h2>
<form method="post" action="/connect/oauth2">
<input type="hidden" name="client_id" value="${view.clientId}"><input type="hidden" name="response_type" value="code">
<input type="hidden" name="redirect_uri" value="${view.redirectUri}"><input type="hidden" name="scope" value="${view.scopes.join(' ')}">
<input type="hidden" name="state" value="${view.state}">
<fieldset>${view.companies.map(
    (company, index) =>
      html`<label class="choice"><input type="radio" name="realmId" value="${company.realmId}"${index === 0 && html` checked`}>${company.name} <small>${company.realmId}</small></label>`,
  )}</fieldset>
<button class="main" name="decision" value="connect">Connect</button><button name="decision" value="deny">No thanks</button>
</form>`,
});

export const refusalPage = (problem: string): PageContent => ({
  system: 'quickbooks',
  title: 'This app cannot connect',
  shape: 'pay',
  body: html`<p class="notice wrong">${problem}</p>
<p>Nothing was sent to the app. Its makers can correct this in the settings of their developer account.</p>`,
});
