// The demo: plays the main job of BillBridge against the sandbox and tells what happens. Ends with 0 only if every line of the closing
// table holds. With --exit it ends there; else everything stays up to be looked at.

import { projectRoot } from '../config/paths';
import { QUICKBOOKS_PLAY, XERO_PLAY } from './books';
import { playedDay } from './day';
import { createNarrator } from './narrator';
import { play } from './story';
import { startWorld } from './world';

const main = async (): Promise<void> => {
  const isShort = process.argv.includes('--exit');
  const say = createNarrator(
    (text) => process.stdout.write(text),
    process.stdout.isTTY === true,
    () => performance.now(),
  );
  const day = playedDay(new Date());
  say.line(`BillBridge, played on ${day.today} at ten to ten in New York.`);
  const world = await startWorld({ root: projectRoot, ...day });
  say.line(`Both ledgers, Stripe and a mailbox stand on loopback; BillBridge was ready after ${world.startedInMs} ms.`);
  let stopped: (() => void) | undefined;
  const asked = new Promise<void>((resolve) => {
    stopped = resolve;
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopped?.());

  let failures: readonly string[];
  try {
    const ending = await play(world, [XERO_PLAY, QUICKBOOKS_PLAY], day.today, say);
    failures = ending.failures;
    if (failures.length === 0) say.line('Everything holds: both books agree to the cent, and nothing stands twice.');
    for (const failure of failures) say.line(`Does not hold: ${failure}`);
  } catch (error) {
    failures = [error instanceof Error ? error.message : String(error)];
    say.line(`The play stopped: ${failures[0]}`);
    say.line(`The program's log: ${world.logFile}`);
  }
  if (!isShort) {
    say.line('');
    say.line(`The app            ${world.appUrl}`);
    for (const { owner, business } of [XERO_PLAY, QUICKBOOKS_PLAY])
      say.line(`  sign in as       ${owner.email} / ${owner.password}  (${business})`);
    say.line(`Rehearsal Xero     ${world.xero.url}`);
    say.line(`Rehearsal QuickBooks  ${world.quickbooks.url}`);
    say.line(`Rehearsal Stripe   ${world.stripe.url}`);
    say.line(`Mailbox            ${world.mailbox.url}`);
    say.line('Everything is gone when you press Ctrl+C.');
    await asked;
  }
  await world.close();
  process.exit(failures.length === 0 ? 0 : 1);
};

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
