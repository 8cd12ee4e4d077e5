// What the page can show: the latest value and a bounded past of every device, of every key's results, and of all
// keys together. The past of each shrinks as there are more of them, so memory has a limit. Imports core types.
import type { Output, Result, Value } from "../core/engine.ts";
import { sourceOf } from "../core/plan/chain.ts";
import type { Plan, Type } from "../core/plan/plan.ts";
import { valueText } from "../core/value-text.ts";
import type { ChartData, DeviceRow, Look, ResultRow, Shape } from "./messages.ts";

/** Points kept over all devices or keys, and at most and at least of one. */
const POINTS_MAX = 300_000;
const POINTS_ONE_MAX = 1500;
const POINTS_ONE_MIN = 30;
/** Devices and keys beyond are not shown. */
const SERIES_MAX = 20_000;
const ROWS_MAX = 100;
const RESULTS_SHOWN = 10;

interface Point {
  /** Of a result: the end of its window. */
  timeMs: number;
  /** Of a result: the beginning of its window. */
  startMs?: number;
  values: (number | null)[];
}

/** The newest points of each name. */
class Past {
  readonly byName = new Map<string, Point[]>();

  /** Returns whether a name was added. */
  add(name: string, point: Point): boolean {
    const list = this.byName.get(name);
    if (list === undefined) {
      if (this.byName.size >= SERIES_MAX) return false;
      this.byName.set(name, [point]);
      return true;
    }
    list.push(point);
    const kept = Math.max(
      POINTS_ONE_MIN,
      Math.min(POINTS_ONE_MAX, Math.floor(POINTS_MAX / this.byName.size)),
    );
    // Cut now and then, not at every point.
    if (list.length > kept * 1.2) list.splice(0, list.length - kept);
    return false;
  }
}

/** Over all keys of a window end: of each output count, sum, lowest, highest. */
interface Together {
  startMs: number;
  endMs: number;
  outputs: { count: number; sum: number; low: number; high: number }[];
}

interface PipelinePast {
  past: Past;
  together: Map<number, Together>;
  latest: ResultRow[];
  /** Places of the numeric outputs among all outputs. */
  numeric: number[];
  /** Of each GROUP BY column: its place among the outputs, and among the device's columns (-1: not one of them). */
  keys: { output: number; device: number; type: Type }[];
}

const isNumber = (type: Type): boolean => type === "double" || type === "bigint";
/** Keys that tell devices apart. */
const isName = (type: Type): boolean => type === "string" || type === "bigint";
/** A number to be drawn: a BIGINT as the nearest double. */
const drawn = (value: Value): number | null => (value === null ? null : Number(value));
const partText = (value: Value, type: Type): string => (value === null ? "–" : valueText(value, type));

const NAME_ORDER = new Intl.Collator("en", { numeric: true });

export class History {
  readonly shape: Shape;
  readonly deviceColumns: number[];
  private readonly numbers: number[];
  private readonly types: Type[];
  private readonly timeColumn: number;
  private readonly readings = new Past();
  private readonly pipelines: PipelinePast[];
  private readonly parts = new Map<string, string[]>();
  private readonly names: string[] = [];
  private sorted = true;

  constructor(plan: Plan, sources: string[]) {
    const { columns } = plan.source;
    const all = columns.map((_, index) => index);
    const topic = all.filter((index) => columns[index]!.from === "topic");
    const grouped = all.filter(
      (index) =>
        isName(columns[index]!.type) &&
        plan.pipelines.some(({ keys, from }) => from === undefined && keys.includes(index)),
    );
    this.deviceColumns = topic.length > 0 ? topic : grouped;
    this.numbers = all.filter(
      (index) => isNumber(columns[index]!.type) && columns[index]!.from !== "context",
    );
    this.types = columns.map(({ type }) => type);
    this.timeColumn = plan.source.time.column;
    // A pipeline that reads another one has the device's columns if it has them under their names.
    const deviceNames = this.deviceColumns.map((index) => columns[index]!.name);
    this.pipelines = plan.pipelines.map((pipeline, index) => ({
      past: new Past(),
      together: new Map(),
      latest: [],
      numeric: pipeline.outputs.flatMap(({ expression, hidden }, output) =>
        isNumber(expression.type) && !hidden ? [output] : [],
      ),
      keys: pipeline.keys.map((column, place) => ({
        output: pipeline.outputs.findIndex(
          ({ expression }) => expression.kind === "column" && expression.column === place,
        ),
        device: deviceNames.indexOf(sourceOf(plan, index).columns[column]!.name),
        type: sourceOf(plan, index).columns[column]!.type,
      })),
    }));
    this.shape = {
      sources,
      source: plan.source.name,
      readings: this.numbers.map((index) => columns[index]!.name),
      pipelines: plan.pipelines.map(({ name, keys, outputs }, index) => ({
        name,
        keyed: keys.length > 0,
        outputs: this.pipelines[index]!.numeric.map((at) => outputs[at]!.name),
      })),
    };
  }

