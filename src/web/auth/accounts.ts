// Who the people are: the first owner of a business, signing in, one-time links, the team. Knows nothing of HTTP.
import { BridgeError } from '../../core/errors';
import { type IdSource, randomToken } from '../../core/ids';
import { DuplicateKeyError, findAll, type Scopes, type Store } from '../../store/port';
import type { Role } from '../access';
import { type DoorLink, doorLinks, type Membership, memberships, type User, users } from './collections';
import { checkPassword, hashPassword, type PasswordCost } from './passwords';
import { hashSecret } from './secrets';
import type { Throttle } from './throttle';

export const SIGN_IN_LINK_MS = 24 * 60 * 60_000;
export const INVITATION_MS = 7 * 24 * 60 * 60_000;

export type NewPerson = { readonly email: string; readonly name: string; readonly password: string | null };
export type Member = { readonly membership: Membership; readonly user: User };
export type NewLink = {
  readonly kind: DoorLink['kind'];
  readonly businessId: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
};

export type Accounts = {
  /** The first owner of a business that was just made. Refuses an address that has an account with another password. */
  addOwner(businessId: string, person: NewPerson): Promise<User>;
  isKnown(email: string): Promise<boolean>;
  /** Throttled. Undefined where address and password do not belong together. */
  signIn(email: string, password: string, address: string): Promise<User | undefined>;
  changePassword(userId: string, current: string | null, next: string, address: string): Promise<void>;
  userById(id: string): Promise<User | undefined>;
  membershipOf(userId: string, businessId: string): Promise<Membership | undefined>;
  businessesOf(userId: string): Promise<readonly Membership[]>;
  team(businessId: string): Promise<readonly Member[]>;
  changeRole(businessId: string, membershipId: string, role: Role): Promise<void>;
  removeMember(businessId: string, membershipId: string): Promise<Member>;
  /** Returns the secret part of the link; it is not stored. */
  makeLink(link: NewLink): Promise<string>;
  openLinks(businessId: string): Promise<readonly DoorLink[]>;
  withdrawLink(businessId: string, linkId: string): Promise<void>;
  /** What a link is for, or undefined where it is unknown, used or too old. Changes nothing. */
  lookAtLink(token: string): Promise<DoorLink | undefined>;
  /** Uses the link up. A new person needs name and password; somebody known keeps their own. */
  useLink(token: string, person: Pick<NewPerson, 'name' | 'password'>): Promise<{ user: User; link: DoorLink }>;
};

type Parts = {
  readonly store: Store;
  readonly now: () => Date;
  readonly ids: IdSource;
  readonly cost: PasswordCost;
  readonly throttle: Throttle;
};

const normalEmail = (email: string): string => email.trim().toLowerCase();

const findUser = async (scopes: Scopes, email: string): Promise<User | undefined> =>
  (await scopes.system.find(users, { where: { email: normalEmail(email) }, limit: 1 })).items.at(0);

const findMembership = async (scopes: Scopes, userId: string, businessId: string): Promise<Membership | undefined> =>
  (await scopes.system.find(memberships, { where: { userId, businessId }, limit: 1 })).items.at(0);

const membersOf = async (scopes: Scopes, businessId: string): Promise<Membership[]> => {
  const found: Membership[] = [];
  for await (const row of findAll(scopes.system, memberships, { where: { businessId } })) found.push(row);
  return found;
};

