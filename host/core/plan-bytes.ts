// Writes a Plan as plan bytes: the flat program that the kernel reads (PLAN_* of assembly/layout.ts draws it).
// Owns what kernel and plan disagree on in form: registers, shared sub-expressions, shared key spaces, slice
// groups and aggregate states. Promises the same bytes for the same plan. Imports core and the layout.
import * as L from "../../assembly/layout.ts";
import { BytesWriter } from "./bytes-writer.ts";
import { arrayBytes, type StateForm, aggregateForm } from "./aggregate-forms.ts";
import { Program, typeCodes } from "./expression-program.ts";
import type {
  AggregatePlan,
  OverPlan,
  PipelinePlan,
  Plan,
  RasterPlan,
  RunningPlan,
  SessionPlan,
  TimeUnit,
  WindowPlan,
} from "./plan.ts";
import { aggregateType, isRaster, resultColumnTypes } from "./plan.ts";

const unitCodes: Record<TimeUnit, number> = {
  s: L.UNIT_S,
  ms: L.UNIT_MS,
  us: L.UNIT_US,
  ns: L.UNIT_NS,
  iso8601: L.UNIT_ISO8601,
};
const formatCodes = {
  json: L.FORMAT_JSON,
  msgpack: L.FORMAT_MSGPACK,
  csv: L.FORMAT_CSV,
  value: L.FORMAT_VALUE,
};
const fromCodes = { topic: L.FROM_TOPIC, time: L.FROM_TIME, field: L.FROM_FIELD };
const windowCodes = {
  tumble: L.WINDOW_TUMBLE,
  hop: L.WINDOW_HOP,
  cumulate: L.WINDOW_CUMULATE,
  session: L.WINDOW_SESSION,
  over: L.WINDOW_OVER,
  running: L.WINDOW_RUNNING,
};
const emptyCodes = { skip: L.EMPTY_SKIP, emit: L.EMPTY_EMIT, previous: L.EMPTY_PREVIOUS };

/** A state of a slice: what it holds, over which registers, and where in the slice. */
interface State {
  form: StateForm;
  argument: number;
  second: number;
  offset: number;
}

export interface SliceEdge {
  periodNs: bigint;
  offsetNs: bigint;
}

interface Group {
  space: number;
  filter: number;
  states: State[];
  sliceBytes: number;
  pipelines: number[];
  edges: SliceEdge[];
  gaps: boolean;
  /** Sessions and rows of OVER belong to one pipeline; null for a group of slices. */
  own: SessionPlan | OverPlan | null;
  /** Its one slice a key holds everything: running aggregates share with their like only. */
  running: boolean;
}

const groupKinds = { slices: L.GROUP_OF_SLICES, session: L.GROUP_OF_SESSIONS, over: L.GROUP_OF_OVER };

/** A session without a bound: no two accepted times are so far apart. */
const NO_MAX = 2n ** 63n - 1n;

const positiveModulo = (value: bigint, modulus: bigint): bigint => ((value % modulus) + modulus) % modulus;

/** The progressions of instants at which a window kind starts or ends windows; none for a running aggregate. */
export function windowEdges(window: RasterPlan | RunningPlan): SliceEdge[] {
  if (window.kind === "running") return [];
  const edge = (periodNs: bigint, offset: bigint): SliceEdge => ({
    periodNs,
    offsetNs: positiveModulo(offset, periodNs),
  });
  if (window.kind === "tumble") return [edge(window.sizeNs, window.offsetNs)];
  if (window.kind === "cumulate") return [edge(window.stepNs, window.offsetNs)];
  const starts = edge(window.slideNs, window.offsetNs);
  const ends = edge(window.slideNs, window.offsetNs + window.sizeNs);
  return starts.offsetNs === ends.offsetNs ? [starts] : [starts, ends];
}

/** What pipelines share: key spaces, slice groups with their states, and the input program. */
class Sharing {
  readonly program: Program;
  readonly spaces: number[][] = [];
  readonly groups: Group[] = [];
  readonly filters: number[] = [];
  readonly groupOf: number[] = [];
  /** Offsets of the states of each aggregate, by pipeline. */
  readonly aggregates: number[][][] = [];
  /** Registers of the outputs of pipelines without a window. */
  readonly rowOutputs: number[][] = [];