  addReading(values: Output["values"]): void {
    const parts = this.deviceColumns.map((index) => partText(values[index]!, this.types[index]!));
    const name = parts.join("/");
    const timeMs = Number((values[this.timeColumn] as bigint) / 1_000_000n);
    const point = { timeMs, values: this.numbers.map((index) => drawn(values[index]!)) };
    if (!this.readings.add(name, point)) return;
    this.names.push(name);
    this.parts.set(name, parts);
    this.sorted = false;
  }

  addResult(result: Result): void {
    const pipeline = this.pipelines[result.pipeline]!;
    const parts = pipeline.keys.map(({ output, type }) => partText(result.values[output]!, type));
    const values = pipeline.numeric.map((index) => drawn(result.values[index]!));
    const startMs = Number(result.windowStart / 1_000_000n);
    const endMs = Number(result.windowEnd / 1_000_000n);
    pipeline.past.add(parts.filter((_, place) => pipeline.keys[place]!.device >= 0).join("/"), {
      timeMs: endMs,
      startMs,
      values,
    });
    pipeline.latest.push({ key: parts.join("/"), endMs, values });
    if (pipeline.latest.length > 4 * ROWS_MAX) pipeline.latest.splice(0, pipeline.latest.length - ROWS_MAX);
    let together = pipeline.together.get(endMs);
    if (together === undefined) {
      const outputs = values.map(() => ({ count: 0, sum: 0, low: Infinity, high: -Infinity }));
      together = { startMs, endMs, outputs };
      pipeline.together.set(endMs, together);
      if (pipeline.together.size > POINTS_ONE_MAX)
        pipeline.together.delete(pipeline.together.keys().next().value!);
    }
    values.forEach((value, index) => {
      if (value === null) return;
      const of = together.outputs[index]!;
      of.count++;
      of.sum += value;
      of.low = Math.min(of.low, value);
      of.high = Math.max(of.high, value);
    });
  }

  /** The devices whose name holds the filter, the first hundred of them with their latest value. */
  devices(look: Look): { known: number; matching: number; rows: DeviceRow[] } {
    if (!this.sorted) this.names.sort(NAME_ORDER.compare);
    this.sorted = true;
    const wanted = look.filter.toLowerCase();
    const names =
      wanted === "" ? this.names : this.names.filter((name) => name.toLowerCase().includes(wanted));
    const rows = names
      .slice(0, ROWS_MAX)
      .map((name) => ({ name, value: this.readings.byName.get(name)!.at(-1)!.values[look.reading] ?? null }));
    return { known: this.names.length, matching: names.length, rows };
  }

  /** The values of a device's columns. */
  partsOf(device: string): string[] {
    return this.parts.get(device) ?? [];
  }

  /** The key of a pipeline's results that a device goes into: site0 for site0/device4, where it groups by site. */
  private keyOf(pipeline: PipelinePast, device: string): string {
    const parts = this.parts.get(device) ?? [];
    return pipeline.keys.flatMap(({ device: at }) => (at < 0 ? [] : [parts[at] ?? "–"])).join("/");
  }

  chart(look: Look): ChartData {
    const pipeline = this.pipelines[look.pipeline];
    const shape = this.shape.pipelines[look.pipeline];
    const output = shape?.outputs[look.output] ?? "";
    const label = shape === undefined || output === "" ? "" : `${shape.name} ${output}`;
    if (look.chosen.length === 0) return this.chartOfAll(pipeline, look, label);
    const columns: { label: string; kind: "reading" | "result"; points: Point[]; at: number }[] = [];
    for (const device of look.chosen) {
      const name = look.chosen.length > 1 ? `${device} ` : "";
      const readings = withoutStragglers(this.readings.byName.get(device) ?? []);
      columns.push({
        label: `${name}${this.shape.readings[look.reading] ?? ""}`,
        kind: "reading",
        points: readings,
        at: look.reading,
      });
      if (pipeline === undefined || label === "") continue;
      const points = pipeline.past.byName.get(this.keyOf(pipeline, device)) ?? [];
      columns.push({ label: `${name}${label}`, kind: "result", points, at: look.output });
    }
    // Results reach further back than readings: the chart shows the time of the readings.
    const from = Math.min(
      ...columns.flatMap(({ kind, points }) =>
        kind === "reading" && points.length > 0 ? [earliest(points)] : [],
      ),
    );
    return joined(columns, from);
  }

