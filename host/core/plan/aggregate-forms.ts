// What the kernel makes of an aggregate: the states that it reads and the function that reads them (STATE_* and
// RESULT_* of assembly/layout/). One row an aggregate. Portable: imports core types and the layout.
import * as L from "../layout.ts";
import type { AggregateName, AggregatePlan, Expression, PipelinePlan, Type } from "./plan.ts";

/** A state of a slice, before it has its place. */
export interface StateForm {
  /** STATE_* code. */
  kind: number;
  bytes: number;
  /** null: it looks at no argument. */
  argument: Expression | null;
  second?: Expression;
  cells?: number;
  low?: number;
  high?: number;
}

export interface AggregateForm {
  /** RESULT_* code. */
  result: number;
  states: StateForm[];
  /** Elements of the result, at most; absent when it is no ARRAY. */
  cells?: number;
}

/** Bytes of each state of a fixed size, by STATE_* code. */
const BYTES: Record<number, number> = {
  [L.STATE_COUNT]: 8,
  [L.STATE_SUM]: 16,
  [L.STATE_SQUARES]: 24,
  [L.STATE_MIN]: 8,
  [L.STATE_MAX]: 8,
  [L.STATE_FIRST]: 16,
  [L.STATE_LAST]: 16,
  [L.STATE_EARLIEST]: 24,
  [L.STATE_LATEST]: 24,
  [L.STATE_SKETCH]: 16,
  [L.STATE_PRODUCTS]: 24,
  [L.STATE_TIMES]: 40,
  [L.STATE_TIME_PRODUCTS]: 24,
  [L.STATE_MIN_BY]: 24,
  [L.STATE_MAX_BY]: 24,
  [L.STATE_SPAN]: 16,
  [L.STATE_MIN_TEXT]: 8,
  [L.STATE_MAX_TEXT]: 8,
  [L.STATE_VALUES]: 24,
  [L.STATE_REGISTERS]: 16,
  [L.STATE_SERIES]: 16,
  [L.STATE_SUM_WHOLE]: 16,
  [L.STATE_MIN_WHOLE]: 8,
  [L.STATE_MAX_WHOLE]: 8,
};

const MOMENTS = [L.STATE_SUM, L.STATE_COUNT, L.STATE_SQUARES];

/** Aggregates of one argument: what reads them, and their states over it. */
const PLAIN: Partial<Record<AggregateName, [result: number, kinds: number[]]>> = {
  count_all: [L.RESULT_COUNT_ALL, []],
  count: [L.RESULT_COUNT, [L.STATE_COUNT]],
  sum: [L.RESULT_SUM, [L.STATE_SUM]],
  avg: [L.RESULT_AVG, [L.STATE_SUM, L.STATE_COUNT]],
  min: [L.RESULT_MIN, [L.STATE_MIN]],
  max: [L.RESULT_MAX, [L.STATE_MAX]],
  range: [L.RESULT_RANGE, [L.STATE_MIN, L.STATE_MAX]],
  var_pop: [L.RESULT_VAR_POP, MOMENTS],
  var_samp: [L.RESULT_VAR_SAMP, MOMENTS],
  stddev_pop: [L.RESULT_STDDEV_POP, MOMENTS],
  stddev_samp: [L.RESULT_STDDEV_SAMP, MOMENTS],
  first_value: [L.RESULT_FIRST, [L.STATE_FIRST]],
  last_value: [L.RESULT_LAST, [L.STATE_LAST]],
  earliest: [L.RESULT_EARLIEST, [L.STATE_EARLIEST]],
  latest: [L.RESULT_LATEST, [L.STATE_LATEST]],
  delta: [L.RESULT_DELTA, [L.STATE_EARLIEST, L.STATE_LATEST]],
  quantile: [L.RESULT_QUANTILE, [L.STATE_SKETCH, L.STATE_MIN, L.STATE_MAX]],
  count_distinct: [L.RESULT_COUNT_DISTINCT, [L.STATE_VALUES]],
  approx_count_distinct: [L.RESULT_APPROX_DISTINCT, [L.STATE_REGISTERS]],
  mode: [L.RESULT_MODE, [L.STATE_VALUES]],
  slope: [L.RESULT_SLOPE, [L.STATE_COUNT, L.STATE_SUM, L.STATE_TIMES, L.STATE_TIME_PRODUCTS]],
};

const KINDS_OF_TEXT = { [L.STATE_MIN]: L.STATE_MIN_TEXT, [L.STATE_MAX]: L.STATE_MAX_TEXT };
/** What takes the place of a state when the argument is of another type than DOUBLE. */
const KINDS_OF: Partial<Record<Type, Record<number, number>>> = {
  string: KINDS_OF_TEXT,
  bytes: KINDS_OF_TEXT,
  bigint: {
    [L.STATE_SUM]: L.STATE_SUM_WHOLE,
    [L.STATE_MIN]: L.STATE_MIN_WHOLE,
    [L.STATE_MAX]: L.STATE_MAX_WHOLE,
  },
};

