// /connections/{id}/certificates: the reconciliation certificate, made now or every night, and its rows.
import { z } from 'zod';
import { personOf, refOf } from './connections';
import type { Endpoint, Endpoints } from './endpoint';
import { given, PageQuery, pageOf, pageReply } from './paging';
import type { ApiParts } from './parts';
import {
  AskedCertificateShape,
  CertificateRowShape,
  CertificateShape,
  showAskedCertificate,
  showCertificate,
  showCertificateRow,
} from './shapes/certificates';

const tag = 'Certificates';
const read = { tag, scope: 'connections:read' } as const;

export const certificateEndpoints = (
  { json }: Endpoints,
  { sync: { certificates }, wishes }: ApiParts,
): readonly Endpoint[] => [
  json({
    ...read,
    name: 'GET /connections/:id/certificates',
    summary: 'List certificates',
    detail: 'Newest first.',
    query: PageQuery,
    answer: pageOf(CertificateShape),
    handle: async (call) => pageReply(await certificates.list(refOf(call), given(call.query)), showCertificate),
  }),
  json({
    tag,
    scope: 'connections:write',
    name: 'POST /connections/:id/certificates',
    summary: 'Compare both books and certify the outcome',
    detail:
      'It is queued, since the whole ledger is read: a few calls for a small company, hundreds for a large one. Asked for twice while it is under way, it is one. When it is done it is the first of the list. Nothing is written in either book.',
    status: 202,
    repeats: 'answer',
    answer: AskedCertificateShape,
    handle: async (call) => {
      const ref = refOf(call);
      const asked = await certificates.ask(ref, { actor: personOf(call) });
      await wishes.certificateSoon(ref.connectionId);
      return { body: showAskedCertificate(asked) };
    },
  }),
  json({
    ...read,
    name: 'GET /connections/:id/asked-certificate',
    summary: 'How far the certificate is that was asked for',
    detail: '`asked` is null where none is under way.',
    answer: z.object({ asked: AskedCertificateShape.nullable() }),
    handle: async (call) => {
      const asked = await certificates.asked(refOf(call));
      return { body: { asked: asked === undefined ? null : showAskedCertificate(asked) } };
    },
  }),
  json({
    ...read,
    name: 'GET /connections/:id/certificates/:certificateId',
    summary: 'Read a certificate',
    answer: CertificateShape,
    handle: async (call) => ({
      body: showCertificate(await certificates.get(refOf(call), call.params.certificateId ?? '')),
    }),
  }),
  json({
    ...read,
    name: 'GET /connections/:id/certificates/:certificateId/rows',
    summary: 'Both books by month, kind and currency',
    answer: z.object({ items: z.array(CertificateRowShape) }),
    handle: async (call) => {
      const rows = await certificates.rows(refOf(call), call.params.certificateId ?? '');
      return { body: { items: rows.map(showCertificateRow) } };
    },
  }),
];
