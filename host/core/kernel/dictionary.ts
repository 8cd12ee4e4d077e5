// The kernel's strings seen from outside: dictionary ids to JavaScript strings, each decoded once.
// Imports core and the layout.
import * as L from "../layout.ts";
import type { Kernel } from "./kernel.ts";

export class Dictionary {
  private readonly kernel: Kernel;
  private readonly decoder = new TextDecoder();
  private texts: (string | null)[] = [null];

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  /** The string of an id; null for id 0. */
  text(id: number): string | null {
    const known = this.texts[id];
    if (known !== undefined) return known;
    const index = this.kernel.u32(L.HEADER_DICTIONARY_INDEX_BASE) + id * 4;
    const base = this.kernel.u32(L.HEADER_DICTIONARY_TEXT_BASE);
    const begin = base + this.kernel.view.getUint32(index, true);
    const end = base + this.kernel.view.getUint32(index + 4, true);
    const text = this.decoder.decode(this.kernel.bytes.subarray(begin, end));
    this.texts[id] = text;
    return text;
  }

  /** Forgets everything: the kernel's dictionary was replaced. */
  clear(): void {
    this.texts = [null];
  }
}
