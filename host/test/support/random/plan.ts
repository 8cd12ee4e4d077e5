// Random plans for the property tests: every way in, window, aggregate, operator, clock and policy of this version,
// over small ranges so that keys, times and values collide often. Drawn through fast-check, so that a failure
// shrinks.
import type { GeneratorValue } from "fast-check";
import fc from "fast-check";
import type {
  AggregateName,
  AggregatePlan,
  ColumnPlan,
  Expression,
  Format,
  Framing,
  OverPlan,
  PipelinePlan,
  Plan,
  ReorderPlan,
  TopicLevel,
  Type,
  WindowPlan,
  ZonePlan,
} from "../../../core/plan/plan.ts";
import { aggregateType, holdsValues, isArray, isRaster } from "../../../core/plan/plan.ts";
import { drawBatchColumns } from "./batch.ts";
import { drawChain } from "./chain.ts";
import { drawContext } from "./context.ts";
import { eventColumns } from "./events.ts";
import { type Columns, type Series, drawExpression, keyableOf } from "./expression.ts";
import { drawZone } from "./zone.ts";

const SECOND = 1_000_000_000n;
const AGGREGATES: AggregateName[] = [
  "count_all",
  "count",
  "sum",
  "avg",
  "min",
  "max",
  "var_pop",
  "var_samp",
  "stddev_pop",
  "stddev_samp",
  "first_value",
  "last_value",
  "earliest",
  "latest",
  "quantile",
  "range",
  "delta",
  "min_by",
  "max_by",
  "covar_pop",
  "corr",
  "slope",
  "histogram",
  "coverage",
  "count_distinct",
  "approx_count_distinct",
  "mode",
  "top_k",
  "array_agg",
  "increase",
  "rate",
  "time_weighted_avg",
  "time_in",
];
/** A builder for each range: fast-check finds one by the builder alone faster than by its arguments. */
const wholes = new Map<string, () => fc.Arbitrary<number>>();
const anyDouble = (): fc.Arbitrary<number> => fc.double({ noNaN: true, noDefaultInfinity: true });

function wholeBetween(min: number, max: number): () => fc.Arbitrary<number> {
  const name = `${min} ${max}`;
  const found = wholes.get(name) ?? (() => fc.integer({ min, max }));
  wholes.set(name, found);
  return found;
}

/** Draws values; a thin face over fast-check's generator. */
export class Draw {
  private readonly g: GeneratorValue;
  /** Calls that make texts, at most, of a plan: with twins of pipelines that are read no more fit. */
  textsLeft = 15;
  /** Most texts of records are such as never were there before. */
  neverRepeating = false;
  private texts = 0;
  /** Bytes of those texts, about. */
  freshBytes = 0;

  constructor(g: GeneratorValue) {
    this.g = g;
  }

  whole(least: number, most: number): number {
    return this.g(wholeBetween(least, most));
  }

  chance(share: number): boolean {
    return this.whole(1, 100) <= share * 100;
  }

  /** A text, most often a new one, where texts never repeat; null where they do, and now and then. */
  freshText(): string | null {
    if (!this.neverRepeating || this.chance(0.3)) return null;
    const number = this.chance(0.2) ? this.whole(1, this.texts + 1) : ++this.texts;
    const text = `u${number}${"-é".repeat((number * 7) % 12)}`;
    this.freshBytes += text.length;
    return text;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.whole(0, values.length - 1)]!;
  }

  double(): number {
    const kind = this.whole(0, 9);
    if (kind < 5) return this.whole(-20, 20);
    if (kind < 8) return this.whole(-100000, 100000) / 1000;
    return this.g(anyDouble);
  }
}

const column = (name: string, type: Type, from: ColumnPlan["from"], numberAsText = false): ColumnPlan => ({
  name,
  type,
  from,
  path: from === "topic" ? [] : name.split("."),
  numberAsText,
});

/** Ways in: how messages are parted and what a payload is. */
const INPUTS: { framing: Framing; format: Format }[] = [
  { framing: "lines", format: "json" },
  { framing: "lines", format: "csv" },
  { framing: "mqtt", format: "json" },
  { framing: "mqtt", format: "msgpack" },
  { framing: "mqtt", format: "csv" },
  { framing: "mqtt", format: "value" },
];

