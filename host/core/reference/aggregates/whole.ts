// Aggregates of BIGINT that are not those of any value: sums and differences as whole numbers. Imports core types, exact,
// values.
import type { AggregatePlan } from "../../plan/plan.ts";
import { fromUnits } from "../exact.ts";
import { asBigint } from "../values.ts";
import type { AggregateResult, Sampled } from "./aggregate.ts";

/** A BIGINT, or NULL and counted when it is beyond. */
export function bounded(value: bigint): AggregateResult {
  const fits = asBigint(value);
  return { value: fits, nonfinite: fits === null, inexact: false };
}

/** The quotient as the nearest double, ties to even: units of 2^-1074, whose last bit says whether some is left over. */
export function quotient(sum: bigint, count: bigint): number {
  const size = (sum < 0n ? -sum : sum) << 1074n;
  const units = size / count;
  const value = fromUnits(size % count === 0n ? units : units | 1n);
  return sum < 0n ? -value : value;
}

/** The result of values that are there, at least one. */
export function ofWholes(
  { name }: AggregatePlan,
  samples: Sampled[],
  byTime: Sampled[],
  most: number,
): AggregateResult {
  const values = samples.map(({ value }) => value as bigint);
  const sum = values.reduce((total, value) => total + value, 0n);
  const inTime = byTime.map(({ value }) => value as bigint);
  switch (name) {
    case "sum":
      return bounded(sum);
    case "avg":
      return { value: quotient(sum, BigInt(values.length)), nonfinite: false, inexact: false };
    case "range":
      return bounded(values.reduce((a, b) => (b > a ? b : a)) - values.reduce((a, b) => (b < a ? b : a)));
    case "delta":
      return bounded(inTime.at(-1)! - inTime[0]!);
    case "increase":
    case "rate": {
      const kept = inTime.slice(0, most);
      const grown = kept
        .slice(1)
        .reduce((total, value, at) => total + value - (value >= kept[at]! ? kept[at]! : 0n), 0n);
      const inexact = inTime.length > most;
      if (name === "increase") return { ...bounded(grown), inexact };
      const coveredNs = byTime[kept.length - 1]!.timeNs - byTime[0]!.timeNs;
      const value = coveredNs === 0n ? null : Number(grown) / (Number(coveredNs) / 1e9);
      return { value, nonfinite: false, inexact };
    }
    default:
      throw new Error(`the aggregate ${name} of BIGINT is unknown to the reference`);
  }
}
