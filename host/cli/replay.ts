// `millrace replay`: runs a definition over files and prints its results; connects to nothing. stdout carries
// results only, in a format that other programs rely on (docs/replay.md). Same input, same bytes, everywhere.
import { createReadStream } from "node:fs";
import { stat, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import type { Counters, Engine, Output } from "../core/engine.ts";
import { MillraceError } from "../core/errors.ts";
import { createKernelEngine } from "../core/kernel-engine.ts";
import type { Plan } from "../core/plan.ts";
import { replayPlan } from "../core/replay-plan.ts";
import { loadKernel } from "../effects/kernel-file.ts";
import { ReplayLines } from "../encoders/replay-line.ts";
import type { Definition } from "../language/index.ts";
import { suggestion } from "../language/suggest.ts";
import { parseVerbArguments } from "./arguments.ts";
import { readHeader } from "../sources/csv-header.ts";
import { loadDefinition, readError } from "./load-definition.ts";
import { LineWriter } from "./output.ts";
import { Progress } from "./progress.ts";
import { Samples } from "./samples.ts";
import type { Verb, VerbIo } from "./verb.ts";

const HELP = `Usage: millrace replay PIPELINE.yaml INPUT… [options]

Runs the pipelines over files instead of their source and prints every result as one JSON line on stdout.
INPUT is .ndjson (one JSON object a line), .csv (with a header row), or - for standard input (as JSON lines).

  --source NAME     the source that the input stands for, when the file has several
  --pipeline NAME   only this pipeline
  --speed max|N     as fast as it goes (max), or N times as fast as the records' own time
  --no-flush        leave the windows open that the input does not close
  --strict          end with status 3 at the first refused record
  --summary FILE    write counts and timings as JSON

Example: millrace replay examples/traffic.yaml speed.csv --summary summary.json
`;

const OPTIONS = {
  source: { type: "string" },
  pipeline: { type: "string" },
  speed: { type: "string", default: "max" },
  "no-flush": { type: "boolean", default: false },
  strict: { type: "boolean", default: false },
  summary: { type: "string" },
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
    if (fileName === undefined) throw new MillraceError("MR152", "which definition? millrace replay PIPELINE.yaml INPUT…");
    const speed = parseSpeed(values.speed);
    const definition = await loadDefinition(fileName, io, false);
    const chosen = choosePlan(definition, values.source, values.pipeline);
    const inputs = named.length > 0 ? named : inputOfSource(definition, chosen);
    const format = formatOf(inputs);
    const plan = replayPlan(chosen, format);
    const engine = createKernelEngine(plan, (await loadKernel()).module);
    const run = new ReplayRun(plan, engine, io, { format, speed, strict: values.strict });
    for (const input of inputs) if (!run.stopped) await run.readInput(input);
    if (!values["no-flush"] && !run.stopped) run.take(engine.flush());
    await run.finish();
    if (values.summary !== undefined) {
      await writeFile(values.summary, `${JSON.stringify(run.summary(performance.now() - started))}\n`).catch((cause: NodeJS.ErrnoException) => {
        throw new MillraceError("MR151", `cannot write ${values.summary}: ${readError(cause)}`, { cause });
      });
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
    throw new MillraceError("MR153", `no pipeline "${pipeline}": ${suggestion(pipeline, pipelines, "pipelines")}`);
  }
  const sources = definition.plans.map((plan) => plan.source.name);
  if (source !== undefined && !sources.includes(source)) {
    throw new MillraceError("MR153", `no source "${source}" that a pipeline reads: ${suggestion(source, sources, "sources")}`);
  }
  const fits = definition.plans.filter(
    (plan) =>
      (source === undefined || plan.source.name === source) &&
      (pipeline === undefined || plan.pipelines.some((candidate) => candidate.name === pipeline)),
  );
  if (fits.length === 0) throw new MillraceError("MR153", `pipeline "${pipeline}" does not read source "${source}"`);
  if (fits.length > 1) throw new MillraceError("MR153", `the file has several sources: say which with --source (${sources.join(", ")})`);
  const plan = fits[0]!;
  return pipeline === undefined ? plan : { ...plan, pipelines: plan.pipelines.filter((candidate) => candidate.name === pipeline) };
}

function inputOfSource(definition: Definition, plan: Plan): string[] {
  const source = definition.sources.find((candidate) => candidate.name === plan.source.name);
  if (source?.connection.kind === "file") return [source.connection.path];
  throw new MillraceError("MR152", "which input? millrace replay PIPELINE.yaml INPUT… (- is standard input)");
}

function formatOf(inputs: string[]): "json" | "csv" {
  const formats = new Set(inputs.map((input) => (/\.csv$/i.test(input) ? "csv" : "json")));
  if (formats.size > 1) throw new MillraceError("MR152", "the inputs of one replay are all .csv or all JSON lines");
  return formats.has("csv") ? "csv" : "json";
}

interface RunOptions {
  format: "json" | "csv";
  speed: number;
  strict: boolean;
}

/** One replay: bytes in, lines out, counts at the end. */
class ReplayRun {
  private readonly plan: Plan;
  private readonly engine: Engine;
  private readonly io: VerbIo;
  private readonly options: RunOptions;
  private readonly lines: ReplayLines;
  private readonly writer: LineWriter;
  private readonly samples: Samples;
  private readonly results: number[];
  private firstTime: bigint | null = null;
  private firstMoment = 0;
  status = 0;

  constructor(plan: Plan, engine: Engine, io: VerbIo, options: RunOptions) {
    this.plan = plan;
    this.engine = engine;
    this.io = io;
    this.options = options;
    this.lines = new ReplayLines(plan);
    this.writer = new LineWriter(io.stdout);
    this.samples = new Samples(io.stderr);
    this.results = plan.pipelines.map(() => 0);
  }

  /** The reader is gone, the user said stop, or --strict met a bad record. */
  get stopped(): boolean {
    return this.writer.closed || this.io.signal.aborted || this.status !== 0;
  }

  async readInput(input: string): Promise<void> {
    const label = input === "-" ? "standard input" : basename(input);
    const size = input === "-" ? null : await sizeOf(input);
    const progress = new Progress(this.io.stderr, label, size);
    // Small pieces when records are paced, large ones otherwise; the results are the same.
    const highWaterMark = this.options.speed === Infinity ? 262144 : 1024;
    const stream = input === "-" ? this.io.stdin : createReadStream(input, { highWaterMark });
    let header: Uint8Array | null = this.options.format === "csv" ? new Uint8Array(0) : null;
    try {
      for await (const piece of stream as AsyncIterable<Buffer>) {
        let chunk: Uint8Array = piece;
        if (header !== null) {
          const found = readHeader(header, chunk);
          header = found.names === null ? found.rest : null;
          if (found.names === null) continue;
          this.engine.csvHeader(found.names);
          chunk = found.rest;
        }
        this.take(this.engine.push(chunk));
        this.takeSamples(label);
        progress.advance(piece.length, this.engine);
        await this.writer.ready();
        await this.pace();
        if (this.stopped) break;
      }
    } catch (error) {
      throw new MillraceError("MR151", `cannot read ${input}: ${readError(error as NodeJS.ErrnoException)}`, { cause: error });
    }
    this.take(this.engine.endOfFile());
    this.takeSamples(label);
    progress.end();
  }

  take(outputs: Output[]): void {
    for (const output of outputs) {
      if (output.kind === "result") this.results[output.pipeline]!++;
      this.writer.write(this.lines.line(output));
    }
  }

  private takeSamples(label: string): void {
    this.samples.print(label, this.engine.takeSamples());
    if (!this.options.strict) return;
    const refused = Object.values(this.engine.counters().refused).some((count) => count > 0);
    if (refused) this.status = 3;
  }

  /** Waits until the records' own time, at the chosen speed, has come. */
  private async pace(): Promise<void> {
    const time = this.engine.watermark();
    if (this.options.speed === Infinity || time === null) return;
    if (this.firstTime === null) {
      this.firstTime = time;
      this.firstMoment = performance.now();
    }
    const due = this.firstMoment + Number(time - this.firstTime) / 1e6 / this.options.speed;
    while (performance.now() < due && !this.io.signal.aborted) {
      await new Promise((resolve) => setTimeout(resolve, Math.min(100, due - performance.now())));
    }
  }

  async finish(): Promise<void> {
    await this.writer.end();
    const counters = this.engine.counters();
    this.samples.printTotals(counters);
    if (counters.accepted > 0 && counters.absentFields.length > 0) {
      this.io.stderr.write(`note: no record had ${counters.absentFields.map((name) => `"${name}"`).join(", ")}\n`);
    }
    if (this.io.signal.aborted) this.status = 1;
  }

  summary(wallMs: number): unknown {
    const counters: Counters = this.engine.counters();
    const { user, system } = process.cpuUsage();
    const byPipeline = <T>(value: (index: number) => T): Record<string, T> =>
      Object.fromEntries(this.plan.pipelines.map((pipeline, index) => [pipeline.name, value(index)]));
    return {
      records: counters.received,
      results: byPipeline((index) => this.results[index]!),
      late: byPipeline((index) => ({
        records: counters.pipelines[index]!.lateRecords,
        windows: counters.pipelines[index]!.lateWindows,
      })),
      filtered: byPipeline((index) => counters.pipelines[index]!.filtered),
      refused: counters.refused,
      nulled: counters.nulled,
      wall_ms: Math.round(wallMs),
      cpu_ms: Math.round((user + system) / 1000),
      peak_rss_mb: Math.round(process.resourceUsage().maxRSS / 102.4) / 10,
    };
  }
}

async function sizeOf(input: string): Promise<number> {
  try {
    return (await stat(input)).size;
  } catch (error) {
    throw new MillraceError("MR151", `cannot read ${input}: ${readError(error as NodeJS.ErrnoException)}`, { cause: error });
  }
}
