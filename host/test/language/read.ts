// Short ways to read definitions in tests. Imports language.
import { expect } from "vitest";
import type { PipelinePlan, Plan } from "../../core/plan/plan.ts";
import { type Definition, type ReadResult, formatProblem, readDefinition } from "../../language/index.ts";

export const SOURCE = "plant: { file: plant.ndjson, format: json, time: { field: ts, unit: ms } }";

/** Reads a file as `p.yaml` of the folder /etc/mill. */
export function read(file: string, env: Record<string, string> = {}): ReadResult {
  return readDefinition(file, { fileName: "/etc/mill/p.yaml", env, requireEnv: true });
}

/** The definition of a file without problems. */
export function fine(file: string, env: Record<string, string> = {}): Definition {
  const { definition, problems } = read(file, env);
  expect(problems.map((problem) => formatProblem(problem, "p.yaml", file)).join("\n")).toBe("");
  return definition!;
}

/** A file with one pipeline `p`. */
export function sqlFile(sql: string, source = SOURCE): string {
  const body = sql.split("\n").map((line) => `      ${line}`);
  return `version: 1\nsources:\n  ${source}\npipelines:\n  p:\n    sql: |\n${body.join("\n")}\n`;
}

/** The plan of one statement over the source `plant`; warnings are allowed. */
export function planOf(sql: string, source = SOURCE): Plan {
  const file = sqlFile(sql, source);
  const { definition, problems } = read(file);
  const errors = problems.filter((problem) => problem.severity === "error");
  expect(errors.map((problem) => formatProblem(problem, "p.yaml", file)).join("\n")).toBe("");
  return definition!.plans[0]!;
}

export function pipelineOf(sql: string, source = SOURCE): PipelinePlan {
  return planOf(sql, source).pipelines[0]!;
}

/** Codes of the problems of one statement. */
export function codesOf(sql: string, source = SOURCE): string[] {
  return read(sqlFile(sql, source)).problems.map((problem) => problem.code);
}