  constructor(plan: Plan, literals: Map<string, number>) {
    this.program = new Program(plan.source.columns.length, literals);
    plan.pipelines.forEach((pipeline, index) => this.add(pipeline, index));
    for (const group of this.groups) group.sliceBytes = placeStates(group) + carriedBytes(group);
  }

  private add(pipeline: PipelinePlan, index: number): void {
    const filter = pipeline.where === null ? L.NO_REGISTER : this.program.register(pipeline.where);
    this.filters.push(filter);
    if (pipeline.window === null) {
      this.groupOf.push(0);
      this.aggregates.push([]);
      this.rowOutputs.push(pipeline.outputs.map((output) => this.program.register(output.expression)));
      return;
    }
    this.rowOutputs.push([]);
    const group = this.group(this.space(pipeline.keys), filter, pipeline.window);
    this.groupOf.push(this.groups.indexOf(group));
    group.pipelines.push(index);
    if (isRaster(pipeline.window)) addEdges(group, pipeline.window);
    this.aggregates.push(pipeline.aggregates.map((aggregate) => this.statesOf(group, aggregate)));
  }

  private space(keys: number[]): number {
    const found = this.spaces.findIndex(
      (space) => space.length === keys.length && space.every((k, i) => k === keys[i]),
    );
    return found >= 0 ? found : this.spaces.push(keys) - 1;
  }

  private group(space: number, filter: number, window: WindowPlan): Group {
    const own = window.kind === "session" || window.kind === "over" ? window : null;
    const running = window.kind === "running";
    const found = this.groups.find(
      (group) =>
        group.space === space &&
        group.filter === filter &&
        group.own === null &&
        own === null &&
        group.running === running,
    );
    if (found) return found;
    const group: Group = {
      space,
      filter,
      states: [],
      sliceBytes: 0,
      pipelines: [],
      edges: [],
      gaps: false,
      own,
      running,
    };
    this.groups.push(group);
    return group;
  }

  /** Indexes of an aggregate's states in its group; equal states are held once. */
  private statesOf(group: Group, aggregate: AggregatePlan): number[] {
    return aggregateForm(aggregate).states.map((form) => {
      const argument = form.argument === null ? L.NO_REGISTER : this.program.register(form.argument);
      const second = form.second === undefined ? L.NO_REGISTER : this.program.register(form.second);
      const same = (other: State): boolean =>
        other.argument === argument &&
        other.second === second &&
        other.form.kind === form.kind &&
        other.form.cells === form.cells &&
        other.form.low === form.low &&
        other.form.high === form.high;
      const found = group.states.findIndex(same);
      return found >= 0 ? found : group.states.push({ form, argument, second, offset: 0 }) - 1;
    });
  }
}

function addEdges(group: Group, window: RasterPlan | RunningPlan): void {
  for (const edge of windowEdges(window)) {
    const same = (other: SliceEdge): boolean =>
      other.periodNs === edge.periodNs && other.offsetNs === edge.offsetNs;
    if (!group.edges.some(same)) group.edges.push(edge);
  }
  if (window.kind === "hop" && window.slideNs > window.sizeNs) group.gaps = true;
}

function headerBytes(group: Group): number {
  return group.own?.kind === "session" ? L.SESSION_STATES : L.SLICE_STATES;
}

/** A row of OVER holds the carried cells behind its states. */
function carriedBytes(group: Group): number {
  return group.own?.kind === "over" ? group.own.carried.length * 8 : 0;
}

function placeStates(group: Group): number {
  let offset = headerBytes(group);
  for (const state of group.states) {
    state.offset = offset;
    offset += state.form.bytes;
  }
  return offset;
}

/** What a slice group holds, for `explain`. */
export interface SliceGroup {
  /** The pipelines that share it. */
  pipelines: number[];
  /** Bytes of a slice or session, and how many of them are not aggregate states. */
  sliceBytes: number;
  headerBytes: number;
  edges: SliceEdge[];
  keys: number[];
  own: SessionPlan | OverPlan | null;
}

