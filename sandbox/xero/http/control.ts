// What Xero's operator door has beyond that of every rehearsal: the state of the webhook, its flush, and the intent to receive.
import { type Request, type Response, Router } from 'express';
import type { Webhooks } from '../webhooks';

export const webhookControlRoutes = (webhooks: Webhooks): Router => {
  const state = () => ({ state: webhooks.state(), pending: webhooks.pending(), delivered: webhooks.delivered() });
  return Router()
    .get('/webhook', (_request: Request, response: Response) => {
      response.json(state());
    })
    .post('/webhook/intent', async (_request, response) => {
      response.json(await webhooks.intentToReceive());
    })
    .post('/webhook/flush', async (_request, response) => {
      await webhooks.flush();
      response.json(state());
    });
};
