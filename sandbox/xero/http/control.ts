// The operator's door, /_sandbox: faults, the webhook address, and what was asked of the server.
import express, { type Request, type Response, Router } from 'express';
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
    .get(
      '/faults',
      answer(() => ({ on: faults.list(), known: FAULTS })),
    )
    .post(
      '/faults',
      answer(({ body }) => {
        const { name, times, match, parameters } = FaultBody.parse(body);
        faults.set({
          name,
          ...(times === undefined ? {} : { times }),
          ...(match === undefined ? {} : { match }),
          ...(parameters === undefined ? {} : { parameters }),
        });
        return { on: faults.list() };
      }),
    )
    .delete(
      '/faults',
      answer(() => {
        faults.clear();
        return { on: [] };
      }),
    )
    .delete(
      '/faults/:name',
      answer(({ params }) => {
        faults.clear(String(params.name));
        return { on: faults.list() };
      }),
    )
    .get(
      '/webhook',
      answer(() => ({ state: webhooks.state(), pending: webhooks.pending(), delivered: webhooks.delivered() })),
    )
    .post(
      '/webhook',
      answer(({ body }) => {
        webhooks.setUrl(WebhookBody.parse(body).url ?? undefined);
        return { state: webhooks.state() };
      }),
    )
    .post(
      '/webhook/intent',
      answer(() => webhooks.intentToReceive()),
    )
    .post(
      '/webhook/flush',
      answer(async () => {
        await webhooks.flush();
        return { state: webhooks.state(), pending: webhooks.pending() };
      }),
    )
    .get(
      '/requests',
      answer(() => ({ apiCalls: log.apiCalls(), requests: log.requests() })),
    )
    .delete(
      '/requests',
      answer(() => {
        log.clear();
        return { apiCalls: 0, requests: [] };
      }),
    );

const answer =
  (work: (request: Request) => unknown) =>
  async (request: Request, response: Response): Promise<void> => {
    try {
      response.json(await work(request));
    } catch (error) {
      if (!(error instanceof z.ZodError)) throw error;
      response.status(400).json({ problem: z.prettifyError(error) });
    }
  };