export function sliceGroups(plan: Plan): SliceGroup[] {
  const sharing = new Sharing(plan, new Map());
  return sharing.groups.map((group) => ({
    pipelines: group.pipelines,
    sliceBytes: group.sliceBytes,
    headerBytes: headerBytes(group),
    own: group.own,
    edges: group.edges,
    keys: sharing.spaces[group.space]!,
  }));
}

/**
 * The plan bytes of a plan. `memoryBytes` is the size of the kernel's memory (a multiple of 64 KiB).
 * The protocol of MQTT frames is set later (Engine.setMqttVersion). Throws MR901 when the plan breaks a limit of the layout.
 */
export function encodePlan(plan: Plan, memoryBytes: number): Uint8Array {
  const literals = new Map<string, number>();
  const sharing = new Sharing(plan, literals);
  const results = plan.pipelines.map((pipeline) => resultProgram(plan, pipeline, literals));
  const writer = new BytesWriter(L.PLAN_HEAD_BYTES);
  writeHead(writer, plan, memoryBytes);
  writeColumns(writer, plan);
  writePlaces(writer, plan);
  writer.setU32(L.PLAN_REGISTER_COUNT, sharing.program.registerCount);
  writer.setU32(L.PLAN_OP_COUNT, sharing.program.opCount);
  writer.setU32(L.PLAN_OPS_AT, writer.append(sharing.program.bytes(), 8));
  writeSpaces(writer, sharing);
  writeGroups(writer, sharing);
  writePipelines(writer, plan, sharing, results);
  writeLiterals(writer, literals);
  writer.align(8);
  writer.setU32(L.PLAN_BYTES, writer.length);
  return writer.bytes();
}

interface ResultProgram {
  program: Program;
  having: number;
  outputs: number[];
}

function resultProgram(plan: Plan, pipeline: PipelinePlan, literals: Map<string, number>): ResultProgram {
  const program = new Program(resultColumnTypes(plan.source, pipeline).length, literals);
  if (pipeline.window === null) return { program, having: L.NO_REGISTER, outputs: [] };
  const having = pipeline.having === null ? L.NO_REGISTER : program.register(pipeline.having);
  const outputs = pipeline.outputs.map((output) => program.register(output.expression));
  return { program, having, outputs };
}

function writeHead(writer: BytesWriter, plan: Plan, memoryBytes: number): void {
  const { source, limits } = plan;
  writer.setU32(L.PLAN_VERSION, L.LAYOUT_VERSION);
  writer.setU32(L.PLAN_FRAMING, source.framing === "mqtt" ? L.FRAMING_MQTT : L.FRAMING_LINES);
  writer.setU32(L.PLAN_FORMAT, formatCodes[source.format]);
  writer.setU32(L.PLAN_MQTT_VERSION, 4);
  writer.setU32(L.PLAN_UNIT, source.time.kind === "arrival" ? L.UNIT_ARRIVAL : unitCodes[source.time.unit]);
  writer.setU32(L.PLAN_TIME_COLUMN, source.time.column);
  writer.setU32(L.PLAN_NONFINITE_REFUSE, source.nonfinite === "refuse" ? 1 : 0);
  writer.setU32(L.PLAN_CLOCK_SOURCE, source.clock === "source" ? 1 : 0);
  writer.setU32(L.PLAN_KEYS_MAX, limits.keys);
  writer.setI64(L.PLAN_DELAY, source.delayNs);
  writer.setU32(L.PLAN_DICTIONARY_BYTES, limits.dictionaryBytes);
  writer.setU32(L.PLAN_DICTIONARY_ENTRIES_MAX, dictionaryEntries(plan));
  writer.setU32(L.PLAN_MEMORY_BYTES, memoryBytes);
  writer.setI64(L.PLAN_IDLE, source.idleNs ?? 0n);
  writer.setI64(L.PLAN_MAX_AHEAD, source.maxAheadNs ?? -1n);
}

/** Entries that the dictionary is laid out for: strings of 64 bytes on average, or the text is used up later. */
export function dictionaryEntries(plan: Plan): number {
  return Math.max(1024, Math.floor(plan.limits.dictionaryBytes / 64));
}

