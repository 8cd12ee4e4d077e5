// `millrace lint`: every problem of definition files at once, as a compiler prints them; connects to nothing.
// Imports language.
import { readFile } from "node:fs/promises";
import { MillraceError } from "../../core/errors.ts";
import { createKernelEngine } from "../../core/kernel/kernel-engine.ts";
import { loadKernel } from "../../effects/kernel-file.ts";
import {
  type Definition,
  type Problem,
  formatProblem,
  placeOf,
  readDefinition,
} from "../../language/index.ts";
import { parseVerbArguments } from "../arguments.ts";
import { readError } from "../load-definition.ts";
import { LineWriter } from "../output.ts";
import type { Verb, VerbIo } from "../verb.ts";

const HELP = `Usage: millrace lint PIPELINE.yaml… [--json]

Checks definition files: all problems of the YAML and of each SQL statement at once, each with its line, a
caret, and what to do. Variables such as \${BROKER} need not be set. Status 1 when there is an error;
warnings alone are fine.

  --json    problems on stdout, one JSON object a line:
            { file, line, column, length, severity, code, message, hint }

Example: millrace lint examples/traffic.yaml
`;

const OPTIONS = {
  json: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

export const lint: Verb = {
  name: "lint",
  summary: "check definition files, all problems at once",
  help: HELP,
  async run(args, io) {
    const { values, positionals } = parseVerbArguments(args, OPTIONS);
    if (positionals.length === 0)
      throw new MillraceError("MR152", "which definition? millrace lint PIPELINE.yaml…");
    const writer = new LineWriter(io.stdout);
    let status = 0;
    for (const fileName of positionals) {
      const text = await readFile(fileName, "utf8").catch((cause: NodeJS.ErrnoException) => {
        throw new MillraceError("MR151", `cannot read ${fileName}: ${readError(cause)}`, { cause });
      });
      const { definition, problems } = readDefinition(text, { fileName, env: io.env, requireEnv: false });
      if (definition !== null) problems.push(...(await memoryProblems(definition, text)));
      if (problems.some((problem) => problem.severity === "error")) status = 1;
      if (values.json)
        for (const problem of problems) writer.write(JSON.stringify(problemJson(problem, fileName, text)));
      else say(fileName, text, problems, io, writer);
    }
    await writer.end();
    return status;
  },
};

/** What a start would refuse because limits.memory cannot hold it: the kernel itself is asked. */
async function memoryProblems({ plans }: Definition, text: string): Promise<Problem[]> {
  const { module } = await loadKernel();
  const problems: Problem[] = [];
  for (const plan of plans) {
    try {
      createKernelEngine(plan, module);
    } catch (error) {
      if (!(error instanceof MillraceError) || error.code !== "MR503") throw error;
      const offset = Math.max(0, text.search(/^limits:/m));
      const message = `source "${plan.source.name}": ${error.message}`;
      problems.push({
        offset,
        length: "limits".length,
        severity: "error",
        code: error.code,
        message,
        hint: "",
      });
    }
  }
  return problems;
}

/** Problems go to stderr; stdout gets one line for each file that is fine. */
function say(fileName: string, text: string, problems: Problem[], io: VerbIo, writer: LineWriter): void {
  for (const problem of problems) io.stderr.write(`${formatProblem(problem, fileName, text)}\n`);
  const errors = problems.filter((problem) => problem.severity === "error").length;
  const warnings = problems.length - errors;
  const counts = [count(errors, "error"), count(warnings, "warning")]
    .filter((part) => part !== "")
    .join(", ");
  if (errors > 0) io.stderr.write(`${fileName}: ${counts}\n`);
  else writer.write(`${fileName}: ok${counts === "" ? "" : `, ${counts}`}`);
}

const count = (number: number, what: string): string =>
  number === 0 ? "" : `${number} ${what}${number === 1 ? "" : "s"}`;

function problemJson(problem: Problem, file: string, text: string): Record<string, string | number> {
  const { line, column } = placeOf(text, problem.offset);
  const { severity, code, message, hint, length } = problem;
  return { file, line, column, length, severity, code, message, hint };
}
