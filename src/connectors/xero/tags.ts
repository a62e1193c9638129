// Where our tag (`bb:<localId>:<generation>`) travels in Xero, so that a look-up can prove that a record is ours: contacts carry it in
// ContactNumber, invoices in the link back, payments and credit notes at the end of Reference. Allocations have no field for it.

const TAG = /^bb:(.+):(\d+)$/;
/** Our ids have a prefix of three letters; a number that another app put there is no tag. */
const OUR_ID = /^[a-z]{3}_[0-9a-z]+$/;

// ---- contacts ----

export const contactNumberOf = (externalRef: string | null, tag: string): string => {
  const [, localId, generation] = TAG.exec(tag) ?? [];
  if (externalRef === null) return tag;
  if (externalRef !== localId) return externalRef;
  return generation === '0' ? localId : `${localId}~${generation}`;
};

export const contactNumberOfTag = (tag: string): readonly string[] => {
  const localId = TAG.exec(tag)?.[1];
  return localId === undefined ? [tag] : [contactNumberOf(localId, tag), tag];
};

export const readContactNumber = (
  contactNumber: string,
): { readonly externalRef: string | null; readonly tag?: string } => {
  if (TAG.test(contactNumber)) return { externalRef: null, tag: contactNumber };
  const [, numbered, generation] = /^(.+)~(\d+)$/.exec(contactNumber) ?? [];
  const externalRef = numbered ?? contactNumber;
  return OUR_ID.test(externalRef) ? { externalRef, tag: `bb:${externalRef}:${generation ?? '0'}` } : { externalRef };
};

// ---- invoices ----

const LINK = '/open/';
export const linkOf = (publicUrl: string, tag: string): string => `${publicUrl}${LINK}${encodeURIComponent(tag)}`;

export const tagOfLink = (url: string): string | undefined => {
  const last = url.slice(url.lastIndexOf('/') + 1);
  if (!url.includes(LINK) || !/^[\w%.~-]+$/.test(last)) return undefined;
  try {
    const tag = decodeURIComponent(last);
    return TAG.test(tag) ? tag : undefined;
  } catch {
    return undefined; // a broken escape: not a link of ours
  }
};

// ---- payments and credit notes ----

export const referenceWithTag = (reference: string | null, tag: string): string =>
  reference === null ? `[${tag}]` : `${reference} [${tag}]`;

export const readReference = (text: string): { readonly reference: string | null; readonly tag?: string } => {
  const [, before = '', tag] = /^(.*?)\s*\[(bb:[^\][\s]+:\d+)\]$/s.exec(text) ?? [];
  const reference = (tag === undefined ? text : before).trim();
  return { reference: reference === '' ? null : reference, ...(tag === undefined ? {} : { tag }) };
};

/** To whom the gateway's fees are paid. A contact of this name that was never billed is no customer. */
export const GATEWAY_CONTACT = 'Stripe';
