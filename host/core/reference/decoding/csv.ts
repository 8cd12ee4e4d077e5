// CSV lines and bare values, as text. Imports record.
import type { ColumnPlan } from "../../plan/plan.ts";
import type { Found } from "./record.ts";

export interface CsvCell {
  text: string;
  quoted: boolean;
}

/** Cells of one line (RFC 4180, quotes within the line); null when a quote is out of place. */
export function splitCsv(line: string): CsvCell[] | null {
  const cells: CsvCell[] = [];
  let at = 0;
  for (;;) {
    if (line[at] === '"') {
      const match = /^"((?:[^"]|"")*)"(,|$)/s.exec(line.slice(at));
      if (match === null) return null;
      cells.push({ text: match[1]!.replaceAll('""', '"'), quoted: true });
      at += match[0].length;
      if (match[2] === "") return cells;
    } else {
      const comma = line.indexOf(",", at);
      cells.push({ text: line.slice(at, comma < 0 ? undefined : comma), quoted: false });
      if (comma < 0) return cells;
      at = comma + 1;
    }
  }
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const NONFINITE = /^[+-]?(nan|inf|infinity)$/i;
const trim = (text: string): string => text.replace(/^[ \t]+|[ \t]+$/g, "");

/** What a cell is for the column that wants it. */
export function csvFound(cell: CsvCell | undefined, column: ColumnPlan): Found | undefined {
  if (cell === undefined) return undefined;
  if (cell.text === "" && !cell.quoted) return { kind: "null" };
  const text = trim(cell.text);
  if (column.type === "instant") return { kind: "string", value: text };
  if (column.type === "bytes") return { kind: "string", value: text };
  if (column.type === "double" || column.type === "bigint")
    return numberFound(text) ?? (text === "" ? { kind: "null" } : { kind: "other" });
  if (column.type === "boolean") {
    return /^(true|false)$/i.test(text)
      ? { kind: "boolean", value: text.toLowerCase() === "true" }
      : { kind: "other" };
  }
  return { kind: "string", value: cell.text };
}

/** A number's text, or one of the words for values that are not finite. */
export function numberFound(text: string): Found | undefined {
  if (NUMBER.test(text)) return { kind: "number", value: Number(text), text };
  return NONFINITE.test(text) ? { kind: "number", value: Number.NaN, text } : undefined;
}
