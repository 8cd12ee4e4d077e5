// The states that partials hold, in the reference: each from a list of records, and two of them as one. Plain and exact:
// sums are BigInt, lists are lists. Imports core types, aggregates, exact.
import { ORDERED_MAX } from "../aggregates/ordered.ts";
import type { Scalar } from "../../engine.ts";
import type { PartialPlan, ScalarType } from "../../plan/plan.ts";
import type { Sampled } from "../aggregates/aggregate.ts";
import { type Kept, compareValues, countValues, keep, registersOf } from "../aggregates/distinct.ts";
import { exactSum, productsOf, timeSumsOf } from "../aggregates/moments.ts";
import { type Buckets, COUNT_MAX, bucketsOf, collapse } from "../aggregates/quantile.ts";

export type PartKind =
  | "count"
  | "sum"
  | "squares"
  | "products"
  | "times"
  | "timeProducts"
  | "min"
  | "max"
  | "first"
  | "last"
  | "earliest"
  | "latest"
  | "minBy"
  | "maxBy"
  | "sketch"
  | "values"
  | "registers"
  | "series"
  | "histogram"
  | "span";

/** One part of a partial: its kind, and of what. */
export interface Part {
  kind: PartKind;
  type: ScalarType | null;
  /** Of the second argument. */
  second?: ScalarType;
  /** What it looks at: the first argument, or the second. */
  of?: "second";
  /** Most values of `series`. */
  most?: number;
  bins?: { low: number; high: number; count: number };
}

/** An exact number in units of 2^-1074. */
export type Exact = bigint | "none" | "not finite";

export interface Picked {
  arrival: number;
  timeNs: bigint;
  value: Scalar;
  second: Scalar;
}

/** What a part holds; those of one value are null when there was none. */
export interface State {
  over: boolean;
  count?: bigint;
  /** Of `times` the sum of times, then that of their squares. Of BIGINT the sum itself, null for none. */
  exact?: Exact[];
  whole?: bigint | null;
  picked?: Picked | null;
  buckets?: Map<number, number>;
  kept?: Kept["kept"];
  registers?: number[];
  list?: Picked[];
  bins?: bigint[];
  span?: [first: bigint, last: bigint] | null;
}

const SERIES_MAX = 1000;

/** The parts of each aggregate's partial, in order. */
export function partsOf({ name, argument, second, parameter, bins }: PartialPlan): Part[] {
  const part = (kind: PartKind, of?: "second"): Part => ({ kind, type: argument, ...(of ? { of } : {}) });
  const bare = (kind: PartKind): Part => ({ kind, type: null });
  const series = (most: number): Part[] => [{ ...part("series"), most }];
  const of2 = (kind: PartKind): Part => ({ ...part(kind), second: second! });
  switch (name) {
    case "count_all":
    case "count":
      return [bare("count")];
    case "sum":
      return [part("sum")];
    case "avg":
      return [part("sum"), bare("count")];
    case "var_pop":
    case "var_samp":
    case "stddev_pop":
    case "stddev_samp":
      return [part("sum"), bare("count"), part("squares")];
    case "min":
      return [part("min")];
    case "max":
      return [part("max")];
    case "range":
      return [part("min"), part("max")];
    case "first_value":
      return [part("first")];
    case "last_value":
      return [part("last")];
    case "earliest":
      return [part("earliest")];
    case "latest":
      return [part("latest")];
    case "delta":
      return [part("earliest"), part("latest")];
    case "min_by":
      return [of2("minBy")];
    case "max_by":
      return [of2("maxBy")];
    case "quantile":
      return [part("sketch"), part("min"), part("max")];
    case "count_distinct":
    case "mode":
    case "top_k":
      return [part("values")];
    case "approx_count_distinct":
      return [bare("registers")];
    case "covar_pop":
      return [bare("count"), part("sum"), part("sum", "second"), part("products")];
    case "corr":
      return [
        bare("count"),
        part("sum"),
        part("sum", "second"),
        part("products"),
        part("squares"),
        part("squares", "second"),
      ];
    case "slope":
      return [bare("count"), part("sum"), part("times"), part("timeProducts")];
    case "histogram":
      return [{ ...part("histogram"), bins: bins! }];
    case "array_agg":
      return series(SERIES_MAX);
    case "increase":
    case "rate":
    case "time_weighted_avg":
    case "time_in":
      return series(ORDERED_MAX);
    case "coverage":
      return [bare(parameter === null ? "span" : "count")];
  }
}

const orNone = (values: number[]): Exact => (values.length === 0 ? "none" : exactSum(values));
const products = (x: number[], y: number[]): Exact => productsOf(x, y) ?? "not finite";

