// The operator's door, /_sandbox: faults, the webhook address and format, and what was asked of the server.
import express, { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import type { FaultSwitch } from '../fault-switch';
import { FAULTS } from '../faults';
import type { Webhooks } from '../webhooks';
import type { RequestLog } from './request-log';

const faultBody = z.strictObject({
  name: z.enum(Object.keys(FAULTS) as [keyof typeof FAULTS]),
  times: z.number().int().positive().optional(),
  match: z.string().optional(),
  parameters: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
});
const webhookBody = z.strictObject({
  url: z.url().nullable().optional(),
  format: z.enum(['cloudEvents', 'eventNotifications']).optional(),
});

export type ControlDeps = { readonly faults: FaultSwitch; readonly webhooks: Webhooks; readonly log: RequestLog };

export const controlRoutes = ({ faults, webhooks, log }: ControlDeps): Router => {
  const router = Router().use(express.json());
  const webhookState = () => ({
    state: webhooks.state(),
    pending: webhooks.pending(),
    delivered: webhooks.delivered(),
  });

  router.get('/faults', (_request, response) => void response.json({ on: faults.list(), known: FAULTS }));
  router.post('/faults', (request, response) => {
    const fault = parsedBody(faultBody, request, response);
    if (!fault) return;
    const { name, times, match, parameters } = fault;
    faults.set({ name, ...(times && { times }), ...(match && { match }), ...(parameters && { parameters }) });
    response.json({ on: faults.list() });
  });
  router.delete(['/faults', '/faults/:name'], (request, response) => {
    const { name } = request.params;
    faults.clear(typeof name === 'string' ? name : undefined);
    response.json({ on: faults.list() });
  });
  router.get('/webhook', (_request, response) => void response.json(webhookState()));
  router.post('/webhook', (request, response) => {
    const body = parsedBody(webhookBody, request, response);
    if (!body) return;
    if (body.url !== undefined) webhooks.setUrl(body.url ?? undefined);
    if (body.format) webhooks.setFormat(body.format);
    response.json(webhookState());
  });
  router.post('/webhook/flush', async (_request, response) => {
    await webhooks.flush();
    response.json(webhookState());
  });
  router.get(
    '/requests',
    (_request, response) => void response.json({ apiCalls: log.apiCalls(), requests: log.requests() }),
  );
  router.delete('/requests', (_request, response) => {
    log.clear();
    response.json({ apiCalls: 0, requests: [] });
  });
  return router;
};

const parsedBody = <S extends z.ZodType>(schema: S, request: Request, response: Response): z.output<S> | undefined => {
  const parsed = schema.safeParse(request.body);
  if (parsed.success) return parsed.data;
  response.status(400).json({ problem: z.prettifyError(parsed.error) });
  return undefined;
};
