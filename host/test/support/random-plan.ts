// Random plans and streams for the property tests: every window, aggregate, operator, clock and policy of this
// version, over small ranges so that keys, times and values collide often. Drawn through fast-check, so that a
// failure shrinks.
import type { GeneratorValue } from "fast-check";
import fc from "fast-check";
import type {
  AggregateName,
  AggregatePlan,
  ColumnPlan,
  Expression,
  Operator,
  PipelinePlan,
  Plan,
  Type,
  WindowPlan,
} from "../../core/plan.ts";

const SECOND = 1_000_000_000n;
const AGGREGATES: AggregateName[] = [
  "count_all", "count", "sum", "avg", "min", "max", "var_pop", "var_samp", "stddev_pop", "stddev_samp",
  "first_value", "last_value", "earliest", "latest", "quantile",
];
const ARITHMETIC: Operator[] = ["add", "subtract", "multiply", "divide", "modulo", "power"];
const UNARY: Operator[] = ["negate", "abs", "floor", "ceil", "round", "sqrt"];
const COMPARISONS: Operator[] = ["equal", "notEqual", "less", "lessOrEqual", "greater", "greaterOrEqual"];

/** Draws values; a thin face over fast-check's generator. */
export class Draw {
  private readonly g: GeneratorValue;

  constructor(g: GeneratorValue) {
    this.g = g;
  }

  whole(least: number, most: number): number {
    return this.g(fc.integer, { min: least, max: most });
  }

  chance(share: number): boolean {
    return this.whole(1, 100) <= share * 100;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.whole(0, values.length - 1)]!;
  }

  double(): number {
    const kind = this.whole(0, 9);
    if (kind < 5) return this.whole(-20, 20);
    if (kind < 8) return this.whole(-100000, 100000) / 1000;
    return this.g(fc.double, { noNaN: true, noDefaultInfinity: true });
  }
}

const column = (name: string, type: Type, from: ColumnPlan["from"]): ColumnPlan => ({
  name,
  type,
  from,
  path: from === "topic" ? [] : name.split("."),
  numberAsText: name === "a",
});

/** Columns: time t, keys a (STRING) and flag (BOOLEAN), values v, w and the nested n.x (DOUBLE). */
const COLUMNS: ColumnPlan[] = [
  column("t", "instant", "time"),
  column("a", "string", "field"),
  column("flag", "boolean", "field"),
  column("v", "double", "field"),
  column("w", "double", "field"),
  column("n.x", "double", "field"),
];

type Columns = { type: Type; column: number }[];

function drawExpression(draw: Draw, type: Type, columns: Columns, depth: number): Expression {
  const usable = columns.filter((candidate) => candidate.type === type);
  if (usable.length > 0 && (depth <= 0 || draw.chance(0.35))) return { kind: "column", ...draw.pick(usable) };
  const sub = (part: Type): Expression => drawExpression(draw, part, columns, depth - 1);
  const call = (operator: Operator, ...parts: Expression[]): Expression => ({ kind: "call", type, operator, arguments: parts });
  if (depth > 0 && draw.chance(0.15)) return call("case", sub("boolean"), sub(type), sub(type));
  if (depth > 0 && draw.chance(0.1)) return call("coalesce", sub(type), sub(type));
  if (type === "double" && depth > 0) {
    if (draw.chance(0.3)) {
      const operator = draw.pick(UNARY);
      const digits: Expression = { kind: "literal", type: "double", value: draw.whole(0, 4) };
      return operator === "round" && draw.chance(0.5) ? call("round", sub("double"), digits) : call(operator, sub("double"));
    }
    return call(draw.pick(ARITHMETIC), sub("double"), sub("double"));
  }
  if (type === "boolean" && depth > 0) {
    const kind = draw.whole(0, 4);
    if (kind === 0) return call(draw.pick(["and", "or"]), sub("boolean"), sub("boolean"));
    if (kind === 1) return call("not", sub("boolean"));
    if (kind === 2) return call("isNull", sub(draw.pick(["double", "boolean"])));
    if (kind === 3 && columns.some((candidate) => candidate.type === "string")) {
      return call(draw.pick(["equal", "notEqual"]), sub("string"), sub("string"));
    }
    return call(draw.pick(COMPARISONS), sub("double"), sub("double"));
  }
  if (draw.chance(0.1)) return { kind: "literal", type, value: null };
  const value = type === "double" ? draw.double() + 0 : type === "string" ? draw.pick(["k0", "k1", "é", ""]) : draw.chance(0.5);
  return { kind: "literal", type, value };
}

function drawWindow(draw: Draw): WindowPlan {
  const length = (): bigint => BigInt(draw.whole(1, 12)) * (draw.chance(0.8) ? SECOND : 250_000_001n);
  const offsetNs = draw.chance(0.5) ? 0n : BigInt(draw.whole(-30, 30)) * (SECOND / 2n);
  const kind = draw.pick(["tumble", "hop", "cumulate"] as const);
  if (kind === "tumble") return { kind, sizeNs: length(), offsetNs };
  if (kind === "hop") return { kind, slideNs: length(), sizeNs: length(), offsetNs };
  const stepNs = length();
  return { kind, stepNs, sizeNs: stepNs * BigInt(draw.whole(1, 5)), offsetNs };
}

const inputColumns: Columns = COLUMNS.map(({ type }, index) => ({ type, column: index }));

