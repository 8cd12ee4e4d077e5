// Pipelines that read pipelines: an engine for each stage of the plan, fed with the results of those before it. What a
// record makes come out in its own stage comes first; then each of those results goes to its readers, one after the
// other, and what it makes come out there follows at once, in the same way. Pure like the engines it is made of.
// Imports core.
import type {
  Cause,
  Counters,
  Engine,
  LateRecord,
  Output,
  PipelineCounters,
  Result,
  Sample,
  StreamContext,
} from "../engine.ts";
import { MillraceError, assert } from "../errors.ts";
import { BytesWriter } from "../plan/bytes/bytes-writer.ts";
import { type Stage, stagesOf } from "../plan/chain.ts";
import type { Plan } from "../plan/plan.ts";
import { RowBytes } from "./row-bytes.ts";

/**
 * Gets what a stage's engine brings out, in order. `handed`: it is for the readers of its pipeline alone. What comes
 * out because of the same record, tick or flush has the same `occasion`.
 */
export type Receiver = (output: Output, handed: boolean, occasion: number) => void;

/** Readers get what the drop clock closed, what the end of the input closed, and records. */
const HANDED = new Set<Cause>(["watermark", "flush", "record"]);

interface Running extends Stage {
  engine: Engine;
  /** Writes what the stage reads; null for the first one. */
  rows: RowBytes | null;
  /** Some pipeline of the stage has readers. */
  hands: boolean;
  occasion: number;
  /** Results of the occasion at hand that go to readers when it is over, with their places in the stage. */
  waiting: Result[];
}

const MAGIC = 0x4843524d;

export class ChainedEngine implements Engine {
  private readonly stages: Running[];
  private readonly plan: Plan;
  private outputs: Output[] = [];

  /** `create` makes the engine of a stage, which hands what comes out to the receiver. */
  constructor(plan: Plan, create: (plan: Plan, receiver: Receiver) => Engine) {
    this.plan = plan;
    this.stages = stagesOf(plan).map((stage, index) => ({
      ...stage,
      engine: create(stage.plan, (output, handed, occasion) => this.receive(index, output, handed, occasion)),
      rows:
        stage.chained === null ? null : new RowBytes(stage.chained, plan.pipelines[stage.chained.pipeline]!),
      hands: stage.readers.some((readers) => readers.length > 0),
      occasion: 0,
      waiting: [],
    }));
  }

  private get first(): Engine {
    return this.stages[0]!.engine;
  }

  private receive(index: number, output: Output, handed: boolean, occasion: number): void {
    const stage = this.stages[index]!;
    if (stage.waiting.length > 0 && occasion !== stage.occasion) this.handOver(stage);
    stage.occasion = occasion;
    if (!handed) this.outputs.push(atPlace(output, stage.places[output.pipeline]!));
    if (stage.hands && output.kind === "result" && (handed || HANDED.has(output.cause)))
      stage.waiting.push(output);
  }

  /** Gives results to those that read them; what these bring out comes out behind. */
  private handOver(stage: Running): void {
    const { waiting } = stage;
    stage.waiting = [];
    for (const result of waiting) {
      for (const reader of stage.readers[result.pipeline]!) {
        const next = this.stages[reader]!;
        next.engine.push(next.rows!.encode(result));
        this.handOver(next);
      }
    }
  }

  /** Lets the first stage do something, then all that follows from it. */
  private follow(act: (engine: Engine) => void): Output[] {
    act(this.first);
    this.handOver(this.stages[0]!);
    return this.taken();
  }

  /** Lets every stage do something, each after those that it reads. */
  private everyStage(act: (engine: Engine) => void): Output[] {
    for (const stage of this.stages) {
      act(stage.engine);
      this.handOver(stage);
    }
    return this.taken();
  }

  private taken(): Output[] {
    const { outputs } = this;
    this.outputs = [];
    return outputs;
  }

  push(chunk: Uint8Array): Output[] {
    return this.follow((engine) => engine.push(chunk));
  }

  tick(nowNs: bigint): Output[] {
    return this.everyStage((engine) => engine.tick(nowNs));
  }

