// The verbs, in the order of the overview: one line each.
import { replay } from "./replay.ts";
import type { Verb } from "./verb.ts";

export const VERBS: Verb[] = [replay];
