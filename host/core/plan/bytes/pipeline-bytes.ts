// The part of the plan bytes that says what becomes of rows: key spaces, slice groups with their states, and each
// pipeline's window, aggregates, result program. Imports core and the layout.
import { toHex } from "../../bytes.ts";
import * as L from "../../layout.ts";
import { arrayBytes, aggregateForm, partWord } from "./aggregate-forms.ts";
import type { BytesWriter } from "./bytes-writer.ts";
import { type PlanTexts, Program, stateBytes, typeCodes } from "./expression-program.ts";
import type { PipelinePlan, Plan, Type, WindowPlan } from "../plan.ts";
import {
  OTHER_KEY,
  aggregateType,
  argumentType,
  allowanceNs,
  hasMoments,
  isRaster,
  movesWithTime,
  resultColumnTypes,
  showsRows,
} from "../plan.ts";
import type { Sharing, State } from "../slice-groups.ts";
import { positiveModulo } from "../slice-groups.ts";
import type { PaneTables } from "./zone-panes.ts";

const windowCodes = {
  tumble: L.WINDOW_TUMBLE,
  hop: L.WINDOW_HOP,
  cumulate: L.WINDOW_CUMULATE,
  session: L.WINDOW_SESSION,
  over: L.WINDOW_OVER,
  rows: L.WINDOW_ROWS,
  running: L.WINDOW_RUNNING,
};
const emptyCodes = { skip: L.EMPTY_SKIP, emit: L.EMPTY_EMIT, previous: L.EMPTY_PREVIOUS };

const groupKinds = {
  slices: L.GROUP_OF_SLICES,
  session: L.GROUP_OF_SESSIONS,
  over: L.GROUP_OF_OVER,
  rows: L.GROUP_OF_ROWS,
};

/** A session without a bound: no two accepted times are so far apart. */
const NO_MAX = 2n ** 63n - 1n;

export interface ResultProgram {
  program: Program;
  having: number;
  outputs: number[];
}

export function resultProgram(
  plan: Plan,
  pipeline: PipelinePlan,
  sharing: Sharing,
  texts: PlanTexts,
): ResultProgram {
  const types = resultColumnTypes(plan.source, pipeline);
  const { space } = sharing.groups[sharing.groupOf[plan.pipelines.indexOf(pipeline)]!] ?? { space: 0 };
  const program = new Program(types, texts, sharing.operators, () => space);
  if (pipeline.window === null) return { program, having: L.NO_REGISTER, outputs: [] };
  const having = pipeline.having === null ? L.NO_REGISTER : program.register(pipeline.having);
  const outputs = pipeline.outputs.map((output) => program.register(output.expression));
  return { program, having, outputs };
}

/** Cells of a column of the key for all others. */
function otherCells(type: Type, literals: Map<string, number>): number[] {
  if (type === "boolean") return [L.BOOLEAN_NULL];
  if (type === "bigint") return [0, 0x80000000];
  if (type !== "string") return [0];
  const text = toHex(new TextEncoder().encode(OTHER_KEY));
  const id = literals.get(text) ?? literals.size + 1;
  literals.set(text, id);
  return [id];
}

export function writeSpaces(
  writer: BytesWriter,
  { source, limits }: Plan,
  sharing: Sharing,
  literals: Map<string, number>,
): void {
  const at = writer.reserve(sharing.spaces.length * L.SPACE_BYTES, 8);
  writer.setU32(L.PLAN_SPACE_COUNT, sharing.spaces.length);
  writer.setU32(L.PLAN_SPACES_AT, at);
  sharing.spaces.forEach((columns, index) => {
    writer.setU32(at + index * L.SPACE_BYTES + L.SPACE_COLUMN_COUNT, columns.length);
    writer.setU32(at + index * L.SPACE_BYTES + L.SPACE_COLUMNS_AT, writer.words(columns));
    if (limits.keysPolicy !== "other") return;
    const cells = columns.flatMap((column) => otherCells(source.columns[column]!.type, literals));
    writer.setU32(at + index * L.SPACE_BYTES + L.SPACE_OTHER_AT, writer.words(cells));
  });
}

