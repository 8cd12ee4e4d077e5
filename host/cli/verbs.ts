// The verbs, in the order of the overview: one line each.
import { demo } from "./demo.ts";
import { explain } from "./explain.ts";
import { lint } from "./lint.ts";
import { replay } from "./replay.ts";
import { run } from "./run.ts";
import { sim } from "./sim.ts";
import type { Verb } from "./verb.ts";

export const VERBS: Verb[] = [demo, run, replay, lint, explain, sim];
