// Outputs as the engine's caller takes them. Imports types of core.
import type { Output, Outputs } from "../engine.ts";

const DONE: IteratorResult<Output, undefined> = { done: true, value: undefined };

/** Whatever `next` gives from now on, until it gives null; made once for an engine. Pausing it ends nothing. */
export function outputsFrom(next: () => Output | null): Outputs {
  const iterator: IterableIterator<Output> = {
    next() {
      const value = next();
      return value === null ? DONE : { done: false, value };
    },
    [Symbol.iterator]: () => iterator,
  };
  return iterator;
}