  setMqttVersion(version: 4 | 5): void {
    this.first.setMqttVersion(version);
  }

  flush(): Output[] {
    return this.everyStage((engine) => engine.flush());
  }

  endOfFile(): Output[] {
    return this.follow((engine) => engine.endOfFile());
  }

  csvHeader(names: string[]): void {
    this.first.csvHeader(names);
  }

  counters(): Counters {
    const all = this.stages.map(({ engine }) => engine.counters());
    const pipelines: PipelineCounters[] = [];
    this.stages.forEach(({ plan, places }, index) =>
      places.forEach((place, own) => {
        if (plan.pipelines[own]!.handsOver !== true) pipelines[place] = all[index]!.pipelines[own]!;
      }),
    );
    return {
      ...all[0]!,
      pipelines,
      chained: all.slice(1).map(({ received, accepted, refused, nulled, forgotten }) => ({
        received,
        accepted,
        refused,
        nulled,
        forgotten,
      })),
      keys: all.reduce((sum, { keys }) => sum + keys, 0),
      keysEvicted: all.reduce((sum, { keysEvicted }) => sum + keysEvicted, 0),
      otherRecords: all.reduce((sum, { otherRecords }) => sum + otherRecords, 0),
      openSlices: all.reduce((sum, { openSlices }) => sum + openSlices, 0),
    };
  }

  /** Of the source alone: a row of results is no text to show. */
  takeSamples(): Sample[] {
    const [own] = this.stages.map(({ engine }) => engine.takeSamples());
    return own!;
  }

  /** Of the source: what a pipeline reads has no streams. */
  streams(): StreamContext[] {
    return this.first.streams();
  }

  watermark(): bigint | null {
    return this.first.watermark();
  }

  /** ┌ "MRCH" ┬ stages u32 ┬ how they hang together: bytes u32 ┬ … ┬ for each stage bytes u32 ┬ snapshot … ┐ */
  snapshot(): Uint8Array {
    const writer = new BytesWriter(8);
    writer.setU32(0, MAGIC);
    writer.setU32(4, this.stages.length);
    for (const bytes of [this.structure(), ...this.stages.map(({ engine }) => engine.snapshot())]) {
      writer.setU32(writer.reserve(4, 1), bytes.length);
      writer.append(bytes, 1);
    }
    return writer.bytes();
  }

  /** What each stage reads, and what its pipelines are called: the engines' own snapshots do not know it. */
  private structure(): Uint8Array {
    const text = JSON.stringify(
      (this.plan.chained ?? []).map(({ pipeline, outputs }) => [
        this.plan.pipelines[pipeline]!.name,
        outputs,
      ]),
    );
    return new TextEncoder().encode(text);
  }

  restore(snapshot: Uint8Array): void {
    const parts = partsOf(snapshot);
    const same = (a: Uint8Array, b: Uint8Array): boolean =>
      a.length === b.length && a.every((byte, at) => byte === b[at]);
    if (parts === null || parts.length !== this.stages.length + 1 || !same(parts[0]!, this.structure())) {
      throw new MillraceError(
        "MR501",
        "the snapshot was made by another build of millrace or for another definition",
      );
    }
    this.stages.forEach((stage, index) => {
      assert(stage.waiting.length === 0, "a restore between a result and its readers");
      stage.engine.restore(parts[index + 1]!);
    });
  }
}

function atPlace(output: Output, place: number): Output {
  const placed: Result | LateRecord = { ...output };
  placed.pipeline = place;
  return placed;
}

/** The parts of a snapshot, or null when it is none. */
function partsOf(snapshot: Uint8Array): Uint8Array[] | null {
  const view = new DataView(snapshot.buffer, snapshot.byteOffset, snapshot.byteLength);
  if (snapshot.length < 8 || view.getUint32(0, true) !== MAGIC) return null;
  const parts: Uint8Array[] = [];
  let at = 8;
  while (at + 4 <= snapshot.length) {
    const bytes = view.getUint32(at, true);
    parts.push(snapshot.subarray(at + 4, at + 4 + bytes));
    at += 4 + bytes;
  }
  return at === snapshot.length ? parts : null;
}
