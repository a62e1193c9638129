// Puts an answer on the wire: JSON where the caller asked for it, XML where it did not (Xero's default), and no more.
import type { Response } from 'express';
import type { Reply } from './reply';

export const send = (response: Response, reply: Reply, headers: Readonly<Record<string, string>> = {}): void => {
  response.status(reply.status).set({ ...headers, ...reply.headers });
  const { body } = reply;
  if (body === undefined) {
    response.end();
    return;
  }
  response.locals.sent = body;
  if (typeof body === 'string') {
    response.type(reply.type ?? 'text/plain').send(body);
    return;
  }
  if ((response.req.get('accept') ?? '').includes('application/json')) {
    response.type('application/json').send(JSON.stringify(body));
    return;
  }
  response.type('text/xml').send(`<Response>${inXml(body)}</Response>`);
};

const inXml = (value: unknown): string => {
  if (Array.isArray(value)) return value.map((member) => `<Item>${inXml(member)}</Item>`).join('');
  if (typeof value !== 'object' || value === null) return escaped(String(value ?? ''));
  return Object.entries(value)
    .map(([key, member]) => `<${key}>${inXml(member)}</${key}>`)
    .join('');
};

const escaped = (text: string): string =>
  text.replace(/[<>&"]/g, (sign) => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' })[sign] ?? sign);