/** The topics `k0/x`, `k1/x/…` and the like, taken whole, in part, or as columns of another order. */
const TOPICS: TopicLevel[][] = [
  [
    { kind: "column", column: 0 },
    { kind: "literal", text: "x" },
  ],
  [{ kind: "column", column: 0 }, { kind: "any" }, { kind: "column", column: 1 }],
  [{ kind: "column", column: 0 }, { kind: "rest" }],
  [{ kind: "rest" }],
];

/**
 * Topic columns k and l, time t, keys a (STRING) and flag (BOOLEAN), values v, w and the nested n.x (DOUBLE), i (BIGINT),
 * y (BYTES).
 */
function columnsOf(format: Format, topic: TopicLevel[], arrives: boolean, value: Type): ColumnPlan[] {
  const levels = topic
    .filter((level) => level.kind === "column")
    .map((_, place) => column("kl"[place]!, "string", "topic"));
  const time = column("t", "instant", "time");
  const front = [...levels, arrives ? { ...time, name: "arrival", path: [] } : time];
  if (format === "value") return [...front, column("value", value, "field")];
  return [
    ...front,
    column("a", "string", "field", true),
    column("flag", "boolean", "field"),
    column("v", "double", "field"),
    column("w", "double", "field"),
    column("n.x", "double", "field"),
    column("i", "bigint", "field"),
    column("y", "bytes", "field"),
  ];
}

const drawLength = (draw: Draw): bigint =>
  BigInt(draw.whole(1, 12)) * (draw.chance(0.8) ? SECOND : 250_000_001n);

function drawOver(draw: Draw, inputs: Columns): OverPlan {
  const carried = inputs
    .filter(({ type }) => type !== "partial" && draw.chance(0.4))
    .map((input) => input.column);
  const rangeNs = draw.chance(0.5) ? null : draw.chance(0.1) ? 0n : drawLength(draw);
  return { kind: "over", rangeNs, rows: rangeNs === null ? draw.whole(0, 7) : 0, carried };
}

function drawWindow(draw: Draw, inputs: Columns, zones: ZonePlan[]): WindowPlan {
  const length = (): bigint => drawLength(draw);
  const offsetNs = draw.chance(0.5) ? 0n : BigInt(draw.whole(-30, 30)) * (SECOND / 2n);
  const kind = draw.pick(["tumble", "hop", "cumulate", "session", "over", "rows"] as const);
  if (kind === "rows") return { kind, slide: draw.whole(1, 7), size: draw.whole(1, 9) };
  if (kind === "over" && draw.chance(0.3)) {
    const linear = inputs.filter(({ type }) => type === "double" && draw.chance(0.5));
    const plain = inputs.filter(({ type }) => type !== "partial" && draw.chance(0.4));
    const resample = {
      periodNs: length() / BigInt(draw.pick([1, 1, 2, 5])),
      offsetNs,
      linear: linear.length,
    };
    return {
      kind,
      rangeNs: null,
      rows: 1,
      carried: [...plain, ...linear].map(({ column: at }) => at),
      resample,
    };
  }
  if (kind === "over") return drawOver(draw, inputs);
  if (kind === "session") return { kind, gapNs: length(), maxNs: draw.chance(0.5) ? null : length() };
  const place = draw.chance(0.4) ? { offsetNs, zone: draw.pick(zones) } : { offsetNs };
  if (kind === "tumble") return { kind, sizeNs: length(), ...place };
  const stepNs = length();
  const manyNs = stepNs * BigInt(draw.whole(1, 5));
  if (kind === "cumulate") return { kind, stepNs, sizeNs: manyNs, ...place };
  return { kind, slideNs: stepNs, sizeNs: "zone" in place || draw.chance(0.2) ? manyNs : length(), ...place };
}

/** Aggregates of values of any type. */
const ANY_TYPE: AggregateName[] = [
  "min",
  "max",
  "first_value",
  "last_value",
  "earliest",
  "latest",
  "min_by",
  "max_by",
  "count_distinct",
  "approx_count_distinct",
  "mode",
  "top_k",
  "array_agg",
];

/** Aggregates that take DOUBLE or BIGINT. */
const OF_NUMBERS: AggregateName[] = ["sum", "avg", "range", "delta", "increase", "rate"];

