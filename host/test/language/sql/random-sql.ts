// Random statements that are right by their making: expressions of a wanted type over columns whose types are
// known. With `fields:` or, where the use tells the type, without. Tests only.
import fc from "fast-check";

export type Gen = fc.GeneratorValue;
type Kind = "double" | "string" | "boolean" | "bigint" | "bytes";

const COLUMNS: Record<Kind, string[]> = {
  double: ["temp", "hum", "`value`", "motor.speed"],
  string: ["note", "`odd name`", "motor.state"],
  boolean: ["ok", "shut"],
  bigint: [],
  bytes: [],
};
export const FIELDS =
  "fields: { temp: double, hum: double, value: double, motor.speed: double, note: string, odd name: string, motor.state: string, ok: boolean, shut: boolean, device: string }";

export const pick = <T>(g: Gen, from: readonly T[]): T => from[whole(g, 0, from.length - 1)]!;
const whole = (g: Gen, least: number, most: number): number => g(fc.integer, { min: least, max: most });

/** Leaves of an expression of a type. */
function leaf(g: Gen, kind: Kind, columns: Record<Kind, string[]>): string {
  const known = columns[kind];
  if (known.length > 0 && whole(g, 0, 2) > 0) return pick(g, known);
  if (kind === "double") return pick(g, ["1", "0", ".5", "2.50", "1e3", "1E-3", "-7", "9007199254740993"]);
  // No use makes a column one of these: they come by CAST and as literals.
  if (kind === "bigint")
    return `CAST(${pick(g, ["7", "-1.5", ...columns.double])} AS ${pick(g, ["BIGINT", "bigint"])})`;
  if (kind === "bytes") return pick(g, ["X'0aFF'", "x''"]);
  if (kind === "string") return pick(g, ["'a'", "''", "'it''s -- no'", "'ä€'"]);
  return pick(g, ["TRUE", "FALSE", "true"]);
}

/** A stateful operator of a type, over records. */
function operator(g: Gen, kind: Kind, depth: number, byTime: string | null = null): string {
  const columns = byTime === null ? COLUMNS : { ...COLUMNS };
  const part = (other: Kind): string => expression(g, other, depth - 1, columns);
  const any = (): string => part(pick(g, ["double", "string", "boolean"]));
  const series = ["", " OVER ()", " OVER (PARTITION BY device)", " OVER (PARTITION BY ok, note)"];
  const over = byTime ?? pick(g, series);
  const span = `INTERVAL '${whole(g, 1, 40)}' SECOND`;
  const calls = [
    `LAG(${part(kind)})`,
    `LAG(${part(kind)}, 2, ${part(kind)})`,
    `FILL(${part(kind)}, ${span})`,
  ];
  calls.push(`FILL(${part(kind)})`, `DEBOUNCE(${part(kind)}, ${span})`);
  if (kind === "boolean") {
    calls.push(`CHANGED(${any()})`, `DEDUP(${any()}, ${span})`, `DEADBAND(${part("double")}, 1.5, ${span})`);
    calls.push(`RISING(${part("boolean")})`, `falling(${part("boolean")})`, `DEADBAND(${part("double")}, 0)`);
  }
  const growth = `${pick(g, ["RATE", "INCREASE"])}(${part("double")})${byTime ?? " OVER (PARTITION BY device)"}`;
  return kind === "double" && whole(g, 0, 3) === 0 ? growth : pick(g, calls) + over;
}

/** A text that is made: of few parts, since a source has a bound for those. */
function text(g: Gen, columns: Record<Kind, string[]>): string {
  const part = (kind: Kind): string => leaf(g, kind, columns);
  return pick(g, [
    `(${part("string")} || ${part("string")})`,
    `CONCAT(${part("string")}, '-', ${part("string")})`,
    `${pick(g, ["UPPER", "lower"])}(${part("string")})`,
    `SUBSTRING(${part("string")}, -2, ${part("bigint")})`,
    `SUBSTRING(${part("string")} FROM 1 + 1)`,
    `CAST(${part(pick(g, ["double", "boolean", "bigint", "bytes"]))} AS STRING)`,
  ]);
}

