// The engine that runs: a Plan on the WebAssembly kernel. Moves chunks in, turns result rows into outputs as they are
// taken, and nothing else; what a result means is decided in the kernel. Imports core and the layout.
import * as L from "../layout.ts";
import { Dictionary } from "./dictionary.ts";
import { ChainedEngine, NO_OCCASION, type StageEngine } from "./chained-engine.ts";
import type { Counters, Engine, Output, Outputs, Refusal, Sample, StreamContext } from "../engine.ts";
import { REFUSALS } from "../engine.ts";
import { assert } from "../errors.ts";
import { Kernel } from "./kernel.ts";
import { encodePlan } from "../plan/bytes/plan-bytes.ts";
import type { Plan } from "../plan/plan.ts";
import { outputsFrom } from "./outputs.ts";
import { ResultRows } from "./result-rows.ts";
import { readSnapshot, writeSnapshot } from "./snapshot.ts";

const TIME_NONE = -(2n ** 63n);
const NO_BYTES = new Uint8Array(0);

export interface KernelOptions {
  /** Protocol of the frames to come: 4 is MQTT 3.1.1. */
  mqttVersion?: 4 | 5;
  /**
   * For engines one after the other: each takes the memory of the one before, if it has the size, and leaves its own.
   * A memory for each stage of the plan.
   */
  memories?: WebAssembly.Memory[];
}

/**
 * An engine for one plan. `module` is the compiled kernel, plain or SIMD. Throws MR503 when the plan's limits do
 * not fit limits.memory.
 */
export function createKernelEngine(
  plan: Plan,
  module: WebAssembly.Module,
  options: KernelOptions = {},
): Engine {
  if (plan.chained === undefined) return new KernelEngine(plan, module, options);
  let place = 0;
  return new ChainedEngine(plan, (stage) => new KernelEngine(stage, module, options, place++));
}

class KernelEngine implements StageEngine {
  private readonly plan: Plan;
  private readonly kernel: Kernel;
  private readonly planBytes: Uint8Array;
  /** Belongs to the connection, not to the plan: a snapshot fits whatever protocol its bytes came in. */
  private mqttVersion: 4 | 5;
  private readonly dictionary: Dictionary;
  private readonly rows: ResultRows;
  private readonly outputs = outputsFrom(() => this.next());
  /** Rows of the result region that were not taken yet. */
  private rowAt = 0;
  private rowEnd = 0;
  /** What the kernel answered last, and what it is to get when it has nothing more to say: bytes, then the flush. */
  private status = L.STATUS_OK;
  private rest: Uint8Array = NO_BYTES;
  private flushes = false;

  constructor(plan: Plan, module: WebAssembly.Module, options: KernelOptions, place = 0) {
    this.plan = plan;
    const { memories = [] } = options;
    this.kernel = new Kernel(module, plan.limits.memoryBytes, memories[place]);
    memories[place] = this.kernel.memory;
    this.planBytes = encodePlan(plan, this.kernel.memoryBytes);
    this.mqttVersion = options.mqttVersion ?? 4;
    this.dictionary = new Dictionary(this.kernel);
    this.rows = new ResultRows(plan, this.kernel, this.dictionary);
    this.kernel.open(this.planBytes);
    this.setMqttVersion(this.mqttVersion);
  }

  push(chunk: Uint8Array): Outputs {
    this.mustBeDone();
    this.rest = chunk;
    return this.run(L.STATUS_OK);
  }

  tick(nowNs: bigint): Outputs {
    this.mustBeDone();
    return this.run(this.kernel.exports.tick(nowNs));
  }

  setMqttVersion(version: 4 | 5): void {
    this.mqttVersion = version;
    this.kernel.view.setUint32(L.PLAN_AT + L.PLAN_MQTT_VERSION, version, true);
  }

  endOfFile(): Outputs {
    this.mustBeDone();
    return this.run(this.kernel.exports.endOfFile());
  }

  flush(): Outputs {
    this.mustBeDone();
    this.flushes = true;
    return this.run(this.kernel.exports.endOfFile());
  }

