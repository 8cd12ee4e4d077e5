// What the kernel makes of an aggregate: the states that it reads and the function that reads them (STATE_* and
// RESULT_* of assembly/layout/). One row an aggregate. Portable: imports core types and the layout.
import * as L from "../../layout.ts";
import type {
  AggregateName,
  AggregatePlan,
  Expression,
  PartialPlan,
  PipelinePlan,
  ScalarType,
  Type,
} from "../plan.ts";
import { partKind, partialBytes, valueCode } from "./partial-parts.ts";

/** A state of a slice, before it has its place. */
export interface StateForm {
  /** STATE_* code. */
  kind: number;
  bytes: number;
  /** null: it looks at no argument. */
  argument: Expression | null;
  /** Of the values that it holds. */
  type: Type;
  second?: Expression;
  secondType?: Type;
  cells?: number;
  low?: number;
  high?: number;
  /** Which part of the argument, a partial, is merged into it, from 1; absent when the argument is a value. */
  part?: number;
}

export interface AggregateForm {
  /** RESULT_* code. */
  result: number;
  states: StateForm[];
  /** Of a partial: each of its parts, a state by its place or the number of records; its bytes, at most. */
  parts?: (number | "records")[];
  bytes?: number;
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

/** Which state of an aggregate with `carry` holds when the next window begins. */
export const HELD_STATE = 1;

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

/** The form of an aggregate; `values` is Limits.values. */
export function aggregateForm(aggregate: AggregatePlan, values = L.ORDERED_MAX): AggregateForm {
  const most = aggregate.partial === true ? L.ORDERED_MAX : values;
  const form =
    aggregate.merges === undefined
      ? formOfValues(aggregate, most)
      : formOfPartials(aggregate, aggregate.merges);
  if (aggregate.partial !== true) return form;
  // What reads no state reads how many records there are.
  const parts = form.states.length === 0 ? ["records" as const] : form.states.map((_, place) => place);
  return { result: L.RESULT_PARTIAL, states: form.states, parts, bytes: partialBytes(form.states) };
}

/** A value that stands for the argument of what a partial is of: only its type counts. */
const standIn = (type: ScalarType): Expression => ({ kind: "column", type, column: -1 });

/** The form of what a partial is of, over values. */
function formOfPartial({ argument, second, ...rest }: PartialPlan): AggregateForm {
  const values = {
    ...rest,
    argument: argument === null ? null : standIn(argument),
    ...(second === undefined ? {} : { second: standIn(second) }),
  };
  return formOfValues(values, L.ORDERED_MAX);
}

/** A state of which a part of partials is merged. */
function ofPart(state: StateForm, argument: Expression | null, part: number): StateForm {
  const merged: StateForm = { ...state, argument, part };
  delete merged.second;
  return merged;
}

/** The states of partials: those of the aggregate itself, each merged from its part. */
function formOfPartials({ argument }: AggregatePlan, merges: PartialPlan): AggregateForm {
  const form = formOfPartial(merges);
  const count: StateForm = { kind: L.STATE_COUNT, bytes: 8, argument: null, type: "double" };
  const states = form.states.length === 0 ? [count] : form.states;
  return {
    ...form,
    // Of COVERAGE the cells say that it is of partials.
    ...(merges.name === "coverage" ? { cells: 1 } : {}),
    result: form.result === L.RESULT_COUNT_ALL ? L.RESULT_COUNT : form.result,
    states: states.map((state, index) => ofPart(state, argument, index + 1)),
  };
}

/** The parts that a partial has: PARTS_* structs. */
export function partsOf(partial: PartialPlan): StateForm[] {
  return formOfPartials({ name: partial.name, argument: null, parameter: null }, partial).states;
}

/** A state as part of a partial: STATE_PART. */
export function partWord(form: StateForm): number {
  return partKind(form) | (valueCode(form) << 8) | ((form.part ?? 0) << 16);
}

function formOfValues(aggregate: AggregatePlan, most: number): AggregateForm {
  const { name, argument, second, bins, parameter } = aggregate;
  const state = (kind: number, over: Expression | null = argument): StateForm => ({
    kind,
    bytes: BYTES[kind]!,
    argument: over,
    type: over?.type ?? "double",
  });
  const ofTwo = (kind: number): StateForm => ({ ...state(kind), second: second!, secondType: second!.type });
  const plain = PLAIN[name];
  const kinds = KINDS_OF[argument?.type ?? "double"];
  if (plain !== undefined)
    return { result: plain[0], states: plain[1].map((kind) => state(kinds?.[kind] ?? kind)) };
  switch (name) {
    case "min_by":
      return { result: L.RESULT_MIN_BY, states: [ofTwo(L.STATE_MIN_BY)] };
    case "max_by":
      return { result: L.RESULT_MAX_BY, states: [ofTwo(L.STATE_MAX_BY)] };
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
      return { result: L.RESULT_INCREASE, states: [series(argument, most)] };
    case "rate":
      return { result: L.RESULT_RATE, states: [series(argument, most)] };
    case "time_weighted_avg":
    case "time_in": {
      const result = name === "time_in" ? L.RESULT_TIME_IN : L.RESULT_TIME_WEIGHTED_AVG;
      const held = aggregate.carry === true ? [state(L.STATE_LATEST)] : [];
      return { result, states: [series(argument, most), ...held] };
    }
    case "coverage":
      return { result: L.RESULT_COVERAGE, states: parameter === null ? [state(L.STATE_SPAN, null)] : [] };
    case "histogram": {
      const { low, high, count } = bins!;
      const form: StateForm = {
        ...state(L.STATE_HISTOGRAM),
        bytes: (count + 2) * 8,
        cells: count,
        low,
        high,
      };
      return { result: L.RESULT_HISTOGRAM, states: [form], cells: count };
    }
    default:
      throw new Error(`the aggregate ${name} has no form`);
  }
}

/** The values in the order of time, `cells` of them at most. */
function series(argument: Expression | null, cells: number): StateForm {
  const type = argument?.type ?? "double";
  return { kind: L.STATE_SERIES, bytes: BYTES[L.STATE_SERIES]!, argument, type, cells };
}

/** Count and sums of x and y where both are there, and the sum of x·y. */
function pairStates(
  x: Expression,
  y: Expression,
  state: (kind: number, over: Expression) => StateForm,
): StateForm[] {
  const [xThere, yThere] = both(x, y);
  const products = { ...state(L.STATE_PRODUCTS, x), second: y, secondType: y.type };
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

/** Most bytes that the arrays and partials of one result of a pipeline take. */
export function arrayBytes({ aggregates, keys, window, outputs }: PipelinePlan): number {
  if (window === null) return 0;
  const first = keys.length + 3;
  return outputs.reduce((sum, { expression }) => {
    const aggregate = expression.kind === "column" ? aggregates[expression.column - first] : undefined;
    const form = aggregate === undefined ? undefined : aggregateForm(aggregate);
    if (form?.bytes !== undefined) return sum + Math.ceil(form.bytes / 8) * 8;
    const isArray = form?.cells !== undefined && form.result !== L.RESULT_COVERAGE;
    return sum + (isArray ? elements(form) * 8 : 0);
  }, 0);
}

/** A histogram has the two ends besides its bins. */
function elements({ result, cells }: AggregateForm): number {
  return result === L.RESULT_HISTOGRAM ? cells! + 2 : cells!;
}