/** An aggregate over values, or the merged partials of a column; either as a partial itself where `partials` says so. */
function drawAggregate(
  draw: Draw,
  inputs: Columns,
  gate: Expression | null,
  partials: boolean,
): AggregatePlan {
  const mergeable = inputs.filter(({ partial }) => partial !== undefined);
  const plan =
    mergeable.length > 0 && draw.chance(0.7)
      ? drawMerge(draw.pick(mergeable))
      : drawOfValues(draw, inputs, gate);
  return partials && draw.chance(0.25) ? { ...plan, partial: true } : plan;
}

function drawMerge({ column: at, partial }: Columns[number]): AggregatePlan {
  const { name, parameter, bins } = partial!;
  return {
    name,
    argument: { kind: "column", type: "partial", column: at },
    parameter,
    ...(bins === undefined ? {} : { bins }),
    merges: partial!,
  };
}

function drawOfValues(draw: Draw, inputs: Columns, gate: Expression | null): AggregatePlan {
  const name = draw.pick(AGGREGATES);
  const depth = draw.chance(0.7) ? 0 : 2;
  const anyType =
    name === "count" || ANY_TYPE.includes(name)
      ? draw.pick(["double", "string", "boolean", "bigint", "bytes"] as const)
      : OF_NUMBERS.includes(name)
        ? draw.pick(["double", "bigint"] as const)
        : "double";
  const type = name === "time_in" ? "boolean" : anyType;
  const argument = (): Expression => drawExpression(draw, type, inputs, depth, { gate });
  const number = (): Expression => drawExpression(draw, "double", inputs, depth, { gate });
  switch (name) {
    case "count_all":
      return { name, argument: null, parameter: null };
    case "coverage":
      return { name, argument: null, parameter: draw.pick([null, 1e9, 250_000_001]) };
    case "quantile":
      return { name, argument: argument(), parameter: draw.pick([0, 0.25, 0.5, 0.9, 0.99, 1]) };
    case "min_by":
    case "max_by": {
      const by = drawExpression(draw, draw.pick(["double", "bigint"] as const), inputs, depth, { gate });
      return { name, argument: argument(), second: by, parameter: null };
    }
    case "covar_pop":
    case "corr":
      return { name, argument: argument(), second: number(), parameter: null };
    case "top_k":
      return { name, argument: argument(), parameter: draw.whole(1, 5) };
    case "histogram": {
      const low = draw.whole(-20, 20) / 4;
      const bins = { low, high: low + draw.whole(1, 90) / 8, count: draw.whole(1, 12) };
      return { name, argument: argument(), parameter: null, bins };
    }
    default:
      return { name, argument: argument(), parameter: null };
  }
}

/** An aggregate of which values hold until the next one. */
function drawHolding(draw: Draw, inputs: Columns, gate: Expression | null): AggregatePlan {
  const name = draw.pick(["time_weighted_avg", "time_in"] as const);
  const type = name === "time_in" ? "boolean" : "double";
  const argument = drawExpression(draw, type, inputs, draw.whole(0, 1), { gate });
  return { name, argument, parameter: null };
}

type Emission = Pick<PipelinePlan, "late" | "allowNs" | "emit" | "empty">;

function drawEmission(draw: Draw): Emission {
  const late = draw.pick(["drop", "side", "update"] as const);
  const kind = draw.pick(["final", "final", "updates", "complete"] as const);
  return {
    late,
    allowNs: late === "update" ? BigInt(draw.whole(0, 8)) * SECOND : 0n,
    emit: kind === "final" ? { kind } : { kind, everyNs: BigInt(draw.whole(1, 10)) * (SECOND / 2n) },
    empty: draw.pick(["skip", "skip", "emit", "previous"] as const),
  };
}

