// Partials as bytes and back, in the reference: docs/partials.md, word for word. Imports core types, states, values.
import type { Scalar } from "../../engine.ts";
import type { ScalarType } from "../../plan/plan.ts";
import { byHash } from "../aggregates/distinct.ts";
import { bytesValue } from "../values.ts";
import type { Exact, Part, PartKind, Picked, State } from "./states.ts";

const KINDS: PartKind[] = [
  "count",
  "sum",
  "squares",
  "products",
  "times",
  "timeProducts",
  "min",
  "max",
  "first",
  "last",
  "earliest",
  "latest",
  "minBy",
  "maxBy",
  "sketch",
  "values",
  "registers",
  "series",
  "histogram",
  "span",
];
const TYPES: (ScalarType | null)[] = [null, "double", "bigint", "boolean", "string", "bytes"];
const codeOf = ({ kind }: Part): number => KINDS.indexOf(kind) + 1;
const typeOf = (type: ScalarType | null): number => TYPES.indexOf(type);

/** A partial that is read, at most; one of texts that is written. */
const BYTES_MAX = 262_144;
const TEXT_BYTES = 16_384;
const TEXTS_BYTES = 131_072;
const COUNT_END = 1n << 48n;
const TIME_MAX = 1n << 62n;

class Writer {
  readonly bytes: number[] = [];

  uint(value: bigint | number, length: number): this {
    let rest = BigInt.asUintN(length * 8, BigInt(value));
    for (let index = 0; index < length; index++, rest >>= 8n) this.bytes.push(Number(rest & 255n));
    return this;
  }

  double(value: number): this {
    this.bytes.push(...new Uint8Array(new Float64Array([value]).buffer));
    return this;
  }

  all(bytes: Iterable<number>): this {
    for (const byte of bytes) this.bytes.push(byte);
    return this;
  }

  value(value: Scalar, type: ScalarType | null): this {
    if (type === "boolean") return this.uint(value === true ? 1 : 0, 1);
    if (type === "bigint") return this.uint(value as bigint, 8);
    if (type === "double") return this.double(value as number);
    const bytes = type === "string" ? new TextEncoder().encode(value as string) : (value as Uint8Array);
    return this.uint(bytes.length, 4).all(bytes);
  }

  exact(value: Exact): this {
    if (value === "none") return this.uint(0, 1);
    if (value === "not finite") return this.uint(2, 1);
    let size = value < 0n ? -value : value;
    let shift = 0;
    for (; size !== 0n && (size & 255n) === 0n; size >>= 8n) shift++;
    const length = size === 0n ? 0 : Math.ceil(size.toString(2).length / 8);
    return this.uint(1, 1)
      .uint(value < 0n ? 1 : 0, 1)
      .uint(shift, 2)
      .uint(length, 2)
      .uint(size, length);
  }
}

/** The states as a partial; null when they hold texts too long for one. */
export function encode(parts: Part[], states: State[]): Uint8Array | null {
  const out = new Writer().uint(0x706d, 2).uint(1, 1).uint(parts.length, 1);
  let texts = false;
  parts.forEach((part, place) => {
    const state = states[place]!;
    const content = new Writer();
    write(content, part, state);
    out
      .uint(codeOf(part), 1)
      .uint(typeOf(part.type), 1)
      .uint(state.over ? 1 : 0, 2);
    out.uint(content.bytes.length, 4).all(content.bytes);
    texts ||= part.type === "string" || part.type === "bytes";
  });
  const bytes = Uint8Array.from(out.bytes);
  const isList = parts.some(({ kind }) => kind === "values" || kind === "series");
  const most = isList ? TEXTS_BYTES : TEXT_BYTES;
  return texts && bytes.length > most + 4 ? null : bytes;
}

