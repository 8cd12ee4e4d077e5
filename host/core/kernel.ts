// The only file that sees WebAssembly: one kernel instance with its memory, as typed calls and views. Memory is
// as large at start as it will ever be, so views never detach. Imports core and the layout.
import * as L from "../../assembly/layout.ts";
import { assert, MillraceError } from "./errors.ts";

interface KernelExports {
  base(): number;
  open(): number;
  inputEnd(): number;
  push(length: number): number;
  resume(): number;
  tick(nowNs: bigint): void;
  endOfFile(): number;
  csvHeader(count: number): void;
  flush(): number;
  snapshotRanges(): number;
  restored(): void;
}

const PAGE_BYTES = 65536;

/** Room for code tables, header and plan bytes below the regions, beyond what the plan's limits ask for. */
const SLACK_BYTES = 262144;

export class Kernel {
  readonly exports: KernelExports;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Address of the header. */
  readonly header: number;

  /** Instantiates the module with `memoryBytes` of memory, rounded up to whole pages. */
  constructor(module: WebAssembly.Module, memoryBytes: number) {
    const pages = Math.ceil((memoryBytes + SLACK_BYTES) / PAGE_BYTES);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    this.bytes = new Uint8Array(memory.buffer);
    this.view = new DataView(memory.buffer);
    this.exports = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as KernelExports;
    this.header = this.exports.base();
  }

  get memoryBytes(): number {
    return this.bytes.length;
  }

  /** Sets the kernel up, empty. Throws MR503 when the plan's limits do not fit its memory. */
  open(planBytes: Uint8Array): void {
    assert(this.header + L.HEADER_BYTES + planBytes.length <= this.bytes.length, "the plan does not fit the memory");
    this.bytes.set(planBytes, this.header + L.HEADER_BYTES);
    const status = this.exports.open();
    if (status === L.STATUS_NO_MEMORY) {
      throw new MillraceError(
        "MR503",
        "limits.memory is too small for limits.keys, limits.dictionary and the pipelines: raise it or lower those",
      );
    }
    assert(status === L.STATUS_OK, `the kernel answered ${status} to open`);
  }

  u32(offset: number): number {
    return this.view.getUint32(this.header + offset, true);
  }

  setU32(offset: number, value: number): void {
    this.view.setUint32(this.header + offset, value, true);
  }

  i64(offset: number): bigint {
    return this.view.getBigInt64(this.header + offset, true);
  }

  /** A counter of 64 bits as a number: exact up to 2^53. */
  count(offset: number): number {
    return Number(this.i64(offset));
  }
}
