// The calendar against what then really happens: the same plan, played by rounds on the same days.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { addDays } from '../../../src/core/calendar-date';
import { type DunningWorld, openDunningWorld } from './world';

let world: DunningWorld;
beforeEach(async () => {
  world = await openDunningWorld();
});
afterEach(() => world.close());

describe('the calendar', () => {
  it('shows exactly the mails that go out when nobody pays', async () => {
    const reader = await world.reader({ name: 'Brightwell Homes' });
    await world.invoice(reader, '100', { dueDate: '2026-03-05' });
    await world.invoice(reader, '200', { issueDate: '2026-03-11', dueDate: '2026-03-25' });
    await world.invoice(await world.reader({ name: 'Marlow Boatyard' }), '300', { dueDate: '2026-03-31' });
    world.at('2026-03-11T07:00:00Z');
    const forecast = await world.dunning.preview(world.tenantId, 40);
    const promised = forecast.rows
      .flatMap(({ customer, marks }) =>
        marks.flatMap((mark) => (mark.kind === 'mail' ? [`${mark.date} ${customer.name} ${mark.tone}`] : [])),
      )
      .sort();

    for (let day = 0; day < 40; day++) {
      world.at(`${addDays('2026-03-11', day)}T12:00:00Z`);
      await world.dunning.runDue(world.tenantId);
    }
    const mails = (await world.outbox.list(world.tenantId, { limit: 100 })).items;
    const happened = mails.map(({ createdAt, to, kind }) => `${createdAt.slice(0, 10)} ${to.name} ${kind}`).sort();
    expect(promised).toEqual(happened);
    expect(promised.length).toBeGreaterThan(8);
    expect(promised).toContain('2026-04-07 Marlow Boatyard clear'); // the 3rd to the 6th of April are Easter
  });

  it('marks where chasing ends, and who gets nothing though something is due', async () => {
    await world.invoice(await world.customer({ name: 'Silent' }), '100', { dueDate: '2026-03-05' });
    world.at('2026-03-11T07:00:00Z');
    const { rows, days } = await world.dunning.preview(world.tenantId, 40);
    expect(rows).toMatchObject([
      { obstacle: 'There is no mail address.', marks: [{ kind: 'end', date: '2026-04-11' }] },
    ]);
    expect(days.filter(({ isOff }) => isOff).map(({ date }) => date)).toContain('2026-04-03');
  });

  it('changes nothing', async () => {
    await world.invoice(await world.reader(), '100', { dueDate: '2026-03-05' });
    world.at('2026-03-11T10:00:00Z');
    await world.dunning.preview(world.tenantId, 30);
    expect((await world.outbox.list(world.tenantId)).items).toEqual([]);
    expect(world.server.taken).toEqual([]);
    expect((await world.dunning.runDue(world.tenantId)).sent).toBe(1);
  });
});
