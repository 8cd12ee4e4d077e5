// A pipeline of the definition file, but for its sinks: its SQL, written out or in the short form, and what
// becomes of late records. Portable: imports yaml/section, short-form.
import type { PipelineDraft } from "../compile.ts";
import { readEmission } from "./emission.ts";
import { SHORT_FORM_KEYS, shortFormSql } from "./short-form.ts";
import type { SourceDraft } from "./source.ts";
import { readZone } from "./zone.ts";
import type { Section } from "../yaml/section.ts";

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
    ["sql", ...SHORT_FORM_KEYS, "late", "allow", "session_max", "emit", "every", "empty", "zone", "to"],
    LATER,
  );
  const sessionMaxNs = section.has("session_max") ? readSessionMax(section) : null;
  const options = { emission: readEmission(section), sessionMaxNs, zone: readZone(section) };
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

/** Null after a problem was reported, too. */
function readSessionMax(section: Section): bigint | null {
  const ns = section.durationNs("session_max", -1n);
  if (ns > 0n) return ns;
  const place = section.valuePlace("session_max");
  if (ns === 0n) section.error("MR107", place, "`session_max` is above zero", "as in session_max: 1h");
  return null;
}
