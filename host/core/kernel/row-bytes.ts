// A result as a row of bytes for the engine of the pipelines that read it (assembly/decode/cells.ts reads it): its
// length (u32), then the cells of the chained source's columns, not aligned. DOUBLE is 8 bytes (NULL is NaN), TIMESTAMP
// and BIGINT 8 (NULL is −2^63), BOOLEAN 1 (2 is NULL), STRING, BYTES and partials their length (u32) and bytes. Imports core and the layout.
import * as L from "../layout.ts";
import type { Result, Value } from "../engine.ts";
import { timeOfResult } from "../plan/chain.ts";
import type { ChainedSource, PipelinePlan, Type } from "../plan/plan.ts";

const encoder = new TextEncoder();
const NULL_BIGINT = -(2n ** 63n);

/** Writes the rows of one chained source; the buffer is used again for each. */
export class RowBytes {
  private readonly chained: ChainedSource;
  private readonly upstream: PipelinePlan;
  private readonly types: Type[];
  private buffer = new Uint8Array(4096);
  private view = new DataView(this.buffer.buffer);
  private used = 0;

  /** `upstream` is the pipeline whose results it writes. */
  constructor(chained: ChainedSource, upstream: PipelinePlan) {
    this.chained = chained;
    this.upstream = upstream;
    this.types = chained.source.columns.map(({ type }) => type);
  }

  /** The row of a result; valid until the next one. One above the kernel's limit is a mark that it was. */
  encode(result: Result): Uint8Array {
    this.used = 4;
    this.types.forEach((type, column) => {
      const output = this.chained.outputs[column]!;
      this.cell(type, output === null ? timeOfResult(this.upstream, result) : result.values[output]!);
    });
    if (this.used > L.INPUT_BYTES) {
      this.view.setUint32(0, L.ROW_OVERSIZED, true);
      return this.buffer.subarray(0, 4);
    }
    this.view.setUint32(0, this.used - 4, true);
    return this.buffer.subarray(0, this.used);
  }

  private cell(type: Type, value: Value): void {
    if (type === "string") return this.bytes(value === null ? null : encoder.encode(value as string));
    if (type === "bytes" || type === "partial") return this.bytes(value as Uint8Array | null);
    const at = this.used;
    this.room(8);
    if (type === "boolean") {
      this.view.setUint8(at, value === null ? L.BOOLEAN_NULL : Number(value));
      this.used = at + 1;
    } else if (type === "instant" || type === "bigint")
      this.view.setBigInt64(at, value === null ? NULL_BIGINT : (value as bigint), true);
    else this.view.setFloat64(at, value === null ? NaN : (value as number), true);
  }

  private bytes(value: Uint8Array | null): void {
    const at = this.used;
    this.room(4 + (value?.length ?? 0));
    this.view.setUint32(at, value === null ? L.TEXT_NULL : value.length, true);
    if (value !== null) this.buffer.set(value, at + 4);
  }

  private room(bytes: number): void {
    this.used += bytes;
    if (this.used <= this.buffer.length) return;
    const grown = new Uint8Array(this.used * 2);
    grown.set(this.buffer);
    this.buffer = grown;
    this.view = new DataView(grown.buffer);
  }
}