/** `silent`: rows of OVER of few keys, which silence brings out. */
export function drawPipeline(
  draw: Draw,
  name: string,
  inputs: Columns,
  zones: ZonePlan[],
  silent = false,
): PipelinePlan {
  const where =
    !silent && draw.chance(0.5) ? drawExpression(draw, "boolean", inputs, 3, { gate: null }) : null;
  const emission = drawEmission(draw);
  if (!silent && draw.chance(0.15)) {
    const types: Type[] = ["double", "string", "boolean", "bigint", "bytes", "instant"];
    const passed = inputs.filter(({ type }) => type === "partial");
    const outputs = types.map((type) => ({
      name: type as string,
      expression: drawExpression(draw, type, inputs, type === "instant" ? 0 : 2, { gate: where }),
      hidden: false,
    }));
    for (const { type, column: at } of passed)
      outputs.push({ name: `p${at}`, expression: { kind: "column", type, column: at }, hidden: false });
    return {
      name,
      where,
      keys: [],
      window: null,
      aggregates: [],
      having: null,
      outputs,
      ...emission,
      emit: { kind: "final" },
    };
  }
  const keyable = keyableOf(inputs);
  const keys = Array.from({ length: draw.whole(0, Math.min(silent ? 1 : 3, keyable.length)) }, () => {
    return keyable.splice(draw.whole(0, keyable.length - 1), 1)[0]!;
  });
  const running = !silent && emission.emit.kind !== "final" && draw.chance(0.25);
  const drawn = (): WindowPlan => (silent ? drawOver(draw, inputs) : drawWindow(draw, inputs, zones));
  const window: WindowPlan = running ? { kind: "running" } : drawn();
  // These ask for a window of a length; that of rows may be none.
  const lengthy =
    window.kind === "rows" || window.kind === "running"
      ? ["coverage"]
      : ["coverage", "time_weighted_avg", "time_in"];
  const resampled = window.kind === "over" && window.resample !== undefined;
  const aggregates = Array.from({ length: resampled ? 0 : draw.whole(1, 5) }, () =>
    drawAggregate(draw, inputs, where, window.kind !== "over"),
  ).map((aggregate): AggregatePlan =>
    lengthy.includes(aggregate.name) &&
    (window.kind === "over" || window.kind === "rows" || window.kind === "running")
      ? { name: "count_all", argument: null, parameter: null }
      : aggregate,
  );
  const carries = isRaster(window) && !(window.kind === "hop" && window.slideNs > window.sizeNs);
  if (carries && draw.chance(0.3)) {
    if (draw.chance(0.8)) aggregates.push(drawHolding(draw, inputs, where));
    // With many keys or long windows hardly ever does a late record change what holds when one begins that is out.
    if (draw.chance(0.6)) {
      keys.length = Math.min(keys.length, draw.whole(0, 1));
      emission.late = "update";
      emission.allowNs = BigInt(draw.whole(5, 20)) * SECOND;
      if (window.kind === "tumble" && window.zone === undefined)
        window.sizeNs = BigInt(draw.whole(2, 6)) * (SECOND / 2n);
    }
    for (const aggregate of aggregates)
      if (holdsValues(aggregate) && aggregate.merges === undefined && aggregate.partial === undefined)
        aggregate.carry = true;
  }
  const carried = window.kind === "over" ? window.carried : [];
  const first = keys.length + 3 + carried.length;
  const results: Columns = [
    ...keys.map((key, place) => ({ type: inputs[key]!.type, column: place })),
    ...carried.map((from, place) => ({
      type: inputs.find((input) => input.column === from)!.type,
      column: keys.length + 3 + place,
    })),
    ...aggregates.map((aggregate, place) => ({ type: aggregateType(aggregate), column: first + place })),
  ];
  const bounds = (window.kind === "running" ? [] : [0, 1, 2]).map((place) => ({
    type: "instant" as const,
    column: keys.length + place,
  }));
  const outputs = [...results, ...bounds].map(({ type, column: at }) => ({
    name: `c${at}`,
    expression: { kind: "column", type, column: at } as Expression,
    hidden: false,
  }));
  const series: Series | null =
    window.kind === "over" ? { gate: null, order: "time", keys: keys.map((_, place) => place) } : null;
  for (const [name, type] of [
    ["e", "double"],
    ["f", "boolean"],
    ["g", "string"],
  ] as const)
    if (draw.chance(0.4))
      outputs.push({ name, expression: drawExpression(draw, type, results, 3, series), hidden: false });
  const having = draw.chance(0.25) ? drawExpression(draw, "boolean", results, 2) : null;
  // Neither an array nor a partial is carried on.
  const isCarried = (type: Type): boolean => !isArray(type) && type !== "partial";
  if (aggregates.some((one) => !isCarried(aggregateType(one))) && emission.empty === "previous")
    emission.empty = "emit";
  return { name, where, keys, window, aggregates, having, outputs, ...emission };
}