/** An expression of a type; `depth` bounds it. Only over the columns of records does it hold operators. */
export function expression(g: Gen, kind: Kind, depth: number, columns = COLUMNS): string {
  if (depth === 0) return leaf(g, kind, columns);
  if (columns === COLUMNS && whole(g, 0, 7) === 0) return operator(g, kind, depth);
  const part = (other: Kind): string => expression(g, other, depth - 1, columns);
  const choice = whole(g, 0, 9);
  if (choice < 2) return leaf(g, kind, columns);
  if (choice === 2)
    return `CASE WHEN ${part("boolean")} THEN ${part(kind)} WHEN ${part("boolean")} THEN NULL ELSE ${part(kind)} END`;
  if (choice === 3) return `CASE ${part("string")} WHEN ${part("string")} THEN ${part(kind)} END`;
  if (choice === 4) return `COALESCE(${part(kind)}, NULL, ${part(kind)})`;
  if (kind === "bytes")
    return choice < 8 ? `(${part(kind)})` : `CAST(${leaf(g, "string", columns)} AS BYTES)`;
  if (kind === "string") return choice < 9 ? `(${part(kind)})` : text(g, columns);
  if (kind === "bigint") {
    const beside = pick(g, [part("bigint"), "9007199254740993", "-(2 + 3)"]);
    const [left, right] = pick(g, [true, false]) ? [beside, part("bigint")] : [part("bigint"), beside];
    return choice < 8
      ? `(${left} ${pick(g, ["+", "-", "*", "/", "%"])} ${right})`
      : `${pick(g, ["ABS", "-", "FLOOR", "ROUND", "CEIL", "LEAST"])}(${part("bigint")})`;
  }
  if (kind === "double") {
    if (choice === 5) return `(${part("bigint")} ${pick(g, ["+", "*", "/"])} ${part("double")})`;
    if (choice === 6) return `CAST(${part(pick(g, ["bigint", "double", "string", "boolean"]))} AS DOUBLE)`;
    if (choice < 8) return `(${part("double")} ${pick(g, ["+", "-", "*", "/", "%"])} ${part("double")})`;
    const one = pick(g, [
      "ABS",
      "FLOOR",
      "CEIL",
      "CEILING",
      "SQRT",
      "ROUND",
      "abs",
      "LN",
      "LOG10",
      "EXP",
      "SIN",
      "COS",
    ]);
    return choice === 8
      ? `${one}(${part("double")})`
      : pick(g, [
          `POWER(${part("double")}, 2)`,
          `MOD(${part("double")}, 3)`,
          `LEAST(${part("double")}, 3, ${part("bigint")})`,
          `GREATEST(${part("double")})`,
          `ROUND(${part("double")}, 2)`,
          `-(${part("double")})`,
        ]);
  }
  const not = pick(g, ["", "NOT "]);
  if (choice === 5) return `(${part("boolean")} ${pick(g, ["AND", "OR", "and"])} ${part("boolean")})`;
  if (choice === 6 && whole(g, 0, 2) === 0)
    return pick(g, [
      `(${part("bigint")} ${pick(g, ["=", "<", ">="])} ${part(pick(g, ["double", "bigint"]))})`,
      `(${part("bytes")} ${pick(g, ["=", "<>"])} ${part("bytes")})`,
      `(${part("bigint")} ${not}IN (1, ${part("bigint")}, 2.5))`,
      `(${part("string")} ${not}LIKE 'a%_')`,
      `(${part("string")} ${not}LIKE '!%%' ESCAPE '!')`,
    ]);
  if (choice === 6)
    return `(${part("double")} ${pick(g, ["=", "<>", "<", "<=", ">", ">="])} ${part("double")})`;
  if (choice === 7)
    return pick(g, [
      `(${part("string")} ${not}IN (${part("string")}, 'b'))`,
      `(${part("double")} ${not}BETWEEN ${part("double")} AND ${part("double")})`,
    ]);
  if (choice === 8)
    return `(${part(pick(g, ["double", "string", "boolean", "bigint", "bytes"]))} IS ${not}NULL)`;
  return `NOT (${part("boolean")})`;
}

