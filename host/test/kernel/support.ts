// What the kernel's tests share: plans that hand every record through, MQTT frames, a seeded source of chance for
// runs of a million cases, and doubles as exact whole numbers.
import { generate } from "mqtt-packet";
import type { Engine, Value } from "../../core/engine.ts";
import { FINAL } from "../../core/plan/plan.ts";
import { ReferenceEngine } from "../../core/reference/engine.ts";
import type {
  ColumnPlan,
  Expression,
  Format,
  Framing,
  Plan,
  TimeUnit,
  TopicLevel,
  Type,
} from "../../core/plan/plan.ts";

export interface Shape {
  format: Format;
  framing?: Framing;
  /** Fields by name; dots reach into nested objects. */
  fields: Record<string, Type>;
  /** Unit of the member `t`; arrival time when absent. */
  unit?: TimeUnit;
  topic?: ({ column: string } | "+" | "#" | { literal: string })[];
  /** Computed instead of the columns themselves; counts in `columnOf`. */
  select?: Expression[];
  numberAsText?: boolean;
}

/** A plan whose one pipeline gives a result for each record: the time, then topic columns, then the fields. */
export function planOf({
  format,
  framing = "lines",
  fields,
  unit,
  topic = [],
  select,
  numberAsText = false,
}: Shape): Plan {
  const columns: ColumnPlan[] = [];
  const add = (name: string, type: Type, from: ColumnPlan["from"]): number =>
    columns.push({ name, type, from, path: from === "topic" ? [] : name.split("."), numberAsText }) - 1;
  const levels = topic.map((level): TopicLevel => {
    if (level === "+") return { kind: "any" };
    if (level === "#") return { kind: "rest" };
    if ("literal" in level) return { kind: "literal", text: level.literal };
    return { kind: "column", column: add(level.column, "string", "topic") };
  });
  const time = add("t", "instant", "time");
  if (unit === undefined) columns[time]!.path = [];
  for (const [name, type] of Object.entries(fields)) add(name, type, "field");
  const all = [time, ...columns.keys()].filter((column, place) => place === 0 || column !== time);
  const outputs =
    select ?? all.map((column): Expression => ({ kind: "column", type: columns[column]!.type, column }));
  return {
    source: {
      name: "s",
      framing,
      format,
      topic: levels,
      time: unit === undefined ? { kind: "arrival", column: time } : { kind: "field", column: time, unit },
      columns,
      delayNs: 0n,
      clock: "key",
      nonfinite: "null",
      idleNs: null,
      maxAheadNs: null,
    },
    pipelines: [
      {
        name: "p",
        where: null,
        keys: [],
        window: null,
        aggregates: [],
        having: null,
        outputs: outputs.map((expression, place) => ({ name: `c${place}`, expression, hidden: false })),
        ...FINAL,
      },
    ],
    limits: { keys: 100, memoryBytes: 12 << 20, dictionaryBytes: 65536 },
  };
}

/** The rows that come out of one run of bytes; the input is ended. */
export function rowsOf(engine: Engine, bytes: Uint8Array): Value[][] {
  engine.tick(0n);
  return [...engine.push(bytes), ...engine.flush()].map((output) => output.values);
}

/** One PUBLISH packet. */
export function frame(topic: string, payload: Uint8Array | string, version: 4 | 5 = 4): Uint8Array {
  const packet = {
    cmd: "publish",
    topic,
    payload: Buffer.from(payload),
    qos: 0,
    dup: false,
    retain: false,
  } as const;
  return generate(packet, { protocolVersion: version });
}

/** Engines in the state of a new one: a kernel's memory is made once, and emptied by the snapshot that it began with. */
export function emptied(create: () => Engine): () => Engine {
  const engine = create();
  if (engine instanceof ReferenceEngine) return create;
  const empty = engine.snapshot();
  return () => {
    engine.restore(empty);
    return engine;
  };
}

/** Refused records of an engine, all reasons together; checks that every record is accounted for. */
export function refusedBy(engine: Engine): number {
  const { received, accepted, refused } = engine.counters();
  const count = Object.values(refused).reduce((sum, each) => sum + each, 0);
  if (received !== accepted + count)
    throw new Error(`${received} received, ${accepted} accepted, ${count} refused`);
  return count;
}

export const SEED = Number(process.env.MILLRACE_SEED ?? 20260726);

/** Chance for runs too long for fast-check: xorshift (Marsaglia 2003) from a seed that failures print. */
export class Chance {
  private state: number;

  constructor(seed: number = SEED) {
    this.state = seed | 0 || 1;
  }

  /** 32 random bits. */
  bits(): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return this.state >>> 0;
  }

  /** A whole number from `least` to `most`. */
  whole(least: number, most: number): number {
    return least + (this.bits() % (most - least + 1));
  }

  pick<T>(values: readonly T[]): T {
    return values[this.whole(0, values.length - 1)]!;
  }

  digits(count: number): string {
    let text = "";
    while (text.length < count) text += `${this.bits()}`.slice(1, 9);
    return text.slice(0, count);
  }

  /** Any finite double: every pattern of bits is as likely as another. */
  double(): number {
    view.setUint32(0, this.bits());
    view.setUint32(4, this.bits());
    const value = view.getFloat64(0);
    return Number.isFinite(value) ? value : this.double();
  }
}

const view = new DataView(new ArrayBuffer(8));

/** The double's neighbour `steps` away on the side away from zero. */
export function outward(value: number, steps = 1): number {
  view.setFloat64(0, value);
  view.setBigUint64(0, view.getBigUint64(0) + BigInt(steps));
  return view.getFloat64(0);
}

/** A finite double as a whole number of 2^-1074. */
export function unitsOf(value: number): bigint {
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const exponent = (bits >> 52n) & 2047n;
  const fraction = bits & ((1n << 52n) - 1n);
  const size = exponent === 0n ? fraction : (fraction + (1n << 52n)) << (exponent - 1n);
  return bits >> 63n === 0n ? size : -size;
}

/** The double nearest to a whole number of 2^-1074, ties to even: by the conversion of BigInt that the language has. */
export function nearest(units: bigint): number {
  const size = units < 0n ? -units : units;
  const bits = size.toString(2).length;
  // Past 1,000 bits the conversion would overflow: what goes is kept as one bit that says "not zero".
  const shift = BigInt(Math.max(0, bits - 1000));
  const sticky = size & ((1n << shift) - 1n) ? 1n : 0n;
  let value = Number((size >> shift) | sticky);
  for (let left = 1074 - Number(shift); left !== 0;) {
    const step = Math.max(-1000, Math.min(1000, left));
    value *= step > 0 ? 1 / Number(1n << BigInt(step)) : Number(1n << BigInt(-step));
    left -= step;
  }
  return units < 0n ? -value : value;
}

/** Distance between the doubles around a value, in units of 2^-1074. */
export function spacing(units: bigint): bigint {
  const bits = (units < 0n ? -units : units).toString(2).length;
  return 1n << BigInt(Math.max(0, bits - 53));
}
