// Pipelines that read pipelines, in the reference: an engine for the source and one for each chained source. For each
// pipeline that is read there is a second one that knows neither idleness nor late updates: what that one brings out
// is what readers get. Imports core types.
import type { Output, Result, Value } from "../engine.ts";
import { INPUT_BYTES } from "../layout.ts";
import type { ChainedSource, PipelinePlan, Plan } from "../plan/plan.ts";
import { isRaster } from "../plan/plan.ts";

/** What the chain asks of an engine. */
export interface Reader {
  /** A result of the pipeline that it reads, as a record; `bytes` is how long it is on its way. */
  takeResult(values: Value[], time: bigint, bytes: number): Output[];
}

/** The part of a plan that one engine runs. */
export interface Part {
  plan: Plan;
  /** For each of its pipelines the place in the whole plan. */
  places: number[];
  /** From this pipeline on they are those that readers get the results of. */
  firstForReaders: number;
}

/** `reads` is the place in Plan.chained of what the part reads; undefined is the plan's source. */
export function partOf(whole: Plan, reads: number | undefined): Part {
  const chained = whole.chained ?? [];
  const all = whole.pipelines.map((pipeline, place) => ({ pipeline, place }));
  const own = all.filter(({ pipeline }) => pipeline.from === reads);
  const read = own.filter(({ place }) => chained.some(({ pipeline }) => pipeline === place));
  const forReaders = read.map(({ pipeline, place }) => ({
    place,
    pipeline: {
      ...pipeline,
      late: "drop" as const,
      allowNs: 0n,
      emit: { kind: "final" as const },
      handsOver: true as const,
    },
  }));
  const together = [...own, ...forReaders];
  return {
    plan: {
      source: reads === undefined ? whole.source : chained[reads]!.source,
      pipelines: together.map(({ pipeline }) => pipeline),
      limits: whole.limits,
    },
    places: together.map(({ place }) => place),
    firstForReaders: own.length,
  };
}

export class Chain<E extends Reader> {
  /** That of the source, then one for each of Plan.chained. */
  engines: E[] = [];
  private readonly pipelines: PipelinePlan[];
  private readonly chained: ChainedSource[];

  constructor(whole: Plan) {
    this.pipelines = whole.pipelines;
    this.chained = whole.chained ?? [];
  }

  begin(first: E, create: (reads: number) => E): void {
    this.engines = [first, ...this.chained.map((_, place) => create(place))];
  }

  /** What one record, tick or flush brought out in a part, and behind it what that brings out in its readers. */
  follow(part: Part, outputs: Output[]): Output[] {
    const shown = outputs.filter(({ pipeline }) => pipeline < part.firstForReaders);
    const handed = outputs.filter(({ pipeline }) => pipeline >= part.firstForReaders);
    const placed = shown.map((output) => ({ ...output, pipeline: part.places[output.pipeline]! }));
    return [
      ...placed,
      ...handed.flatMap((output) => this.handOver(output as Result, part.places[output.pipeline]!)),
    ];
  }

  private handOver(result: Result, place: number): Output[] {
    const { window } = this.pipelines[place]!;
    const last = window?.kind === "session" || isRaster(window);
    const time = last ? result.windowEnd - 1n : result.windowEnd;
    return this.chained.flatMap(({ pipeline, source, outputs }, index) => {
      if (pipeline !== place) return [];
      const values = outputs.map((output) => (output === null ? time : result.values[output]!));
      const cells = values.map((value, column) => cellBytes(value, source.columns[column]!.type));
      const bytes = cells.reduce((sum, length) => sum + length, 4);
      return this.engines[index + 1]!.takeResult(values, time, bytes);
    });
  }
}

/** A row is at most as long as a message. */
export const isOversized = (bytes: number): boolean => bytes > INPUT_BYTES;

function cellBytes(value: Value, type: string): number {
  if (type === "boolean") return 1;
  if (type === "bytes" || type === "partial") return 4 + ((value as Uint8Array | null)?.length ?? 0);
  return type === "string" ? 4 + new TextEncoder().encode((value as string | null) ?? "").length : 8;
}
