// Pipelines that read pipelines: an engine for each stage of the plan, fed with the results of those before it. What a
// record makes come out in its own stage comes first; then each of those results goes to its readers, one after the
// other, and what it makes come out there follows at once, in the same way. Pure like the engines it is made of.
// Imports core.
import type {
  Cause,
  Counters,
  Engine,
  Output,
  Outputs,
  PipelineCounters,
  Sample,
  StreamContext,
} from "../engine.ts";
import { MillraceError, assert } from "../errors.ts";
import { BytesWriter } from "../plan/bytes/bytes-writer.ts";
import { type Stage, stagesOf } from "../plan/chain.ts";
import type { Plan } from "../plan/plan.ts";
import { outputsFrom } from "./outputs.ts";
import { RowBytes } from "./row-bytes.ts";
import { WaitingRows } from "./waiting-rows.ts";

/** An engine that also says of the output that comes next what a chain must know. */
export interface StageEngine extends Engine {
  /** What its call brought out and was not taken yet, one after the other; null when there is nothing more. */
  next(): Output | null;
  /** What comes out because of the same record, tick or flush has the same number; NO_OCCASION: nothing comes. */
  occasion(): number;
  /** The next output is for the readers of its pipeline alone. */
  isHanded(): boolean;
}

export const NO_OCCASION = -1;

/** Readers get what the drop clock closed, what the end of the input closed, and records. */
const HANDED = new Set<Cause>(["watermark", "flush", "record"]);

interface Running extends Stage {
  engine: StageEngine;
  /** Writes what the stage reads; null for the first one. */
  rows: RowBytes | null;
  /** Some pipeline of the stage has readers. */
  hands: boolean;
  occasion: number;
  /** Results of the occasion at hand, which go to readers when it is over. */
  waiting: WaitingRows;
  /** The stage that got the last of them, until what this brings out there is taken. */
  reader: Running | null;
}

const MAGIC = 0x4843524d;

export class ChainedEngine implements Engine {
  private readonly stages: Running[];
  private readonly plan: Plan;
  private readonly outputs = outputsFrom(() => this.next());
  /** The next output. */
  private coming: Output | null = null;
  /** What the call at hand does in a stage, the stage in which it was done last, and the last one in which it is. */
  private act: (engine: Engine) => void = () => {};
  private turn = 0;
  private lastTurn = 0;

  /** `create` makes the engine of a stage. */
  constructor(plan: Plan, create: (plan: Plan) => StageEngine) {
    this.plan = plan;
    this.stages = stagesOf(plan).map((stage) => ({
      ...stage,
      engine: create(stage.plan),
      rows:
        stage.chained === null ? null : new RowBytes(stage.chained, plan.pipelines[stage.chained.pipeline]!),
      hands: stage.readers.some((readers) => readers.length > 0),
      occasion: NO_OCCASION,
      waiting: new WaitingRows(),
      reader: null,
    }));
  }

  private get first(): Engine {
    return this.stages[0]!.engine;
  }

  /** Lets the stages up to `lastTurn` do something, each after those that it reads and what follows from these. */
  private begin(lastTurn: number, act: (engine: Engine) => void): Outputs {
    this.mustBeDone();
    this.turn = 0;
    this.lastTurn = lastTurn;
    this.act = act;
    act(this.first);
    this.coming = this.advance();
    return this.outputs;
  }

  private next(): Output | null {
    const output = this.coming;
    if (output !== null) this.coming = this.advance();
    return output;
  }

  private advance(): Output | null {
    while (true) {
      const output = this.nextOf(this.stages[this.turn]!);
      if (output !== null || this.turn === this.lastTurn) return output;
      this.act(this.stages[++this.turn]!.engine);
    }
  }

  /** The next output of a stage, or of those that got results of it; null when nothing more follows from its call. */
  private nextOf(stage: Running): Output | null {
    const { engine, waiting } = stage;
    while (true) {
      if (stage.reader !== null) {
        const output = this.nextOf(stage.reader);
        if (output !== null) return output;
        stage.reader = null;
      }
      const occasion = engine.occasion();
      if (!waiting.isEmpty && occasion !== stage.occasion) {
        const { reader, row } = waiting.take();
        stage.reader = this.stages[reader]!;
        stage.reader.engine.push(row);
        continue;
      }
      if (occasion === NO_OCCASION) return null;
      stage.occasion = occasion;
      const handed = engine.isHanded();
      const output = engine.next()!;
      if (stage.hands) this.keepForReaders(stage, output, handed);
      if (handed) continue;
      output.pipeline = stage.places[output.pipeline]!;
      return output;
    }
  }

  private keepForReaders(stage: Running, output: Output, handed: boolean): void {
    if (output.kind !== "result" || !(handed || HANDED.has(output.cause))) return;
    for (const reader of stage.readers[output.pipeline]!)
      stage.waiting.add(reader, this.stages[reader]!.rows!.encode(output));
  }

  private mustBeDone(): void {
    assert(
      this.coming === null,
      "an engine is called before all outputs of its last call were taken (for … of)",
    );
  }

  push(chunk: Uint8Array): Outputs {
    return this.begin(0, (engine) => engine.push(chunk));
  }

  tick(nowNs: bigint): Outputs {
    return this.begin(this.stages.length - 1, (engine) => engine.tick(nowNs));
  }

  setMqttVersion(version: 4 | 5): void {
    this.first.setMqttVersion(version);
  }

  flush(): Outputs {
    return this.begin(this.stages.length - 1, (engine) => engine.flush());
  }

  endOfFile(): Outputs {
    return this.begin(0, (engine) => engine.endOfFile());
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
      textSweeps: all.reduce((sum, { textSweeps }) => sum + textSweeps, 0),
      textsGivenBack: all.reduce((sum, { textsGivenBack }) => sum + textsGivenBack, 0),
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
    this.mustBeDone();
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
    this.coming = null;
    this.stages.forEach((stage, index) => {
      stage.waiting.clear();
      stage.reader = null;
      stage.engine.restore(parts[index + 1]!);
    });
  }
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