  csvHeader(names: string[]): void {
    const at = this.kernel.exports.inputEnd();
    const columns = this.plan.source.columns;
    const wanted = names.slice(0, L.CSV_COLUMNS_MAX);
    wanted.forEach((name, position) => {
      const column = columns.findIndex(
        (candidate) => candidate.path.length > 0 && candidate.path.join(".") === name,
      );
      this.kernel.view.setUint32(at + position * 4, column < 0 ? L.NO_REGISTER : column, true);
    });
    this.kernel.exports.csvHeader(wanted.length);
    this.kernel.view.setBigInt64(L.HEADER_AT + L.HEADER_LINES, 1n, true);
  }

  counters(): Counters {
    const { kernel } = this;
    const refused = Object.fromEntries(
      REFUSALS.map((reason, index) => [reason, kernel.count(L.HEADER_REFUSED + index * 8)]),
    ) as Record<Refusal, number>;
    const base = kernel.u32(L.HEADER_PIPELINE_BASE) - L.HEADER_AT;
    return {
      messages: kernel.count(L.HEADER_MESSAGES),
      received: kernel.count(L.HEADER_RECEIVED),
      accepted: kernel.count(L.HEADER_ACCEPTED),
      refused,
      nulled: {
        type: kernel.count(L.HEADER_NULLED_TYPE),
        nonfinite: kernel.count(L.HEADER_NULLED_NONFINITE),
        dictionary: kernel.count(L.HEADER_NULLED_DICTIONARY),
      },
      forgotten: kernel.count(L.HEADER_FORGOTTEN),
      chained: [],
      pipelines: this.plan.pipelines.map((_, index) => {
        const at = base + index * L.PIPELINE_COUNTERS_BYTES;
        return {
          counted: kernel.count(at + L.PIPELINE_COUNTED),
          filtered: kernel.count(at + L.PIPELINE_FILTERED),
          lateRecords: kernel.count(at + L.PIPELINE_LATE_RECORDS),
          lateWindows: kernel.count(at + L.PIPELINE_LATE_WINDOWS),
          lateUpdates: kernel.count(at + L.PIPELINE_LATE_UPDATES),
          results: kernel.count(at + L.PIPELINE_RESULTS),
          emptySkipped: kernel.count(at + L.PIPELINE_EMPTY_SKIPPED),
        };
      }),
      keys: kernel.u32(L.HEADER_KEYS),
      keysEvicted: kernel.count(L.HEADER_KEYS_EVICTED),
      otherRecords: kernel.count(L.HEADER_OTHER_RECORDS),
      held: kernel.u32(L.HEADER_HELD),
      early: kernel.count(L.HEADER_REORDERED_EARLY),
      contextMessages: kernel.count(L.HEADER_CONTEXT_MESSAGES),
      textSweeps: kernel.u32(L.HEADER_SWEEPS),
      textsGivenBack: kernel.count(L.HEADER_TEXTS_GIVEN_BACK),
      openSlices: kernel.u32(L.HEADER_OPEN_SLICES),
      absentFields: this.absentFields(),
    };
  }

  private absentFields(): string[] {
    const seen = this.kernel.i64(L.HEADER_SEEN);
    const absent = this.plan.source.columns.filter(
      (column, index) => column.from === "field" && ((seen >> BigInt(index)) & 1n) === 0n,
    );
    return absent.map((column) => column.name);
  }

  streams(): StreamContext[] {
    const { context } = this.plan.source;
    if (context === undefined) return [];
    const { view } = this.kernel;
    const head = this.kernel.u32(L.HEADER_STREAMS_BASE);
    const bytes = view.getUint32(head + L.STREAMS_ENTRY_BYTES, true);
    const entries = view.getUint32(head + L.STREAMS_ENTRIES, true);
    return Array.from({ length: view.getUint32(head + L.STREAMS_COUNT, true) }, (_, index) => {
      const at = entries + index * bytes;
      const cells = at + bytes - context.cells.length * 8;
      return {
        key: context.keys.map((_, place) =>
          this.dictionary.text(view.getUint32(at + L.STREAM_KEYS + place * 4, true)),
        ),
        ended: view.getUint32(at + L.STREAM_ENDED, true) !== 0,
        cells: context.cells.map(({ type }, place) => this.rows.readScalar(type, cells + place * 8)),
      };
    });
  }

