// Checks a plan against what plan.ts says of operators, columns and outputs; independent of the checker of
// the language. Throws at the first thing that is not as it should be. Imports plan types only.
import type {
  AggregatePlan,
  Expression,
  Operator,
  PipelinePlan,
  Plan,
  StatefulExpression,
  Type,
} from "../../../core/plan/plan.ts";
import { expressionKey, isArray } from "../../../core/plan/plan.ts";

function must(condition: boolean, message: string): void {
  if (!condition) throw new Error(message);
}

/** Operators of DOUBLE or of BIGINT, and of DOUBLE alone. */
const OF_BOTH: Partial<Record<Operator, number>> = {
  add: 2,
  subtract: 2,
  multiply: 2,
  divide: 2,
  modulo: 2,
  negate: 1,
  abs: 1,
  least: 2,
  greatest: 2,
};
const NUMERIC: Partial<Record<Operator, number>> = {
  power: 2,
  ln: 1,
  log10: 1,
  exp: 1,
  sin: 1,
  cos: 1,
  floor: 1,
  ceil: 1,
  sqrt: 1,
};

/** Throws when a plan is not well formed. In the plan of a replay topic columns are fields, before the time. */
export function checkPlan(plan: Plan, replayed = false): void {
  const { source } = plan;
  const types = source.columns.map((column) => column.type);
  const names = source.columns.map((column) => column.name);
  must(new Set(names).size === names.length, "two columns of one name");
  must(source.columns[source.time.column]!.from === "time", "the time column is another");
  must(
    source.columns.every((column) => (column.type === "instant") === (column.from === "time")),
    "an instant that is not the time",
  );
  const order = source.columns.map((column) => ["topic", "time", "field"].indexOf(column.from));
  must(
    replayed || order.every((value, index) => index === 0 || order[index - 1]! <= value),
    "columns out of order",
  );
  for (const column of source.columns) {
    must(
      (column.path.length === 0) ===
        (column.from === "topic" || (source.time.kind === "arrival" && column.from === "time")),
      "a path that should not be",
    );
    must(!column.numberAsText || column.type === "string", "a number as text of another type");
  }
  must(plan.pipelines.length > 0, "a plan without pipelines");
  for (const pipeline of plan.pipelines) checkPipeline(pipeline, types);
}

const OF_NUMBERS = "sum avg range delta increase rate".split(" ");
const OF_ITS_ARGUMENT =
  "sum range delta increase min max first_value last_value earliest latest min_by max_by mode".split(" ");
const ARRAYS = ["top_k", "array_agg"];
const OF_VALUES = new Set(
  [...OF_ITS_ARGUMENT, ...ARRAYS, "count_distinct", "approx_count_distinct"].filter(
    (name) => !OF_NUMBERS.includes(name),
  ),
);

function resultOf({ name, argument }: AggregatePlan): Type {
  if (name === "histogram") return "array<double>";
  if (ARRAYS.includes(name)) return `array<${argument!.type}>` as Type;
  return OF_ITS_ARGUMENT.includes(name) ? argument!.type : "double";
}

