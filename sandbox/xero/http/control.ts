// The operator's door, /_sandbox: faults, the webhook address, and what was asked of the server.
import express, { Router } from 'express';
import { z } from 'zod';
import type { FaultSwitch } from '../fault-switch';
import { FAULTS } from '../faults';
import type { Webhooks } from '../webhooks';
import type { RequestLog } from './request-log';

const FaultBody = z.object({
  name: z.enum(Object.keys(FAULTS) as [keyof typeof FAULTS]),
  times: z.number().int().positive().optional(),
  match: z.string().optional(),
  parameters: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
});
const WebhookBody = z.object({ url: z.url().nullable() });

export type ControlRoom = { readonly faults: FaultSwitch; readonly webhooks: Webhooks; readonly log: RequestLog };

export const controlRouter = ({ faults, webhooks, log }: ControlRoom): Router =>
  Router()
    .use(express.json())
    .get('/faults', (_request, response) => void response.json({ on: faults.list(), known: FAULTS }))
    .post('/faults', (request, response) => {
      const parsed = FaultBody.safeParse(request.body);
      if (!parsed.success) return void response.status(400).json({ problem: z.prettifyError(parsed.error) });
      const { name, times, match, parameters } = parsed.data;
      faults.set({
        name,
        ...(times === undefined ? {} : { times }),
        ...(match === undefined ? {} : { match }),
        ...(parameters === undefined ? {} : { parameters }),
      });
      response.status(201).json({ on: faults.list() });
    })
    .delete('/faults', (_request, response) => {
      faults.clear();
      response.status(204).end();
    })
    .delete('/faults/:name', (request, response) => {
      faults.clear(request.params.name);
      response.status(204).end();
    })
    .get('/webhook', (_request, response) => {
      response.json({ state: webhooks.state(), pending: webhooks.pending(), delivered: webhooks.delivered() });
    })
    .post('/webhook', (request, response) => {
      const parsed = WebhookBody.safeParse(request.body);
      if (!parsed.success) return void response.status(400).json({ problem: z.prettifyError(parsed.error) });
      webhooks.setUrl(parsed.data.url ?? undefined);
      response.json({ state: webhooks.state() });
    })
    .post('/webhook/intent', async (_request, response) => void response.json(await webhooks.intentToReceive()))
    .post('/webhook/flush', async (_request, response) => {
      await webhooks.flush();
      response.json({ state: webhooks.state(), pending: webhooks.pending() });
    })
    .get(
      '/requests',
      (_request, response) => void response.json({ apiCalls: log.apiCalls(), requests: log.requests() }),
    )
    .delete('/requests', (_request, response) => {
      log.clear();
      response.status(204).end();
    });
