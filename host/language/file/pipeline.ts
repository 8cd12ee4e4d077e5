// A pipeline of the definition file, but for its sinks: its SQL, written out or in the short form, and what
// becomes of late records. Portable: imports yaml/section, short-form.
import type { PipelineDraft } from "../compile.ts";
import type { Emission } from "../sql/check/build.ts";
import { SHORT_FORM_KEYS, shortFormSql } from "./short-form.ts";
import type { SourceDraft } from "./source.ts";
import type { Section } from "../yaml/section.ts";

/** How often open windows come out, unless `every` says it. */
const EVERY_NS = 1_000_000_000n;
const LATER: Record<string, string> = {
  idle: "it is a key of the source",
  delay: "it is a key of the source",
  clock: "it is a key of the source",
};

/** Reads the keys of a pipeline; `declared` are the names of all sources, `sources` those that were read. */
export function readPipeline(
  name: string,
  section: Section,
  sources: SourceDraft[],
  declared: string[],
): PipelineDraft {
  section.only(
    ["sql", ...SHORT_FORM_KEYS, "late", "allow", "session_max", "emit", "every", "empty", "to"],
    LATER,
  );
  const sessionMaxNs = section.has("session_max") ? readSessionMax(section) : null;
  const options = { emission: readEmission(section), sessionMaxNs };
  const short = SHORT_FORM_KEYS.filter((key) => section.has(key));
  if (section.has("sql")) {
    for (const key of short) {
      section.error(
        "MR113",
        section.keyPlace(key),
        `both \`sql\` and \`${key}\``,
        "write the query as SQL or in the short form",
      );
    }
    return { name, section, sql: section.rawText("sql"), ...options };
  }
  if (short.length === 0) {
    section.require("sql", "sql: SELECT … FROM …, or the short form: window, select, group, where");
    return { name, section, sql: null, ...options };
  }
  return { name, section, sql: shortFormSql(section, sources, declared), ...options };
}

/** What becomes of late records, when results come out, and which. */
function readEmission(section: Section): Emission {
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

/** Null after a problem was reported, too. */
function readSessionMax(section: Section): bigint | null {
  const ns = section.durationNs("session_max", -1n);
  if (ns > 0n) return ns;
  const place = section.valuePlace("session_max");
  if (ns === 0n) section.error("MR107", place, "`session_max` is above zero", "as in session_max: 1h");
  return null;
}
