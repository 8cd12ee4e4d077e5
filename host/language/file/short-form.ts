// The short form of a pipeline, for those who dislike SQL: it becomes SQL text, so that there is one compiler
// and one meaning; `explain` prints that text. Each character of it knows where in the file it comes from.
//   window: tumble 10s | hop 10s slide 5s | cumulate 1h step 10m, each also with: offset 5m | session 30s
//           tumble_rows 100 | hop_rows 100 slide 10
//   select: { n: count(*), mean: avg(temp) }    group: [site, device]    where: temp > -40    having: …
// Portable: imports yaml/section, the SQL side's words.
import { isMap } from "yaml";
import type { Report } from "../sql/report.ts";
import { quoteName } from "../sql/syntax/names.ts";
import { parseWith } from "../sql/syntax/parse.ts";
import { suggestion } from "../suggest.ts";
import { parseDuration } from "../units.ts";
import { type Section, kindOf, nodePlace, scalarText } from "../yaml/section.ts";
import { type Place, type Text, placeIn } from "../yaml/text.ts";

export const SHORT_FORM_KEYS = ["from", "window", "select", "group", "where", "having"];

interface Window {
  kind: "tumble" | "hop" | "cumulate" | "session" | "tumble_rows" | "hop_rows";
  /** SQL intervals, or numbers of records, in the order of the function's arguments. */
  lengths: string[];
}

/** SQL text that grows piece by piece, with the place in the file of each piece. */
class SqlText {
  value = "";
  readonly places: number[] = [];

  /** Words of our own: they stand at `place`. */
  word(text: string, place: Place): this {
    for (let index = 0; index < text.length; index++)
      this.places.push(place.offset + Math.min(index, place.length - 1));
    this.value += text;
    return this;
  }

  /** The user's own text. */
  copy(text: Text): this {
    this.value += text.value;
    for (let index = 0; index < text.value.length; index++) this.places.push(text.places[index]!);
    return this;
  }

  finish(place: Place): Text {
    const end = this.places.at(-1) ?? place.offset;
    return {
      ...place,
      value: this.value,
      places: [...this.places, end + 1],
      known: true,
      fromEnvironment: false,
    };
  }
}

/** Reads each part of the user's on its own first, so that a slip in one is not blamed on the next. */
class Parts {
  fine = true;
  private readonly section: Section;

  constructor(section: Section) {
    this.section = section;
  }

  check(text: Text): boolean {
    const report: Report = (code, span, message, hint) => {
      this.section.error(code, placeIn(text, span.offset, span.length), message, hint);
    };
    const fine = parseWith(text.value, report, (parser) => parser.expression()) !== null;
    this.fine &&= fine;
    return fine;
  }
}

/** Name of the time of what stands in FROM; null when that has problems. */
export type TimeOf = (name: string) => string | null;

/**
 * The SQL that a pipeline's short form equals, or null when it has problems (reported) or what it reads has.
 * `declared` are the names of all sources of the file.
 */
export function shortFormSql(section: Section, declared: string[], timeOf: TimeOf): Text | null {
  const from = readFrom(section, declared);
  const window = section.has("window") ? readWindow(section) : null;
  const group = readGroup(section);
  const sql = new SqlText().word("SELECT ", section.place);
  const parts = new Parts(section);
  const selected = addItems(sql, section, group, window !== null, parts);
  if (from === null || !selected || (section.has("window") && window === null)) return null;
  sql.word("\nFROM ", section.place);
  if (window === null) sql.word(quoteName(from.value), from);
  else {
    const timeName = timeOf(from.value);
    if (timeName === null) return null;
    const at = section.keyPlace("window");
    const time = timeName.split(".").map(quoteName).join(".");
    sql.word(`TABLE(${window.kind.toUpperCase()}(TABLE `, at).word(quoteName(from.value), from);
    if (!isRaster(window.kind) && group.length > 0) {
      sql.word(" PARTITION BY ", section.keyPlace("group")).word(group.length > 1 ? "(" : "", at);
      group.forEach((name, place) => sql.word(place > 0 ? ", " : "", name).word(quotePath(name.value), name));
      sql.word(group.length > 1 ? ")" : "", at);
    }
    const arguments_ = [...(isOfRows(window.kind) ? [] : [`DESCRIPTOR(${time})`]), ...window.lengths];
    sql.word(`, ${arguments_.join(", ")}))`, section.valuePlace("window"));
  }
  addCondition(sql, section, "where", parts);
  if (window !== null) {
    sql.word("\nGROUP BY ", section.keyPlace(section.has("group") ? "group" : "window"));
    for (const name of group) sql.word(quotePath(name.value), name).word(", ", name);
    sql.word("window_start, window_end", section.keyPlace("window"));
  } else if (section.has("group")) {
    section.error(
      "MR113",
      section.keyPlace("group"),
      "`group` without `window`",
      "add a window, as in window: tumble 10s",
    );
  }
  addCondition(sql, section, "having", parts);
  return parts.fine ? sql.finish(section.place) : null;
}

/** What it reads: what `from` names, or the only source of the file. */
function readFrom(section: Section, declared: string[]): Text | null {
  if (section.has("from")) return section.text("from");
  if (declared.length === 1)
    return { ...section.place, value: declared[0]!, places: [], known: true, fromEnvironment: false };
  section.require("from", `which source or pipeline it reads: ${declared.join(", ")}`);
  return null;
}

const quotePath = (name: string): string => name.split(".").map(quoteName).join(".");

function readGroup(section: Section): Text[] {
  return section.list("group").flatMap((node) => {
    const text = scalarText(section.file, node);
    if (text === null) {
      section.error(
        "MR104",
        nodePlace(node, section.keyPlace("group")),
        `a name in "group" is ${kindOf(node)}`,
        "group: [site, device]",
      );
    }
    return text ?? [];
  });
}