export const createAccounts = ({ store, now, ids, cost, throttle }: Parts): Accounts => {
  const at = (): string => now().toISOString();

  const join = async (scopes: Scopes, userId: string, businessId: string, role: Role): Promise<void> => {
    if (await findMembership(scopes, userId, businessId)) return;
    await scopes.system.insert(memberships, { id: ids('mem'), userId, businessId, role, createdAt: at() });
  };

  const lookAtLink = async (scopes: Scopes, token: string): Promise<DoorLink | undefined> => {
    const found = await scopes.system.find(doorLinks, { where: { tokenHash: hashSecret(token) }, limit: 1 });
    const link = found.items.at(0);
    return link && link.usedAt === null && link.expiresAt > at() ? link : undefined;
  };

  const memberOrRefuse = async (scopes: Scopes, businessId: string, membershipId: string): Promise<Membership> => {
    const membership = await scopes.system.get(memberships, membershipId);
    if (membership?.businessId !== businessId)
      throw new BridgeError('BB_NOT_FOUND', { kind: 'team member', id: membershipId });
    return membership;
  };

  /** A business without an owner could never be set up again. */
  const refuseLastOwner = async (scopes: Scopes, membership: Membership): Promise<void> => {
    if (membership.role !== 'owner') return;
    const owners = (await membersOf(scopes, membership.businessId)).filter((row) => row.role === 'owner');
    if (owners.length > 1) return;
    throw new BridgeError('BB_BILLING_REFUSED', {
      reason: 'This is the only owner of the business.',
      remedy: 'Make somebody else an owner first.',
    });
  };

  return {
    addOwner: async (businessId, person) => {
      const passwordHash = person.password === null ? null : await hashPassword(person.password, cost);
      try {
        return await store.transaction(async (scopes) => {
          const known = await findUser(scopes, person.email);
          if (known && person.password !== null) throw knownAddress();
          const user =
            known ??
            (await scopes.system.insert(users, {
              id: ids('usr'),
              email: normalEmail(person.email),
              name: person.name,
              passwordHash,
              createdAt: at(),
            }));
          await join(scopes, user.id, businessId, 'owner');
          return user;
        });
      } catch (error) {
        if (error instanceof DuplicateKeyError) throw knownAddress();
        throw error;
      }
    },
    isKnown: async (email) => (await findUser(store, email)) !== undefined,

    signIn: async (email, password, address) => {
      const account = normalEmail(email);
      await throttle.check(account, address);
      const user = await findUser(store, account);
      const check = await checkPassword(password, user?.passwordHash ?? null, cost);
      if (!user || !check.matches) {
        await throttle.failed(account, address);
        return undefined;
      }
      await throttle.succeeded(account, address);
      if (!check.needsRehash) return user;
      return store.system.update(users, { ...user, passwordHash: await hashPassword(password, cost) });
    },
    changePassword: async (userId, current, next, address) => {
      const user = await store.system.get(users, userId);
      if (!user) throw new BridgeError('BB_NOT_FOUND', { kind: 'user', id: userId });
      if (user.passwordHash !== null) {
        await throttle.check(user.email, address);
        const check = await checkPassword(current ?? '', user.passwordHash, cost);
        if (!check.matches) {
          await throttle.failed(user.email, address);
          throw new BridgeError(
            'BB_INPUT_INVALID',
            { problem: 'The present password is not right.' },
            { current: 'This is not your present password.' },
          );
        }
      }
      await store.system.update(users, { ...user, passwordHash: await hashPassword(next, cost) });
    },

    userById: (id) => store.system.get(users, id),
    membershipOf: (userId, businessId) => findMembership(store, userId, businessId),
    businessesOf: async (userId) =>
      (await store.system.find(memberships, { where: { userId }, order: { index: 'byUser' }, limit: 200 })).items,
    team: async (businessId) => {
      const members: Member[] = [];
      for (const membership of await membersOf(store, businessId)) {
        const user = await store.system.get(users, membership.userId);
        if (user) members.push({ membership, user });
      }
      return members.sort((a, b) => a.user.name.localeCompare(b.user.name));
    },
    changeRole: (businessId, membershipId, role) =>
      store.transaction(async (scopes) => {
        const membership = await memberOrRefuse(scopes, businessId, membershipId);
        if (membership.role === role) return;
        await refuseLastOwner(scopes, membership);
        await scopes.system.update(memberships, { ...membership, role });
      }),
    removeMember: (businessId, membershipId) =>
      store.transaction(async (scopes) => {
        const membership = await memberOrRefuse(scopes, businessId, membershipId);
        await refuseLastOwner(scopes, membership);
        await scopes.system.remove(memberships, membership.id, membership.revision);
        const user = await scopes.system.get(users, membership.userId);
        if (!user) throw new Error(`membership ${membership.id} names no user`);
        return { membership, user };
      }),

    makeLink: async (link) => {
      const token = randomToken();
      const lifeMs = link.kind === 'invitation' ? INVITATION_MS : SIGN_IN_LINK_MS;
      await store.system.insert(doorLinks, {
        ...link,
        id: ids('lnk'),
        email: normalEmail(link.email),
        tokenHash: hashSecret(token),
        expiresAt: new Date(now().getTime() + lifeMs).toISOString(),
        usedAt: null,
      });
      return token;
    },
    openLinks: async (businessId) => {
      const open: DoorLink[] = [];
      for await (const link of findAll(store.system, doorLinks, { where: { businessId } }))
        if (link.usedAt === null && link.expiresAt > at()) open.push(link);
      return open;
    },
    withdrawLink: async (businessId, linkId) => {
      const link = await store.system.get(doorLinks, linkId);
      if (link?.businessId !== businessId) throw new BridgeError('BB_NOT_FOUND', { kind: 'invitation', id: linkId });
      await store.system.remove(doorLinks, link.id);
    },
    lookAtLink: (token) => lookAtLink(store, token),
    useLink: async (token, person) => {
      const passwordHash = person.password === null ? null : await hashPassword(person.password, cost);
      return store.transaction(async (scopes) => {
        const link = await lookAtLink(scopes, token);
        if (!link) throw usedLink();
        const known = await findUser(scopes, link.email);
        const user =
          known ??
          (await scopes.system.insert(users, {
            id: ids('usr'),
            email: link.email,
            name: person.name,
            passwordHash,
            createdAt: at(),
          }));
        if (link.kind === 'invitation') await join(scopes, user.id, link.businessId, link.role);
        await scopes.system.update(doorLinks, { ...link, usedAt: at() });
        return { user, link };
      });
    },
  };
};

const knownAddress = (): BridgeError =>
  new BridgeError(
    'BB_INPUT_INVALID',
    { problem: 'There is already an account with this mail address.' },
    { email: 'There is already an account with this address. Sign in with it, or use another one.' },
  );

export const usedLink = (): BridgeError =>
  new BridgeError('BB_BILLING_REFUSED', {
    reason: 'This link was used before, withdrawn, or is too old.',
    remedy: 'Ask an owner of the business for a new one.',
  });
