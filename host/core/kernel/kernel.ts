// The only file that sees WebAssembly: one kernel instance with its memory, as typed calls and views. Memory is
// as large at start as it will ever be, so views never detach. Imports core and the layout.
import * as L from "../layout.ts";
import { assert, MillraceError } from "../errors.ts";

interface KernelExports {
  open(): number;
  inputEnd(): number;
  push(length: number): number;
  resume(): number;
  tick(nowNs: bigint): number;
  endOfFile(): number;
  csvHeader(count: number): void;
  flush(): number;
  snapshotRanges(): number;
  restored(): void;
}

const PAGE_BYTES = 65536;

/** Room for header, plan bytes and code tables, beyond what the plan's limits ask for. */
const SLACK_BYTES = L.STATIC_AT - L.INPUT_BYTES + 2 * PAGE_BYTES;

export class Kernel {
  readonly exports: KernelExports;
  readonly memory: WebAssembly.Memory;
  readonly bytes: Uint8Array;
  readonly view: DataView;

  /**
   * Instantiates the module with `memoryBytes` of memory, rounded up to whole pages. `used` is the memory of a kernel
   * that is not used any more: it is taken if it has that size.
   */
  constructor(module: WebAssembly.Module, memoryBytes: number, used?: WebAssembly.Memory) {
    const pages = Math.ceil((memoryBytes + SLACK_BYTES) / PAGE_BYTES);
    const memory =
      used?.buffer.byteLength === pages * PAGE_BYTES
        ? used
        : new WebAssembly.Memory({ initial: pages, maximum: pages });
    this.memory = memory;
    this.bytes = new Uint8Array(memory.buffer);
    this.view = new DataView(memory.buffer);
    this.exports = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as KernelExports;
  }

  get memoryBytes(): number {
    return this.bytes.length;
  }

  /** Sets the kernel up, empty. Throws MR503 when the plan's limits do not fit its memory. */
  open(planBytes: Uint8Array): void {
    if (planBytes.length > L.PLAN_BYTES_MAX) {
      throw new MillraceError(
        "MR503",
        `the pipelines take ${planBytes.length} bytes as a plan, at most ${L.PLAN_BYTES_MAX} fit: give some a source of their own`,
      );
    }
    this.bytes.set(planBytes, L.PLAN_AT);
    const status = this.tryOpen();
    if (status === L.STATUS_NO_MEMORY) {
      throw new MillraceError(
        "MR503",
        "limits.memory is too small for limits.keys, limits.dictionary, limits.held and the pipelines: raise it or lower those",
      );
    }
    assert(status === L.STATUS_OK, `the kernel answered ${status} to open`);
  }

  /** Tables are filled as they are laid out: one that ends beyond the memory traps. */
  private tryOpen(): number {
    try {
      return this.exports.open();
    } catch (error) {
      if (error instanceof WebAssembly.RuntimeError) return L.STATUS_NO_MEMORY;
      throw error;
    }
  }

  u32(offset: number): number {
    return this.view.getUint32(L.HEADER_AT + offset, true);
  }

  setU32(offset: number, value: number): void {
    this.view.setUint32(L.HEADER_AT + offset, value, true);
  }

  i64(offset: number): bigint {
    return this.view.getBigInt64(L.HEADER_AT + offset, true);
  }

  /** A counter of 64 bits as a number: exact up to 2^53. */
  count(offset: number): number {
    return Number(this.i64(offset));
  }
}
