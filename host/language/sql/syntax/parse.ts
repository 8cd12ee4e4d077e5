// Text to syntax tree, with every problem reported instead of thrown. Portable: imports lexer, parser.
import type { Report } from "../report.ts";
import { tokenize } from "./lexer.ts";
import { Parser, SyntaxProblem } from "./parser.ts";

/** What `read` makes of the text, or null after a problem was reported. */
export function parseWith<T>(text: string, report: Report, read: (parser: Parser) => T): T | null {
  const { tokens, problems } = tokenize(text);
  for (const problem of problems) report("MR201", problem, problem.message, problem.hint);
  if (problems.length > 0) return null;
  try {
    return read(new Parser(tokens));
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    report(error.code, error.span, error.message, error.hint);
    return null;
  }
}
