// Aggregates and their partials, as plain data: names, arguments, types of results. Portable: imports expressions, types.
import type { Expression } from "./expressions.ts";
import type { ScalarType, Type } from "./types.ts";

/**
 * What a partial is the state of: an aggregate over values of a type, with its numbers. As a type, `partial` is bytes
 * that merge into one of these; it comes from aggregates, goes straight into an output, and into MERGE.
 */
export interface PartialPlan {
  name: AggregateName;
  /** Type of what it is over; null for `count_all` and `coverage`. */
  argument: ScalarType | null;
  /** Of min_by and max_by, covar_pop and corr. */
  second?: ScalarType;
  parameter: number | null;
  bins?: { low: number; high: number; count: number };
}

export type AggregateName =
  | "count_all"
  | "count"
  | "sum"
  | "avg"
  | "min"
  | "max"
  | "var_pop"
  | "var_samp"
  | "stddev_pop"
  | "stddev_samp"
  | "first_value"
  | "last_value"
  | "earliest"
  | "latest"
  | "quantile"
  | "range"
  | "delta"
  | "min_by"
  | "max_by"
  | "covar_pop"
  | "corr"
  | "slope"
  | "histogram"
  | "coverage"
  | "count_distinct"
  | "approx_count_distinct"
  | "mode"
  | "top_k"
  | "array_agg"
  | "increase"
  | "rate"
  | "time_weighted_avg"
  | "time_in";

export interface AggregatePlan {
  name: AggregateName;
  /**
   * Over the source's columns; null for `count_all` and `coverage`. Of any type for `count`; of any but an instant for
   * extremes, places (`first_value` … `latest`, x of `min_by` and `max_by`) and the distinct ones; BOOLEAN for
   * `time_in`; DOUBLE or BIGINT for `sum`, `avg`, `range`, `delta`, `increase` and `rate`; else DOUBLE.
   */
  argument: Expression | null;
  /** The second argument, y of `min_by`, `max_by` (DOUBLE or BIGINT), `covar_pop` and `corr` (DOUBLE); others have none. */
  second?: Expression;
  /**
   * q of `quantile`, 0 ≤ q ≤ 1; k of `top_k`; of `coverage` the ns from one record to the next, if the source says;
   * else null.
   */
  parameter: number | null;
  /** lo, hi and n of `histogram`; others have none. */
  bins?: { low: number; high: number; count: number };
  /** MERGE: the argument is a column of partials of this, `name` and the numbers are its. */
  merges?: PartialPlan;
  /** PARTIAL: the state instead of what is read from it. */
  partial?: true;
  /** Of time_weighted_avg and time_in over windows of time: what held before a window holds from its start on. */
  carry?: true;
}

/** Type of what an aggregate is over, or what the partials that it merges are over; null for those without. */
export const argumentType = ({ argument, merges }: AggregatePlan): Type | null =>
  merges === undefined ? (argument?.type ?? null) : merges.argument;

/** The same of its second argument. */
export const secondType = ({ second, merges }: AggregatePlan): Type | null =>
  merges === undefined ? (second?.type ?? null) : (merges.second ?? null);

/** What the partial of an aggregate holds. */
export function partialOf(aggregate: AggregatePlan): PartialPlan {
  const { name, parameter, bins } = aggregate;
  const second = secondType(aggregate) as ScalarType | null;
  return {
    name,
    argument: argumentType(aggregate) as ScalarType | null,
    ...(second === null ? {} : { second }),
    parameter,
    ...(bins === undefined ? {} : { bins }),
  };
}

/** Aggregates that keep the values of a group, up to Limits.values, to go through them in the order of time. */
export const GO_IN_TIME: AggregateName[] = ["increase", "rate", "time_weighted_avg", "time_in"];

/** Aggregates of which values hold until the next one, the last one until the window's end. */
export const holdsValues = ({ name }: AggregatePlan): boolean =>
  name === "time_weighted_avg" || name === "time_in";

/** Aggregates whose result is of their argument's type. */
const OF_ITS_ARGUMENT = new Set<AggregateName>([
  "sum",
  "range",
  "delta",
  "increase",
  "min",
  "max",
  "first_value",
  "last_value",
  "earliest",
  "latest",
  "min_by",
  "max_by",
  "mode",
]);

/** Type of an aggregate's result. */
export function aggregateType(aggregate: AggregatePlan): Type {
  const { name, partial } = aggregate;
  const argument = argumentType(aggregate);
  if (partial === true) return "partial";
  if (name === "histogram") return "array<double>";
  if (name === "top_k" || name === "array_agg") return `array<${argument as "double"}>`;
  return OF_ITS_ARGUMENT.has(name) ? argument! : "double";
}