function writeColumns(writer: BytesWriter, plan: Plan): void {
  const columns = plan.source.columns;
  const at = writer.reserve(columns.length * L.COLUMN_BYTES, 8);
  writer.setU32(L.PLAN_COLUMN_COUNT, columns.length);
  writer.setU32(L.PLAN_COLUMNS_AT, at);
  columns.forEach((column, index) => {
    const here = at + index * L.COLUMN_BYTES;
    writer.setU32(here + L.COLUMN_TYPE, typeCodes[column.type]);
    writer.setU32(here + L.COLUMN_FROM, fromCodes[column.from]);
    writer.setU32(here + L.COLUMN_NUMBER_AS_TEXT, column.numberAsText ? 1 : 0);
    writer.setU32(here + L.COLUMN_PATH_COUNT, column.path.length);
    writer.setU32(here + L.COLUMN_PATH_AT, writeTexts(writer, column.path));
  });
  const levels = writer.reserve(plan.source.topic.length * L.LEVEL_BYTES, 8);
  writer.setU32(L.PLAN_LEVEL_COUNT, plan.source.topic.length);
  writer.setU32(L.PLAN_LEVELS_AT, levels);
  plan.source.topic.forEach((level, index) => {
    const here = levels + index * L.LEVEL_BYTES;
    if (level.kind === "literal") {
      writer.setU32(here + L.LEVEL_KIND, L.LEVEL_LITERAL);
      const text = writer.text(level.text);
      writer.setU32(here + L.LEVEL_TEXT_AT, text.at);
      writer.setU32(here + L.LEVEL_TEXT_BYTES, text.bytes);
    } else if (level.kind === "column") writer.setU32(here + L.LEVEL_KIND, level.column);
    else writer.setU32(here + L.LEVEL_KIND, level.kind === "any" ? L.LEVEL_ANY : L.LEVEL_REST);
  });
}

/** Places of columns besides their own paths, and that of the epoch: of messages of columns. */
function writePlaces(writer: BytesWriter, { source }: Plan): void {
  const { batch } = source;
  writer.setU32(L.PLAN_COLUMNAR, batch === undefined ? 0 : 1);
  const places = source.columns.flatMap(({ otherPaths }, column) =>
    (otherPaths ?? []).map((path) => ({ column, path })),
  );
  if (batch !== undefined && batch.epoch !== null) places.push({ column: L.PLACE_EPOCH, path: batch.epoch });
  const at = writer.reserve(places.length * L.PLACE_BYTES, 8);
  writer.setU32(L.PLAN_PLACE_COUNT, places.length);
  writer.setU32(L.PLAN_PLACES_AT, at);
  places.forEach(({ column, path }, index) => {
    const here = at + index * L.PLACE_BYTES;
    writer.setU32(here + L.PLACE_COLUMN, column);
    writer.setU32(here + L.PLACE_PATH_COUNT, path.length);
    writer.setU32(here + L.PLACE_PATH_AT, writeTexts(writer, path));
  });
}

/** Writes texts and a table of (offset, bytes) pairs; returns where the table is. */
function writeTexts(writer: BytesWriter, texts: string[]): number {
  const at = writer.reserve(texts.length * 8, 8);
  texts.forEach((value, index) => {
    const text = writer.text(value);
    writer.setU32(at + index * 8, text.at);
    writer.setU32(at + index * 8 + 4, text.bytes);
  });
  return at;
}

function writeLiterals(writer: BytesWriter, literals: Map<string, number>): void {
  const texts = [...literals.entries()].sort((a, b) => a[1] - b[1]).map(([text]) => text);
  writer.setU32(L.PLAN_LITERAL_COUNT, texts.length);
  writer.setU32(L.PLAN_LITERALS_AT, writeTexts(writer, texts));
}

function writeSpaces(writer: BytesWriter, sharing: Sharing): void {
  const at = writer.reserve(sharing.spaces.length * L.SPACE_BYTES, 8);
  writer.setU32(L.PLAN_SPACE_COUNT, sharing.spaces.length);
  writer.setU32(L.PLAN_SPACES_AT, at);
  sharing.spaces.forEach((columns, index) => {
    writer.setU32(at + index * L.SPACE_BYTES + L.SPACE_COLUMN_COUNT, columns.length);
    writer.setU32(at + index * L.SPACE_BYTES + L.SPACE_COLUMNS_AT, writer.words(columns));
  });
}

