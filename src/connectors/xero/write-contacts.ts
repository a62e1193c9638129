// Writes of contacts. Xero neither deletes nor merges them for us: what is put aside is archived.
import type { WriteRequest } from '../../sync/ports/ledger-port';
import type { CallOptions } from './api';
import { type Outcomes, type Requests, sendBatch, type WriterDeps } from './batch';
import { contactBody } from './contact-projection';
import { CONTACTS } from './kinds';

export const writeContacts = (
  deps: WriterDeps,
  requests: Requests<'contact'>,
  options: CallOptions,
): Promise<Outcomes<'contact'>> =>
  sendBatch(deps, CONTACTS, requests, (batch, key) => {
    const contacts = batch.map((request) => contactElement(request));
    return batch[0]?.op === 'create'
      ? deps.api.createContacts({ contacts }, key, options)
      : deps.api.updateContacts({ contacts }, key, options);
  });

const contactElement = (request: WriteRequest<'contact'>): object => {
  switch (request.op) {
    case 'void':
      return { contactID: request.externalId, contactStatus: 'ARCHIVED' };
    case 'unarchive':
      return { contactID: request.externalId, contactStatus: 'ACTIVE' };
    case 'create':
    case 'update':
      return contactBody(request.projection, request);
  }
};