function checkPipeline(pipeline: PipelinePlan, types: Type[]): void {
  const { window, keys, aggregates } = pipeline;
  for (const key of keys) must(types[key] !== "double" && types[key] !== "instant", "a key of a wrong type");
  must(new Set(keys).size === keys.length, "a key twice");
  if (pipeline.where !== null) must(check(pipeline.where, types) === "boolean", "WHERE is not BOOLEAN");
  for (const { name, argument, second, parameter, bins } of aggregates) {
    must((name === "count_all" || name === "coverage") === (argument === null), "an aggregate's argument");
    must(
      name === "coverage" || (name === "quantile" || name === "top_k") === (parameter !== null),
      "an aggregate's parameter",
    );
    must(name !== "quantile" || (parameter! >= 0 && parameter! <= 1), "which quantile");
    must(
      ["min_by", "max_by", "covar_pop", "corr"].includes(name) === (second !== undefined),
      "a second argument",
    );
    const by = second === undefined ? "double" : check(second, types);
    must(by === "double" || (by === "bigint" && name.endsWith("_by")), "a second argument of a wrong type");
    must((name === "histogram") === (bins !== undefined), "the bins of a histogram");
    must(bins === undefined || bins.low < bins.high, "bins without width");
    must(name !== "time_in" || argument?.type === "boolean", "a condition that is none");
    must(name !== "top_k" || (parameter! >= 1 && parameter! <= 100), "how many of top_k");
    if (argument === null) continue;
    const type = check(argument, types);
    must(
      type === "double" ||
        name === "count" ||
        (name === "time_in" && type === "boolean") ||
        (OF_NUMBERS.includes(name) && type === "bigint") ||
        (OF_VALUES.has(name) && type !== "instant"),
      "an argument of a wrong type",
    );
  }
  if (window === null)
    must(keys.length + aggregates.length === 0 && pipeline.having === null, "grouped without a window");
  else checkWindow(window);
  const bounds: Type[] = ["instant", "instant", "instant"];
  const results: Type[] =
    window === null
      ? types
      : [
          ...keys.map((key) => types[key]!),
          ...bounds,
          ...(window.kind === "over" ? window.carried.map((at) => types[at]!) : []),
          ...aggregates.map(resultOf),
        ];
  if (pipeline.having !== null) must(check(pipeline.having, results) === "boolean", "HAVING is not BOOLEAN");
  for (const output of pipeline.outputs) check(output.expression, results);
  const shown = pipeline.outputs.filter((output) => !output.hidden).map((output) => output.name);
  must(shown.length > 0 && new Set(shown).size === shown.length, "results without names of their own");
  keys.forEach((_, place) => {
    const has = pipeline.outputs.some(
      ({ expression }) => expression.kind === "column" && expression.column === place,
    );
    must(has, "a key that no output holds");
  });
}

function checkWindow(window: NonNullable<PipelinePlan["window"]>): void {
  if (window.kind === "running") return;
  const most = 2n ** 61n;
  if (window.kind === "session") {
    must(window.gapNs > 0n && window.gapNs <= most, "a session's gap");
    must(window.maxNs === null || (window.maxNs > 0n && window.maxNs <= most), "a session's longest");
    return;
  }
  if (window.kind === "rows") {
    const fits = (count: number): boolean => Number.isInteger(count) && count >= 1 && count <= 1e9;
    must(fits(window.size) && fits(window.slide), "a number of records");
    return;
  }
  if (window.kind === "over") {
    must(window.rangeNs === null || (window.rangeNs >= 0n && window.rangeNs <= most), "a range");
    must(Number.isInteger(window.rows) && window.rows >= 0, "a number of rows");
    return;
  }
  must(window.sizeNs > 0n && window.sizeNs <= most, "a window's size");
  must(window.offsetNs >= -most && window.offsetNs <= most, "a window's offset");
  if (window.kind === "hop") must(window.slideNs > 0n && window.slideNs <= most, "a window's slide");
  if (window.kind === "cumulate")
    must(window.stepNs > 0n && window.sizeNs % window.stepNs === 0n, "a window's step");
}

/** The type of an expression, found from its parts. */
function check(expression: Expression, columns: Type[]): Type {
  const type = typeOf(expression, columns);
  must(type === expression.type, `${expressionKey(expression)} is ${type}`);
  return type;
}

function statefulType(expression: StatefulExpression, columns: Type[]): Type {
  const { operator, arguments: parts, keys, gate, count, spanNs } = expression;
  const [value, otherwise] = parts.map((part) => check(part, columns));
  must(value !== undefined && value !== "instant" && !isArray(value), operator);
  must(parts.length === 1 || (operator === "lag" && parts.length === 2 && otherwise === value), "arguments");
  must(gate === null || check(gate, columns) === "boolean", "the gate");
  must(
    keys.every((key) => columns[key] !== "double" && columns[key] !== "instant"),
    "a key of another type",
  );
  must(count > 0 === (operator === "lag"), "how far back");
  must(spanNs > 0n || !["dedup", "debounce"].includes(operator), "a length of time");
  if (["lag", "fill", "debounce"].includes(operator)) return value!;
  if (operator === "rising" || operator === "falling") must(value === "boolean", operator);
  else if (operator !== "changed" && operator !== "dedup")
    must(value === "double" || (value === "bigint" && operator !== "deadband"), operator);
  if (operator === "increase") return value!;
  return operator === "rate" ? "double" : "boolean";
}

