// Turns answers and failures into HTTP: pages in their layout, redirects with a word for the next page, files, JSON, problem+json.
import { once } from 'node:events';
import type { Request, Response } from 'express';
import { BridgeError } from '../../core/errors';
import type { Logger } from '../../core/logger';
import { InvalidCursorError } from '../../store/cursor';
import { DuplicateKeyError, NotFoundError, StaleRevisionError } from '../../store/port';
import { may, type Permission, roleWords } from '../access';
import type { Assets } from '../assets';
import type { Views } from '../views';
import type { Answer, Section } from './answer';
import type { Cookies } from './cookies';
import { formToken } from './forgery';
import { pathForLog, referenceOf } from './request-log';
import type { Visitor, Visitors } from './visitor';

/** What the side bar says beside the links. */
export type NavState = {
  readonly ledger: { readonly words: string; readonly says: string; readonly isGood: boolean } | null;
  readonly problems: number;
};

export type Responder = {
  answer(req: Request, res: Response, answer: Answer, visitor: Visitor | undefined): Promise<void>;
  /** Express's error handler in words for people, or problem+json for programs. */
  failure(req: Request, res: Response, error: unknown): Promise<void>;
};

type Parts = {
  readonly views: Views;
  readonly assets: Assets;
  readonly cookies: Cookies;
  readonly visitors: Visitors;
  readonly logger: Logger;
  readonly nav: (tenantId: string) => Promise<NavState>;
};

export const createResponder = (parts: Parts): Responder => {
  const { views, assets, cookies, visitors, logger } = parts;

  const sendPage = async (
    req: Request,
    res: Response,
    answer: Extract<Answer, { kind: 'page' }>,
    visitor: Visitor | undefined,
  ): Promise<void> => {
    const layout = answer.layout ?? (visitor === undefined ? 'bare' : 'app');
    const said = cookies.read(req, 'said');
    if (said !== undefined) cookies.clear(res, 'said');
    const secret = visitors.ensureFormSecret(req, res, visitor);
    const frame = {
      title: answer.title,
      assets: { css: assets.css, js: assets.js },
      form: formToken(secret),
      said: said ?? null,
      here: pathForLog(req.path),
      section: sectionFlags(answer.section ?? 'none'),
      locale: visitor?.business.locale ?? 'en-GB',
      timeZone: visitor?.business.timeZone ?? 'UTC',
      visitor: visitor === undefined ? null : visitorView(visitor),
      nav: visitor === undefined || layout !== 'app' ? null : await parts.nav(visitor.tenantId),
    };
    const html = views.render(answer.view, layout, { ...frame, ...answer.data });
    res.status(answer.status ?? 200);
    res.setHeader('Cache-Control', 'no-store');
    res.type('html').send(html);
  };

  const send = async (req: Request, res: Response, answer: Answer, visitor: Visitor | undefined): Promise<void> => {
    switch (answer.kind) {
      case 'page':
        return sendPage(req, res, answer, visitor);
      case 'redirect':
        if (answer.said !== undefined) cookies.set(res, 'said', answer.said, 60_000);
        res.redirect(303, answer.to);
        return;
      case 'file':
        return sendFile(res, answer);
      case 'json':
        res.status(answer.status ?? 200).set(answer.headers ?? {});
        res.setHeader('Cache-Control', 'no-store');
        if (answer.status === 204) res.end();
        else res.json(answer.body);
        return;
      case 'text':
        res
          .status(answer.status ?? 200)
          .type(answer.type ?? 'text/plain')
          .send(answer.body);
    }
  };

  const failure = async (req: Request, res: Response, error: unknown): Promise<void> => {
    const known = asBridgeError(error, referenceOf(res));
    if (known.code === 'BB_INTERNAL') logger.error('request failed', { reference: referenceOf(res), error });
    if (res.headersSent) {
      res.destroy();
      return;
    }
    if (req.path.startsWith('/api/')) return sendProblem(res, known);
    if (req.path.startsWith('/webhooks/')) {
      res.status(known.status).type('text/plain').send('');
      return;
    }
    const visitor = await visitors.find(req);
    if (known.code === 'BB_AUTH_REQUIRED' && req.method === 'GET') {
      res.redirect(303, `/signin?next=${encodeURIComponent(req.originalUrl)}`);
      return;
    }
    if (known.code === 'BB_RATE_LIMITED') res.setHeader('Retry-After', String(known.details.seconds ?? 60));
    const isAddress = known.code === 'BB_NOT_FOUND' && known.details.kind === 'page';
    const data = {
      heading: headingOf(known),
      message: isAddress ? 'No page of BillBridge has this address.' : known.message,
      fix: isAddress ? 'It may have been cut off or typed wrongly.' : known.fix,
      code: known.code,
    };
    await sendPage(
      req,
      res,
      { kind: 'page', view: 'errors/problem', title: data.heading, data, status: known.status },
      visitor,
    );
  };

  return { answer: send, failure };
};

