// `millrace run`: the gateway. Connects, serves its state over HTTP, stops cleanly on SIGTERM or Ctrl-C.
import { MillraceError } from "../../core/errors.ts";
import { nowMs } from "../../effects/clock.ts";
import { loadKernel } from "../../effects/kernel-file.ts";
import { Gateway, type Obstacle } from "../../gateway/gateway.ts";
import { isLoopback, startServer } from "../../server/server.ts";
import { parseSizeOption, parseVerbArguments } from "../arguments.ts";
import { loadDefinition } from "../load-definition.ts";
import { Samples } from "../samples.ts";
import type { Verb, VerbIo } from "../verb.ts";

const HELP = `Usage: millrace run PIPELINE.yaml [options]

Runs the gateway until it is stopped (Ctrl-C, SIGTERM), or until every file it reads is at its end.

  --http HOST:PORT   where the page, /ready, /live, /metrics and /progress are served (gateway.http)
  --no-http          serve nothing
  --data DIR         folder of snapshots (gateway.data)
  --record DIR       record what comes in to DIR/SOURCE.mrec, for \`millrace replay\`
  --record-size SIZE how much of it is kept for each source: 512MB, 2GB (1GB)
  --exit-on-error    end with status 2 when a broker or Kafka is not there, instead of waiting for it

Example: millrace run examples/plant.yaml --http 127.0.0.1:8080
`;

