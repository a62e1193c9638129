// /connections/{id}/stops: runs that wanted too much at once, and the person behind the key who lets exactly that through.
import { z } from 'zod';
import { personOf, refOf } from './connections';
import type { Endpoint, Endpoints } from './endpoint';
import type { ApiParts } from './parts';
import { StopShape, StopWithWritesShape, showStop, showStopWithWrites } from './shapes/stops';

const tag = 'Safety stops';
const ReleaseBody = z.strictObject({ hash: z.string().max(100) });

export const stopEndpoints = ({ json }: Endpoints, { sync: { stops }, wishes }: ApiParts): readonly Endpoint[] => [
  json({
    tag,
    scope: 'connections:read',
    name: 'GET /connections/:id/stops',
    summary: 'List safety stops, open ones first',
    answer: z.object({ items: z.array(StopShape) }),
    handle: async (call) => ({ body: { items: (await stops.list(refOf(call))).map(showStop) } }),
  }),
  json({
    tag,
    scope: 'connections:read',
    name: 'GET /connections/:id/stops/:stop',
    summary: 'One safety stop with what it holds back',
    answer: StopWithWritesShape,
    handle: async (call) => ({ body: showStopWithWrites(await stops.get(refOf(call), call.params.stop ?? '')) }),
  }),
  json({
    tag,
    scope: 'connections:write',
    name: 'POST /connections/:id/stops/:stop/release',
    summary: 'Let exactly these writes through',
    detail: 'Refused with 409 where what is held back has changed since the hash was shown.',
    body: ReleaseBody,
    example: { hash: '3b1f…' },
    repeats: 'answer',
    answer: StopShape,
    handle: async (call) => {
      const ref = refOf(call);
      const request = { stopId: call.params.stop ?? '', hash: call.body.hash, actor: personOf(call) };
      const released = await stops.release(ref, request);
      await wishes.syncSoon(ref.connectionId, 'answered');
      return { body: showStop(released) };
    },
  }),
];
