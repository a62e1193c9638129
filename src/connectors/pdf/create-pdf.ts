// Invoices and reports as PDF, drawn in a worker thread so that no request waits for them. One drawing at a time; a worker that hangs or dies is
// replaced, and only the drawing it had fails.
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Business, Customer, Invoice } from '../../billing/documents';
import type { ReportPdfParts } from './report-document';

export type InvoicePdfParts = {
  readonly business: Business;
  readonly customer: Customer;
  readonly invoice: Invoice;
  readonly payUrl: string | null;
};

export type Pdf = {
  invoice(parts: InvoicePdfParts): Promise<Buffer>;
  report(parts: ReportPdfParts): Promise<Buffer>;
  close(): Promise<void>;
};

export type Drawing =
  | { readonly paper: 'invoice'; readonly parts: InvoicePdfParts }
  | { readonly paper: 'report'; readonly parts: ReportPdfParts };
export type DrawingRequest = { readonly id: number } & Drawing;
export type DrawingAnswer =
  | { readonly id: number; readonly body: Uint8Array }
  | { readonly id: number; readonly problem: string };

const DRAWING_TIMEOUT_MS = 30_000;
/** A thread that has nothing to draw for so long gives its memory back. */
const IDLE_MS = 60_000;

type Waiting = { readonly resolve: (body: Buffer) => void; readonly reject: (error: Error) => void };

export const createPdf = (): Pdf => {
  let worker: Worker | undefined;
  let idle: NodeJS.Timeout | undefined;
  let lastId = 0;
  let last: Promise<unknown> = Promise.resolve();

  const stop = async (): Promise<void> => {
    clearTimeout(idle);
    const stopping = worker;
    worker = undefined;
    await stopping?.terminate();
  };

  const draw = (drawing: Drawing): Promise<Buffer> => {
    clearTimeout(idle);
    worker ??= startWorker();
    const id = ++lastId;
    return ask(worker, { id, ...drawing }).then(
      (body) => {
        idle = setTimeout(() => void stop(), IDLE_MS).unref();
        return body;
      },
      async (error: unknown) => {
        await stop();
        throw error;
      },
    );
  };

  const inTurn = (wanted: Drawing): Promise<Buffer> => {
    const drawing = last.then(() => draw(wanted));
    last = drawing.catch(() => undefined); // the caller hears of it; the next drawing begins anew
    return drawing;
  };

  return {
    invoice: (parts) => inTurn({ paper: 'invoice', parts }),
    report: (parts) => inTurn({ paper: 'report', parts }),
    close: stop,
  };
};

const ask = (worker: Worker, request: DrawingRequest): Promise<Buffer> =>
  new Promise<Buffer>((resolve, reject) => {
    const waiting: Waiting = { resolve, reject };
    const timer = setTimeout(() => fail(new Error('drawing a PDF took too long')), DRAWING_TIMEOUT_MS);
    const done = (): void => {
      clearTimeout(timer);
      worker.off('message', onMessage).off('error', fail).off('exit', onExit);
      worker.unref();
    };
    const fail = (error: Error): void => {
      done();
      waiting.reject(error);
    };
    const onExit = (): void => fail(new Error('the thread that draws PDFs ended'));
    const onMessage = (answer: DrawingAnswer): void => {
      if (answer.id !== request.id) return;
      if ('problem' in answer) {
        fail(new Error(`could not draw a PDF: ${answer.problem}`));
        return;
      }
      done();
      waiting.resolve(Buffer.from(answer.body));
    };
    worker.ref();
    worker.on('message', onMessage).on('error', fail).on('exit', onExit);
    worker.postMessage(request);
  });

/** Compiled, the worker is JavaScript; run from source (development, tests) it is loaded through tsx. */
const startWorker = (): Worker => {
  const extension = path.extname(__filename);
  const file = path.join(__dirname, `worker${extension}`);
  const worker = new Worker(file, extension === '.ts' ? { execArgv: ['--require', 'tsx/cjs'] } : {});
  worker.unref();
  return worker;
};
