// The kernel's strings and bytes seen from outside: dictionary ids to JavaScript strings, each decoded once, or to bytes.
// Once the kernel has given texts back an id may be another text's, so what was decoded before is forgotten.
// Imports core and the layout.
import * as L from "../layout.ts";
import type { Kernel } from "./kernel.ts";

export class Dictionary {
  private readonly kernel: Kernel;
  private readonly decoder = new TextDecoder();
  private texts: (string | null)[] = [null];
  /** How often the kernel had given texts back when they were decoded. */
  private sweeps = 0;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  /** The string of an id; null for id 0. */
  text(id: number): string | null {
    const sweeps = this.kernel.u32(L.HEADER_SWEEPS);
    if (sweeps !== this.sweeps) {
      this.clear();
      this.sweeps = sweeps;
    }
    const known = this.texts[id];
    if (known !== undefined) return known;
    const text = this.decoder.decode(this.entry(id));
    this.texts[id] = text;
    return text;
  }

  /** The bytes of an id, a copy; null for id 0. */
  bytes(id: number): Uint8Array | null {
    return id === 0 ? null : this.entry(id).slice();
  }

  private entry(id: number): Uint8Array {
    const index = this.kernel.u32(L.HEADER_DICTIONARY_INDEX_BASE) + id * 4;
    const base = this.kernel.u32(L.HEADER_DICTIONARY_TEXT_BASE);
    const begin = base + this.kernel.view.getUint32(index, true);
    return this.kernel.bytes.subarray(begin, begin + this.kernel.view.getUint32(begin - 4, true));
  }

  /** Forgets everything: the kernel's dictionary was replaced. */
  clear(): void {
    this.texts = [null];
  }
}
