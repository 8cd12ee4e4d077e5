// What a pipeline of the definition file says of late records, of when its results come out, and of windows without
// records; and which of that goes with which window. Portable: imports core types, yaml/section.
import type { WindowPlan } from "../../core/plan/plan.ts";
import { isOwn, isRaster } from "../../core/plan/plan.ts";
import type { Emission } from "../sql/check/build.ts";
import type { Section } from "../yaml/section.ts";

/** How often open windows come out, unless `every` says it. */
const EVERY_NS = 1_000_000_000n;

export function readEmission(section: Section): Emission {
  const late = section.word("late", ["drop", "side", "update"], "drop");
  const kind = section.word("emit", ["final", "updates", "complete"], "final");
  const empty = section.word("empty", ["skip", "emit", "previous"], "skip");
  if (late === "update")
    section.require("allow", "how long a closed window still takes late records: allow: 10m");
  const allowNs = section.durationNs("allow", 0n);
  const everyNs = section.durationNs("every", EVERY_NS);
  needs(section, "allow", late === "update", "`late: update`", "late records are dropped or handed out");
  needs(section, "every", kind !== "final", "`emit: updates` or `emit: complete`", "results come out once");
  if (everyNs === 0n)
    section.error("MR107", section.valuePlace("every"), "moments without a distance", "as in every: 1s");
  return { late, allowNs, emit: kind === "final" ? { kind } : { kind, everyNs }, empty };
}

/** A key that says nothing without another one. */
function needs(section: Section, key: string, met: boolean, other: string, why: string): void {
  if (!section.has(key) || met) return;
  section.error("MR113", section.keyPlace(key), `"${key}" without ${other}`, `${why} without it`);
}

/** Reports what does not go with the pipeline's window; true when all does. `window` is null for plain routing. */
export function checkEmission(section: Section, emission: Emission, window: WindowPlan | null): boolean {
  const kind = window?.kind ?? "none";
  const odd: [key: string, value: string][] = [];
  if (emission.late === "update" && !isRaster(window) && kind !== "session") odd.push(["late", "update"]);
  if (emission.emit.kind !== "final" && (kind === "none" || kind === "over"))
    odd.push(["emit", emission.emit.kind]);
  if (emission.empty !== "skip" && !isRaster(window)) odd.push(["empty", emission.empty]);
  for (const [key, value] of odd) {
    const place = section.valuePlace(key);
    if (kind === "over" && key !== "empty") {
      const resampled = window?.kind === "over" && window.resample !== undefined;
      const [what, of] = resampled ? ["an instant", "RESAMPLE"] : ["a row of OVER", "OVER"];
      const hint = `${what} comes out once, when its drop clock ends it`;
      section.error("MR114", place, `"${key}: ${value}" of ${of} is not in this version`, hint);
    } else {
      const [what, why] = isOwn(window)
        ? [NAMES[window.kind], OF_RECORDS]
        : ["without a window", WITHOUT_WINDOW];
      section.error("MR113", place, `"${key}: ${value}" ${what}`, why[key]);
    }
  }
  return odd.length === 0;
}

const NAMES = { session: "with sessions", over: "with OVER", rows: "with windows of rows" };

const OF_RECORDS: Record<string, string> = {
  late: "they go by arrival: no record is late",
  empty: "they begin with a record: none is empty",
};

const WITHOUT_WINDOW: Record<string, string> = {
  late: "no record is late then",
  emit: "each record is a result: it comes out at once",
  empty: "there is none that could be empty",
};