function drawAggregate(draw: Draw): AggregatePlan {
  const name = draw.pick(AGGREGATES);
  const depth = draw.chance(0.7) ? 0 : 2;
  const type = name === "count" ? draw.pick(["double", "string", "boolean"] as const) : "double";
  return {
    name,
    argument: name === "count_all" ? null : drawExpression(draw, type, inputColumns, depth),
    parameter: name === "quantile" ? draw.pick([0, 0.25, 0.5, 0.9, 0.99, 1]) : null,
  };
}

function drawPipeline(draw: Draw, name: string): PipelinePlan {
  const where = draw.chance(0.5) ? drawExpression(draw, "boolean", inputColumns, 3) : null;
  const late = draw.pick(["drop", "side"] as const);
  if (draw.chance(0.15)) {
    const types: Type[] = ["double", "string", "boolean", "instant"];
    const outputs = types.map((type) => ({
      name: type,
      expression: drawExpression(draw, type, inputColumns, type === "instant" ? 0 : 2),
      hidden: false,
    }));
    return { name, where, keys: [], window: null, aggregates: [], having: null, outputs, late };
  }
  const keys = draw.pick([[], [1], [2], [1, 2], [2, 1]]);
  const aggregates = Array.from({ length: draw.whole(1, 5) }, () => drawAggregate(draw));
  const first = keys.length + 3;
  const results: Columns = [
    ...keys.map((key, place) => ({ type: COLUMNS[key]!.type, column: place })),
    ...aggregates.map((_, place) => ({ type: "double" as const, column: first + place })),
  ];
  const bounds = [0, 1, 2].map((place) => ({ type: "instant" as const, column: keys.length + place }));
  const outputs = [...results, ...bounds].map(({ type, column: at }) => ({
    name: `c${at}`,
    expression: { kind: "column", type, column: at } as Expression,
    hidden: false,
  }));
  if (draw.chance(0.4)) outputs.push({ name: "e", expression: drawExpression(draw, "double", results, 2), hidden: false });
  const having = draw.chance(0.25) ? drawExpression(draw, "boolean", results, 2) : null;
  return { name, where, keys, window: drawWindow(draw), aggregates, having, outputs, late };
}

export function drawPlan(draw: Draw): Plan {
  return {
    source: {
      name: "s",
      framing: "lines",
      format: "json",
      topic: [],
      time: { kind: "field", column: 0, unit: draw.pick(["s", "ms"] as const) },
      columns: COLUMNS,
      delayNs: draw.pick([0n, SECOND, 7n * SECOND]),
      clock: draw.pick(["key", "source"] as const),
      nonfinite: draw.pick(["null", "refuse"] as const),
    },
    pipelines: Array.from({ length: draw.whole(1, 4) }, (_, index) => drawPipeline(draw, `p${index}`)),
    limits: { keys: draw.chance(0.15) ? 2 : 60, memoryBytes: 12 << 20, dictionaryBytes: 65536 },
  };
}

function drawNumber(draw: Draw): string {
  const kind = draw.whole(0, 11);
  if (kind < 8) return JSON.stringify(draw.double());
  return draw.pick(["null", '"x"', "true", "1e400", "-0", "0.1e1", "123456789012345678901234567890", "5e-324", "[1]", "{}"]);
}

/** One line of a stream around `second`; now and then one that is wrong. */
export function drawLine(draw: Draw, plan: Plan, second: number): string {
  const kind = draw.whole(0, 39);
  if (kind === 0) return draw.pick(["", "   ", "nonsense", "[]", "[1]", '{"t":1', '{"t":1}x', "{}", '{"t":null}', '{"t":"x"}', '{"t":1e300}', "null"]);
  const scale = plan.source.time.kind === "field" && plan.source.time.unit === "ms" ? 1000 : 1;
  const time = (second + draw.whole(-6, 3) / 2) * scale;
  const members = [`"t":${time}`];
  if (draw.chance(0.9)) members.push(`"a":${draw.pick(['"k0"', '"k1"', '"k2"', '"\\u00e9"', "7", "1.50", "null", "false"])}`);
  if (draw.chance(0.8)) members.push(`"flag":${draw.pick(["true", "false", "null", "0"])}`);
  if (draw.chance(0.9)) members.push(`"v":${drawNumber(draw)}`);
  if (draw.chance(0.7)) members.push(`"w":${drawNumber(draw)}`);
  if (draw.chance(0.3)) members.push(`"n":{"x":${drawNumber(draw)},"y":[{"z":"\\"}"}]}`);
  if (draw.chance(0.1)) members.push(`"v":${drawNumber(draw)}`);
  if (draw.chance(0.1)) members.push('"other":{"deep":[1,2,{"x":null}]}');
  const object = `{${members.join(draw.chance(0.2) ? " , " : ",")}}`;
  return kind === 1 ? `[${object},${object}]` : object;
}

/** A stream of lines whose time moves on slowly, with steps back. */
export function drawStream(draw: Draw, plan: Plan): string {
  const lines: string[] = [];
  let second = draw.whole(-20, 20);
  const count = draw.whole(1, 30);
  for (let index = 0; index < count; index++) {
    second += draw.whole(0, 6) / 2;
    lines.push(drawLine(draw, plan, second));
  }
  return lines.join("\n") + (draw.chance(0.5) ? "\n" : "");
}