const AGGREGATES =
  "COUNT SUM AVG MIN MAX VAR_POP VAR_SAMP STDDEV_POP STDDEV_SAMP FIRST_VALUE LAST_VALUE EARLIEST LATEST RANGE DELTA SLOPE INCREASE RATE TIME_WEIGHTED_AVG P50 P75 P90 P95 P99 P999 MEDIAN".split(
    " ",
  );

function aggregate(g: Gen, depth: number): string {
  const choice = whole(g, 0, 9);
  if (choice === 0) return "COUNT(*)";
  if (choice === 1) return `QUANTILE(${expression(g, "double", depth)}, 0.25)`;
  if (choice === 2) {
    const name = pick(g, ["MIN_BY", "MAX_BY", "COVAR_POP", "CORR"]);
    return `${name}(${expression(g, "double", depth)}, ${expression(g, pick(g, ["double", "bigint"]), depth)})`;
  }
  if (choice === 3) return pick(g, ["COVERAGE()", `TIME_IN(${expression(g, "boolean", depth)})`]);
  if (choice === 4) {
    const value = expression(g, pick(g, ["double", "string", "boolean", "bigint", "bytes"]), depth);
    return pick(g, [`COUNT(DISTINCT ${value})`, `APPROX_COUNT_DISTINCT(${value})`]);
  }
  return `${pick(g, AGGREGATES)}(${expression(g, pick(g, ["double", "bigint"]), depth)})`;
}

function window(g: Gen, keys: string[]): string {
  const seconds = whole(g, 1, 90);
  const size = `INTERVAL '${seconds * whole(g, 1, 4)}' SECOND`;
  const step = `INTERVAL '${seconds}' SECOND`;
  const offset = pick(g, ["", ", INTERVAL '0.5' SECOND", ", INTERVAL '-1:30' MINUTE TO SECOND"]);
  const kind = pick(g, ["TUMBLE", "HOP", "CUMULATE", "SESSION", "TUMBLE_ROWS", "HOP_ROWS"]);
  const partition = keys.length === 0 ? "" : ` PARTITION BY (${keys.join(", ")})`;
  if (kind === "TUMBLE_ROWS") return `TABLE(TUMBLE_ROWS(TABLE plant${partition}, ${seconds}))`;
  if (kind === "HOP_ROWS") return `TABLE(HOP_ROWS(TABLE plant${partition}, ${seconds}, ${whole(g, 1, 99)}))`;
  if (kind === "SESSION") {
    return `TABLE(SESSION(TABLE plant${partition}, DESCRIPTOR(ts), ${step}))`;
  }
  const lengths = kind === "TUMBLE" ? step : `${step}, ${size}`;
  const call = `${kind}(TABLE plant, DESCRIPTOR(ts), ${lengths}${offset})`;
  return pick(g, [`TABLE(${call})`, call]);
}