function write(out: Writer, part: Part, state: State): void {
  const { type } = part;
  if (state.count !== undefined) out.uint(state.count, 8);
  else if (state.exact !== undefined) for (const each of state.exact) out.exact(each);
  else if (state.whole !== undefined) {
    out.uint(state.whole === null ? 0 : 1, 1);
    if (state.whole !== null) out.uint(state.whole, 16);
  } else if (state.buckets !== undefined) {
    const buckets = [...state.buckets].sort(([a], [b]) => a - b);
    out.uint(buckets.length, 4);
    for (const [bucket, count] of buckets) out.uint(bucket, 4).uint(count, 4);
  } else if (state.kept !== undefined) {
    out.uint(state.kept.length, 4);
    for (const { value, count } of byHash(state.kept)) out.uint(count, 8).value(value, type);
  } else if (state.registers !== undefined) {
    const used = [...state.registers.entries()].filter(([, rank]) => rank > 0);
    if (used.length > 1000) out.uint(1, 1).all(state.registers);
    else {
      out.uint(0, 1).uint(used.length, 2);
      for (const [register, rank] of used) out.uint(register, 2).uint(rank, 1);
    }
  } else if (state.list !== undefined) {
    out.uint(state.list.length, 4);
    for (const { timeNs, arrival, value } of state.list)
      out.uint(timeNs, 8).uint(arrival, 8).value(value, type);
  } else if (state.bins !== undefined) {
    const { low, high, count } = part.bins!;
    out.uint(count, 4).double(low).double(high);
    for (const each of state.bins) out.uint(each, 8);
  } else if (state.span !== undefined) {
    out.uint(state.span === null ? 0 : 1, 1);
    for (const time of state.span ?? []) out.uint(time, 8);
  } else writePicked(out, part, state.picked!);
}

function writePicked(out: Writer, { kind, type, second }: Part, picked: Picked | null): void {
  out.uint(picked === null ? 0 : 1, 1);
  if (picked === null) return;
  if (kind !== "min" && kind !== "max") out.uint(picked.arrival, 8);
  if (kind === "earliest" || kind === "latest") out.uint(picked.timeNs, 8);
  if (second !== undefined) out.uint(typeOf(second), 1).value(picked.second, second);
  out.value(picked.value, type);
}

const SUMS = new Set<PartKind>(["sum", "squares", "products", "times", "timeProducts"]);
/** Parts with a bound of their own. */
const BOUNDED = new Set<PartKind>(["sketch", "values", "registers", "series"]);

/** Thrown inside this file only: the bytes are no such partial. */
class Damaged extends Error {}

function sound(condition: boolean): asserts condition {
  if (!condition) throw new Damaged();
}

class Reader {
  private at = 0;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  take(length: number): Uint8Array {
    sound(length <= this.left);
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  uint(length: number): bigint {
    return this.take(length).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
  }

  small(length: number): number {
    return Number(this.uint(length));
  }

  int(length: number): bigint {
    return BigInt.asIntN(length * 8, this.uint(length));
  }

  double(): number {
    this.take(8);
    return this.view.getFloat64(this.at - 8, true);
  }

  flag(): boolean {
    const flag = this.small(1);
    sound(flag < 2);
    return flag === 1;
  }

  count(): bigint {
    const count = this.int(8);
    sound(count >= 0n && count < COUNT_END);
    return count;
  }

  time(): bigint {
    const time = this.int(8);
    sound(time >= -TIME_MAX && time <= TIME_MAX);
    return time;
  }

  value(type: ScalarType | null): Scalar {
    if (type === "boolean") return this.flag();
    if (type === "bigint") {
      const value = this.int(8);
      sound(value !== -(2n ** 63n));
      return value;
    }
    if (type === "double") {
      const value = this.double();
      sound(Number.isFinite(value) && !Object.is(value, -0));
      return value;
    }
    const bytes = this.take(this.small(4));
    if (type === "bytes") return bytesValue(bytes);
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      throw new Damaged();
    }
  }

  /** A sum of times: nothing is behind the point. */
  whole(): Exact {
    const value = this.exact(false);
    sound(typeof value !== "bigint" || value % (1n << 1074n) === 0n);
    return value;
  }

  exact(mayOverflow: boolean): Exact {
    const form = this.small(1);
    if (form === 0) return "none";
    if (form === 2 && mayOverflow) return "not finite";
    sound(form === 1);
    const negative = this.flag();
    const shift = this.small(2);
    const length = this.small(2);
    sound(shift + length <= 272);
    const bytes = this.take(length);
    if (length === 0) sound(!negative && shift === 0);
    else sound(bytes[0] !== 0 && bytes.at(-1) !== 0);
    const size = bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n) << BigInt(8 * shift);
    return negative ? -size : size;
  }
}

