// The verbs, in the order of the overview: one line each. A verb is loaded when it is asked for, so that `lint` does
// not wait for Kafka's client.
import { setFlagsFromString } from "node:v8";
import type { Verb } from "./verb.ts";

export const VERBS: Record<string, () => Promise<Verb>> = {
  demo: async () => (await import("./verbs/demo.ts")).demo,
  run: async () => {
    // A gateway lives long. Records make no garbage, but loading its libraries does, and ten thousand windows that close
    // at once: young memory that grows for them stays as large for good. `replay` makes results all the time, and is a
    // third faster with room for them.
    setFlagsFromString("--semi-space-growth-factor=1");
    return (await import("./verbs/run.ts")).run;
  },
  replay: async () => (await import("./verbs/replay.ts")).replay,
  record: async () => (await import("./verbs/record.ts")).record,
  lint: async () => (await import("./verbs/lint.ts")).lint,
  explain: async () => (await import("./verbs/explain.ts")).explain,
  sim: async () => (await import("./verbs/sim.ts")).sim,
};
