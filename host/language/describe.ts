// Parts of a plan in words: expressions, windows, columns. For `explain`, and for whoever shows a plan.
// Portable: imports core types and units.
import type {
  AggregatePlan,
  ColumnPlan,
  Expression,
  Operator,
  OverPlan,
  PartialPlan,
  PipelinePlan,
  SourcePlan,
  StatefulExpression,
  Type,
  WindowPlan,
  ZonePlan,
} from "../core/plan/plan.ts";
import { carriedColumns } from "../core/plan/plan.ts";
import { quoteName } from "./sql/syntax/names.ts";
import { formatDuration } from "./units.ts";

const INFIX: Partial<Record<Operator, string>> = {
  add: "+",
  subtract: "-",
  multiply: "*",
  divide: "/",
  modulo: "%",
  equal: "=",
  notEqual: "<>",
  less: "<",
  lessOrEqual: "<=",
  greater: ">",
  greaterOrEqual: ">=",
  and: "AND",
  or: "OR",
};

const CASTS = new Set<Operator>(["toDouble", "toBigint", "toBoolean", "toText", "toBytes"]);

export const typeText = (type: Type): string => (type === "instant" ? "TIMESTAMP" : type.toUpperCase());

/** An expression as SQL, every operation in parentheses; `names` are those of its columns. */
export function expressionText(expression: Expression, names: string[]): string {
  if (expression.kind === "column") return names[expression.column] ?? `column ${expression.column}`;
  if (expression.kind === "literal") return literalText(expression);
  const parts = expression.arguments.map((part) => expressionText(part, names));
  if (expression.kind === "stateful") return statefulText(expression, parts, names);
  const { operator } = expression;
  const infix = INFIX[operator];
  if (infix !== undefined) return `(${parts[0]} ${infix} ${parts[1]})`;
  if (operator === "not") return `NOT ${parts[0]}`;
  if (operator === "negate") return `-${parts[0]}`;
  if (operator === "isNull") return `(${parts[0]} IS NULL)`;
  if (operator === "like")
    return `(${parts[0]} LIKE ${parts[1]}${parts[2] === undefined ? "" : ` ESCAPE ${parts[2]}`})`;
  if (CASTS.has(operator)) return `CAST(${parts[0]} AS ${expression.type.toUpperCase()})`;
  const range = rangeOf(expression, names);
  if (range !== null) return `IN_RANGE(${range})`;
  if (operator !== "case") return `${operator.toUpperCase()}(${parts.join(", ")})`;
  const branches: string[] = [];
  for (let index = 0; index + 1 < parts.length; index += 2)
    branches.push(`WHEN ${parts[index]} THEN ${parts[index + 1]}`);
  return `CASE ${branches.join(" ")} ELSE ${parts.at(-1)} END`;
}

function statefulText(expression: StatefulExpression, parts: string[], names: string[]): string {
  const { operator, count, number, spanNs, keys } = expression;
  const [value, otherwise] = parts;
  const shown = [value!];
  if (operator === "lag" && (count !== 1 || otherwise !== undefined)) shown.push(String(count));
  if (otherwise !== undefined) shown.push(otherwise);
  if (operator === "deadband") shown.push(String(number));
  if (spanNs > 0n) shown.push(formatDuration(spanNs));
  const series = keys.length === 0 ? [] : [`PARTITION BY ${keys.map((key) => names[key]!).join(", ")}`];
  if (expression.order === "time") series.push("ORDER BY time");
  return `${operator.toUpperCase()}(${shown.join(", ")}) OVER (${series.join(" ")})`;
}

/** The parameter of what IN_RANGE stands for; null for anything else. */
function rangeOf(expression: Expression, names: string[]): string | null {
  if (expression.kind !== "call" || expression.operator !== "case") return null;
  const [test] = expression.arguments;
  if (test?.kind !== "call" || test.operator !== "and") return null;
  const bounds = test.arguments.map((part) =>
    part.kind === "call" && part.operator === "isNull" ? expressionText(part.arguments[0]!, names) : "",
  );
  const name = /^RANGE_MIN\((.*)\)$/.exec(bounds[0]!)?.[1] ?? null;
  return bounds[1] === `RANGE_MAX(${name})` ? name : null;
}

function literalText({ type, value }: Extract<Expression, { kind: "literal" }>): string {
  if (type === "bigint" && value !== null) return String(value);
  if (type === "bytes" && value !== null) return `X'${value}'`;
  if (typeof value === "string") return `'${value.replaceAll("'", "''")}'`;
  return value === null ? "NULL" : String(value).toUpperCase();
}

/** Without the outermost pair of parentheses, where they only wrap the whole. */
export function conditionText(expression: Expression, names: string[]): string {
  const text = expressionText(expression, names);
  const wrapped =
    expression.kind === "call" &&
    (INFIX[expression.operator] !== undefined || expression.operator === "isNull");
  return wrapped ? text.slice(1, -1) : text;
}

const QUANTILE_NAMES: Record<string, string> = {
  "0.5": "P50",
  "0.75": "P75",
  "0.9": "P90",
  "0.95": "P95",
  "0.99": "P99",
  "0.999": "P999",
};

