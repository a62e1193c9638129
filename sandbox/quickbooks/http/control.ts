// What the operator's door, /_sandbox, has for QuickBooks beside the common things: the format of webhooks, and sending them now.
import express, { Router } from 'express';
import { z } from 'zod';
import type { Webhooks } from '../webhooks';

const formatBody = z.strictObject({ format: z.enum(['cloudEvents', 'eventNotifications']) });

export const webhookControl = (webhooks: Webhooks): Router => {
  const router = Router().use(express.json());
  const state = () => ({ state: webhooks.state(), pending: webhooks.pending(), delivered: webhooks.delivered() });
  router.get('/webhook', (_request, response) => void response.json(state()));
  router.post('/webhook/format', (request, response) => {
    const parsed = formatBody.safeParse(request.body);
    if (!parsed.success) return void response.status(400).json({ problem: z.prettifyError(parsed.error) });
    webhooks.setFormat(parsed.data.format);
    response.json(state());
  });
  router.post('/webhook/flush', async (_request, response) => {
    await webhooks.flush();
    response.json(state());
  });
  return router;
};
