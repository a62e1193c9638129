// Pay links: one live link per invoice, the same in every mail. Only the hash of a token is looked up; the token itself is kept sealed.
import { createHash } from 'node:crypto';
import type { Clock } from '../../core/clock';
import { type IdSource, randomToken } from '../../core/ids';
import type { Keyring } from '../../core/keyring';
import { DuplicateKeyError, type Store } from '../../store/port';
import { type PayLink, payLinks, payTokens } from './documents';

export type Links = {
  /** The token of the invoice's live link, made where there is none. */
  tokenOf(tenantId: string, invoiceId: string): Promise<string>;
  /** The live link behind a token, whoever's it is. */
  find(token: string): Promise<{ readonly tenantId: string; readonly link: PayLink } | undefined>;
  /** The old address stops working; the next mail carries a new one. */
  revoke(tenantId: string, invoiceId: string): Promise<void>;
};

type Parts = { readonly store: Store; readonly keyring: Keyring; readonly clock: Clock; readonly ids: IdSource };

const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url');
const TOKEN = /^[\w-]{43}$/;

export const createLinks = ({ store, keyring, clock, ids }: Parts): Links => {
  const liveLink = async (tenantId: string, invoiceId: string): Promise<PayLink | undefined> =>
    (await store.forTenant(tenantId).find(payLinks, { where: { invoiceId, state: 'live' }, limit: 1 })).items.at(0);

  const make = async (tenantId: string, invoiceId: string): Promise<void> => {
    const token = randomToken();
    const linkId = ids('pln');
    await store.transaction(async (scopes) => {
      await scopes.forTenant(tenantId).insert(payLinks, {
        id: linkId,
        invoiceId,
        sealedToken: keyring.seal(token, linkId),
        state: 'live',
        createdAt: clock.now().toISOString(),
      });
      await scopes.system.insert(payTokens, { id: hashOf(token), businessId: tenantId, linkId });
    });
  };

  return {
    tokenOf: async (tenantId, invoiceId) => {
      if ((await liveLink(tenantId, invoiceId)) === undefined) {
        try {
          await make(tenantId, invoiceId);
        } catch (error) {
          if (!(error instanceof DuplicateKeyError)) throw error; // made by somebody else in the meantime
        }
      }
      const link = await liveLink(tenantId, invoiceId);
      if (link === undefined) throw new Error(`the pay link of ${invoiceId} was revoked while it was made`);
      return keyring.open(link.sealedToken, link.id);
    },
    find: async (token) => {
      if (!TOKEN.test(token)) return undefined;
      const known = await store.system.get(payTokens, hashOf(token));
      if (known === undefined) return undefined;
      const link = await store.forTenant(known.businessId).get(payLinks, known.linkId);
      return link?.state === 'live' ? { tenantId: known.businessId, link } : undefined;
    },
    revoke: async (tenantId, invoiceId) => {
      const link = await liveLink(tenantId, invoiceId);
      if (link !== undefined) await store.forTenant(tenantId).update(payLinks, { ...link, state: 'revoked' });
    },
  };
};