function drawKeys(draw: Draw): Pick<Plan["limits"], "keys" | "keysPolicy"> {
  if (draw.chance(0.5)) return { keys: 60 };
  return { keys: draw.whole(1, 4), keysPolicy: draw.pick(["refuse", "evict-idle", "other"] as const) };
}

/** A plan over any of the ways in; its stream comes from stream.ts. */
/** Small bounds, so that records often go on early. */
function drawReorder(draw: Draw, columns: ColumnPlan[]): ReorderPlan {
  const able = columns.flatMap(({ type, from }, index) =>
    type === "string" && from !== "context" ? [index] : [],
  );
  return {
    delayNs: draw.pick([1n, SECOND, 7n * SECOND, 60n * SECOND]),
    keys: able.slice(0, draw.whole(0, 2)),
    records: draw.pick([1, 3, 1000]),
    held: draw.pick([1, 5, 1000]),
  };
}

export function drawPlan(draw: Draw): Plan {
  const { framing, format } = draw.pick(INPUTS);
  const topic = framing === "mqtt" ? draw.pick(TOPICS) : [];
  const arrives = format === "value" || (framing === "mqtt" && draw.chance(0.2));
  const unit = draw.pick(["s", "ms", "iso8601"] as const);
  const rows = columnsOf(format, topic, arrives, draw.pick(["double", "bigint"] as const));
  const events = format !== "csv" && format !== "value" && draw.chance(0.1);
  const columnar = !events && !arrives && (format === "json" || format === "msgpack") && draw.chance(0.3);
  const plain = events ? eventColumns(rows.filter(({ from }) => from !== "field")) : rows;
  const { columns: own, ...batch } = columnar ? drawBatchColumns(draw, rows, unit) : { columns: plain };
  const { columns, ...context } = (draw.chance(0.25) && drawContext(draw, own, framing === "mqtt")) || {
    columns: own,
  };
  const inputs = columns.map(({ type }, index) => ({ type, column: index }));
  const time = columns.findIndex((candidate) => candidate.from === "time");
  const zones = [drawZone(draw, "A"), drawZone(draw, "B")];
  const plan: Plan = {
    source: {
      name: "s",
      framing,
      format,
      topic,
      time: arrives ? { kind: "arrival", column: time } : { kind: "field", column: time, unit },
      columns,
      ...batch,
      ...context,
      delayNs: draw.pick([0n, SECOND, 7n * SECOND]),
      clock: draw.pick(["key", "source"] as const),
      nonfinite: draw.pick(["null", "refuse"] as const),
      idleNs: draw.pick([null, SECOND, 5n * SECOND]),
      maxAheadNs: draw.pick([null, 0n, 4n * SECOND, 60n * SECOND]),
      ...(!arrives && draw.chance(0.25) ? { reorder: drawReorder(draw, columns) } : {}),
    },
    pipelines: Array.from({ length: draw.whole(1, 4) }, (_, index) =>
      drawPipeline(draw, `p${index}`, inputs, zones),
    ),
    limits: {
      ...drawKeys(draw),
      memoryBytes: 8 << 20,
      dictionaryBytes: 65536,
      ...(draw.chance(0.25) ? { values: draw.whole(2, 6) } : {}),
    },
  };
  if (!arrives && draw.chance(0.12)) {
    // With little delay, or many keys, hardly ever does a record come behind a row that silence brought out.
    delete plan.source.reorder;
    Object.assign(plan.source, { ...SILENT, maxAheadNs: null });
    plan.pipelines[0] = drawPipeline(draw, "p0", inputs, zones, true);
  }
  return draw.chance(0.3) ? drawChain(draw, plan, zones) : plan;
}

const SILENT = { delayNs: 7n * SECOND, idleNs: SECOND };
/** A plan whose keys are silent again and again, if there are ticks. */
export const isSilent = ({ source: { delayNs, idleNs } }: Plan): boolean =>
  delayNs === SILENT.delayNs && idleNs === SILENT.idleNs;
