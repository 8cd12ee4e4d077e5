// A reader of partials written from docs/partials.md alone, as somebody else would write one: nothing of the project is
// imported. It turns bytes into plain objects; what they say is for the test.

export interface ReadPart {
  kind: number;
  type: number;
  over: boolean;
  content: unknown;
}

/** An exact number as a fraction of 2^-1074, or why it is none. */
export type Exact = bigint | "none" | "not finite";

export function readPartial(bytes: Uint8Array): ReadPart[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const u8 = (): number => view.getUint8(at++);
  const u16 = (): number => view.getUint16((at += 2) - 2, true);
  const u32 = (): number => view.getUint32((at += 4) - 4, true);
  const i32 = (): number => view.getInt32((at += 4) - 4, true);
  const i64 = (): bigint => view.getBigInt64((at += 8) - 8, true);
  const f64 = (): number => view.getFloat64((at += 8) - 8, true);
  const list = <T>(count: number, one: () => T): T[] => Array.from({ length: count }, one);
  const value = (type: number): unknown => {
    if (type === 1) return f64();
    if (type === 2) return i64();
    if (type === 3) return u8() === 1;
    const length = u32();
    const content = bytes.subarray(at, (at += length));
    return type === 4 ? new TextDecoder().decode(content) : [...content];
  };
  const exact = (): Exact => {
    const form = u8();
    if (form !== 1) return form === 0 ? "none" : "not finite";
    const below = u8() === 1;
    const shift = u16();
    const size = list(u16(), u8).reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
    return (below ? -size : size) * 2n ** BigInt(8 * shift);
  };
  const optional = <T>(read: () => T): T | null => (u8() === 1 ? read() : null);
  const whole = (): bigint => BigInt.asUintN(64, i64()) + i64() * 2n ** 64n;
  const contentOf = (kind: number, type: number): unknown => {
    if (kind === 1) return i64();
    if (kind === 2) return type === 2 ? optional(whole) : exact();
    if (kind === 5) return [exact(), exact()];
    if (kind < 7) return exact();
    if (kind < 9) return optional(() => value(type));
    if (kind < 11) return optional(() => ({ arrival: i64(), value: value(type) }));
    if (kind < 13) return optional(() => ({ arrival: i64(), time: i64(), value: value(type) }));
    if (kind < 15) return optional(() => ({ arrival: i64(), y: value(u8()), value: value(type) }));
    if (kind === 15) return list(u32(), () => ({ bucket: i32(), count: u32() }));
    if (kind === 16) return list(u32(), () => ({ count: i64(), value: value(type) }));
    if (kind === 17) {
      const ranks = list(4096, () => 0);
      if (u8() === 1) return list(4096, u8);
      for (const [register, rank] of list(u16(), () => [u16(), u8()] as const)) ranks[register] = rank;
      return ranks;
    }
    if (kind === 18) return list(u32(), () => ({ time: i64(), arrival: i64(), value: value(type) }));
    if (kind === 19) {
      const bins = u32();
      return { low: f64(), high: f64(), counts: list(bins + 2, i64) };
    }
    return optional(() => [i64(), i64()]);
  };
  if (bytes[0] !== 0x6d || bytes[1] !== 0x70 || bytes[2] !== 1) throw new Error("no partial of version 1");
  at = 3;
  const parts = list(u8(), (): ReadPart => {
    const [kind, type, over] = [u8(), u8(), u8()];
    if (u8() !== 0) throw new Error("not 0");
    const length = u32();
    const end = at + length;
    const content = contentOf(kind, type);
    if (at !== end) throw new Error(`kind ${kind} ends at ${at}, not at ${end}`);
    return { kind, type, over: over === 1, content };
  });
  if (at !== bytes.length) throw new Error("something follows");
  return parts;
}
