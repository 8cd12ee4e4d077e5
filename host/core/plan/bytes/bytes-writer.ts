// A growing little-endian buffer with absolute writes: what plan bytes and snapshots are written with.
// Portable: imports nothing.

export class BytesWriter {
  private buffer = new Uint8Array(1024);
  private view = new DataView(this.buffer.buffer);
  private used: number;

  /** Starts with `headBytes` zero bytes to be filled in later. */
  constructor(headBytes = 0) {
    this.used = 0;
    this.reserve(headBytes, 1);
  }

  get length(): number {
    return this.used;
  }

  bytes(): Uint8Array {
    return this.buffer.slice(0, this.used);
  }

  align(to: number): void {
    this.reserve(0, to);
  }

  /** Makes room for `bytes` zero bytes at the next multiple of `to`; returns where they are. */
  reserve(bytes: number, to: number): number {
    const at = Math.ceil(this.used / to) * to;
    this.used = at + bytes;
    if (this.used > this.buffer.length) {
      const grown = new Uint8Array(Math.max(this.used, this.buffer.length * 2));
      grown.set(this.buffer);
      this.buffer = grown;
      this.view = new DataView(grown.buffer);
    }
    return at;
  }

  append(bytes: Uint8Array, to: number): number {
    const at = this.reserve(bytes.length, to);
    this.buffer.set(bytes, at);
    return at;
  }

  words(values: number[]): number {
    const at = this.reserve(values.length * 4, 8);
    values.forEach((value, index) => this.setU32(at + index * 4, value));
    return at;
  }

  text(value: string): { at: number; bytes: number } {
    const encoded = new TextEncoder().encode(value);
    return { at: this.append(encoded, 1), bytes: encoded.length };
  }

  /** Writes texts and a table of (offset, bytes) pairs; returns where the table is. */
  texts(values: string[]): number {
    const encoder = new TextEncoder();
    return this.pieces(values.map((value) => encoder.encode(value)));
  }

  /** The same of bytes. */
  pieces(values: Uint8Array[]): number {
    const at = this.reserve(values.length * 8, 8);
    values.forEach((value, index) => {
      this.setU32(at + index * 8, this.append(value, 1));
      this.setU32(at + index * 8 + 4, value.length);
    });
    return at;
  }

  setU32(at: number, value: number): void {
    this.view.setUint32(at, value >>> 0, true);
  }

  setI64(at: number, value: bigint): void {
    this.view.setBigInt64(at, value, true);
  }

  setF64(at: number, value: number): void {
    this.view.setFloat64(at, value, true);
  }
}
