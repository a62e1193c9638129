// The door: setting up a business, signing in and out, one-time links, one's own account.
import { z } from 'zod';
import type { Billing } from '../../billing/service';
import { BridgeError } from '../../core/errors';
import { parse } from '../../core/parse';
import { roleWords } from '../access';
import { type Accounts, usedLink } from '../auth/accounts';
import { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from '../auth/passwords';
import { ABSOLUTE_LIMIT_MS, type Sessions } from '../auth/sessions';
import { type Answer, redirect } from '../http/answer';
import type { Cookies } from '../http/cookies';
import { attempt, type Field, type FormFailure, fieldViews, idText, problemViews, textOf } from '../http/forms';
import { guarded, type Incoming, open, type Route, type SignedIn } from '../http/routes';
import { COUNTRIES, countryDefaults } from './countries';

type Parts = {
  readonly billing: Billing;
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly cookies: Cookies;
};

const email = z.email('enter your mail address, such as anna@example.com');
const newPassword = z
  .string()
  .min(MIN_PASSWORD_LENGTH, `choose at least ${MIN_PASSWORD_LENGTH} characters`)
  .max(MAX_PASSWORD_LENGTH, `keep it to ${MAX_PASSWORD_LENGTH} characters`);
const personName = z.string().trim().min(1, 'enter your name').max(200, 'keep it to 200 characters');

const SignUp = z.object({
  business: z.string().trim().min(1, 'enter the name of the business').max(200, 'keep it to 200 characters'),
  country: z.enum(COUNTRIES.map(({ code }) => code) as [string, ...string[]], 'choose the country'),
  name: personName,
  email,
  password: newPassword,
});
const SignIn = z.object({ email, password: z.string().min(1, 'enter your password') });

const SIGN_UP: readonly Field[] = [
  { name: 'business', label: 'Name of the business', autocomplete: 'organization', required: true },
  {
    name: 'country',
    label: 'Country of the books',
    hint: 'Sets currency, time zone and tax to start with; all can be changed.',
    options: COUNTRIES.map(({ code, name }) => ({ value: code, label: name })),
  },
  { name: 'name', label: 'Your name', autocomplete: 'name', required: true },
  { name: 'email', label: 'Mail address', type: 'email', autocomplete: 'email', required: true },
  {
    name: 'password',
    label: 'Password',
    type: 'password',
    hint: `At least ${MIN_PASSWORD_LENGTH} characters; a few words are better than one.`,
    autocomplete: 'new-password',
    required: true,
  },
];
const SIGN_IN: readonly Field[] = [
  { name: 'email', label: 'Mail address', type: 'email', autocomplete: 'email', required: true },
  { name: 'password', label: 'Password', type: 'password', autocomplete: 'current-password', required: true },
];
const JOIN: readonly Field[] = SIGN_UP.filter(({ name }) => name === 'name' || name === 'password');
const PASSWORD: readonly Field[] = [
  { name: 'current', label: 'Present password', type: 'password', autocomplete: 'current-password' },
  { name: 'password', label: 'New password', type: 'password', autocomplete: 'new-password', required: true },
];

const doorPage = (
  view: string,
  title: string,
  fields: readonly Field[],
  incoming: Incoming,
  failure?: FormFailure,
  extra: object = {},
): Answer => ({
  kind: 'page',
  view,
  title,
  layout: 'door',
  status: failure === undefined ? 200 : 422,
  data: {
    fields: fieldViews(fields, (name) => textOf(incoming.body, name), failure),
    problems: problemViews(fields, failure),
    ...extra,
  },
});

/** Only a path of ours: `next` comes from outside. */
const ownPath = (text: string): string => (/^\/(?![/\\])[\w\-./?=&%]*$/.test(text) ? text : '/');

export const doorPages = ({ billing, accounts, sessions, cookies }: Parts): readonly Route[] => {
  const enter = async (incoming: Incoming, userId: string, businessId: string, to: string, said?: string) => {
    const { token } = await sessions.start(userId, businessId);
    cookies.set(incoming.res, 'session', token, ABSOLUTE_LIMIT_MS);
    cookies.clear(incoming.res, 'door');
    return redirect(to, said);
  };

  const signUp = async (incoming: Incoming): Promise<Answer> => {
    const tried = await attempt(async () => {
      const form = parse(SignUp, incoming.body);
      if (await accounts.isKnown(form.email)) {
        throw new BridgeError(
          'BB_INPUT_INVALID',
          { problem: 'There is already an account with this address.' },
          { email: 'there is already an account with this address: sign in with it' },
        );
      }
      const actor = { kind: 'user', id: 'signup', name: form.name } as const;
      const business = await billing.businesses.create(
        { actor },
        { name: form.business, ...countryDefaults(form.country) },
      );
      const { email: mail, name, password } = form;
      return { business, user: await accounts.addOwner(business.id, { email: mail, name, password }) };
    });
    if (!tried.ok) {
      return doorPage('door/signup', 'Set up your business', SIGN_UP, incoming, tried.failure, { businessName: null });
    }
    const { user, business } = tried.value;
    return enter(incoming, user.id, business.id, '/', `${business.name} is set up. Connect your ledger next.`);
  };

  const signIn = async (incoming: Incoming): Promise<Answer> => {
    const next = ownPath(textOf(incoming.body, 'next'));
    const tried = await attempt(async () => {
      const form = parse(SignIn, incoming.body);
      const user = await accounts.signIn(form.email, form.password, incoming.address);
      const [membership] = user === undefined ? [] : await accounts.businessesOf(user.id);
      if (user !== undefined && membership !== undefined) return { user, membership };
      throw new BridgeError(
        'BB_INPUT_INVALID',
        { problem: 'Mail address and password do not belong together.' },
        { password: 'this is not the password of that address, or there is no such account' },
      );
    });
    if (!tried.ok) return doorPage('door/signin', 'Sign in', SIGN_IN, incoming, tried.failure, { next });
    return enter(incoming, tried.value.user.id, tried.value.membership.businessId, next);
  };

  /** The page of a one-time link. Looking changes nothing: mail scanners open links too. */
  const linkPage = async (incoming: Incoming, failure?: FormFailure): Promise<Answer> => {
    const token = incoming.params.token ?? '';
    const link = await accounts.lookAtLink(token);
    if (link === undefined) return doorPage('door/enter', 'Link', [], incoming, undefined, { link: null });
    const business = await billing.businesses.get(link.businessId);
    const isInvitation = link.kind === 'invitation';
    const fields = (await accounts.isKnown(link.email)) ? [] : JOIN;
    return doorPage('door/enter', isInvitation ? 'Join' : 'Sign in', fields, incoming, failure, {
      link: { isInvitation, business: business.name, email: link.email, action: `/enter/${encodeURIComponent(token)}` },
    });
  };

  const useLink = async (incoming: Incoming): Promise<Answer> => {
    const token = incoming.params.token ?? '';
    const tried = await attempt(async () => {
      const link = await accounts.lookAtLink(token);
      if (link === undefined) throw usedLink();
      const person = (await accounts.isKnown(link.email))
        ? { name: link.name, password: null }
        : parse(z.object({ name: personName, password: newPassword }), incoming.body);
      return accounts.useLink(token, person);
    });
    if (!tried.ok) return linkPage(incoming, tried.failure);
    return enter(incoming, tried.value.user.id, tried.value.link.businessId, '/');
  };

  const accountPage = async (incoming: SignedIn, failure?: FormFailure): Promise<Answer> => {
    const { user, business: here } = incoming.visitor;
    const fields = user.passwordHash === null ? PASSWORD.slice(1) : PASSWORD;
    const businesses = await Promise.all(
      (await accounts.businessesOf(user.id)).map(async ({ businessId, role }) => ({
        id: businessId,
        name: (await billing.businesses.get(businessId)).name,
        role: roleWords[role].name,
        isHere: businessId === here.id,
      })),
    );
    return {
      kind: 'page',
      view: 'door/account',
      title: user.name,
      status: failure === undefined ? 200 : 422,
      data: {
        person: { name: user.name, email: user.email, hasPassword: user.passwordHash !== null },
        fields: fieldViews(fields, () => '', failure),
        problems: problemViews(fields, failure),
        businesses: businesses.length > 1 ? businesses : null,
      },
    };
  };

  return [
    open('GET /signup', async (incoming) =>
      doorPage('door/signup', 'Set up your business', SIGN_UP, incoming, undefined, { businessName: null }),
    ),
    open('POST /signup', signUp),
    open('GET /signin', async (incoming) =>
      doorPage('door/signin', 'Sign in', SIGN_IN, incoming, undefined, { next: ownPath(incoming.query.next ?? '/') }),
    ),
    open('POST /signin', signIn),
    open('GET /signin/help', async (incoming) => doorPage('door/help', 'I cannot get in', [], incoming)),
    open('GET /enter/:token', (incoming) => linkPage(incoming)),
    open('POST /enter/:token', useLink),
    guarded('POST /signout', 'signedIn', async ({ visitor, res }) => {
      await sessions.end(visitor.session.id);
      cookies.clear(res, 'session');
      return redirect('/signin', 'You are signed out.');
    }),
    guarded('POST /signout/everywhere', 'signedIn', async ({ visitor }) => {
      const ended = await sessions.endAll(visitor.user.id, visitor.session.id);
      return redirect(
        '/account',
        ended === 0 ? 'You were signed in nowhere else.' : `Signed out of ${ended} other browsers.`,
      );
    }),
    guarded('GET /account', 'signedIn', (incoming) => accountPage(incoming)),
    guarded('POST /account/password', 'signedIn', async (incoming) => {
      const { user, session } = incoming.visitor;
      const tried = await attempt(async () => {
        const { password } = parse(z.object({ password: newPassword }), incoming.body);
        await accounts.changePassword(user.id, textOf(incoming.body, 'current'), password, incoming.address);
        await sessions.endAll(user.id, session.id);
      });
      return tried.ok
        ? redirect('/account', 'The password is changed, and every other browser is signed out.')
        : accountPage(incoming, tried.failure);
    }),
    guarded('POST /account/business', 'signedIn', async ({ visitor, body }) => {
      const businessId = idText(textOf(body, 'business'), 'business');
      if ((await accounts.membershipOf(visitor.user.id, businessId)) === undefined) {
        throw new BridgeError('BB_NOT_FOUND', { kind: 'business', id: businessId });
      }
      await sessions.enterBusiness(visitor.session, businessId);
      return redirect('/');
    }),
  ];
};
