// Problems: what is wrong in a user's file, where, and what to do. All of a file's problems are collected and
// printed at once, each in the same shape. Codes are stable; docs/errors.md has a line for each.
// Portable: imports nothing.

export type Severity = "error" | "warning";

export interface Problem {
  /** MR1xx the definition file, MR2xx its SQL. */
  code: string;
  severity: Severity;
  message: string;
  /** What to do, printed behind the caret; empty when the message says it. */
  hint: string;
  /** Place in the file's text, in UTF-16 units. */
  offset: number;
  length: number;
}

/** Collects the problems of one file. */
export class Problems {
  readonly list: Problem[] = [];

  error(code: string, offset: number, length: number, message: string, hint = ""): void {
    this.list.push({ code, severity: "error", message, hint, offset, length });
  }

  warn(code: string, offset: number, length: number, message: string, hint = ""): void {
    this.list.push({ code, severity: "warning", message, hint, offset, length });
  }

  get hasErrors(): boolean {
    return this.list.some((problem) => problem.severity === "error");
  }
}

/** Line and column of an offset, both from 1, and the line itself. */
export function placeOf(text: string, offset: number): { line: number; column: number; lineText: string } {
  const at = Math.min(offset, text.length);
  const before = text.slice(0, at);
  const line = before.split("\n").length;
  const begin = before.lastIndexOf("\n") + 1;
  const end = text.indexOf("\n", begin);
  const lineText = text.slice(begin, end < 0 ? text.length : end).replace(/\r$/, "");
  return { line, column: at - begin + 1, lineText };
}

/** Problems whose place is a secret: it is not printed. */
const SECRET_CODES = new Set(["MR111"]);

const withoutPart = (line: string, at: number, length: number): string =>
  line.slice(0, at) + "*".repeat(line.slice(at, at + length).length) + line.slice(at + length);

/** What is quoted from a file may hold line ends; a problem keeps its shape. */
const oneLine = (text: string): string => text.replace(/\s*[\n\r\u2028\u2029]\s*/g, " ");

/** Longest part of a line that is shown; of a longer one the part around the caret. */
const SHOWN_MAX = 160;

/**
 * A problem as it is printed:
 *   pipeline.yaml:9:18  error  MR204  unknown aggregate "p95th"
 *      9 |       SELECT device, p95th(temp)
 *        |                      ^^^^^ did you mean p95?
 */
export function formatProblem(problem: Problem, fileName: string, text: string): string {
  const { line, column, lineText } = placeOf(text, problem.offset);
  const number = String(line).padStart(4);
  const from = lineText.length > SHOWN_MAX ? Math.max(0, column - 1 - SHOWN_MAX / 2) : 0;
  const shown = (
    SECRET_CODES.has(problem.code) ? withoutPart(lineText, column - 1, problem.length) : lineText
  ).slice(from, from + SHOWN_MAX);
  const before = `${from > 0 ? "…" : ""}${lineText.slice(from, column - 1)}`;
  const marked = lineText.slice(column - 1, Math.min(column - 1 + problem.length, from + SHOWN_MAX));
  const indent = before.replace(/[\u{10000}-\u{10ffff}]/gu, " ").replace(/[^\t]/g, " ");
  const carets = "^".repeat(Math.max(1, [...marked].length));
  const hint = problem.hint === "" ? "" : ` ${oneLine(problem.hint)}`;
  const ends = [from > 0 ? "…" : "", from + SHOWN_MAX < lineText.length ? "…" : ""];
  return [
    `${fileName}:${line}:${column}  ${problem.severity}  ${problem.code}  ${oneLine(problem.message)}`,
    `${number} | ${ends[0]}${shown}${ends[1]}`.trimEnd(),
    `${" ".repeat(number.length)} | ${indent}${carets}${hint}`,
  ].join("\n");
}
