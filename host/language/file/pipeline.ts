// A pipeline of the definition file, but for its sinks: its SQL, written out or in the short form, and what
// becomes of late records. Portable: imports yaml/section, short-form.
import type { PipelineDraft } from "../compile.ts";
import { READER_KEYS, readReaderClocks } from "./clocks.ts";
import { readEmission } from "./emission.ts";
import { SHORT_FORM_KEYS, type TimeOf, shortFormSql } from "./short-form.ts";
import { readZone } from "./zone.ts";
import type { Section } from "../yaml/section.ts";

/** Reads the keys of a pipeline; `declared` are the names of all sources. */
export function readPipeline(
  name: string,
  section: Section,
  declared: string[],
  timeOf: TimeOf,
): PipelineDraft {
  const emission = ["late", "allow", "session_max", "emit", "every", "empty", "carry", "zone"];
  section.only(["sql", ...SHORT_FORM_KEYS, ...emission, ...READER_KEYS, "to"]);
  const sessionMaxNs = section.has("session_max") ? readSessionMax(section) : null;
  const options = {
    emission: readEmission(section),
    sessionMaxNs,
    carry: section.flag("carry", false),
    zone: readZone(section),
    clocks: readReaderClocks(section),
  };
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
  return { name, section, sql: shortFormSql(section, declared, timeOf), ...options };
}

/** Null after a problem was reported, too. */
function readSessionMax(section: Section): bigint | null {
  const ns = section.durationNs("session_max", -1n);
  if (ns > 0n) return ns;
  const place = section.valuePlace("session_max");
  if (ns === 0n) section.error("MR107", place, "`session_max` is above zero", "as in session_max: 1h");
  return null;
}
