// The form that asks an accountant to approve a plan, as it was filled in: for a link to copy, and for the letter.
import { z } from 'zod';
import type { BridgeError } from '../../../core/errors';
import { textOf } from '../../http/forms';
import type { SignedIn } from '../../http/routes';

/** What the form has just come to. */
export type Made = {
  readonly url?: string;
  readonly meantFor?: string;
  readonly failure?: BridgeError;
};

export const LinkRequest = z.object({ meantFor: z.email('enter a mail address, as in ann@example.com').max(254) });

export const typedRequest = ({ body }: Pick<SignedIn, 'body'>) => ({
  planHash: textOf(body, 'hash'),
  meantFor: textOf(body, 'meantFor').trim(),
  startsBy: textOf(body, 'ownerStarts') === 'yes' ? ('owner' as const) : ('approval' as const),
});
