// Aggregates over the list of a window's records, each from its definition. Imports core types and its neighbours.
import type { Scalar, Value } from "../../engine.ts";
import type { AggregatePlan } from "../../plan/plan.ts";
import { fromUnits } from "../exact.ts";
import type { Bounds } from "../windows.ts";
import { approximateCount, compareValues, countValues, ranked, registersOf } from "./distinct.ts";
import { ofWholes } from "./whole.ts";
import {
  average,
  correlation,
  covariance,
  exactSum,
  slope,
  sumsOf,
  timeSumsOf,
  variance,
} from "./moments.ts";
import { ORDERED_MAX, increase, rate, timeIn, timeWeighted } from "./ordered.ts";
import { quantile } from "./quantile.ts";

/** A record of the window with the values of an aggregate's arguments; NULL where there is none. */
export interface Sampled {
  timeNs: bigint;
  /** Arrival order. */
  arrival: number;
  value: Scalar;
  second: Scalar;
}

export interface AggregateResult {
  value: Value;
  /** The value was not finite and became NULL. */
  nonfinite: boolean;
  inexact: boolean;
}

export const plain = (value: Value): AggregateResult => ({ value, nonfinite: false, inexact: false });
/** No result is −0. */
export const finite = (value: number | null): AggregateResult => {
  if (value === null) return plain(null);
  return Number.isFinite(value) ? plain(value + 0) : { value: null, nonfinite: true, inexact: false };
};
export const rooted = (result: AggregateResult): AggregateResult =>
  result.value === null ? result : plain(Math.sqrt(result.value as number));

/** The result over all records of a window, in arrival order; `held`: what holds from its start on; `most`: Limits.values. */
export function aggregate(
  plan: AggregatePlan,
  records: Sampled[],
  window: Bounds,
  held: Scalar = null,
  most = ORDERED_MAX,
): AggregateResult {
  if (plan.name === "count_all") return plain(records.length);
  if (plan.name === "coverage") return coverage(plan, records, window);
  const samples = records.filter(
    ({ value, second }) => value !== null && (plan.second === undefined || second !== null),
  );
  if (plan.name === "count") return plain(samples.length);
  const values = samples.map((sample) => sample.value);
  if (plan.name === "count_distinct") {
    const { kept, over } = countValues(values);
    return { value: kept.length, nonfinite: false, inexact: over };
  }
  if (plan.name === "approx_count_distinct") return plain(approximateCount(registersOf(values)));
  if (samples.length === 0 && held === null) return plain(null);
  const found = samples.length === 0 ? null : ofValues(plan, samples);
  if (found !== null) return found;
  if (plan.argument!.type === "bigint") return ofWholes(plan, samples, inOrder(samples), most);
  return ordered(plan, samples, window, held, most) ?? ofNumbers(plan, samples, window);
}

/** Values that ARRAY_AGG keeps. */
const SERIES_MAX = 1000;

const inOrder = (samples: Sampled[]): Sampled[] =>
  samples.toSorted((a, b) => (a.timeNs < b.timeNs ? -1 : a.timeNs > b.timeNs ? 1 : a.arrival - b.arrival));

/** Aggregates of values of any type; null for the others. */
function ofValues(plan: AggregatePlan, samples: Sampled[]): AggregateResult | null {
  const values = samples.map((sample) => sample.value);
  const byTime = inOrder(samples);
  switch (plan.name) {
    case "min":
      return plain(values.reduce((a, b) => (compareValues(b, a) < 0 ? b : a)));
    case "max":
      return plain(values.reduce((a, b) => (compareValues(b, a) > 0 ? b : a)));
    case "first_value":
      return plain(values[0]!);
    case "last_value":
      return plain(values.at(-1)!);
    case "earliest":
      return plain(byTime[0]!.value);
    case "latest":
      return plain(byTime.at(-1)!.value);
    case "min_by":
    case "max_by": {
      const by = samples.map((sample) => sample.second);
      const wanted = plan.name === "min_by" ? -1 : 1;
      const best = by.reduce((a, b) => (compareValues(b, a) * wanted > 0 ? b : a));
      return plain(values[by.indexOf(best)]!);
    }
    case "mode":
    case "top_k": {
      const { kept, over } = countValues(values);
      const order = ranked(kept);
      const value = plan.name === "mode" ? order[0]! : order.slice(0, plan.parameter!);
      return { value, nonfinite: false, inexact: over };
    }
    case "array_agg": {
      const list = byTime.map((sample) => sample.value);
      return { value: list.slice(0, SERIES_MAX), nonfinite: false, inexact: list.length > SERIES_MAX };
    }
    default:
      return null;
  }
}

