// The switch that every rehearsal server asks whether to misbehave.
import { describe, expect, it } from '@jest/globals';
import { createFaultSwitch, faultNumber } from '../../../sandbox/shared/faults';

describe('the fault switch', () => {
  it('counts a fault down and then forgets it', () => {
    const faults = createFaultSwitch();
    faults.set({ name: 'slow', times: 2 });
    expect([1, 2, 3].map(() => faults.take('slow', 'GET /a') !== undefined)).toEqual([true, true, false]);
    expect(faults.list()).toEqual([]);
  });

  it('keeps a fault without a count until it is cleared', () => {
    const faults = createFaultSwitch();
    faults.set({ name: 'slow' });
    faults.set({ name: 'lost' });
    faults.take('slow', 'GET /a');
    faults.clear('slow');
    expect(faults.list()).toEqual([{ name: 'lost' }]);
    faults.clear();
    expect(faults.list()).toEqual([]);
  });

  it('spares requests that do not match, and does not count them', () => {
    const faults = createFaultSwitch();
    faults.set({ name: 'lost', times: 1, match: 'POST /v1/refunds' });
    expect(faults.take('lost', 'POST /v1/charges')).toBeUndefined();
    expect(faults.take('other', 'POST /v1/refunds')).toBeUndefined();
    expect(faults.take('lost', 'POST /v1/refunds')).toMatchObject({ name: 'lost' });
  });

  it('holds two faults of one name that match different requests', () => {
    const faults = createFaultSwitch();
    faults.set({ name: 'lost', match: '/a', times: 1 });
    faults.set({ name: 'lost', match: '/b' });
    faults.set({ name: 'lost', match: '/a', times: 5 });
    expect(faults.list()).toHaveLength(2);
    faults.take('lost', 'GET /a');
    expect(faults.list()).toContainEqual({ name: 'lost', match: '/a', times: 4 });
  });

  it('reads a number that a fault carries, or takes the usual one', () => {
    expect(faultNumber({ name: 'slow', parameters: { ms: '20' } }, 'ms', 5)).toBe(20);
    expect(faultNumber({ name: 'slow', parameters: { ms: 'soon' } }, 'ms', 5)).toBe(5);
    expect(faultNumber({ name: 'slow' }, 'ms', 5)).toBe(5);
  });
});