/** GROUP BY columns and window bounds come first, then what is selected; false after a problem. */
function addItems(sql: SqlText, section: Section, group: Text[], windowed: boolean, parts: Parts): boolean {
  let count = 0;
  const item = (): SqlText => (count++ === 0 ? sql : sql.word(", ", section.place));
  if (windowed) {
    for (const name of group) item().word(quotePath(name.value), name);
    item().word("window_start, window_end", section.keyPlace("window"));
  }
  if (!section.require("select", "what comes out: select: { n: count(*), mean: avg(temp) }")) return false;
  const node = section.node("select");
  if (node === null) return false;
  if (!isMap(node)) return addList(section, item, parts);
  const select = section.section("select")!;
  for (const name of select.keys) {
    const text = select.rawText(name);
    if (text !== null && parts.check(text))
      item().copy(text).word(" AS ", select.keyPlace(name)).word(quoteName(name), select.keyPlace(name));
  }
  return count > 0;
}

function addList(section: Section, item: () => SqlText, parts: Parts): boolean {
  const nodes = section.list("select");
  for (const node of nodes) {
    const text = scalarText(section.file, node);
    if (text !== null) {
      if (parts.check(text)) item().copy(text);
    } else
      section.error(
        "MR104",
        nodePlace(node, section.keyPlace("select")),
        `an entry of "select" is ${kindOf(node)}`,
        "select: { NAME: EXPRESSION } or [ COLUMN, … ]",
      );
  }
  return nodes.length > 0;
}

function addCondition(sql: SqlText, section: Section, key: "where" | "having", parts: Parts): void {
  const text = section.rawText(key);
  if (text !== null && parts.check(text))
    sql.word(`\n${key.toUpperCase()} `, section.keyPlace(key)).copy(text);
}

const FORMS: Record<Window["kind"], { second: string | null; form: string }> = {
  tumble: { second: null, form: "tumble 10s" },
  hop: { second: "slide", form: "hop 10s slide 5s" },
  cumulate: { second: "step", form: "cumulate 1h step 10m" },
  session: { second: null, form: "session 30s" },
  tumble_rows: { second: null, form: "tumble_rows 100" },
  hop_rows: { second: "slide", form: "hop_rows 100 slide 10" },
};

const isOfRows = (kind: Window["kind"]): boolean => kind === "tumble_rows" || kind === "hop_rows";
/** True for windows of time that may have an offset; the others are those of a key, by PARTITION BY. */
const isRaster = (kind: Window["kind"]): boolean => kind !== "session" && !isOfRows(kind);

function readWindow(section: Section): Window | null {
  const text = section.text("window");
  if (text === null) return null;
  const words = text.value.trim().split(/\s+/);
  const kind = words[0]!.toLowerCase() as Window["kind"];
  if (!Object.hasOwn(FORMS, kind)) {
    section.error(
      "MR105",
      text,
      `"${words[0]}" is no window`,
      suggestion(words[0]!, Object.keys(FORMS), "windows"),
    );
    return null;
  }
  const { second, form } = FORMS[kind];
  const size = words[1] ?? "";
  const more = new Map<string, string>();
  for (let index = 2; index < words.length; index += 2)
    more.set(words[index]!.toLowerCase(), words[index + 1] ?? "");
  const wanted = second === null ? [] : [second];
  const odd = [...more.keys()].filter(
    (word) => (word !== "offset" || !isRaster(kind)) && !wanted.includes(word),
  );
  const lacking = wanted.filter((word) => !more.has(word));
  const sizes = [
    ...wanted.map((word) => more.get(word)!),
    size,
    ...(more.has("offset") ? [more.get("offset")!] : []),
  ];
  if (odd.length === 0 && lacking.length === 0) {
    const lengths = sizes.map((each) => (isOfRows(kind) ? countOf(each) : durationOf(each)));
    const wrong = lengths.indexOf(null);
    if (wrong < 0) return { kind, lengths: lengths.map((length) => length!) };
    const what = isOfRows(kind) ? "number of records" : "duration";
    section.error("MR106", text, `"${sizes[wrong]}" is no ${what} in "window"`, `as in window: ${form}`);
    return null;
  }
  const what = lacking.length > 0 ? `it lacks "${lacking[0]}"` : `"${odd[0]}" says nothing here`;
  section.error(
    "MR105",
    text,
    `"${text.value}" is no window: ${what}`,
    `as in window: ${form}${isRaster(kind) ? "; offset 5m may follow" : ""}`,
  );
  return null;
}

const countOf = (text: string): string | null => (/^\d{1,10}$/.test(text) ? text : null);

function durationOf(text: string): string | null {
  const ns = parseDuration(text);
  return ns === null ? null : intervalOf(ns);
}

const UNITS: [string, bigint][] = [
  ["DAY", 86_400_000_000_000n],
  ["HOUR", 3_600_000_000_000n],
  ["MINUTE", 60_000_000_000n],
];

/** A length of time as an SQL interval: INTERVAL '10' SECOND. */
export function intervalOf(ns: bigint): string {
  for (const [unit, size] of UNITS)
    if (ns !== 0n && ns % size === 0n) return `INTERVAL '${ns / size}' ${unit}`;
  const sign = ns < 0n ? "-" : "";
  const size = ns < 0n ? -ns : ns;
  const fraction = String(size % 1_000_000_000n)
    .padStart(9, "0")
    .replace(/0+$/, "");
  return `INTERVAL '${sign}${size / 1_000_000_000n}${fraction === "" ? "" : `.${fraction}`}' SECOND`;
}
