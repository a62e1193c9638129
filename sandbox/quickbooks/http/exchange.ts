// Writing an answer, waiting, and noting every exchange whether it was answered or not.
import type { RequestHandler, Response } from 'express';
import type { ExchangeLog } from './exchange-log';
import type { Reply } from './reply';

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export const sendReply = (response: Response, reply: Reply): void => {
  response.locals.reply = reply;
  response.status(reply.status).set(reply.headers ?? {});
  if (typeof reply.body === 'string') response.type(reply.type ?? 'text/plain').send(reply.body);
  else response.json(reply.body);
};

/** Reads the whole body as bytes, so that wrong encodings and broken JSON are this program's to answer. */
export const readBody: RequestHandler = (request, _response, next) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    request.body = Buffer.concat(chunks);
    next();
  });
  request.on('error', next);
};

export const noteExchanges =
  (log: ExchangeLog): RequestHandler =>
  (request, response, next) => {
    const { method, originalUrl: path } = request;
    response.once('close', () => {
      const reply = response.locals.reply as Reply | undefined;
      log.add({
        method,
        path,
        requestBody: Buffer.isBuffer(request.body) ? parsed(request.body.toString('utf8')) : request.body,
        status: response.writableFinished ? response.statusCode : 0,
        responseBody: reply?.body,
        faults: response.locals.faults ?? [],
      });
    });
    next();
  };

const parsed = (text: string): unknown => {
  if (!text.startsWith('{') && !text.startsWith('[')) return text === '' ? undefined : text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};