function typeOf(expression: Expression, columns: Type[]): Type {
  if (expression.kind === "column") {
    must(expression.column >= 0 && expression.column < columns.length, "no such column");
    return columns[expression.column]!;
  }
  if (expression.kind === "literal") {
    const { value, type } = expression;
    must(type !== "instant", "a literal time");
    must(
      value === null ||
        typeof value ===
          { double: "number", string: "string", boolean: "boolean", bigint: "string", bytes: "string" }[
            type as "double"
          ],
      "a literal of another type",
    );
    must(type !== "bigint" || value === null || /^-?\d{1,19}$/.test(value as string), "digits of a BIGINT");
    must(type !== "bytes" || value === null || /^([0-9a-f]{2})*$/.test(value as string), "digits of BYTES");
    must(
      typeof value !== "number" || (Number.isFinite(value) && !Object.is(value, -0)),
      "a number that should not be",
    );
    return type;
  }
  if (expression.kind === "stateful") return statefulType(expression, columns);
  const { operator, arguments: parts } = expression;
  const types = parts.map((part) => check(part, columns));
  const all = (type: Type, count: number): boolean =>
    types.length === count && types.every((each) => each === type);
  const either = OF_BOTH[operator];
  if (either !== undefined) {
    must(all("double", either) || all("bigint", either), operator);
    return types[0]!;
  }
  const count = NUMERIC[operator];
  if (count !== undefined) {
    must(all("double", count), operator);
    return "double";
  }
  switch (operator) {
    case "round": {
      const digits = parts[1];
      must(types[0] === "double" && parts.length <= 2, operator);
      must(
        digits === undefined ||
          (digits.kind === "literal" &&
            Number.isInteger(digits.value) &&
            Number(digits.value) >= 0 &&
            Number(digits.value) <= 15),
        "digits",
      );
      return "double";
    }
    case "equal":
    case "notEqual":
      must(types.length === 2 && types[0] === types[1], operator);
      return "boolean";
    case "less":
    case "lessOrEqual":
    case "greater":
    case "greaterOrEqual":
      must(all("double", 2) || all("bigint", 2) || all("instant", 2), operator);
      return "boolean";
    case "like":
      must(all("string", types.length) && (types.length === 2 || types.length === 3), operator);
      must(
        parts.slice(1).every((part) => part.kind === "literal" && part.value !== null),
        "a pattern",
      );
      return "boolean";
    case "toDouble":
      must(all("bigint", 1) || all("boolean", 1) || all("string", 1), operator);
      return "double";
    case "toBigint":
      must(all("double", 1) || all("boolean", 1) || all("string", 1), operator);
      return "bigint";
    case "toBoolean":
      must(all("double", 1) || all("bigint", 1) || all("string", 1), operator);
      return "boolean";
    case "toText":
      must(types.length === 1 && !["string", "instant"].includes(types[0]!) && !isArray(types[0]!), operator);
      return "string";
    case "toBytes":
      must(all("string", 1), operator);
      return "bytes";
    case "concat":
      must(all("string", 2) || all("string", 3), operator);
      return "string";
    case "upper":
    case "lower":
      must(all("string", 1), operator);
      return "string";
    case "substring":
      must(types[0] === "string" && (types.length === 2 || types.length === 3), operator);
      must(
        types.slice(1).every((type) => type === "bigint"),
        operator,
      );
      return "string";
    case "and":
    case "or":
      must(all("boolean", 2), operator);
      return "boolean";
    case "not":
      must(all("boolean", 1), operator);
      return "boolean";
    case "isNull":
      must(types.length === 1, operator);
      return "boolean";
    case "coalesce":
      must(types.length === 2 && types[0] === types[1], operator);
      return types[0]!;
    case "case": {
      must(types.length % 2 === 1 && types.length >= 3, operator);
      for (let index = 0; index + 1 < types.length; index += 2)
        must(types[index] === "boolean", "a condition of CASE");
      const values = types.filter((_, index) => index % 2 === 1 || index === types.length - 1);
      must(new Set(values).size === 1, "values of CASE");
      return values[0]!;
    }
    default:
      throw new Error(`no such operator: ${operator}`);
  }
}
