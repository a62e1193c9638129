// The operator's door, /_sandbox: faults, the webhook address, and what was asked of the server. Mount it at '/_sandbox'.
import express, { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import type { FaultSwitch } from './faults';
import type { RequestLog } from './request-log';

export type ControlParts = {
  readonly faults: FaultSwitch;
  /** The faults that this system can play, each with a sentence that says what it does. */
  readonly faultNames: Readonly<Record<string, string>>;
  readonly requests: RequestLog;
  /** Absent where the system sends no webhooks. */
  readonly setWebhookUrl?: (url: string | undefined) => void;
};

const faultBody = z.strictObject({
  name: z.string(),
  times: z.number().int().positive().optional(),
  match: z.string().optional(),
  parameters: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
});
const webhookBody = z.strictObject({ url: z.url().nullable() });

export const controlRoutes = ({ faults, faultNames, requests, setWebhookUrl }: ControlParts): Router => {
  const router = Router().use(express.json());
  const on = () => ({ on: faults.list() });

  router.get('/faults', (_request, response) => void response.json({ ...on(), known: faultNames }));
  router.post('/faults', (request, response) => {
    const body = bodyOf(faultBody, request, response);
    if (!body) return;
    const { name, times, match, parameters } = body;
    if (!Object.hasOwn(faultNames, name)) {
      const problem = `There is no fault "${name}". Known: ${Object.keys(faultNames).join(', ')}.`;
      response.status(400).json({ problem, known: faultNames });
      return;
    }
    faults.set({ name, ...(times && { times }), ...(match && { match }), ...(parameters && { parameters }) });
    response.json(on());
  });
  router.delete(['/faults', '/faults/:name'], (request, response) => {
    const { name } = request.params;
    faults.clear(typeof name === 'string' ? name : undefined);
    response.json(on());
  });
  router.post('/webhook', (request, response) => {
    const body = bodyOf(webhookBody, request, response);
    if (!body) return;
    if (!setWebhookUrl) {
      response.status(404).json({ problem: 'This system sends no webhooks.' });
      return;
    }
    setWebhookUrl(body.url ?? undefined);
    response.json({ url: body.url });
  });
  router.get('/requests', (_request, response) => {
    response.json({ total: requests.total(), requests: requests.counts() });
  });
  router.delete('/requests', (_request, response) => {
    requests.clear();
    response.json({ total: 0, requests: [] });
  });
  return router;
};

const bodyOf = <S extends z.ZodType>(schema: S, request: Request, response: Response): z.output<S> | undefined => {
  const parsed = schema.safeParse(request.body);
  if (parsed.success) return parsed.data;
  response.status(400).json({ problem: z.prettifyError(parsed.error) });
  return undefined;
};