/** An aggregate as SQL. */
export function aggregateText(aggregate: AggregatePlan, columns: string[]): string {
  const { name, argument, second, bins, parameter, merges, partial } = aggregate;
  if (partial === true) {
    const whole = { ...aggregate };
    delete whole.partial;
    return `PARTIAL(${aggregateText(whole, columns)})`;
  }
  if (merges !== undefined) return `MERGE(${expressionText(argument!, columns)})`;
  if (name === "count_all") return "COUNT(*)";
  if (argument === null) return `${name.toUpperCase()}()`;
  const values = [argument, ...(second === undefined ? [] : [second])].map((part) =>
    conditionText(part, columns),
  );
  if (name === "count_distinct") return `COUNT(DISTINCT ${values[0]})`;
  if (name === "top_k") return `TOP_K(${values[0]}, ${parameter})`;
  if (name === "histogram") return `HISTOGRAM(${[values[0], bins!.low, bins!.high, bins!.count].join(", ")})`;
  if (name !== "quantile") return `${name.toUpperCase()}(${values.join(", ")})`;
  const short = QUANTILE_NAMES[String(parameter)];
  return short === undefined ? `QUANTILE(${values[0]}, ${parameter})` : `${short}(${values[0]})`;
}

/** Names of the source's columns as SQL writes them. */
export function columnNames(source: SourcePlan): string[] {
  return source.columns.map(({ name, from }) =>
    from === "context" ? name : name.split(".").map(quoteName).join("."),
  );
}

/** Names of the columns that HAVING and the outputs see: resultColumnTypes of plan.ts has their types. */
export function resultColumnNames(source: SourcePlan, pipeline: PipelinePlan): string[] {
  const columns = columnNames(source);
  if (pipeline.window === null) return columns;
  const bounds = ["window_start", "window_end", "window_time"];
  const keys = pipeline.keys.map((key) => columns[key]!);
  const plain = carriedColumns(pipeline).length - (over(pipeline)?.resample?.linear ?? 0);
  const carried = carriedColumns(pipeline).map((column, place) =>
    place < plain ? columns[column]! : `INTERPOLATE(${columns[column]!})`,
  );
  return [
    ...keys,
    ...bounds,
    ...carried,
    ...pipeline.aggregates.map((aggregate) => aggregateText(aggregate, columns)),
  ];
}

const over = ({ window }: PipelinePlan): OverPlan | null => (window?.kind === "over" ? window : null);

export function windowText(window: WindowPlan | null): string {
  if (window === null) return "none: every record that WHERE keeps is a result";
  if (window.kind === "running") return "none: all records of a key, from its first one on";
  if (window.kind === "session") {
    const most = window.maxNs === null ? "" : `, ${formatDuration(window.maxNs)} from first to last at most`;
    return `sessions, ended by a gap of more than ${formatDuration(window.gapNs)}${most}`;
  }
  if (window.kind === "rows") {
    const every = window.slide === window.size ? "one after the other" : `one every ${window.slide}`;
    return `windows of ${window.size} records in the order of arrival, ${every}`;
  }
  if (window.kind === "over") {
    if (window.resample !== undefined) {
      const { periodNs, offsetNs } = window.resample;
      const from = offsetNs === 0n ? "" : `, offset ${formatSigned(offsetNs)}`;
      return `resampled: a row every ${formatDuration(periodNs)}${from}, from the first record to the newest`;
    }
    if (window.rangeNs === null && window.rows === 0)
      return "over: a row for each record, in the order of time";
    const reach =
      window.rangeNs === null
        ? `itself and the ${window.rows} before it`
        : `the ${formatDuration(window.rangeNs)} up to it`;
    return `over: a row for each record, over ${reach}`;
  }
  const shift = window.offsetNs === 0n ? "" : `, offset ${formatSigned(window.offsetNs)}`;
  const offset = window.zone === undefined ? shift : `${shift}, by the clock of ${zoneText(window.zone)}`;
  const size = formatDuration(window.sizeNs);
  if (window.kind === "tumble") return `tumbling, ${size} long${offset}`;
  if (window.kind === "hop")
    return `hopping, ${size} long, one every ${formatDuration(window.slideNs)}${offset}`;
  return `cumulating, up to ${size} in steps of ${formatDuration(window.stepNs)}${offset}`;
}

/** A zone with the version of the database that its offsets come from. */
const zoneText = ({ name, database }: ZonePlan): string =>
  database === null ? name : `${name} (zone database ${database})`;

const formatSigned = (ns: bigint): string => (ns < 0n ? `-${formatDuration(-ns)}` : formatDuration(ns));

const epochText = ({ batch }: SourcePlan): string =>
  batch === undefined || batch.epoch === null ? "" : `, each added to ${batch.epoch.join(".")}`;

/** What a partial is of, as a field is declared. */
function partialText({ name, argument, second, parameter, bins }: PartialPlan): string {
  if (name === "count_all") return "partial(count(*))";
  const types = [argument, second].filter((type) => type !== null && type !== undefined);
  const numbers = bins === undefined ? [parameter] : [bins.low, bins.high, bins.count];
  const inside = [...types, ...numbers.filter((number) => number !== null)].join(", ");
  return name === "count_distinct" ? `partial(count(distinct ${argument}))` : `partial(${name}(${inside}))`;
}

/** Where a column comes from and why it has its type; `byUse`: STRING where nothing declared it. */
export function originText(column: ColumnPlan, source: SourcePlan, byUse = true): string {
  if (column.from === "topic") return "a level of the topic";
  if (column.from === "context") {
    const { path, initial } = source.context!.cells[column.cell!]!;
    const until = initial === null ? "" : `; ${JSON.stringify(initial)} until it is said`;
    return `context of the stream, member ${path.join(".")}${until}`;
  }
  if (column.from === "time") {
    return source.time.kind === "arrival"
      ? "the time of arrival"
      : `member ${column.path.join(".")}, read as ${source.time.unit}${epochText(source)}`;
  }
  const paths = [column.path, ...(column.otherPaths ?? [])].map((path) => path.join("."));
  const member = source.format === "value" ? "the payload" : `member ${paths.join(", or ")}`;
  if (column.partial !== undefined) return `${member}, ${partialText(column.partial)}`;
  return column.numberAsText
    ? `${member}; ${byUse ? "STRING by its use, " : ""}a number is its own text`
    : member;
}