/** Stateful operators of all programs, and how far rows are shifted in the registers of the input program. */
export function writeOperators(writer: BytesWriter, { program, operators }: Sharing): void {
  const at = writer.reserve(operators.length * L.OPERATOR_BYTES, 8);
  writer.setU32(L.PLAN_STATELESS_COUNT, program.statelessCount);
  writer.setU32(L.PLAN_OPERATOR_COUNT, operators.length);
  writer.setU32(L.PLAN_OPERATORS_AT, at);
  writer.setU32(L.PLAN_SHIFTS_AT, writer.append(program.shifts, 8));
  operators.forEach(({ expression, space, gate }, index) => {
    const here = at + index * L.OPERATOR_BYTES;
    writer.setU32(here + L.OPERATOR_SPACE, space);
    writer.setU32(here + L.OPERATOR_GATE, gate);
    writer.setU32(here + L.OPERATOR_STATE_BYTES, stateBytes(expression));
    writer.setU32(here + L.OPERATOR_COUNT, expression.count);
    writer.setI64(here + L.OPERATOR_SPAN, expression.spanNs);
    writer.setF64(here + L.OPERATOR_NUMBER, expression.number);
    writer.setU32(here + L.OPERATOR_RING, expression.operator === "dedup" ? 1 : 0);
  });
}

export function writeGroups(writer: BytesWriter, sharing: Sharing, panes: PaneTables): void {
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
    writer.setU32(here + L.GROUP_HELD_COUNT, group.held.length);
    writer.setU32(
      here + L.GROUP_HELD_AT,
      writer.words(group.held.map((place) => group.states[place]!.offset)),
    );
    writer.setU32(here + L.GROUP_KIND, groupKinds[group.own?.kind ?? "slices"]);
    const edges = writer.reserve(group.edges.length * L.EDGE_BYTES, 8);
    writer.setU32(here + L.GROUP_EDGES_AT, edges);
    group.edges.forEach((edge, place) => {
      writer.setI64(edges + place * L.EDGE_BYTES + L.EDGE_PERIOD, edge.periodNs);
      writer.setI64(edges + place * L.EDGE_BYTES + L.EDGE_OFFSET, edge.offsetNs);
      const table = panes.place(edge.zone, edge.periodNs, edge.offsetNs);
      writer.setU32(edges + place * L.EDGE_BYTES + L.EDGE_PANES, table);
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
    writer.setU32(here + L.STATE_TYPE, typeCodes[form.type]);
    writer.setU32(here + L.STATE_SECOND, second === L.NO_REGISTER ? 0 : second);
    writer.setU32(here + L.STATE_CELLS, form.cells ?? 0);
    writer.setF64(here + L.STATE_LOW, form.low ?? 0);
    writer.setF64(here + L.STATE_HIGH, form.high ?? 0);
    writer.setU32(here + L.STATE_SECOND_TYPE, typeCodes[form.secondType ?? "double"]);
    writer.setU32(here + L.STATE_PART, partWord(form));
  });
  return at;
}

export function writePipelines(
  writer: BytesWriter,
  plan: Plan,
  sharing: Sharing,
  results: ResultProgram[],
  panes: PaneTables,
): void {
  const at = writer.reserve(plan.pipelines.length * L.PIPE_BYTES, 8);
  writer.setU32(L.PLAN_PIPELINE_COUNT, plan.pipelines.length);
  writer.setU32(L.PLAN_PIPELINES_AT, at);
  plan.pipelines.forEach((pipeline, index) => {
    const here = at + index * L.PIPE_BYTES;
    const { program, having, outputs } = results[index]!;
    writer.setU32(here + L.PIPE_GROUP, sharing.groupOf[index]!);
    writer.setU32(here + L.PIPE_SIDE, pipeline.late === "side" ? 1 : 0);
    writer.setU32(here + L.PIPE_FILTER, sharing.filters[index]!);
    writer.setI64(here + L.PIPE_ALLOW, allowanceNs(pipeline));
    const { emit } = pipeline;
    writer.setI64(here + L.PIPE_EVERY, emit.kind !== "final" && hasMoments(pipeline) ? emit.everyNs : 0n);
    writer.setU32(here + L.PIPE_COMPLETE, completeCode(pipeline));
    writer.setU32(here + L.PIPE_EMPTY, emptyCodes[isRaster(pipeline.window) ? pipeline.empty : "skip"]);
    writeWindow(writer, here, pipeline.window, panes);
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
    writer.setU32(here + L.PIPE_SHOWS_ROWS, showsRows(plan.source, pipeline) ? 1 : 0);
    writer.setU32(here + L.PIPE_HANDS_OVER, pipeline.handsOver === true ? 1 : 0);
  });
}

