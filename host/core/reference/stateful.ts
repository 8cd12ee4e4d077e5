// Stateful operators record by record, as the semantics page says them: what a series remembers is plain values and
// lists. Imports core types.
import type { Scalar } from "../engine.ts";
import type { StatefulExpression } from "../plan/plan.ts";
import { asBigint } from "./values.ts";

/** Values that DEDUP remembers, at most. */
const REMEMBERED_MAX = 1024;

interface Timed {
  time: bigint;
  value: Scalar;
}

/** What a series remembers for one operator; each uses what it needs. */
interface Memory {
  /** Of LAG: the last values, oldest first. */
  values: Scalar[];
  /** The last value that was not NULL, or the one reported last. */
  last: Timed | null;
  /** Of DEBOUNCE: the value that holds, while `last` is the one that there is now and since when. */
  stable: Scalar;
  /** Of DEDUP: what was let through, in that order, and the newest time seen. */
  through: Timed[];
  newest: bigint | null;
}

export class StatefulOperators {
  private readonly series = new Map<string, Memory>();
  /** Growths that were not finite. */
  nonfinite = 0;
  /** Values that DEDUP forgot before their time. */
  forgotten = 0;

  /** The key's series is not known any more. */
  forget(operator: string, key: string): void {
    this.series.delete(`${operator} of ${key}`);
  }

  /** The operator's value for a record; `operator` names the expression, `key` the series. */
  apply(
    expression: StatefulExpression,
    operator: string,
    key: string,
    parts: Scalar[],
    time: bigint,
  ): Scalar {
    const name = `${operator} of ${key}`;
    const memory = this.series.get(name) ?? {
      values: [],
      last: null,
      stable: null,
      through: [],
      newest: null,
    };
    this.series.set(name, memory);
    const value = parts[0]!;
    switch (expression.operator) {
      case "lag":
        return lag(memory, value, expression.count, parts[1] ?? null);
      case "changed": {
        if (value === null) return false;
        const differs = memory.last === null || memory.last.value !== value;
        memory.last = { time, value };
        return differs;
      }
      case "rising":
      case "falling": {
        if (value === null) return false;
        const before = memory.last?.value;
        memory.last = { time, value };
        return expression.operator === "rising"
          ? before === false && value === true
          : before === true && value === false;
      }
      case "deadband":
        return value !== null && leavesBand(memory, value as number, time, expression);
      case "dedup":
        return value === null || this.letThrough(memory, value, time, expression.spanNs);
      case "fill":
        return fill(memory, value, time, expression.spanNs);
      case "debounce":
        return debounce(memory, value, time, expression.spanNs);
      default:
        return this.growth(memory, value as number | bigint | null, time, expression.operator === "rate");
    }
  }

  private letThrough(memory: Memory, value: Scalar, time: bigint, spanNs: bigint): boolean {
    const newest = memory.newest === null || time > memory.newest ? time : memory.newest;
    memory.newest = newest;
    const within = (one: Timed): boolean => newest - one.time < spanNs;
    memory.through = memory.through.filter(within);
    const near = (one: Timed): boolean => {
      const distance = one.time < time ? time - one.time : one.time - time;
      return one.value === value && distance < spanNs;
    };
    if (memory.through.some(near)) return false;
    if (!within({ time, value })) return true;
    if (memory.through.length === REMEMBERED_MAX) {
      memory.through.shift();
      this.forgotten++;
    }
    memory.through.push({ time, value });
    return true;
  }

  private growth(memory: Memory, value: number | bigint | null, time: bigint, perSecond: boolean): Scalar {
    const before = memory.last;
    if (value === null || (before !== null && time <= before.time)) return null;
    memory.last = { time, value };
    if (before === null) return null;
    const grown =
      typeof value === "bigint"
        ? value - (value < (before.value as bigint) ? 0n : (before.value as bigint))
        : value - (value < (before.value as number) ? 0 : (before.value as number));
    const result = perSecond ? Number(grown) / (Number(time - before.time) / 1e9) : grown;
    if (typeof result === "bigint" ? asBigint(result) !== null : Number.isFinite(result))
      return typeof result === "bigint" ? result : result + 0;
    this.nonfinite++;
    return null;
  }
}

function lag({ values }: Memory, value: Scalar, count: number, otherwise: Scalar): Scalar {
  const before = values.length < count ? otherwise : values.at(-count)!;
  values.push(value);
  if (values.length > count) values.shift();
  return before;
}

function leavesBand(memory: Memory, value: number, time: bigint, expression: StatefulExpression): boolean {
  const { last } = memory;
  const { number, spanNs } = expression;
  const reported =
    last === null ||
    Math.abs(value - (last.value as number)) > number ||
    (spanNs > 0n && time - last.time >= spanNs);
  if (reported) memory.last = { value, time: last !== null && last.time > time ? last.time : time };
  return reported;
}

function fill(memory: Memory, value: Scalar, time: bigint, spanNs: bigint): Scalar {
  const { last } = memory;
  if (value !== null) {
    if (last === null || time >= last.time) memory.last = { time, value };
    return value;
  }
  if (last === null || time < last.time) return null;
  return spanNs > 0n && time - last.time > spanNs ? null : last.value;
}

function debounce(memory: Memory, value: Scalar, time: bigint, spanNs: bigint): Scalar {
  const { last } = memory;
  if (last === null) {
    if (value === null) return null;
    memory.last = { time, value };
    memory.stable = value;
    return value;
  }
  if (time - last.time >= spanNs) memory.stable = last.value;
  if (value !== null && time >= last.time && value !== last.value) memory.last = { time, value };
  return memory.stable;
}
