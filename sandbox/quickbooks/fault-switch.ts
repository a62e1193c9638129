// The faults that are on, counted down as requests meet them.
import type { Fault } from '../shared/types';

export type FaultSwitch = {
  set(fault: Fault): void;
  /** Without a name: all of them. */
  clear(name?: string): void;
  list(): readonly Fault[];
  /** The fault that this request meets, if it is on; one of its `times` is used up. */
  take(name: string, requestLine: string): Fault | undefined;
};

export const createFaultSwitch = (): FaultSwitch => {
  let faults: Fault[] = [];
  return {
    set: (fault) => {
      faults = [...faults.filter((other) => other.name !== fault.name || other.match !== fault.match), fault];
    },
    clear: (name) => {
      faults = name === undefined ? [] : faults.filter((fault) => fault.name !== name);
    },
    list: () => faults,
    take: (name, requestLine) => {
      const met = faults.find((fault) => fault.name === name && requestLine.includes(fault.match ?? ''));
      if (met?.times === undefined) return met;
      faults = faults.flatMap((fault) => {
        if (fault !== met) return [fault];
        return (met.times ?? 0) > 1 ? [{ ...met, times: (met.times ?? 0) - 1 }] : [];
      });
      return met;
    },
  };
};
