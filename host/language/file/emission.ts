// What a pipeline of the definition file says of late records, of when its results come out, of windows without records
// and of what held before a window; and which of that goes with which window. Portable: imports core types, yaml/section.
import type { PipelinePlan, WindowPlan } from "../../core/plan/plan.ts";
import { holdsValues, isOwn, isRaster } from "../../core/plan/plan.ts";
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
      const hint = `${what} is closed when its drop clock is past it, and takes no record after that`;
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

/** Reports `carry: true` of a pipeline that has nothing to carry on. */
export function checkCarry(section: Section, { window, aggregates }: PipelinePlan): void {
  const report = (message: string, hint: string): void =>
    section.error("MR113", section.valuePlace("carry"), message, hint);
  const those = aggregates.filter(holdsValues);
  if (those.length === 0)
    report("`carry: true` without TIME_WEIGHTED_AVG or TIME_IN", "other aggregates are of records alone");
  else if (!isRaster(window))
    report(
      "`carry: true` goes with TUMBLE, HOP and CUMULATE",
      window?.kind === "running" ? "before its first record nothing held" : OF_FIRST,
    );
  else if (window.kind === "hop" && window.slideNs > window.sizeNs)
    report(
      "`carry: true` of windows with gaps between them",
      "records in the gaps are kept nowhere: let HOP slide by its size at most",
    );
  else if (those.some(({ merges, partial }) => merges !== undefined || partial === true))
    report("`carry: true` with PARTIAL or MERGE", "a partial is of the values in its window");
}

const OF_FIRST = "other windows begin with their first record: nothing is before it";

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