  takeSamples(): Sample[] {
    const { kernel } = this;
    const base = kernel.u32(L.HEADER_SAMPLE_BASE);
    const samples: Sample[] = [];
    for (let index = 0; index < kernel.u32(L.HEADER_SAMPLES); index++) {
      const at = base + index * L.SAMPLE_BYTES;
      const length = kernel.view.getUint32(at + L.SAMPLE_LENGTH, true);
      samples.push({
        reason: REFUSALS[kernel.view.getUint32(at + L.SAMPLE_REASON, true)]!,
        message: Number(kernel.view.getBigInt64(at + L.SAMPLE_MESSAGE, true)),
        position: kernel.view.getUint32(at + L.SAMPLE_POSITION, true),
        text: kernel.bytes.slice(at + L.SAMPLE_TEXT, at + L.SAMPLE_TEXT + length),
      });
    }
    kernel.setU32(L.HEADER_SAMPLES, 0);
    return samples;
  }

  watermark(): bigint | null {
    const time = this.kernel.i64(L.HEADER_TIME_MAX);
    return time === TIME_NONE ? null : time - this.plan.source.delayNs;
  }

  snapshot(): Uint8Array {
    this.mustBeDone();
    return writeSnapshot(this.kernel, this.planBytes);
  }

  restore(snapshot: Uint8Array): void {
    this.kernel.open(this.planBytes);
    this.rowAt = this.rowEnd = 0;
    this.status = L.STATUS_OK;
    this.rest = NO_BYTES;
    this.flushes = false;
    this.dictionary.clear();
    readSnapshot(this.kernel, this.planBytes, snapshot);
    this.setMqttVersion(this.mqttVersion);
  }

  private mustBeDone(): void {
    assert(
      this.rowAt === this.rowEnd,
      "an engine is called before all outputs of its last call were taken (for … of)",
    );
  }

  /** Lets the kernel go on until there are rows to take, or nothing is left to do. */
  private run(status: number): Outputs {
    const { kernel } = this;
    this.status = status;
    while (true) {
      const bytes = kernel.u32(L.HEADER_RESULT_BYTES);
      if (bytes > 0) {
        this.rowAt = kernel.u32(L.HEADER_RESULT_BASE);
        this.rowEnd = this.rowAt + bytes;
        // Nothing of them is left when they are taken: a snapshot is then of the state alone.
        kernel.setU32(L.HEADER_RESULT_BYTES, 0);
        break;
      }
      if (this.status === L.STATUS_DRAIN) this.status = kernel.exports.resume();
      else if (this.rest.length > 0) this.status = this.pushPiece();
      else if (this.flushes) {
        this.flushes = false;
        this.status = kernel.exports.flush();
      } else break;
    }
    return this.outputs;
  }

  /** Hands in as much of the chunk as there is room for. */
  private pushPiece(): number {
    const { kernel, rest } = this;
    const room = L.INPUT_BYTES - kernel.u32(L.HEADER_INPUT_END);
    const piece = rest.subarray(0, room);
    kernel.bytes.set(piece, kernel.exports.inputEnd());
    this.rest = piece.length === rest.length ? NO_BYTES : rest.subarray(room);
    return kernel.exports.push(piece.length);
  }

  next(): Output | null {
    if (this.rowAt === this.rowEnd) return null;
    const at = this.rowAt;
    const output = this.rows.read(at);
    this.rowAt = at + L.ROW_HEADER_BYTES + this.kernel.view.getUint16(at + L.ROW_WORDS, true) * 8;
    if (this.rowAt === this.rowEnd) this.run(this.status);
    return output;
  }

  occasion(): number {
    if (this.rowAt === this.rowEnd) return NO_OCCASION;
    return this.kernel.view.getUint32(this.rowAt + L.ROW_OCCASION, true);
  }

  isHanded(): boolean {
    return this.kernel.view.getUint8(this.rowAt + L.ROW_KIND) === L.KIND_HANDED;
  }
}
