// The verbs, in the order of the overview: one line each. A verb is loaded when it is asked for, so that `lint` does
// not wait for Kafka's client.
import type { Verb } from "./verb.ts";

export const VERBS: Record<string, () => Promise<Verb>> = {
  demo: async () => (await import("./verbs/demo.ts")).demo,
  run: async () => (await import("./verbs/run.ts")).run,
  replay: async () => (await import("./verbs/replay.ts")).replay,
  record: async () => (await import("./verbs/record.ts")).record,
  lint: async () => (await import("./verbs/lint.ts")).lint,
  explain: async () => (await import("./verbs/explain.ts")).explain,
  sim: async () => (await import("./verbs/sim.ts")).sim,
};