/** Aggregates that depend on the order of the values; null for the others. */
function ordered(
  { name }: AggregatePlan,
  samples: Sampled[],
  { start, end }: Bounds,
  held: Scalar,
  most: number,
): AggregateResult | null {
  const inexact = samples.length > most;
  const before = held === null ? [] : [{ timeNs: start, value: held }];
  const list = [...before, ...inOrder(samples).slice(0, most)].map(({ timeNs, value }) => ({
    timeNs,
    value: Number(value),
  }));
  if (name === "increase") return { ...finite(increase(list)), inexact };
  if (name === "rate") return { ...finite(rate(list)), inexact };
  if (name === "time_weighted_avg") return { ...finite(timeWeighted(list, end)), inexact };
  if (name === "time_in") return { ...finite(timeIn(list, end)), inexact };
  return null;
}

function ofNumbers(plan: AggregatePlan, samples: Sampled[], window: Bounds): AggregateResult {
  const x = samples.map((sample) => sample.value as number);
  const y = samples.map((sample) => sample.second as number);
  const byTime = inOrder(samples);
  const n = x.length;
  const least = x.reduce((a, b) => (b < a ? b : a));
  const most = x.reduce((a, b) => (b > a ? b : a));
  switch (plan.name) {
    case "sum":
      return finite(fromUnits(exactSum(x)));
    case "avg":
      return finite(average(x));
    case "range":
      return finite(most - least);
    case "delta":
      return finite((byTime.at(-1)!.value as number) - (byTime[0]!.value as number));
    case "quantile":
      return quantile(x, plan.parameter!);
    case "var_pop":
      return finite(variance(sumsOf(x, x), 0));
    case "var_samp":
      return n === 1 ? plain(null) : finite(variance(sumsOf(x, x), 1));
    case "stddev_pop":
      return rooted(finite(variance(sumsOf(x, x), 0)));
    case "stddev_samp":
      return n === 1 ? plain(null) : rooted(finite(variance(sumsOf(x, x), 1)));
    case "covar_pop":
      return finite(covariance(sumsOf(x, y)));
    case "corr":
      return finite(correlation(sumsOf(x, y)));
    case "slope":
      return finite(
        slope(
          timeSumsOf(
            samples.map((sample) => sample.timeNs),
            x,
          ),
          window.start,
        ),
      );
    case "histogram":
      return plain(histogram(x, plan.bins!));
    default:
      throw new Error(`the aggregate ${plan.name} is unknown to the reference`);
  }
}

/** Records ÷ those expected; NULL without any. */
export const coveredShare = (everyNs: number, records: number, { start, end }: Bounds): AggregateResult =>
  plain(records === 0 ? null : records / (Number(end - start) / everyNs));

function coverage(
  { parameter: everyNs }: AggregatePlan,
  records: Sampled[],
  { start, end }: Bounds,
): AggregateResult {
  if (records.length === 0) return plain(null);
  const sizeNs = Number(end - start);
  if (everyNs !== null) return coveredShare(everyNs, records.length, { start, end });
  const times = records.map((record) => record.timeNs);
  const first = times.reduce((a, b) => (b < a ? b : a));
  const last = times.reduce((a, b) => (b > a ? b : a));
  return plain(Number(last - first) / sizeNs);
}

function histogram(values: number[], { low, high, count }: NonNullable<AggregatePlan["bins"]>): number[] {
  const below = values.filter((value) => value < low).length;
  const above = values.filter((value) => value >= high).length;
  const bins = Array.from({ length: count }, () => 0);
  for (const value of values) {
    if (value < low || value >= high) continue;
    const bin = Math.min(Math.floor(((value - low) * count) / (high - low)), count - 1);
    bins[bin]! += 1;
  }
  return [below, ...bins, above];
}
