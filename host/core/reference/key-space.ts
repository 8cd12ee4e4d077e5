// The keys of each list of columns: which are known, and what becomes of one beyond `limits.keys`. Keys are kept in a
// plain map, and the longest silent one is looked for among all. Imports core types.
import type { Value } from "../engine.ts";
import type { Limits, Plan, Type } from "../plan/plan.ts";
import { OTHER_KEY, inputExpressions, statefulOf } from "../plan/plan.ts";
import { newClock } from "./closing/clocks.ts";
import type { Key } from "./closing/pipeline.ts";
import { keyText } from "./values.ts";

/** A record's key, and what makes it known where it is new. */
interface FoundKey {
  key: Key;
  /** It stands for all keys beyond the limit. */
  other: boolean;
  add: () => void;
}

export class KeySpace {
  readonly columns: number[];
  private readonly types: Type[];
  private readonly limits: Limits;
  private readonly keys = new Map<string, Key>();
  /** Keys that were new, ever. */
  private seen = 0;
  /** Keys that made room for others. */
  evicted = 0;

  constructor(columns: number[], types: Type[], limits: Limits) {
    this.columns = columns;
    this.types = types;
    this.limits = limits;
  }

  get size(): number {
    return this.keys.size;
  }

  /** The key of a record's values; null when there is no place for it. `forget` is called of a key that makes room. */
  find(values: Value[], isOut: (key: Key) => boolean, forget: (key: Key) => void): FoundKey | null {
    const known = this.keys.get(keyText(values));
    if (known !== undefined) return { key: known, other: false, add: () => {} };
    if (this.keys.size < this.limits.keys) return this.fresh(values, () => {});
    if (this.limits.keysPolicy === "other") {
      const markers = this.types.map((type) => (type === "string" ? OTHER_KEY : null));
      const other = this.keys.get(keyText(markers));
      return other === undefined
        ? { ...this.fresh(markers, () => {}), other: true }
        : { key: other, other: true, add: () => {} };
    }
    if (this.limits.keysPolicy !== "evict-idle") return null;
    const silent = [...this.keys.values()].filter(isOut).sort((a, b) => a.last - b.last)[0];
    if (silent === undefined) return null;
    return this.fresh(values, () => {
      this.keys.delete(keyText(silent.values));
      this.evicted++;
      forget(silent);
    });
  }

  private fresh(values: Value[], before: () => void): FoundKey {
    const key: Key = { order: 0, values, clock: newClock(), last: -1 };
    const add = (): void => {
      before();
      key.order = this.seen++;
      this.keys.set(keyText(values), key);
    };
    return { key, other: false, add };
  }
}

/** The keys of windows and of stateful operators. */
export class KeySpaces {
  private readonly spaces: KeySpace[];
  private readonly isOut: (space: KeySpace, key: Key) => boolean;
  private readonly forget: (space: KeySpace, key: Key) => void;
  /** Records of a key that stands for all others. */
  otherRecords = 0;

  /** `isOut`: none of the key's windows is open; `forget` is called of a key that makes room. */
  constructor(
    { pipelines, source, limits }: Plan,
    isOut: (space: KeySpace, key: Key) => boolean,
    forget: (space: KeySpace, key: Key) => void,
  ) {
    const lists = pipelines.flatMap((pipeline) => [
      ...statefulOf(inputExpressions(pipeline)).map(({ keys }) => keys),
      ...(pipeline.window === null ? [] : [pipeline.keys]),
    ]);
    this.spaces = [...new Map(lists.map((keys) => [keys.join(), keys])).values()].map((keys) => {
      const types = keys.map((key) => source.columns[key]!.type);
      return new KeySpace(keys, types, limits);
    });
    this.isOut = isOut;
    this.forget = forget;
  }

  get size(): number {
    return this.spaces.reduce((sum, { size }) => sum + size, 0);
  }

  /** Keys that made room for others. */
  get evicted(): number {
    return this.spaces.reduce((sum, { evicted }) => sum + evicted, 0);
  }

  /** A record's key in every space, new ones added; null when one has no place for it (then none is added). */
  find(columns: Value[], arrival: number): Map<string, Key> | null {
    const found: [name: string, key: FoundKey][] = [];
    for (const space of this.spaces) {
      const key = space.find(
        space.columns.map((column) => columns[column]!),
        (known) => this.isOut(space, known),
        (known) => this.forget(space, known),
      );
      if (key === null) return null;
      found.push([space.columns.join(), key]);
    }
    for (const [, { key, add }] of found) {
      add();
      key.last = arrival;
    }
    if (found.some(([, { other }]) => other)) this.otherRecords++;
    return new Map(found.map(([name, { key }]) => [name, key]));
  }
}