/** The state of records, none of which lacks an argument. */
export function stateOf(part: Part, samples: Sampled[]): State {
  const values = samples.map(({ value, second }) => (part.of === "second" ? second : value));
  const numbers = values as number[];
  const all = samples.map(({ arrival, timeNs, value, second }) => ({ arrival, timeNs, value, second }));
  const best = (better: (a: Picked, b: Picked) => boolean): State => ({
    over: false,
    picked: all.length === 0 ? null : all.reduce((a, b) => (better(b, a) ? b : a)),
  });
  const plain = (state: Omit<State, "over">): State => ({ over: false, ...state });
  switch (part.kind) {
    case "count":
      return plain({ count: BigInt(samples.length) });
    case "sum":
      if (part.type !== "bigint") return plain({ exact: [orNone(numbers)] });
      return plain({
        whole: values.length === 0 ? null : (values as bigint[]).reduce((sum, each) => sum + each, 0n),
      });
    case "squares":
      return plain({ exact: [products(numbers, numbers)] });
    case "products":
      return plain({
        exact: [
          products(
            numbers,
            samples.map(({ second }) => second as number),
          ),
        ],
      });
    case "times":
    case "timeProducts": {
      const sums = timeSumsOf(
        samples.map(({ timeNs }) => timeNs),
        numbers,
      );
      if (part.kind === "timeProducts") return plain({ exact: [sums.tx ?? "not finite"] });
      return plain({ exact: [samples.length === 0 ? "none" : sums.t << 1074n, sums.tt << 1074n] });
    }
    case "sketch": {
      const { counts, over } = bucketsOf(numbers);
      return { over, buckets: counts };
    }
    case "values": {
      const { kept, over } = countValues(values);
      return { over, kept };
    }
    case "registers":
      return plain({ registers: registersOf(values) });
    case "series": {
      const list = all.toSorted((a, b) => order(a, b));
      return { over: list.length > part.most!, list: list.slice(0, part.most!) };
    }
    case "histogram":
      return plain({ bins: binsOf(numbers, part.bins!) });
    case "span": {
      const times = samples.map(({ timeNs }) => timeNs).sort((a, b) => (a < b ? -1 : 1));
      return plain({ span: times.length === 0 ? null : [times[0]!, times.at(-1)!] });
    }
    default:
      return best(BETTER[part.kind]!);
  }
}

const order = (a: Picked, b: Picked): number =>
  a.timeNs !== b.timeNs
    ? a.timeNs < b.timeNs
      ? -1
      : 1
    : a.arrival - b.arrival || compareValues(a.value, b.value);

/** Of one arrival number, in partials of several engines, the smaller value. */
const smaller = (a: Picked, b: Picked): boolean => compareValues(a.value, b.value) < 0;
const earlier = (a: Picked, b: Picked): boolean =>
  a.arrival < b.arrival || (a.arrival === b.arrival && smaller(a, b));
const later = (a: Picked, b: Picked): boolean =>
  a.arrival > b.arrival || (a.arrival === b.arrival && smaller(a, b));

/** Whether one record goes before another. */
const BETTER: Partial<Record<PartKind, (a: Picked, b: Picked) => boolean>> = {
  min: smaller,
  max: (a, b) => compareValues(a.value, b.value) > 0,
  first: earlier,
  last: later,
  earliest: (a, b) => a.timeNs < b.timeNs || (a.timeNs === b.timeNs && earlier(a, b)),
  latest: (a, b) => a.timeNs > b.timeNs || (a.timeNs === b.timeNs && later(a, b)),
  minBy: (a, b) => compareValues(a.second, b.second) < 0 || (a.second === b.second && earlier(a, b)),
  maxBy: (a, b) => compareValues(a.second, b.second) > 0 || (a.second === b.second && earlier(a, b)),
};

function binsOf(values: number[], { low, high, count }: NonNullable<Part["bins"]>): bigint[] {
  const bins = Array.from({ length: count + 2 }, () => 0n);
  for (const value of values) {
    const bin = Math.min(Math.floor(((value - low) * count) / (high - low)), count - 1);
    bins[value < low ? 0 : value >= high ? count + 1 : bin + 1]! += 1n;
  }
  return bins;
}

function sum(a: Exact, b: Exact): Exact {
  if (a === "not finite" || b === "not finite") return "not finite";
  if (a === "none") return b;
  return b === "none" ? a : a + b;
}

/** Two states as one. */
export function merge(part: Part, a: State, b: State): State {
  const over = a.over || b.over;
  if (a.count !== undefined) return { over, count: a.count + b.count! };
  if (a.exact !== undefined)
    return { over, exact: a.exact.map((each, place) => sum(each, b.exact![place]!)) };
  if (a.whole !== undefined)
    return { over, whole: a.whole === null ? b.whole! : b.whole === null ? a.whole : a.whole + b.whole! };
  if (a.buckets !== undefined) {
    const counts = new Map(a.buckets);
    let full = over;
    for (const [bucket, count] of b.buckets!) {
      const together = (counts.get(bucket) ?? 0) + count;
      full ||= together > COUNT_MAX;
      counts.set(bucket, Math.min(together, COUNT_MAX));
    }
    const merged: Buckets = collapse({ counts, over: full });
    return { over: merged.over, buckets: merged.counts };
  }
  if (a.kept !== undefined) {
    const counts = new Map(a.kept.map(({ value, count }) => [value, count]));
    for (const { value, count } of b.kept!) counts.set(value, (counts.get(value) ?? 0) + count);
    const merged = keep([...counts].map(([value, count]) => ({ value, count })));
    return { over: over || merged.over, kept: merged.kept };
  }
  if (a.registers !== undefined)
    return { over, registers: a.registers.map((rank, place) => Math.max(rank, b.registers![place]!)) };
  if (a.list !== undefined) {
    const list = [...a.list, ...b.list!].sort(order);
    return { over: over || list.length > part.most!, list: list.slice(0, part.most!) };
  }
  if (a.bins !== undefined) return { over, bins: a.bins.map((count, place) => count + b.bins![place]!) };
  if (a.span !== undefined) return { over, span: wider(a.span, b.span!) };
  const [mine, theirs] = [a.picked!, b.picked!];
  if (mine === null || theirs === null) return { over, picked: mine ?? theirs };
  return { over, picked: BETTER[part.kind]!(theirs, mine) ? theirs : mine };
}

function wider(a: State["span"], b: State["span"]): [bigint, bigint] | null {
  if (!a || !b) return a ?? b ?? null;
  return [a[0] < b[0] ? a[0] : b[0], a[1] > b[1] ? a[1] : b[1]];
}
