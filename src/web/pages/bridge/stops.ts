// Safety stops: a run that wanted too much at once. What it wanted, row by row; letting exactly that through; looking once more. And the
// limits of money, per currency.
import { z } from 'zod';
import { formatMinor, parseMoney } from '../../../core/money';
import { parse } from '../../../core/parse';
import type { HeldWrite, StopView } from '../../../sync/service';
import { type Answer, page, redirect } from '../../http/answer';
import { attempt, type FormFailure } from '../../http/forms';
import { guarded, type Route, type SignedIn } from '../../http/routes';
import { actorOf, type BridgeParts, frameOf, refOf } from './parts';
import { atomWords, kindName, ledgerName, opSign, sideWords } from './words';

const Act = z.object({
  act: z.enum(['release', 'look'], 'choose what to do'),
  hash: z.string().max(100, 'load the page again').default(''),
});
const Limits = z.object({ limit: z.record(z.string().regex(/^[A-Z]{3}$/), z.string().max(30)).default({}) });

export const stopPages = (parts: BridgeParts): readonly Route[] => [
  guarded('GET /connections/:id/stops', 'read', (incoming) => listPage(parts, incoming)),
  guarded('POST /connections/:id/stops', 'decide', (incoming) => saveLimits(parts, incoming)),
  guarded('GET /connections/:id/stops/:stop', 'read', (incoming) => onePage(parts, incoming)),
  guarded('POST /connections/:id/stops/:stop', 'decide', (incoming) => act(parts, incoming)),
];

/** A line wherever stops are listed. */
export const stopLine = (stop: StopView, base: string): object => ({
  at: stop.releasedAt ?? stop.since,
  message: stop.message,
  href: `${base}/stops/${stop.id}`,
  isOpen: stop.state === 'open',
  words:
    stop.state === 'open'
      ? 'Held back'
      : stop.state === 'released'
        ? `Let through by ${stop.releasedBy ?? ''}`
        : 'Passed: the plan changed',
  status: stop.state === 'open' ? 'late' : stop.state === 'released' ? 'agrees' : 'void',
});

const listPage = async (
  parts: BridgeParts,
  incoming: SignedIn,
  failure?: FormFailure,
  typed: Readonly<Record<string, string>> = {},
): Promise<Answer> => {
  const ref = refOf(incoming);
  const view = await parts.sync.connections.get(ref);
  const base = `/connections/${view.id}`;
  const stops = await parts.sync.stops.list(ref);
  const limits = await parts.sync.stops.limits(ref);
  const currencies = [
    ...new Set([view.organisation.baseCurrency, ...view.organisation.currencies, ...Object.keys(limits)]),
  ];
  return page(
    'connections',
    'bridge/stops',
    'Safety stops',
    {
      ...frameOf(view, incoming.visitor, 'problems'),
      action: `${base}/stops`,
      ledger: ledgerName(view.provider),
      open: stops.filter(({ state }) => state === 'open').map((stop) => stopLine(stop, base)),
      over: stops.filter(({ state }) => state !== 'open').map((stop) => stopLine(stop, base)),
      limits: currencies.map((currency) => ({
        currency,
        id: `limit-${currency}`,
        name: `limit[${currency}]`,
        label: `Limit in ${currency}`,
        type: 'text',
        inputmode: 'decimal',
        value: typed[currency] ?? plainAmount(limits[currency], currency),
        error: failure?.fields[currency] ?? null,
        describedBy: failure?.fields[currency] === undefined ? null : `limit-${currency}-error`,
      })),
      problems: failure === undefined ? [] : [{ id: null, message: `${failure.message} ${failure.fix}` }],
    },
    { status: failure === undefined ? 200 : 422 },
  );
};

const plainAmount = (minor: number | undefined, currency: string): string =>
  minor === undefined ? '' : formatMinor(minor, currency);

const saveLimits = async (parts: BridgeParts, incoming: SignedIn): Promise<Answer> => {
  const ref = refOf(incoming);
  const { limit } = parse(Limits, incoming.body);
  const limits: Record<string, number> = {};
  for (const [currency, text] of Object.entries(limit)) {
    if (text.trim() === '') continue;
    const amount = parseMoney(text.trim(), currency);
    limits[currency] = amount.ok ? amount.value.minor : Number.NaN; // refused with the others that are no limit
  }
  const saved = await attempt(() => parts.sync.stops.saveLimits(ref, limits, actorOf(incoming.visitor)));
  if (!saved.ok && saved.failure.code === 'BB_NOT_FOUND') throw saved.failure;
  if (!saved.ok) return listPage(parts, incoming, saved.failure, limit);
  return redirect(`/connections/${ref.connectionId}/stops`, 'Saved. The limits count from the next run on.');
};

const onePage = async (parts: BridgeParts, incoming: SignedIn, failure?: FormFailure): Promise<Answer> => {
  const ref = refOf(incoming);
  const view = await parts.sync.connections.get(ref);
  const stop = await parts.sync.stops.get(ref, incoming.params.stop ?? '');
  const base = `/connections/${view.id}`;
  const ledger = ledgerName(view.provider);
  return page(
    'connections',
    'bridge/stop',
    'Safety stop',
    {
      ...frameOf(view, incoming.visitor, 'problems'),
      action: `${base}/stops/${stop.id}`,
      ledger,
      stop: {
        ...stopLine(stop, base),
        hash: stop.hash,
        shortHash: stop.hash.slice(0, 8),
        fix: stop.fix,
        since: stop.since,
        looksAgainAt: stop.looksAgainAt,
        held: stop.heldCount,
        releasedBy: stop.releasedBy ?? null,
        // Nobody can let a ledger be read that does not let us read it.
        mayRelease: stop.state === 'open',
        button: stop.heldCount === 0 ? 'Let it through' : `Let exactly these ${stop.heldCount} through`,
      },
      rows: stop.held.map((write) => heldView(write, ledger)),
      more: Math.max(0, stop.heldCount - stop.held.length),
      problems: failure === undefined ? [] : [{ id: null, message: `${failure.message} ${failure.fix}` }],
    },
    { status: failure === undefined ? 200 : 422 },
  );
};

const heldView = (write: HeldWrite, ledger: string): object => ({
  ...opSign(write.does === 'end' ? 'void' : write.does === 'change' ? 'update' : 'create'),
  kind: kindName(write.kind),
  name: write.name,
  where: sideWords(write.side, ledger),
  what:
    write.does === 'end'
      ? write.kind === 'contact'
        ? 'archive'
        : 'cancel'
      : write.does === 'create'
        ? 'create'
        : `change ${write.atoms.map(atomWords).join(', ')}`,
  amount: write.money ?? null,
});

const act = async (parts: BridgeParts, incoming: SignedIn): Promise<Answer> => {
  const ref = refOf(incoming);
  const stopId = incoming.params.stop ?? '';
  const form = parse(Act, incoming.body);
  const actor = actorOf(incoming.visitor);
  const address = `/connections/${ref.connectionId}/stops/${stopId}`;
  const done = await attempt(async () => {
    if (form.act === 'look') await parts.sync.stops.lookAgain(ref, stopId, actor);
    else await parts.sync.stops.release(ref, { stopId, hash: form.hash, actor });
  });
  if (!done.ok && done.failure.code === 'BB_NOT_FOUND') throw done.failure;
  if (!done.ok) return onePage(parts, incoming, done.failure);
  await parts.wishes.syncSoon(ref.connectionId, 'answered');
  return redirect(
    address,
    form.act === 'look'
      ? 'What is held back is being planned once more.'
      : 'Let through. The next run writes exactly what you saw; anything else is asked about anew.',
  );
};
