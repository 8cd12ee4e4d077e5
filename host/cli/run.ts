// `millrace run`: the gateway. Connects, serves its state over HTTP, stops cleanly on SIGTERM or Ctrl-C.
import { MillraceError } from "../core/errors.ts";
import { nowMs } from "../effects/clock.ts";
import { loadKernel } from "../effects/kernel-file.ts";
import { Gateway } from "../gateway/gateway.ts";
import { startServer } from "../server/server.ts";
import { parseVerbArguments } from "./arguments.ts";
import { loadDefinition } from "./load-definition.ts";
import { Samples } from "./samples.ts";
import type { Verb, VerbIo } from "./verb.ts";

const HELP = `Usage: millrace run PIPELINE.yaml [options]

Runs the gateway until it is stopped (Ctrl-C, SIGTERM), or until every file it reads is at its end.

  --http HOST:PORT   where the page, /ready, /live, /metrics and /progress are served (gateway.http)
  --no-http          serve nothing
  --data DIR         folder of snapshots (gateway.data)
  --exit-on-error    end with status 2 when a broker or Kafka is not there, instead of waiting for it

Example: millrace run examples/plant.yaml --http 127.0.0.1:8080
`;

const OPTIONS = {
  http: { type: "string" },
  "no-http": { type: "boolean", default: false },
  data: { type: "string" },
  "exit-on-error": { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

const WATCH_MS = 250;

export const run: Verb = {
  name: "run",
  summary: "run the gateway",
  help: HELP,
  async run(args, io) {
    const { values, positionals } = parseVerbArguments(args, OPTIONS);
    const [fileName, ...more] = positionals;
    if (fileName === undefined || more.length > 0) throw new MillraceError("MR152", "one definition: millrace run PIPELINE.yaml");
    const definition = await loadDefinition(fileName, io, true);
    const kernel = await loadKernel();
    const http = values.http === undefined ? definition.gateway.http : parseHttp(values.http);
    const log = (text: string): void => void io.stderr.write(`${text}\n`);
    const gateway = new Gateway({ definition, kernel, data: values.data ?? definition.gateway.data, stdout: io.stdout, nowMs, log });
    const server = values["no-http"] ? null : await startServer({ gateway, kernel: kernel.bytes, ...http, nextFree: false, nowMs });
    if (server !== null) log(`live page: ${server.address}`);
    const status = await runGateway(gateway, io, values["exit-on-error"]);
    await server?.close();
    return status;
  },
};

function parseHttp(text: string): { host: string; port: number } {
  const match = /^(?:(\[[^\]]+\]|[^:]+):)?(\d{1,5})$/.exec(text);
  if (match === null || Number(match[2]) > 65535) throw new MillraceError("MR152", `--http ${text}: it is HOST:PORT, as in 127.0.0.1:8080`);
  return { host: (match[1] ?? "127.0.0.1").replace(/^\[|\]$/g, ""), port: Number(match[2]) };
}

/** Starts the gateway, keeps it company until it is to stop, stops it. Returns the exit status. */
export async function runGateway(gateway: Gateway, io: VerbIo, exitOnError: boolean): Promise<number> {
  const log = (text: string): void => void io.stderr.write(`${text}\n`);
  const samples = new Samples(io.stderr);
  let said = "";
  let status = 0;
  const watch = (): void => {
    for (const runner of gateway.runners) samples.print(runner.plan.source.name, runner.engine.takeSamples());
    const reasons = gateway.notReady().join("; ");
    if (reasons !== said) log(reasons === "" ? "ready" : `waiting: ${reasons}`);
    said = reasons;
  };
  await gateway.start();
  const timer = setInterval(watch, WATCH_MS);
  const stopped = new Promise<void>((resolve) => {
    if (io.signal.aborted) resolve();
    io.signal.addEventListener("abort", () => resolve());
    if (!exitOnError) return;
    const check = setInterval(() => {
      const away = gateway.notReady().filter((reason) => !/connecting to|not connected yet|not started yet/.test(reason));
      if (away.length === 0 && !io.signal.aborted) return;
      clearInterval(check);
      if (away.length > 0) status = 2;
      resolve();
    }, WATCH_MS);
    check.unref();
  });
  try {
    await Promise.race([stopped, gateway.finished()]);
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    log(`error  ${error.code}  ${error.message}`);
    status = error.exitStatus;
  }
  clearInterval(timer);
  watch();
  await gateway.stop();
  log(gateway.summary());
  return status;
}
