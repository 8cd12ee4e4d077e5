// `millrace replay`: runs a definition over files and prints its results; connects to nothing. stdout carries
// results only, in a format that other programs rely on (docs/replay.md). Same input, same bytes, everywhere.
import { writeFile } from "node:fs/promises";
import { MillraceError } from "../../core/errors.ts";
import { createKernelEngine } from "../../core/kernel/kernel-engine.ts";
import type { Plan } from "../../core/plan/plan.ts";
import { replayPlan } from "../../core/plan/replay-plan.ts";
import { loadKernel } from "../../effects/kernel-file.ts";
import type { Definition } from "../../language/index.ts";
import { suggestion } from "../../language/suggest.ts";
import { parseVerbArguments } from "../arguments.ts";
import { loadDefinition, readError } from "../load-definition.ts";
import { checkInput, formatOf } from "../replay/inputs.ts";
import { ReplayRun } from "../replay/run.ts";
import type { Verb } from "../verb.ts";

const HELP = `Usage: millrace replay PIPELINE.yaml INPUT… [options]

Runs the pipelines over files instead of their source and prints every result as one JSON line on stdout.
INPUT is .ndjson (one JSON object a line), .csv (with a header row), or - for standard input: JSON lines, or
CSV when the definition reads a CSV file.

  --source NAME     the source that the input stands for, when the file has several
  --pipeline NAME   only this pipeline
  --speed max|N     as fast as it goes (max), or N times as fast as the records' own time
  --no-flush        leave the windows open that the input does not close
  --strict          end with status 3 at the first refused record
  --summary FILE    write counts and timings as JSON
  --json            changes nothing: results are JSON

Example: millrace replay examples/traffic.yaml sensors-sim/data/speed_t4013.csv --summary summary.json
`;

const OPTIONS = {
  source: { type: "string" },
  pipeline: { type: "string" },
  speed: { type: "string", default: "max" },
  "no-flush": { type: "boolean", default: false },
  strict: { type: "boolean", default: false },
  summary: { type: "string" },
  json: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

export const replay: Verb = {
  name: "replay",
  summary: "run a definition over files and print the results",
  help: HELP,
  async run(args, io) {
    const started = performance.now();
    const { values, positionals } = parseVerbArguments(args, OPTIONS);
    const [fileName, ...named] = positionals;
    if (fileName === undefined)
      throw new MillraceError("MR152", "which definition? millrace replay PIPELINE.yaml INPUT…");
    const speed = parseSpeed(values.speed);
    const definition = await loadDefinition(fileName, io, false);
    const chosen = choosePlan(definition, values.source, values.pipeline);
    const file = fileOfSource(definition, chosen);
    if (named.length === 0 && file === null) {
      throw new MillraceError(
        "MR152",
        "which input? millrace replay PIPELINE.yaml INPUT… (- is standard input)",
      );
    }
    const names = named.length > 0 ? named : [file!];
    const format = formatOf(names, file !== null && chosen.source.format === "csv");
    const inputs = await Promise.all(names.map(checkInput));
    const plan = replayPlan(chosen, format);
    const engine = createKernelEngine(plan, (await loadKernel()).module);
    const run = new ReplayRun(plan, engine, io, { format, speed, strict: values.strict });
    for (const input of inputs) if (!run.stopped) await run.readInput(input);
    if (!values["no-flush"] && !run.stopped) run.take(engine.flush());
    await run.finish();
    if (values.summary !== undefined) {
      await writeFile(values.summary, `${JSON.stringify(run.summary(performance.now() - started))}\n`).catch(
        (cause: NodeJS.ErrnoException) => {
          const why = cause.code === "ENOENT" ? "there is no such folder" : readError(cause);
          throw new MillraceError("MR151", `cannot write ${values.summary}: ${why}`, { cause });
        },
      );
    }
    return run.status;
  },
};

function parseSpeed(text: string): number {
  const speed = text === "max" ? Infinity : Number(text);
  if (!(speed > 0)) throw new MillraceError("MR152", `--speed ${text}: it is max, or a number above 0`);
  return speed;
}

/** The plan of the one source that is meant, with the pipelines that are meant. */
function choosePlan(definition: Definition, source: string | undefined, pipeline: string | undefined): Plan {
  const pipelines = definition.pipelines.map((candidate) => candidate.name);
  if (pipeline !== undefined && !pipelines.includes(pipeline)) {
    throw new MillraceError(
      "MR153",
      `no pipeline "${pipeline}": ${suggestion(pipeline, pipelines, "pipelines")}`,
    );
  }
  const sources = definition.plans.map((plan) => plan.source.name);
  if (source !== undefined && !sources.includes(source)) {
    throw new MillraceError(
      "MR153",
      `no source "${source}" that a pipeline reads: ${suggestion(source, sources, "sources")}`,
    );
  }
  const fits = definition.plans.filter(
    (plan) =>
      (source === undefined || plan.source.name === source) &&
      (pipeline === undefined || plan.pipelines.some((candidate) => candidate.name === pipeline)),
  );
  if (fits.length === 0)
    throw new MillraceError("MR153", `pipeline "${pipeline}" does not read source "${source}"`);
  if (fits.length > 1)
    throw new MillraceError(
      "MR153",
      `the file has several sources: say which with --source (${sources.join(", ")})`,
    );
  const plan = fits[0]!;
  return pipeline === undefined
    ? plan
    : { ...plan, pipelines: plan.pipelines.filter((candidate) => candidate.name === pipeline) };
}

/** The path of a source written as `file: …`; null of any other source. */
function fileOfSource(definition: Definition, plan: Plan): string | null {
  const source = definition.sources.find((candidate) => candidate.name === plan.source.name);
  return source?.connection.kind === "file" ? source.connection.path : null;
}
