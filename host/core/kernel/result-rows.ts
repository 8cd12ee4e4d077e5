// The rows of the kernel's result region as outputs: heads, cells, arrays, texts. Imports core and the layout.
import * as L from "../layout.ts";
import type { Dictionary } from "./dictionary.ts";
import type { Cause, Output, Scalar, Value } from "../engine.ts";
import type { Kernel } from "./kernel.ts";
import type { Plan, ScalarType, Type } from "../plan/plan.ts";
import { elementType, isArray } from "../plan/plan.ts";

const CAUSES: Cause[] = ["watermark", "flush", "record", "idle", "late", "update", "withdrawn"];

const NULL_BIGINT = -(2n ** 63n);

/** Reads the result rows of one plan. */
export class ResultRows {
  private readonly view: DataView;
  private readonly dictionary: Dictionary;
  private readonly outputTypes: Type[][];
  /** Which pipelines have sessions. */
  private readonly sessions: boolean[];
  private readonly columnTypes: Type[];

  constructor(plan: Plan, kernel: Kernel, dictionary: Dictionary) {
    this.view = kernel.view;
    this.dictionary = dictionary;
    this.outputTypes = plan.pipelines.map((pipeline) =>
      pipeline.outputs.map((output) => output.expression.type),
    );
    this.sessions = plan.pipelines.map(({ window }) => window?.kind === "session");
    this.columnTypes = plan.source.columns.map((column) => column.type);
  }

  /** The output of the row at an address. */
  read(at: number): Output {
    const { view } = this;
    const pipeline = view.getUint16(at + L.ROW_PIPELINE, true);
    const windowStart = view.getBigInt64(at + L.ROW_START, true);
    const windowEnd = view.getBigInt64(at + L.ROW_END, true);
    const cells = at + L.ROW_HEADER_BYTES;
    if (view.getUint8(at + L.ROW_KIND) === L.KIND_LATE) {
      const byNs = view.getBigInt64(at + L.ROW_COUNT, true);
      return {
        kind: "late",
        pipeline,
        windowStart,
        windowEnd,
        byNs,
        values: this.readCells(cells, this.columnTypes),
      };
    }
    // A session has in place of it what its id needs.
    const ordinal = view.getBigInt64(at + L.ROW_ORDINAL, true);
    const isSession = this.sessions[pipeline]!;
    return {
      kind: "result",
      pipeline,
      revision: view.getUint32(at + L.ROW_REVISION, true),
      cause: CAUSES[view.getUint8(at + L.ROW_CAUSE)]!,
      windowStart,
      windowEnd,
      idStart: isSession ? ordinal : windowStart,
      count: Number(view.getBigInt64(at + L.ROW_COUNT, true)),
      lateCount: view.getUint32(at + L.ROW_LATE_COUNT, true),
      ordinal: isSession ? 0 : Number(ordinal),
      inexact: (view.getUint16(at + L.ROW_FLAGS, true) & L.FLAG_INEXACT) !== 0,
      values: this.readCells(cells, this.outputTypes[pipeline]!),
    };
  }

  private readCells(base: number, types: Type[]): Value[] {
    const { view } = this;
    return types.map((type, index): Value => {
      const at = base + index * 8;
      if (!isArray(type) && type !== "partial") return this.readScalar(type, at);
      const count = view.getUint32(at, true);
      const begin = base - L.ROW_HEADER_BYTES + view.getUint32(at + 4, true);
      if (type === "partial")
        return count === 0 ? null : new Uint8Array(view.buffer.slice(begin, begin + count));
      const element = elementType(type);
      if (count === 0) return null;
      return Array.from({ length: count }, (_, place) => this.readScalar(element, begin + place * 8));
    });
  }

  /** A cell of that type. */
  readScalar(type: ScalarType, at: number): Scalar {
    const { view } = this;
    if (type === "double") {
      const value = view.getFloat64(at, true);
      return Number.isNaN(value) ? null : value;
    }
    if (type === "instant") return view.getBigInt64(at, true);
    if (type === "string") return this.dictionary.text(view.getUint32(at, true));
    if (type === "bytes") return this.dictionary.bytes(view.getUint32(at, true));
    if (type === "bigint") {
      const value = view.getBigInt64(at, true);
      return value === NULL_BIGINT ? null : value;
    }
    const cell = view.getUint32(at, true);
    return cell === L.BOOLEAN_NULL ? null : cell === 1;
  }
}
