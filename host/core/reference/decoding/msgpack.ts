// MessagePack payloads, obviously: recursive, with BigInt for 64-bit numbers. A map is a list of entries, looked
// up from its end, so that the last of duplicate keys wins. Throws Malformed. Imports record.
import { readUtf8 } from "./json.ts";
import type { Found } from "./record.ts";

const DEPTH_MAX = 64;

export class Malformed extends Error {}

export type Packed =
  Found | { kind: "map"; entries: [string | null, Packed][] } | { kind: "array"; items: Packed[] };

class Reader {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  private take(count: number): number {
    const at = this.at;
    if (at + count > this.bytes.length) throw new Malformed();
    this.at += count;
    return at;
  }

  private unsigned(width: 1 | 2 | 4): number {
    const at = this.take(width);
    if (width === 1) return this.view.getUint8(at);
    return width === 2 ? this.view.getUint16(at) : this.view.getUint32(at);
  }

  private blob(length: number): Uint8Array {
    const at = this.take(length);
    return this.bytes.subarray(at, at + length);
  }

  private text(length: number): Packed {
    const value = readUtf8(this.blob(length));
    if (value === null) throw new Malformed();
    return { kind: "string", value };
  }

  private items(count: number, depth: number): Packed {
    if (depth > DEPTH_MAX || count > this.bytes.length - this.at) throw new Malformed();
    return { kind: "array", items: Array.from({ length: count }, () => this.value(depth)) };
  }

  private map(count: number, depth: number): Packed {
    if (depth > DEPTH_MAX || count * 2 > this.bytes.length - this.at) throw new Malformed();
    const entries: [string | null, Packed][] = [];
    for (let entry = 0; entry < count; entry++) {
      const key = this.key(depth);
      entries.push([key, this.value(depth)]);
    }
    return { kind: "map", entries };
  }

  /** A key as text; binary ones by their bytes, other kinds match no column. */
  private key(depth: number): string | null {
    const begin = this.at;
    const key = this.value(depth);
    if (key.kind === "string") return key.value;
    const first = this.bytes[begin]!;
    if (first < 0xc4 || first > 0xc6) return null;
    const head = first === 0xc4 ? 2 : first === 0xc5 ? 3 : 5;
    return readUtf8(this.bytes.subarray(begin + head, this.at));
  }

  private number(value: number | bigint, binary: boolean): Packed {
    if (typeof value === "bigint")
      return { kind: "number", value: Number(value), text: value.toString(), integer: value };
    return binary
      ? { kind: "number", value, text: String(value), binary: true }
      : { kind: "number", value, text: String(value), integer: BigInt(value) };
  }

  private extension(length: number): Packed {
    const type = this.view.getInt8(this.take(1));
    const at = this.take(length);
    if (type !== -1) return { kind: "other" };
    let seconds: bigint;
    let nanoseconds = 0n;
    if (length === 4) seconds = BigInt(this.view.getUint32(at));
    else if (length === 8) {
      const both = this.view.getBigUint64(at);
      seconds = both & 0x3ffffffffn;
      nanoseconds = both >> 34n;
    } else if (length === 12) {
      nanoseconds = BigInt(this.view.getUint32(at));
      seconds = this.view.getBigInt64(at + 4);
    } else return { kind: "other" };
    if (nanoseconds > 999_999_999n) return { kind: "other" };
    return { kind: "instant", ns: seconds * 1_000_000_000n + nanoseconds };
  }

  /** `depth` is that of the value around. */
  value(depth: number): Packed {
    const first = this.unsigned(1);
    if (first < 0x80) return this.number(first, false);
    if (first >= 0xe0) return this.number(first - 256, false);
    if (first < 0x90) return this.map(first & 15, depth + 1);
    if (first < 0xa0) return this.items(first & 15, depth + 1);
    if (first < 0xc0) return this.text(first & 31);
    switch (first) {
      case 0xc0:
        return { kind: "null" };
      case 0xc2:
      case 0xc3:
        return { kind: "boolean", value: first === 0xc3 };
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return {
          kind: "bytes",
          value: this.blob(this.unsigned(first === 0xc4 ? 1 : first === 0xc5 ? 2 : 4)),
        };
      case 0xc7:
      case 0xc8:
      case 0xc9:
        return this.extension(this.unsigned(first === 0xc7 ? 1 : first === 0xc8 ? 2 : 4));
      case 0xca:
        return this.number(this.view.getFloat32(this.take(4)), true);
      case 0xcb:
        return this.number(this.view.getFloat64(this.take(8)), true);
      case 0xcc:
        return this.number(this.unsigned(1), false);
      case 0xcd:
        return this.number(this.unsigned(2), false);
      case 0xce:
        return this.number(this.unsigned(4), false);
      case 0xcf:
        return this.number(this.view.getBigUint64(this.take(8)), false);
      case 0xd0:
        return this.number(this.view.getInt8(this.take(1)), false);
      case 0xd1:
        return this.number(this.view.getInt16(this.take(2)), false);
      case 0xd2:
        return this.number(this.view.getInt32(this.take(4)), false);
      case 0xd3:
        return this.number(this.view.getBigInt64(this.take(8)), false);
      case 0xd4:
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        return this.extension([1, 2, 4, 8, 16][first - 0xd4]!);
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.text(this.unsigned(first === 0xd9 ? 1 : first === 0xda ? 2 : 4));
      case 0xdc:
      case 0xdd:
        return this.items(this.unsigned(first === 0xdc ? 2 : 4), depth + 1);
      case 0xde:
      case 0xdf:
        return this.map(this.unsigned(first === 0xde ? 2 : 4), depth + 1);
      default:
        throw new Malformed();
    }
  }
}

/** The one value of a payload; null when it is malformed or something follows. */
export function parseMsgpack(bytes: Uint8Array): Packed | null {
  const reader = new Reader(bytes);
  try {
    const value = reader.value(0);
    return reader.at === bytes.length ? value : null;
  } catch (error) {
    if (error instanceof Malformed) return null;
    throw error;
  }
}

/** The value at a path of member names. */
export function findInMsgpack(map: Packed, path: string[]): Found | undefined {
  const value = memberOfMsgpack(map, path);
  return value === undefined ? undefined : foundInMsgpack(value);
}

/** What is at a path of member names; undefined when nothing is. */
export function memberOfMsgpack(map: Packed, path: string[]): Packed | undefined {
  let value: Packed | undefined = map;
  for (const name of path) {
    if (value?.kind !== "map") return undefined;
    value = value.entries.findLast(([key]) => key === name)?.[1];
  }
  return value;
}

/** What a merge patch says of a path: undefined is nothing, NULL takes it away, as does another value on the way. */
export function patchOfMsgpack(map: Packed, path: string[]): Found | undefined {
  let value: Packed = map;
  for (const name of path) {
    if (value.kind !== "map") return { kind: "null" };
    const entry = value.entries.findLast(([key]) => key === name);
    if (entry === undefined) return undefined;
    value = entry[1];
  }
  return foundInMsgpack(value);
}

export function foundInMsgpack(value: Packed): Found {
  return value.kind === "map" || value.kind === "array" ? { kind: "other" } : value;
}