function completeCode(pipeline: PipelinePlan): number {
  if (pipeline.emit.kind !== "complete") return L.COMPLETE_NOT;
  return movesWithTime(pipeline) ? L.COMPLETE_ANEW : L.COMPLETE_ALL;
}

function writeWindow(writer: BytesWriter, here: number, window: WindowPlan | null, panes: PaneTables): void {
  writer.setU32(here + L.PIPE_WINDOW, window === null ? L.WINDOW_NONE : windowCodes[window.kind]);
  if (window === null || window.kind === "running") return;
  if (window.kind === "session") {
    writer.setI64(here + L.PIPE_SIZE, window.gapNs);
    writer.setI64(here + L.PIPE_SLIDE, window.maxNs ?? NO_MAX);
    return;
  }
  if (window.kind === "rows") {
    writer.setI64(here + L.PIPE_SIZE, BigInt(window.size));
    writer.setI64(here + L.PIPE_SLIDE, BigInt(window.slide));
    return;
  }
  if (window.kind === "over") {
    writer.setI64(here + L.PIPE_SIZE, window.rangeNs ?? BigInt(window.rows));
    writer.setI64(here + L.PIPE_SLIDE, window.rangeNs === null ? 1n : 0n);
    writer.setU32(here + L.PIPE_CARRIED_COUNT, window.carried.length);
    writer.setU32(here + L.PIPE_CARRIED_AT, writer.words(window.carried));
    const { periodNs, offsetNs, linear } = window.resample ?? { periodNs: 0n, offsetNs: 0n, linear: 0 };
    writer.setI64(here + L.PIPE_PERIOD, periodNs);
    writer.setI64(here + L.PIPE_PERIOD_OFFSET, periodNs === 0n ? 0n : positiveModulo(offsetNs, periodNs));
    writer.setU32(here + L.PIPE_LINEAR_COUNT, linear);
    return;
  }
  const slideNs =
    window.kind === "hop" ? window.slideNs : window.kind === "cumulate" ? window.stepNs : window.sizeNs;
  writer.setI64(here + L.PIPE_SIZE, window.sizeNs);
  writer.setI64(here + L.PIPE_SLIDE, slideNs);
  // The kernel needs the offset's place in the raster only; the raster of CUMULATE is its size.
  const raster = window.kind === "cumulate" ? window.sizeNs : slideNs;
  writer.setI64(here + L.PIPE_OFFSET, positiveModulo(window.offsetNs, raster));
  writer.setU32(here + L.PIPE_PANES, panes.place(window.zone, slideNs, window.offsetNs));
  if (window.kind !== "cumulate") return;
  writer.setU32(here + L.PIPE_SIZE_PANES, panes.place(window.zone, window.sizeNs, window.offsetNs));
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
    const states = sharing.aggregates[index]![place]!;
    const words =
      form.parts?.map((part) => (part === "records" ? L.STATE_OF_RECORDS : states[part]!)) ??
      states.map((state) => group.states[state]!.offset);
    words.forEach((word, which) => writer.setU32(here + L.AGGREGATE_A + which * 4, word));
    writer.setU32(here + L.AGGREGATE_TYPE, typeCodes[aggregateType(aggregate)]);
    writer.setF64(here + L.AGGREGATE_NUMBER, form.bytes ?? aggregate.parameter ?? 0);
    writer.setU32(here + L.AGGREGATE_CELLS, form.parts?.length ?? form.cells ?? 0);
    writer.setU32(here + L.AGGREGATE_ARGUMENT_TYPE, typeCodes[argumentType(aggregate) ?? "double"]);
  });
  return at;
}
