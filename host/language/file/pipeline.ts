// A pipeline of the definition file, but for its sinks: its SQL, written out or in the short form, and what
// becomes of late records. Portable: imports yaml/section, short-form.
import type { PipelineDraft } from "../compile.ts";
import { SHORT_FORM_KEYS, shortFormSql } from "./short-form.ts";
import type { SourceDraft } from "./source.ts";
import type { Section } from "../yaml/section.ts";

const NO_UPDATES = "results come out once, when their window closes";
const LATER: Record<string, string> = {
  allow: "late records are dropped, or handed out with `late: side`",
  every: NO_UPDATES,
  idle: "the windows of a silent key close with its next record, or at the end of a file",
  delay: "it is a key of the source",
  clock: "it is a key of the source",
};
const LATER_EMPTY = "a window without records gives no result";

/** Reads the keys of a pipeline; `declared` are the names of all sources, `sources` those that were read. */
export function readPipeline(
  name: string,
  section: Section,
  sources: SourceDraft[],
  declared: string[],
): PipelineDraft {
  section.only(["sql", ...SHORT_FORM_KEYS, "late", "session_max", "emit", "empty", "to"], LATER);
  section.word("emit", ["final"], "final", { updates: NO_UPDATES, complete: NO_UPDATES });
  section.word("empty", ["skip"], "skip", { emit: LATER_EMPTY, previous: LATER_EMPTY });
  const late = section.word("late", ["drop", "side"], "drop", { update: "use `late: side`" });
  const sessionMaxNs = section.has("session_max") ? readSessionMax(section) : null;
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
    return { name, section, sql: section.rawText("sql"), late, sessionMaxNs };
  }
  if (short.length === 0) {
    section.require("sql", "sql: SELECT … FROM …, or the short form: window, select, group, where");
    return { name, section, sql: null, late, sessionMaxNs };
  }
  return { name, section, sql: shortFormSql(section, sources, declared), late, sessionMaxNs };
}

/** Null after a problem was reported, too. */
function readSessionMax(section: Section): bigint | null {
  const ns = section.durationNs("session_max", -1n);
  if (ns > 0n) return ns;
  const place = section.valuePlace("session_max");
  if (ns === 0n) section.error("MR107", place, "`session_max` is above zero", "as in session_max: 1h");
  return null;
}