function writeGroups(writer: BytesWriter, sharing: Sharing): void {
  const at = writer.reserve(sharing.groups.length * L.GROUP_BYTES, 8);
  writer.setU32(L.PLAN_GROUP_COUNT, sharing.groups.length);
  writer.setU32(L.PLAN_GROUPS_AT, at);
  sharing.groups.forEach((group, index) => {
    const here = at + index * L.GROUP_BYTES;
    writer.setU32(here + L.GROUP_SPACE, group.space);
    writer.setU32(here + L.GROUP_FILTER, group.filter);
    writer.setU32(here + L.GROUP_STATE_COUNT, group.states.length);
    writer.setU32(here + L.GROUP_STATES_AT, writeStates(writer, group.states));
    writer.setU32(here + L.GROUP_SLICE_BYTES, group.sliceBytes);
    writer.setU32(here + L.GROUP_PIPELINE_COUNT, group.pipelines.length);
    writer.setU32(here + L.GROUP_PIPELINES_AT, writer.words(group.pipelines));
    writer.setU32(here + L.GROUP_EDGE_COUNT, group.edges.length);
    writer.setU32(here + L.GROUP_GAPS, group.gaps ? 1 : 0);
    writer.setU32(here + L.GROUP_KIND, groupKinds[group.own?.kind ?? "slices"]);
    const edges = writer.reserve(group.edges.length * L.EDGE_BYTES, 8);
    writer.setU32(here + L.GROUP_EDGES_AT, edges);
    group.edges.forEach((edge, place) => {
      writer.setI64(edges + place * L.EDGE_BYTES + L.EDGE_PERIOD, edge.periodNs);
      writer.setI64(edges + place * L.EDGE_BYTES + L.EDGE_OFFSET, edge.offsetNs);
    });
  });
}

function writeStates(writer: BytesWriter, states: State[]): number {
  const at = writer.reserve(states.length * L.STATE_BYTES, 8);
  states.forEach(({ form, argument, second, offset }, index) => {
    const here = at + index * L.STATE_BYTES;
    writer.setU32(here + L.STATE_KIND, form.kind);
    // One that looks at no argument is handed the column that is always there.
    writer.setU32(here + L.STATE_ARGUMENT, argument === L.NO_REGISTER ? 0 : argument);
    writer.setU32(here + L.STATE_OFFSET, offset);
    writer.setU32(here + L.STATE_TYPE, typeCodes[form.argument?.type ?? "double"]);
    writer.setU32(here + L.STATE_SECOND, second === L.NO_REGISTER ? 0 : second);
    writer.setU32(here + L.STATE_CELLS, form.cells ?? 0);
    writer.setF64(here + L.STATE_LOW, form.low ?? 0);
    writer.setF64(here + L.STATE_HIGH, form.high ?? 0);
  });
  return at;
}

