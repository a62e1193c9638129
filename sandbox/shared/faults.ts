// The faults that are switched on, counted down as requests meet them. It knows no fault by name: each system has its own list.
import type { Fault } from './types';

export type FaultSwitch = {
  /** Replaces a fault of the same name and match. */
  set(fault: Fault): void;
  /** Without a name: all of them. */
  clear(name?: string): void;
  list(): readonly Fault[];
  /** The fault that this request (`METHOD path`) meets, if it is on; one of its `times` is used up. */
  take(name: string, requestLine: string): Fault | undefined;
};

export const createFaultSwitch = (): FaultSwitch => {
  let faults: readonly Fault[] = [];
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
      if (met) faults = faults.flatMap((fault) => (fault === met ? usedOnce(fault) : [fault]));
      return met;
    },
  };
};

/** A number that a fault carries, or what it means where none is given. */
export const faultNumber = (fault: Fault, name: string, otherwise: number): number => {
  const given = Number(fault.parameters?.[name] ?? otherwise);
  return Number.isFinite(given) ? given : otherwise;
};

const usedOnce = (fault: Fault): readonly Fault[] => {
  if (fault.times === undefined) return [fault];
  return fault.times > 1 ? [{ ...fault, times: fault.times - 1 }] : [];
};