/** A statement whose aggregates have OVER. */
function overStatement(g: Gen, depth: number, where: string): string {
  const keys = g(fc.subarray<string>, ["device", "note", "ok"]);
  const partition = keys.length === 0 ? "" : `PARTITION BY ${keys.join(", ")} `;
  const reach = pick(g, ["RANGE BETWEEN INTERVAL '30' SECOND", "ROWS BETWEEN 0", "ROWS BETWEEN 4"]);
  const spec = `(${partition}ORDER BY ts ${reach} PRECEDING AND CURRENT ROW)`;
  const named = whole(g, 0, 1) === 1;
  const over = named ? "w" : spec;
  const items = Array.from({ length: whole(g, 1, 4) }, (_, index) => {
    const value = `${aggregate(g, depth).replace("COVERAGE()", "COUNT(*)").replace("TIME_WEIGHTED_AVG(", "AVG(").replace("TIME_IN(", "COUNT(")} OVER ${over}`;
    const beside = whole(g, 0, 1) === 1 ? ` + ${expression(g, "double", depth, { ...COLUMNS })}` : "";
    return `${value}${beside} AS c${index}`;
  });
  const kinds: Kind[] = ["double", "string", "boolean"];
  for (const [index, kind] of kinds.entries())
    if (whole(g, 0, 1) === 1)
      items.push(`${operator(g, kind, depth + 1, ` OVER (${partition}ORDER BY ts)`)} AS o${index}`);
  return `SELECT ts, ${items.join(", ")} FROM plant${where}${named ? ` WINDOW w AS ${spec}` : ""}`;
}

/** A statement over instants of a fixed rate. */
function resampled(g: Gen, depth: number, where: string): string {
  const keys = g(fc.subarray<string>, ["device", "note", "ok"]);
  const partition = keys.length === 0 ? "" : ` PARTITION BY (${keys.join(", ")})`;
  const offset = pick(g, ["", ", INTERVAL '0.5' SECOND"]);
  const columns = {
    ...COLUMNS,
    double: [...COLUMNS.double, "INTERPOLATE(temp)", "INTERPOLATE(motor.speed)"],
  };
  const items = (["double", "string", "boolean"] as const).map(
    (kind, index) => `${expression(g, kind, depth, columns)} AS c${index}`,
  );
  const call = `RESAMPLE(TABLE plant${partition}, DESCRIPTOR(ts), INTERVAL '${whole(g, 1, 20)}' SECOND${offset})`;
  return `SELECT ts, ${items.join(", ")} FROM TABLE(${call})${where}`;
}

/** A statement over the source `plant`. */
export function statement(g: Gen): string {
  const depth = whole(g, 0, 3);
  const where = whole(g, 0, 1) === 1 ? ` WHERE ${expression(g, "boolean", depth)}` : "";
  if (whole(g, 0, 9) === 0) return resampled(g, depth, where);
  if (whole(g, 0, 4) === 0) return overStatement(g, depth, where);
  if (whole(g, 0, 3) === 0) {
    const items = Array.from(
      { length: whole(g, 1, 4) },
      (_, index) =>
        `${expression(g, pick(g, ["double", "string", "boolean", "bigint", "bytes"]), depth)} AS c${index}`,
    );
    return `SELECT ts, ${items.join(", ")} FROM plant${where}`;
  }
  const keys = g(fc.subarray<string>, ["device", "note", "ok"]);
  const named = (expr: string, index: number): string => `${expr} AS a${index}`;
  const totals = Array.from({ length: whole(g, 0, 3) }, (_, index) => named(aggregate(g, depth), index));
  // Over results only the keys and aggregates are there.
  const over: Record<Kind, string[]> = {
    double: [aggregate(g, 1)],
    string: keys.filter((key) => key !== "ok"),
    boolean: keys.filter((key) => key === "ok"),
    bigint: [`COALESCE(SUM(${expression(g, "bigint", 1)}), 0)`],
    bytes: [],
  };
  const having = whole(g, 0, 1) === 1 ? ` HAVING ${expression(g, "boolean", depth, over)}` : "";
  const computed = `${expression(g, "double", depth, over)} AS total`;
  const shown = [...g(fc.subarray<string>, keys), "window_start", ...totals, computed];
  const from = window(g, keys);
  const text = `SELECT ${shown.join(", ")} FROM ${from}${where} GROUP BY ${[...keys, "window_start", "window_end"].join(", ")}${having}`;
  // It is a share of a length of time.
  return from.includes("_ROWS(") ? text.replaceAll("COVERAGE()", "COUNT(*)") : text;
}