const SECTIONS: readonly Section[] = [
  'home',
  'invoices',
  'customers',
  'payments',
  'creditNotes',
  'reminders',
  'activity',
  'connections',
  'settings',
];
const sectionFlags = (section: Section): Record<string, boolean> =>
  Object.fromEntries(SECTIONS.map((name) => [name, name === section]));

const PERMISSIONS: readonly Permission[] = ['read', 'write', 'decide', 'connect', 'settings', 'undo'];
const visitorView = ({ user, role, business }: Visitor) => ({
  name: user.name,
  role: roleWords[role].name,
  business: business.name,
  currency: business.baseCurrency,
  may: Object.fromEntries(PERMISSIONS.map((permission) => [permission, may(role, permission)])),
});

const sendFile = async (res: Response, answer: Extract<Answer, { kind: 'file' }>): Promise<void> => {
  const plainName = answer.name.replace(/[^\w.() -]/g, '_');
  const disposition = answer.inline ? 'inline' : 'attachment';
  res.setHeader('Content-Type', answer.type);
  res.setHeader(
    'Content-Disposition',
    `${disposition}; filename="${plainName}"; filename*=UTF-8''${encodeURIComponent(answer.name)}`,
  );
  res.setHeader('Cache-Control', 'no-store');
  if (typeof answer.body === 'string' || Buffer.isBuffer(answer.body)) {
    res.send(answer.body);
    return;
  }
  for await (const part of answer.body) if (!res.write(part)) await once(res, 'drain');
  res.end();
};

const sendProblem = (res: Response, error: BridgeError): void => {
  res.status(error.status).type('application/problem+json');
  if (error.code === 'BB_RATE_LIMITED') res.setHeader('Retry-After', String(error.details.seconds ?? 60));
  res.json({
    type: `urn:billbridge:error:${error.code}`,
    title: error.message,
    status: error.status,
    code: error.code,
    detail: error.fix,
    ...(Object.keys(error.fields).length > 0 ? { fields: error.fields } : {}),
    instance: referenceOf(res),
  });
};

/** Typed failures of the store that a handler let through become catalogue errors; everything else is ours. */
const asBridgeError = (error: unknown, reference: string): BridgeError => {
  if (error instanceof BridgeError) return error;
  if (error instanceof NotFoundError) return new BridgeError('BB_NOT_FOUND', { kind: 'record', id: error.id });
  if (error instanceof StaleRevisionError) return new BridgeError('BB_STORE_STALE', { kind: 'record' });
  if (error instanceof DuplicateKeyError)
    return new BridgeError('BB_STORE_DUPLICATE', { kind: 'record', field: error.index });
  if (error instanceof InvalidCursorError) {
    return new BridgeError(
      'BB_INPUT_INVALID',
      { problem: 'after: this page marker belongs to another list' },
      { after: 'start again without it' },
    );
  }
  if (error instanceof URIError) return new BridgeError('BB_NOT_FOUND', { kind: 'page', id: '' }); // %E0%A4%A
  const status = bodyStatus(error);
  if (status !== undefined)
    return new BridgeError('BB_INPUT_INVALID', { problem: BODY_WORDS[status] ?? 'The body could not be read.' });
  return new BridgeError('BB_INTERNAL', { reference });
};

const BODY_WORDS: Readonly<Record<number, string>> = {
  400: 'The body could not be read: it is no valid JSON or form.',
  413: 'The body is too large.',
  415: 'The body has a form that is not read here.',
};
/** Errors of express's body readers carry a status and `expose`. */
const bodyStatus = (error: unknown): number | undefined =>
  error instanceof Error &&
  'status' in error &&
  'expose' in error &&
  error.expose === true &&
  typeof error.status === 'number'
    ? error.status
    : undefined;

const headingOf = (error: BridgeError): string => {
  switch (error.status) {
    case 401:
      return 'Please sign in';
    case 403:
      return 'This is not open to you';
    case 404:
      return 'There is nothing here';
    case 409:
    case 412:
      return 'This was not done';
    case 429:
      return 'A little slower, please';
    case 503:
      return 'This is not set up yet';
    default:
      return error.status >= 500 ? 'This did not work' : 'Something has to be corrected';
  }
};
