// What depends on the order of the values in time; a value holds until the next one, the last until the window's end.
// Imports exact.
import { fromUnits, toUnits } from "../exact.ts";

/** Values that the aggregates of an order keep. */
export const ORDERED_MAX = 10_000;

/** A value at a time; the list is in the order of time, then arrival, and not empty. */
export interface Held {
  timeNs: bigint;
  value: number;
}

/** How much a counter has grown; where it falls it began again from 0. */
export function increase(list: Held[]): number {
  const steps = list.slice(1).map(({ value }, index) => {
    const before = list[index]!.value;
    return toUnits(value) - (value >= before ? toUnits(before) : 0n);
  });
  return fromUnits(steps.reduce((sum, step) => sum + step, 0n));
}

/** The increase a second between the first and the last value; null when they are of one time. */
export function rate(list: Held[]): number | null {
  const coveredNs = list.at(-1)!.timeNs - list[0]!.timeNs;
  return coveredNs === 0n ? null : increase(list) / (Number(coveredNs) / 1e9);
}

/** How long each value holds. */
const spans = (list: Held[], end: bigint): bigint[] =>
  list.map(({ timeNs }, index) => (list[index + 1]?.timeNs ?? end) - timeNs);

/** Mean over time, from the first value to the end; with one from 5e269 on all are weighed as 2^-128 of themselves. */
export function timeWeighted(list: Held[], end: bigint): number {
  const held = spans(list, end);
  const large = list.some(({ value }) => Math.abs(value) >= 5e269);
  const weigh = (value: number): bigint => toUnits(large ? value * 2.938735877055719e-39 : value);
  const sum = list.reduce((total, { value }, index) => total + weigh(value) * held[index]!, 0n);
  const mean = fromUnits(sum) / Number(end - list[0]!.timeNs);
  return large ? mean * 3.402823669209385e38 : mean;
}

/** Seconds during which the value was not 0. */
export function timeIn(list: Held[], end: bigint): number {
  const held = spans(list, end);
  return (
    Number(list.reduce((total, { value }, index) => total + (value === 0 ? 0n : held[index]!), 0n)) / 1e9
  );
}
