// Pay links: one live link per invoice, the same in every mail. Only the hash of a token is looked up; the token itself is kept sealed.
import { createHash } from 'node:crypto';
import { randomToken } from '../../core/ids';
import { DuplicateKeyError, StaleRevisionError } from '../../store/port';
import { type PayLink, payLinks, payTokens } from './documents';
import type { PayParts } from './parts';

export type Links = {
  /** The token of the invoice's live link, made where there is none. */
  tokenOf(tenantId: string, invoiceId: string): Promise<string>;
  /** The live link behind a token, whoever's it is. */
  find(token: string): Promise<{ readonly tenantId: string; readonly link: PayLink } | undefined>;
  /** The old address stops working; the next mail carries a new one. */
  revoke(tenantId: string, invoiceId: string): Promise<void>;
};

type Parts = Pick<PayParts, 'store' | 'keyring' | 'clock' | 'ids' | 'logger'>;

const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url');
const TOKEN = /^[\w-]{43}$/;

export const createLinks = ({ store, keyring, clock, ids, logger }: Parts): Links => {
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

  /** Seals the token anew under the present key; a token that no key opens any more gets a companion that leads to the same link. */
  const renew = async (tenantId: string, link: PayLink, readable: string | undefined): Promise<string> => {
    const token = readable ?? randomToken();
    await store.transaction(async (scopes) => {
      await scopes.forTenant(tenantId).update(payLinks, { ...link, sealedToken: keyring.seal(token, link.id) });
      if (readable === undefined) {
        await scopes.system.insert(payTokens, { id: hashOf(token), businessId: tenantId, linkId: link.id });
      }
    });
    return token;
  };

  const opened = ({ id, sealedToken }: PayLink): string | undefined => {
    try {
      return keyring.open(sealedToken, id);
    } catch (error) {
      // The addresses that were mailed still work by their hash; only new mails need a token that can be read.
      logger.error('the token of a pay link cannot be opened', { linkId: id, error });
      return undefined;
    }
  };

  return {
    tokenOf: async (tenantId, invoiceId) => {
      for (let attempt = 0; attempt < 4; attempt++) {
        try {
          const link = await liveLink(tenantId, invoiceId);
          if (link !== undefined) {
            const token = opened(link);
            return token !== undefined && !keyring.isStale(link.sealedToken)
              ? token
              : await renew(tenantId, link, token);
          }
          await make(tenantId, invoiceId);
        } catch (error) {
          // Made, renewed or revoked by somebody else in the meantime: look again.
          if (!(error instanceof DuplicateKeyError || error instanceof StaleRevisionError)) throw error;
        }
      }
      throw new Error(`the pay link of ${invoiceId} was changed again and again while it was read`);
    },
    find: async (token) => {
      if (!TOKEN.test(token)) return undefined;
      const known = await store.system.get(payTokens, hashOf(token));
      if (known === undefined) return undefined;
      const link = await store.forTenant(known.businessId).get(payLinks, known.linkId);
      return link?.state === 'live' ? { tenantId: known.businessId, link } : undefined;
    },
    revoke: (tenantId, invoiceId) =>
      store.transaction(async (scopes) => {
        const session = scopes.forTenant(tenantId);
        const { items } = await session.find(payLinks, { where: { invoiceId, state: 'live' } });
        for (const link of items) await session.update(payLinks, { ...link, state: 'revoked' });
      }),
  };
};
