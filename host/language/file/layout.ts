// How a message holds records: `layout: rows`, one an object, or `layout: columns`, an array of times and an array of
// each parameter. Owns where the arrays are found. Portable: imports core types, sections.
import type { BatchPlan, ColumnPlan, Format } from "../../core/plan/plan.ts";
import type { Section } from "../yaml/section.ts";
import { environmentText, scalarText } from "../yaml/section.ts";
import type { Text } from "../yaml/text.ts";

const LAYOUTS = ["rows", "columns"] as const;

export interface Layout {
  batch: BatchPlan;
  /** Members that hold the parameters' arrays, the first one that has a parameter wins; empty: the message itself. */
  values: string[][];
}

/** What the time of a source says, as far as it goes with the layout. */
export interface LayoutTime {
  unit: string;
  epoch: Text | null;
}

/** Reads `layout` and `values`; null for rows. */
export function readLayout(section: Section, format: Format, time: LayoutTime | null): Layout | null {
  const columns = section.word("layout", LAYOUTS, "rows") === "columns";
  const values = readValues(section);
  const epoch = time?.epoch ?? null;
  if (!columns) {
    const stray = epoch !== null ? "epoch" : section.has("values") ? "values" : null;
    if (stray !== null) {
      const place = stray === "epoch" ? epoch! : section.keyPlace("values");
      section.error("MR113", place, `"${stray}" goes with messages of columns`, "`layout: columns`");
    }
    return null;
  }
  if (format !== "json" && format !== "msgpack") {
    const hint = "messages of columns are json or msgpack";
    section.error("MR113", section.valuePlace("layout"), `columns in messages of ${format}`, hint);
  }
  if (time?.unit === "arrival") {
    const hint = "`time: { field: …, unit: … }` names the array of times";
    section.error(
      "MR113",
      section.valuePlace("time"),
      "a message of columns has the times of its records",
      hint,
    );
  }
  if (time?.unit === "iso8601" && epoch !== null) {
    const hint = "an epoch goes with numbers: unit s, ms, us or ns";
    section.error("MR113", epoch, "dates are not added to an epoch", hint);
  }
  return { batch: { epoch: epoch === null ? null : epoch.value.split(".") }, values };
}

function readValues(section: Section): string[][] {
  if (!section.has("values")) return [];
  const paths: string[][] = [];
  for (const node of section.list("values")) {
    const raw = node === null ? null : scalarText(section.file, node);
    if (raw === null) {
      section.wrongKind("values", "a member's name, or a list of them: [numericValues, stringValues]");
      continue;
    }
    const text = environmentText(section.file, raw);
    const parts = text.value.split(".");
    if (parts.some((part) => part.trim() === "") || parts.length > 8)
      section.error(
        "MR112",
        text,
        `"${text.value}" is no member`,
        "a name, or up to 8 of nested members: outer.inner",
      );
    else if (paths.some((path) => begins(parts, path) || begins(path, parts)))
      section.error(
        "MR112",
        text,
        `"${text.value}" and another of "values" are one in the other`,
        "each name once",
      );
    else paths.push(parts);
  }
  return paths;
}

const begins = (path: string[], prefix: string[]): boolean =>
  prefix.length <= path.length && prefix.every((part, place) => part === path[place]);

/** The columns with the places where a message has them. */
export function placedColumns(columns: ColumnPlan[], { values }: Layout): ColumnPlan[] {
  if (values.length === 0) return columns;
  return columns.map((column) => {
    if (column.from !== "field") return column;
    const [path, ...otherPaths] = values.map((group) => [...group, ...column.path]);
    return { ...column, path: path!, otherPaths };
  });
}

/** Reports a column that would be read where the times or the epoch are; false when there is one. */
export function checkPlaces(section: Section, columns: ColumnPlan[], { batch }: Layout): boolean {
  const taken = new Map<string, string>();
  if (batch.epoch !== null) taken.set(JSON.stringify(batch.epoch), "the epoch");
  let fine = true;
  for (const column of columns.toSorted((a, b) => Number(b.from === "time") - Number(a.from === "time"))) {
    // Lines of a replay have the topic's columns as members.
    const own = column.from === "topic" ? [column.name] : column.path;
    for (const path of [own, ...(column.otherPaths ?? [])]) {
      const before = taken.get(JSON.stringify(path));
      const what = column.from === "time" ? "the times" : `the column "${column.name}"`;
      if (before !== undefined) {
        const message = `the member ${path.join(".")} is ${before} and ${what}`;
        section.error("MR112", section.keyPlace("layout"), message, "each member holds one of them");
        fine = false;
      }
      taken.set(JSON.stringify(path), what);
    }
  }
  return fine;
}