const OPTIONS = {
  http: { type: "string" },
  "no-http": { type: "boolean", default: false },
  data: { type: "string" },
  record: { type: "string" },
  "record-size": { type: "string", default: "1GB" },
  "exit-on-error": { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

const WATCH_MS = 250;
/** A waiting gateway says why on one line, and again when the reason changed, but not more often than this. */
const SAY_EVERY_MS = 10_000;
/** Refused records: the first few of each reason are shown, in each such time. */
const SAMPLES_FORGET_MS = 60_000;

export const run: Verb = {
  name: "run",
  summary: "run the gateway",
  help: HELP,
  async run(args, io) {
    const { values, positionals } = parseVerbArguments(args, OPTIONS);
    const [fileName, ...more] = positionals;
    if (fileName === undefined || more.length > 0)
      throw new MillraceError("MR152", "one definition: millrace run PIPELINE.yaml");
    if (/mqttjs|(^|[\s,])\*/.test(io.env["DEBUG"] ?? "")) {
      throw new MillraceError(
        "MR152",
        `DEBUG=${io.env["DEBUG"]} makes the MQTT library print passwords: unset it`,
      );
    }
    const bytesMax = parseSizeOption("record-size", values["record-size"]);
    const definition = await loadDefinition(fileName, io, true);
    const kernel = await loadKernel();
    const http = values.http === undefined ? definition.gateway.http : parseHttp(values.http);
    const log = (text: string): void => void io.stderr.write(`${text}\n`);
    const gateway = new Gateway({
      definition,
      kernel,
      data: values.data ?? definition.gateway.data,
      record: values.record === undefined ? null : { folder: values.record, bytesMax },
      stdout: io.stdout,
      nowMs,
      log,
    });
    if (values.http === undefined && !values["no-http"] && !isLoopback(http.host)) {
      throw new MillraceError(
        "MR152",
        `gateway.http is ${http.host}:${http.port}, which other machines reach, and the page has no login: say so with --http ${http.host}:${http.port}`,
      );
    }
    const server = values["no-http"]
      ? null
      : await startServer({ gateway, kernel: kernel.bytes, ...http, nextFree: false, nowMs });
    if (server !== null) log(`live page: ${server.address}`);
    const status = await runGateway(gateway, io, values["exit-on-error"]);
    await server?.close();
    return status;
  },
};

function parseHttp(text: string): { host: string; port: number } {
  const match = /^(?:(\[[^\]]+\]|[^:]+):)?(\d{1,5})$/.exec(text);
  if (match === null || Number(match[2]) > 65535)
    throw new MillraceError("MR152", `--http ${text}: it is HOST:PORT, as in 127.0.0.1:8080`);
  return { host: (match[1] ?? "127.0.0.1").replace(/^\[|\]$/g, ""), port: Number(match[2]) };
}

/** Starts the gateway, keeps it company until it is to stop, stops it. Returns the exit status. */
export async function runGateway(gateway: Gateway, io: VerbIo, exitOnError: boolean): Promise<number> {
  const log = (text: string): void => void io.stderr.write(`${text}\n`);
  // Nobody has to read the log.
  io.stderr.on("error", () => {});
  const samples = new Samples(io.stderr);
  for (const runner of gateway.runners)
    runner.onSamples = (list) => samples.print(runner.plan.source.name, list);
  await gateway.start();
  const watch = new Watch(gateway, log);
  const timer = setInterval(() => watch.look(), WATCH_MS);
  const forget = setInterval(() => samples.forget(), SAMPLES_FORGET_MS);
  const waiting = new StopWait(gateway, io.signal, exitOnError);
  let status = 0;
  try {
    await Promise.race([gateway.finished(), waiting.stopped]);
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    log(`error  ${error.code}  ${error.message}`);
    status = error.exitStatus;
  } finally {
    waiting.end();
    clearInterval(timer);
    clearInterval(forget);
  }
  if (io.signal.aborted) log("stopping: once more ends at once");
  const { summary, failures } = await gateway.stop();
  for (const error of failures) {
    log(`error  ${error.code}  ${error.message}`);
    status = error.exitStatus;
  }
  log(summary);
  return status;
}

/** Waits for a reason to stop. */
class StopWait {
  /** Resolves at the signal, or when whoever read stdout is gone. Rejects when a sink is gone for good; with `exitOnError` also when anything is away. */
  readonly stopped: Promise<void>;
  private readonly signal: AbortSignal;
  private readonly timer: NodeJS.Timeout;
  private resolve: () => void = () => {};

  constructor(gateway: Gateway, signal: AbortSignal, exitOnError: boolean) {
    this.signal = signal;
    let reject: (error: Error) => void = () => {};
    this.stopped = new Promise((resolve, fail) => {
      this.resolve = resolve;
      reject = fail;
    });
    this.timer = setInterval(() => {
      const over = gateway.sinkThatIsOver();
      const away = exitOnError ? gateway.obstacles().filter(({ state }) => state === "away") : [];
      if (over?.status.state === "ended") this.resolve();
      else if (over !== null) reject(new MillraceError("MR305", `${over.name}: ${over.status.detail}`));
      else if (away.length > 0) reject(new MillraceError("MR306", away.map(({ text }) => text).join("; ")));
    }, WATCH_MS);
    signal.addEventListener("abort", this.resolve);
    if (signal.aborted) this.resolve();
  }

  end(): void {
    clearInterval(this.timer);
    this.signal.removeEventListener("abort", this.resolve);
  }
}

/** Says what the gateway waits for on one line when that changes, at most once in SAY_EVERY_MS, and when it is ready. */
class Watch {
  private readonly gateway: Gateway;
  private readonly log: (text: string) => void;
  private said: string | null = null;
  private saidAt = -Infinity;

  constructor(gateway: Gateway, log: (text: string) => void) {
    this.gateway = gateway;
    this.log = log;
  }

  look(): void {
    const obstacles = this.gateway.obstacles();
    const reasons = obstacles.map(({ text }) => text).join("; ");
    if (reasons === this.said) return;
    const now = performance.now();
    // While a first connection is under way the news is not complete.
    const has = (wanted: Obstacle["state"]): boolean => obstacles.some(({ state }) => state === wanted);
    const news = obstacles.length === 0 || (has("away") && !has("connecting"));
    if (!news || (obstacles.length > 0 && now - this.saidAt < SAY_EVERY_MS)) return;
    this.log(reasons === "" ? "ready" : `waiting: ${reasons}`);
    this.said = reasons;
    this.saidAt = now;
  }
}
