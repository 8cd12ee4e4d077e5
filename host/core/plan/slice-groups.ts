// What pipelines share: key spaces, slice groups with their aggregate states, and the input program. Pipelines with
// one GROUP BY and one WHERE share slices; equal states of a group are held once. Imports core and the layout.
import * as L from "../layout.ts";
import { HELD_STATE, type StateForm, aggregateForm } from "./bytes/aggregate-forms.ts";
import { type OperatorForm, PlanTexts, Program } from "./bytes/expression-program.ts";
import type {
  AggregatePlan,
  Limits,
  OwnPlan,
  PipelinePlan,
  Plan,
  RasterPlan,
  RunningPlan,
  SourcePlan,
  WindowPlan,
  ZonePlan,
} from "./plan.ts";
import { carries, hasMoments, isOwn, isRaster, keepsSessions, showsRows } from "./plan.ts";

/** A state of a slice: what it holds, over which registers, and where in the slice. */
export interface State {
  form: StateForm;
  argument: number;
  second: number;
  offset: number;
}

export interface SliceEdge {
  periodNs: bigint;
  offsetNs: bigint;
  /** By whose wall clock; of UTC when absent. */
  zone?: ZonePlan;
}

export interface Group {
  space: number;
  filter: number;
  states: State[];
  sliceBytes: number;
  pipelines: number[];
  edges: SliceEdge[];
  gaps: boolean;
  /** Bytes of a slice before its states. */
  headerBytes: number;
  /** Windows that come from the records belong to one pipeline; null for a group of slices. */
  own: OwnPlan | null;
  /** Its one slice a key holds everything: running aggregates share with their like only. */
  running: boolean;
  /** Places of the states that hold when the next window begins; with any it is of one pipeline. */
  held: number[];
}

export const positiveModulo = (value: bigint, modulus: bigint): bigint =>
  ((value % modulus) + modulus) % modulus;

/** The progressions of instants at which a window kind starts or ends windows; none for a running aggregate. */
function windowEdges(window: RasterPlan | RunningPlan): SliceEdge[] {
  if (window.kind === "running") return [];
  const edge = (periodNs: bigint, offset: bigint): SliceEdge => ({
    periodNs,
    offsetNs: positiveModulo(offset, periodNs),
    ...(window.zone === undefined ? {} : { zone: window.zone }),
  });
  if (window.kind === "tumble") return [edge(window.sizeNs, window.offsetNs)];
  if (window.kind === "cumulate") return [edge(window.stepNs, window.offsetNs)];
  const starts = edge(window.slideNs, window.offsetNs);
  if (window.zone !== undefined) return [starts];
  const ends = edge(window.slideNs, window.offsetNs + window.sizeNs);
  return starts.offsetNs === ends.offsetNs ? [starts] : [starts, ends];
}

/** What pipelines share: key spaces, slice groups with their states, and the input program. */
export class Sharing {
  readonly program: Program;
  /** Stateful operators, those of the input program first. */
  readonly operators: OperatorForm[] = [];
  readonly spaces: number[][] = [];
  readonly groups: Group[] = [];
  readonly filters: number[] = [];
  readonly groupOf: number[] = [];
  /** Offsets of the states of each aggregate, by pipeline. */
  readonly aggregates: number[][][] = [];
  /** Registers of the outputs of pipelines without a window. */
  readonly rowOutputs: number[][] = [];

  private readonly source: SourcePlan;
  private readonly limits: Limits;

  constructor(plan: Plan, texts: PlanTexts) {
    this.source = plan.source;
    this.limits = plan.limits;
    const columns = plan.source.columns.map(({ type }) => type);
    this.program = new Program(columns, texts, this.operators, (keys) => this.space(keys));
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
    const group = this.group(this.space(pipeline.keys), filter, pipeline, pipeline.window);
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

  private group(space: number, filter: number, pipeline: PipelinePlan, window: WindowPlan): Group {
    const own = isOwn(window) ? window : null;
    const running = window.kind === "running";
    // What held before a window is what that pipeline counted: others may have taken records that were late for it.
    const isAlone = carries(pipeline);
    const found = this.groups.find(
      (group) =>
        group.space === space &&
        group.filter === filter &&
        group.own === null &&
        own === null &&
        !isAlone &&
        group.held.length === 0 &&
        group.running === running,
    );
    if (found) return found;
    const group: Group = {
      space,
      filter,
      states: [],
      sliceBytes: 0,
      headerBytes: headerBytes(this.source, pipeline),
      pipelines: [],
      edges: [],
      gaps: false,
      own,
      running,
      held: [],
    };
    this.groups.push(group);
    return group;
  }

  /** Indexes of an aggregate's states in its group; equal states are held once. */
  private statesOf(group: Group, aggregate: AggregatePlan): number[] {
    const places = aggregateForm(aggregate, this.limits.values).states.map((form) => {
      const argument = form.argument === null ? L.NO_REGISTER : this.program.register(form.argument);
      const second = form.second === undefined ? L.NO_REGISTER : this.program.register(form.second);
      const same = (other: State): boolean =>
        other.argument === argument &&
        other.second === second &&
        other.form.kind === form.kind &&
        // A text and its bytes are in one register: their partials say which they are.
        other.form.type === form.type &&
        other.form.secondType === form.secondType &&
        other.form.part === form.part &&
        other.form.cells === form.cells &&
        other.form.low === form.low &&
        other.form.high === form.high;
      const found = group.states.findIndex(same);
      return found >= 0 ? found : group.states.push({ form, argument, second, offset: 0 }) - 1;
    });
    const latest = places[HELD_STATE];
    if (aggregate.carry === true && !group.held.includes(latest!)) group.held.push(latest!);
    return places;
  }
}

/** Adds a window's edges but those that others are at too. */
function addEdges(group: Group, window: RasterPlan): void {
  const covers = (one: SliceEdge, other: SliceEdge): boolean =>
    other.zone?.name === one.zone?.name &&
    other.periodNs % one.periodNs === 0n &&
    (other.offsetNs - one.offsetNs) % one.periodNs === 0n;
  for (const edge of windowEdges(window)) {
    if (group.edges.some((other) => covers(other, edge))) continue;
    group.edges = [...group.edges.filter((other) => !covers(edge, other)), edge];
  }
  if (window.kind === "hop" && window.slideNs > window.sizeNs) group.gaps = true;
}

function headerBytes(source: SourcePlan, pipeline: PipelinePlan): number {
  const { window } = pipeline;
  if (window?.kind === "rows") return L.PANE_STATES + (hasMoments(pipeline) ? L.MARK_BYTES : 0);
  if (window?.kind === "session")
    return L.SESSION_STATES + (keepsSessions(source, pipeline) ? L.MARK_BYTES : 0);
  return L.SLICE_STATES + (showsRows(source, pipeline) ? L.MARK_BYTES : 0);
}

/** A row of OVER holds the carried cells behind its states. */
function carriedBytes(group: Group): number {
  return group.own?.kind === "over" ? group.own.carried.length * 8 : 0;
}

function placeStates(group: Group): number {
  let offset = group.headerBytes;
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
  own: OwnPlan | null;
  /** Values that are kept for each key besides, until windows begin with them. */
  held: number;
}

export function sliceGroups(plan: Plan): SliceGroup[] {
  const sharing = new Sharing(plan, new PlanTexts());
  return sharing.groups.map((group) => ({
    pipelines: group.pipelines,
    sliceBytes: group.sliceBytes,
    headerBytes: group.headerBytes,
    own: group.own,
    edges: group.edges,
    keys: sharing.spaces[group.space]!,
    held: group.held.length,
  }));
}