function writePipelines(writer: BytesWriter, plan: Plan, sharing: Sharing, results: ResultProgram[]): void {
  const at = writer.reserve(plan.pipelines.length * L.PIPE_BYTES, 8);
  writer.setU32(L.PLAN_PIPELINE_COUNT, plan.pipelines.length);
  writer.setU32(L.PLAN_PIPELINES_AT, at);
  plan.pipelines.forEach((pipeline, index) => {
    const here = at + index * L.PIPE_BYTES;
    const { program, having, outputs } = results[index]!;
    writer.setU32(here + L.PIPE_GROUP, sharing.groupOf[index]!);
    writer.setU32(here + L.PIPE_SIDE, pipeline.late === "side" ? 1 : 0);
    writer.setU32(here + L.PIPE_FILTER, sharing.filters[index]!);
    // A running aggregate has one window: nothing is late for it, and none is empty. Sessions come out once.
    const bounded = isRaster(pipeline.window);
    writer.setI64(here + L.PIPE_ALLOW, bounded ? pipeline.allowNs : 0n);
    writer.setI64(
      here + L.PIPE_EVERY,
      pipeline.emit.kind === "final" ||
        pipeline.window?.kind === "session" ||
        pipeline.window?.kind === "over"
        ? 0n
        : pipeline.emit.everyNs,
    );
    writer.setU32(here + L.PIPE_COMPLETE, pipeline.emit.kind === "complete" ? 1 : 0);
    writer.setU32(here + L.PIPE_EMPTY, emptyCodes[bounded ? pipeline.empty : "skip"]);
    writeWindow(writer, here, pipeline.window);
    writer.setU32(here + L.PIPE_AGGREGATE_COUNT, pipeline.aggregates.length);
    writer.setU32(here + L.PIPE_AGGREGATES_AT, writeAggregates(writer, pipeline, sharing, index));
    writer.setU32(here + L.PIPE_REGISTER_COUNT, program.registerCount);
    writer.setU32(here + L.PIPE_OP_COUNT, program.opCount);
    writer.setU32(here + L.PIPE_OPS_AT, writer.append(program.bytes(), 8));
    writer.setU32(here + L.PIPE_HAVING, having);
    const registers = pipeline.window === null ? sharing.rowOutputs[index]! : outputs;
    writer.setU32(here + L.PIPE_OUTPUT_COUNT, registers.length);
    const pairs = pipeline.outputs.flatMap((output, place) => [
      registers[place]!,
      typeCodes[output.expression.type],
    ]);
    writer.setU32(here + L.PIPE_OUTPUTS_AT, writer.words(pairs));
    writer.setU32(here + L.PIPE_ARRAY_BYTES, arrayBytes(pipeline));
  });
}

function writeWindow(writer: BytesWriter, here: number, window: WindowPlan | null): void {
  writer.setU32(here + L.PIPE_WINDOW, window === null ? L.WINDOW_NONE : windowCodes[window.kind]);
  if (window === null || window.kind === "running") return;
  if (window.kind === "session") {
    writer.setI64(here + L.PIPE_SIZE, window.gapNs);
    writer.setI64(here + L.PIPE_SLIDE, window.maxNs ?? NO_MAX);
    return;
  }
  if (window.kind === "over") {
    writer.setI64(here + L.PIPE_SIZE, window.rangeNs ?? BigInt(window.rows));
    writer.setI64(here + L.PIPE_SLIDE, window.rangeNs === null ? 1n : 0n);
    writer.setU32(here + L.PIPE_CARRIED_COUNT, window.carried.length);
    writer.setU32(here + L.PIPE_CARRIED_AT, writer.words(window.carried));
    return;
  }
  const slideNs =
    window.kind === "hop" ? window.slideNs : window.kind === "cumulate" ? window.stepNs : window.sizeNs;
  writer.setI64(here + L.PIPE_SIZE, window.sizeNs);
  writer.setI64(here + L.PIPE_SLIDE, slideNs);
  // The kernel needs the offset's place in the raster only; the raster of CUMULATE is its size.
  const raster = window.kind === "cumulate" ? window.sizeNs : slideNs;
  writer.setI64(here + L.PIPE_OFFSET, positiveModulo(window.offsetNs, raster));
}

function writeAggregates(
  writer: BytesWriter,
  pipeline: PipelinePlan,
  sharing: Sharing,
  index: number,
): number {
  const at = writer.reserve(pipeline.aggregates.length * L.AGGREGATE_BYTES, 8);
  pipeline.aggregates.forEach((aggregate, place) => {
    const here = at + place * L.AGGREGATE_BYTES;
    const group = sharing.groups[sharing.groupOf[index]!]!;
    const form = aggregateForm(aggregate);
    writer.setU32(here + L.AGGREGATE_RESULT, form.result);
    sharing.aggregates[index]![place]!.forEach((state, which) =>
      writer.setU32(here + L.AGGREGATE_A + which * 4, group.states[state]!.offset),
    );
    writer.setU32(here + L.AGGREGATE_TYPE, typeCodes[aggregateType(aggregate)]);
    writer.setF64(here + L.AGGREGATE_NUMBER, aggregate.parameter ?? 0);
    writer.setU32(here + L.AGGREGATE_CELLS, form.cells ?? 0);
    writer.setU32(here + L.AGGREGATE_ARGUMENT_TYPE, typeCodes[aggregate.argument?.type ?? "double"]);
  });
  return at;
}
