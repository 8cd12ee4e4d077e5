// `millrace replay`: runs a definition over files and prints its results; connects to nothing. stdout carries
// results only, in a format that other programs rely on (docs/replay.md). Same input, same bytes, everywhere.
import { writeFile } from "node:fs/promises";
import { MillraceError } from "../../core/errors.ts";
import { createKernelEngine } from "../../core/kernel/kernel-engine.ts";
import type { Engine } from "../../core/engine.ts";
import type { Plan } from "../../core/plan/plan.ts";
import { replayPlan } from "../../core/plan/replay-plan.ts";
import { loadKernel } from "../../effects/kernel-file.ts";
import type { Definition } from "../../language/index.ts";
import { hashOf } from "../../store/recording-format.ts";
import { parseVerbArguments } from "../arguments.ts";
import { loadDefinition, readError } from "../load-definition.ts";
import { type Choice, choosePlan, planOfChoice } from "../replay/choose-plan.ts";
import { checkInput, formatOf, isRecording } from "../replay/inputs.ts";
import { checkFraming, inspectRecordings, RecordingReplay, sourceOf } from "../replay/recordings.ts";
import { ReplayRun, type RunOptions } from "../replay/run.ts";
import type { Recording } from "../../store/recording-reader.ts";
import type { Verb, VerbIo } from "../verb.ts";

const HELP = `Usage: millrace replay PIPELINE.yaml INPUT… [options]

Runs the pipelines over files instead of their source and prints every result as one JSON line on stdout.
INPUT is .ndjson (one JSON object a line), .csv (with a header row), .mrec (a recording of a gateway), or - for
standard input: JSON lines, or CSV when the definition reads a CSV file.

  --source NAME     the source that the input stands for, when the file has several
  --pipeline NAME   only this pipeline
  --speed max|N     as fast as it goes (max), or N times as fast as the records' own time
  --no-flush        leave the windows open that the input does not close
  --flush           close them at the end of a recording too, where they stay open otherwise
  --strict          end with status 3 at the first refused record
  --summary FILE    write counts and timings as JSON
  --json            changes nothing: results are JSON

Example: millrace replay examples/traffic.yaml sensors-sim/data/speed_t4013.csv --summary summary.json
`;

const OPTIONS = {
  source: { type: "string" },
  pipeline: { type: "string" },
  speed: { type: "string", default: "max" },
  flush: { type: "boolean", default: false },
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
    if (values.flush && values["no-flush"])
      throw new MillraceError("MR152", "--flush or --no-flush: not both");
    const definition = await loadDefinition(fileName, io, false);
    const recordings = await inspectRecordings(named.filter(isRecording));
    const sourceName =
      recordings.length > 0 && values.source === undefined
        ? sourceOf(
            recordings[0]!,
            definition.plans.map((plan) => plan.source.name),
          )
        : values.source;
    const choice = choosePlan(definition, sourceName, values.pipeline);
    const file = fileOfSource(definition, choice.plan);
    if (named.length === 0 && file === null) {
      throw new MillraceError(
        "MR152",
        "which input? millrace replay PIPELINE.yaml INPUT… (- is standard input)",
      );
    }
    const names = named.length > 0 ? named : [file!];
    const format = formatOf(names, file !== null && choice.plan.source.format === "csv");
    const prepare = format === "recording" ? prepareRecordings(recordings) : prepareLines(names, format);
    const { run, engine, read } = await prepare(choice, io, { speed, strict: values.strict });
    await read();
    const flush = format === "recording" ? values.flush : !values["no-flush"];
    if (flush && !run.stopped) await run.take(engine.flush());
    if (format === "recording" && !flush && !run.stopped && engine.counters().openSlices > 0)
      io.stderr.write("note: windows are still open where the recording ends: --flush brings them out\n");
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

/** A replay that can begin: its inputs were looked at. */
interface Prepared {
  run: ReplayRun;
  engine: Engine;
  read(): Promise<void>;
}
type Prepare = (
  choice: Choice,
  io: VerbIo,
  options: Pick<RunOptions, "speed" | "strict">,
) => Promise<Prepared>;

function prepareLines(names: string[], format: "json" | "csv"): Prepare {
  return async (choice, io, options) => {
    const inputs = await Promise.all(names.map(checkInput));
    const { plan: whole, only } = planOfChoice(choice);
    const plan = replayPlan(whole, format);
    const engine = createKernelEngine(plan, (await loadKernel()).module);
    const run = new ReplayRun(plan, engine, io, { ...options, format, only });
    const read = async (): Promise<void> => {
      for (const input of inputs) if (!run.stopped) await run.readInput(input);
    };
    return { run, engine, read };
  };
}

/** With the whole plan, as the gateway had it: the state that a recording begins with is of that. */
function prepareRecordings(recordings: Recording[]): Prepare {
  return async ({ plan, only }, io, options) => {
    for (const recording of recordings) checkFraming(recording, plan);
    const { module, bytes } = await loadKernel();
    const engine = createKernelEngine(plan, module);
    const run = new ReplayRun(plan, engine, io, { ...options, format: "recording", only });
    const replaying = new RecordingReplay(run, engine, io, hashOf(bytes));
    const read = async (): Promise<void> => {
      for (const recording of recordings) if (!run.stopped) await replaying.read(recording);
    };
    return { run, engine, read };
  };
}

function parseSpeed(text: string): number {
  const speed = text === "max" ? Infinity : Number(text);
  if (!(speed > 0)) throw new MillraceError("MR152", `--speed ${text}: it is max, or a number above 0`);
  return speed;
}

/** The path of a source written as `file: …`; null of any other source. */
function fileOfSource(definition: Definition, plan: Plan): string | null {
  const source = definition.sources.find((candidate) => candidate.name === plan.source.name);
  return source?.connection.kind === "file" ? source.connection.path : null;
}