  private chartOfAll(pipeline: PipelinePast | undefined, look: Look, label: string): ChartData {
    if (pipeline === undefined || label === "") return { times: [], columns: [] };
    const ends = [...pipeline.together.values()]
      .filter(({ outputs }) => (outputs[look.output]?.count ?? 0) > 0)
      .sort((a, b) => a.endMs - b.endMs);
    const of = ends.map(({ outputs }) => outputs[look.output]!);
    // The step of the first window begins where it does.
    if (ends.length > 0) of.unshift(of[0]!);
    const times = [...ends.slice(0, 1).map(({ startMs }) => startMs), ...ends.map(({ endMs }) => endMs)].map(
      (ms) => ms / 1000,
    );
    const mean = { label, kind: "result" as const, values: of.map(({ sum, count }) => sum / count) };
    if (this.shape.pipelines[look.pipeline]!.keyed === false) return { times, columns: [mean] };
    return {
      times,
      columns: [
        { label: `${label}: highest`, kind: "band", values: of.map(({ high }) => high) },
        { ...mean, label: "mean" },
        { label: "lowest", kind: "band", values: of.map(({ low }) => low) },
      ],
    };
  }

  /** The newest results of the pipeline, of the chosen devices. */
  results(look: Look): ResultRow[] {
    const pipeline = this.pipelines[look.pipeline];
    if (pipeline === undefined) return [];
    const rows =
      look.chosen.length === 0
        ? pipeline.latest.slice(-RESULTS_SHOWN)
        : this.resultsOf(pipeline, look.chosen);
    return rows.toReversed();
  }

  private resultsOf(pipeline: PipelinePast, devices: string[]): ResultRow[] {
    const keys = [...new Set(devices.map((device) => this.keyOf(pipeline, device)))];
    const rows = keys.flatMap((key) => {
      const points = pipeline.past.byName.get(key) ?? [];
      return points.slice(-RESULTS_SHOWN).map(({ timeMs, values }) => ({ key, endMs: timeMs, values }));
    });
    return rows.sort((a, b) => a.endMs - b.endMs).slice(-RESULTS_SHOWN);
  }
}

const earliest = (points: Point[]): number =>
  points.reduce((least, { timeMs }) => Math.min(least, timeMs), Infinity);

/** One record with a wrong clock must not press all others into a corner of the chart. */
function withoutStragglers(points: Point[]): Point[] {
  const times = points.map(({ timeMs }) => timeMs).sort((a, b) => a - b);
  const [low, high] = [
    times[Math.floor(times.length * 0.05)] ?? 0,
    times[Math.floor(times.length * 0.95)] ?? 0,
  ];
  const margin = (high - low) * 0.15;
  return points.filter(({ timeMs }) => timeMs >= low - margin && timeMs <= high + margin);
}

/** Columns of several series over the union of their times, from a time on. */
function joined(
  columns: { label: string; kind: "reading" | "result"; points: Point[]; at: number }[],
  fromMs: number,
): ChartData {
  const rows = new Map<number, (number | null)[]>();
  columns.forEach(({ points, at }, place) => {
    const shown = points.filter(({ timeMs }) => timeMs >= fromMs);
    // The step of the first window begins where it does, or at the edge.
    const first = shown[0];
    const startMs = Math.max(fromMs, first?.startMs ?? -Infinity);
    if (first !== undefined && startMs < first.timeMs) shown.unshift({ ...first, timeMs: startMs });
    for (const { timeMs, values } of shown) {
      let row = rows.get(timeMs);
      if (row === undefined) rows.set(timeMs, (row = columns.map(() => null)));
      row[place] = values[at] ?? null;
    }
  });
  const times = [...rows.keys()].sort((a, b) => a - b);
  return {
    times: times.map((time) => time / 1000),
    columns: columns.map(({ label, kind }, place) => ({
      label,
      kind,
      values: times.map((time) => rows.get(time)![place]!),
    })),
  };
}