/** The form of an aggregate. */
export function aggregateForm(aggregate: AggregatePlan): AggregateForm {
  const { name, argument, second, bins, parameter } = aggregate;
  const state = (kind: number, over: Expression | null = argument): StateForm => ({
    kind,
    bytes: BYTES[kind]!,
    argument: over,
  });
  const plain = PLAIN[name];
  const kinds = KINDS_OF[argument?.type ?? "double"];
  if (plain !== undefined)
    return { result: plain[0], states: plain[1].map((kind) => state(kinds?.[kind] ?? kind)) };
  switch (name) {
    case "min_by":
      return { result: L.RESULT_MIN_BY, states: [{ ...state(L.STATE_MIN_BY), second: second! }] };
    case "max_by":
      return { result: L.RESULT_MAX_BY, states: [{ ...state(L.STATE_MAX_BY), second: second! }] };
    case "covar_pop":
      return { result: L.RESULT_COVAR_POP, states: pairStates(argument!, second!, state) };
    case "corr": {
      const [x, y] = both(argument!, second!);
      const squares = [state(L.STATE_SQUARES, x), state(L.STATE_SQUARES, y)];
      return { result: L.RESULT_CORR, states: [...pairStates(argument!, second!, state), ...squares] };
    }
    case "top_k":
      return { result: L.RESULT_TOP_K, states: [state(L.STATE_VALUES)], cells: parameter! };
    case "array_agg":
      return { result: L.RESULT_ARRAY_AGG, states: [series(argument, L.SERIES_MAX)], cells: L.SERIES_MAX };
    case "increase":
      return { result: L.RESULT_INCREASE, states: [series(argument, L.ORDERED_MAX)] };
    case "rate":
      return { result: L.RESULT_RATE, states: [series(argument, L.ORDERED_MAX)] };
    case "time_weighted_avg":
      return { result: L.RESULT_TIME_WEIGHTED_AVG, states: [series(argument, L.ORDERED_MAX)] };
    case "time_in":
      return { result: L.RESULT_TIME_IN, states: [series(argument, L.ORDERED_MAX)] };
    case "coverage":
      return { result: L.RESULT_COVERAGE, states: parameter === null ? [state(L.STATE_SPAN, null)] : [] };
    case "histogram": {
      const { low, high, count } = bins!;
      const form = { kind: L.STATE_HISTOGRAM, bytes: (count + 2) * 8, argument, cells: count, low, high };
      return { result: L.RESULT_HISTOGRAM, states: [form], cells: count };
    }
    default:
      throw new Error(`the aggregate ${name} has no form`);
  }
}

/** The values in the order of time, `cells` of them at most. */
function series(argument: Expression | null, cells: number): StateForm {
  return { kind: L.STATE_SERIES, bytes: BYTES[L.STATE_SERIES]!, argument, cells };
}

/** Count and sums of x and y where both are there, and the sum of x·y. */
function pairStates(
  x: Expression,
  y: Expression,
  state: (kind: number, over: Expression) => StateForm,
): StateForm[] {
  const [xThere, yThere] = both(x, y);
  const products = { ...state(L.STATE_PRODUCTS, x), second: y };
  return [state(L.STATE_COUNT, xThere), state(L.STATE_SUM, xThere), state(L.STATE_SUM, yThere), products];
}

/** Each of two values where the other is there too, else NULL. */
function both(x: Expression, y: Expression): [Expression, Expression] {
  const unless = (value: Expression, other: Expression): Expression => {
    const lacks: Expression = { kind: "call", type: "boolean", operator: "isNull", arguments: [other] };
    const none: Expression = { kind: "literal", type: "double", value: null };
    return { kind: "call", type: "double", operator: "case", arguments: [lacks, none, value] };
  };
  return [unless(x, y), unless(y, x)];
}

/** Most bytes that the arrays of one result of a pipeline take. */
export function arrayBytes({ aggregates, keys, window, outputs }: PipelinePlan): number {
  if (window === null) return 0;
  const first = keys.length + 3;
  return outputs.reduce((sum, { expression }) => {
    const aggregate = expression.kind === "column" ? aggregates[expression.column - first] : undefined;
    const form = aggregate === undefined ? undefined : aggregateForm(aggregate);
    return sum + (form?.cells === undefined ? 0 : elements(form) * 8);
  }, 0);
}

/** A histogram has the two ends besides its bins. */
function elements({ result, cells }: AggregateForm): number {
  return result === L.RESULT_HISTOGRAM ? cells! + 2 : cells!;
}