/** The states of a partial; null when the bytes are none of these parts. */
export function decode(parts: Part[], bytes: Uint8Array): State[] | null {
  try {
    sound(bytes.length <= BYTES_MAX);
    const from = new Reader(bytes);
    sound(from.small(2) === 0x706d && from.small(1) === 1 && from.small(1) === parts.length);
    const states = parts.map((part) => {
      sound(from.small(1) === codeOf(part) && from.small(1) === typeOf(part.type));
      const flags = from.small(2);
      sound(flags < (SUMS.has(part.kind) || BOUNDED.has(part.kind) ? 2 : 1));
      const content = new Reader(from.take(from.small(4)));
      const state = read(content, part);
      sound(content.left === 0);
      return { ...state, over: flags === 1 };
    });
    sound(from.left === 0);
    // What is said of one sum is said of all.
    const sums = states.filter((_, place) => SUMS.has(parts[place]!.kind));
    sound(sums.every(({ over }) => over === sums[0]!.over));
    return states;
  } catch (problem) {
    if (problem instanceof Damaged) return null;
    throw problem;
  }
}

const many = <T>(count: number, most: number, read: () => T): T[] => {
  sound(count <= most);
  return Array.from({ length: count }, read);
};

/** Everything but what lies beyond the bound. */
function read(from: Reader, part: Part): Omit<State, "over"> {
  const { kind, type } = part;
  switch (kind) {
    case "count":
      return { count: from.count() };
    case "sum":
      if (type !== "bigint") return { exact: [from.exact(false)] };
      return { whole: readWhole(from) };
    case "squares":
    case "products":
    case "timeProducts":
      return { exact: [from.exact(true)] };
    case "times":
      return { exact: [from.whole(), from.whole()] };
    case "sketch":
      return { buckets: readBuckets(from) };
    case "values": {
      const counts = new Map<Scalar, number>();
      many(from.small(4), 1000, () => {
        const count = from.count();
        sound(count > 0n);
        const value = from.value(type);
        counts.set(value, (counts.get(value) ?? 0) + Number(count));
      });
      return { kept: [...counts].map(([value, count]) => ({ value, count })) };
    }
    case "registers":
      return { registers: readRegisters(from) };
    case "series":
      return { list: readList(from, part) };
    case "histogram": {
      const { low, high, count } = part.bins!;
      sound(from.small(4) === count && from.double() === low && from.double() === high);
      return { bins: many(count + 2, count + 2, () => from.count()) };
    }
    case "span": {
      if (!from.flag()) return { span: null };
      const [first, last] = [from.time(), from.time()];
      sound(first <= last);
      return { span: [first, last] };
    }
    default:
      return { picked: from.flag() ? readPicked(from, part) : null };
  }
}

function readWhole(from: Reader): bigint | null {
  if (!from.flag()) return null;
  const whole = from.int(16);
  sound(whole >= -(1n << 112n) && whole < 1n << 112n);
  return whole;
}

function readBuckets(from: Reader): Map<number, number> {
  let before = -2_147_483_649;
  return new Map(
    many(from.small(4), 2048, (): [number, number] => {
      const bucket = Number(from.int(4));
      const count = from.small(4);
      sound(bucket > before && bucket >= -2047 * 64 && bucket < 2047 * 64 && count > 0);
      before = bucket;
      return [bucket, count];
    }),
  );
}

function readRegisters(from: Reader): number[] {
  if (from.flag())
    return many(4096, 4096, () => {
      const rank = from.small(1);
      sound(rank <= 53);
      return rank;
    });
  const registers = Array.from({ length: 4096 }, () => 0);
  let before = -1;
  many(from.small(2), 1000, () => {
    const register = from.small(2);
    const rank = from.small(1);
    sound(register > before && register < 4096 && rank > 0 && rank <= 53);
    before = register;
    registers[register] = rank;
  });
  return registers;
}

function readList(from: Reader, { type, most }: Part): Picked[] {
  let before = -(2n ** 63n);
  return many(from.small(4), most!, () => {
    const timeNs = from.time();
    const arrival = Number(from.count());
    sound(timeNs >= before);
    before = timeNs;
    return { timeNs, arrival, value: from.value(type), second: null };
  });
}

function readPicked(from: Reader, { kind, type, second }: Part): Picked {
  const arrival = kind === "min" || kind === "max" ? 0 : Number(from.count());
  const timeNs = kind === "earliest" || kind === "latest" ? from.time() : 0n;
  if (second === undefined) return { arrival, timeNs, value: from.value(type), second: null };
  sound(from.small(1) === typeOf(second));
  const by = from.value(second);
  return { arrival, timeNs, second: by, value: from.value(type) };
}
