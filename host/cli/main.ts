#!/usr/bin/env node
// The command line: finds the verb, gives it streams and a signal, turns errors into one message and the exit
// status. To add a verb: its file, one line in VERBS. Imports the verbs.
import { readFile } from "node:fs/promises";
import { enableCompileCache } from "node:module";
import { MillraceError } from "../core/errors.ts";
import { suggestion } from "../language/suggest.ts";
import { AlreadySaid } from "./load-definition.ts";
import { VERBS } from "./verbs.ts";

const DEFAULT_VERB = "demo";

async function overview(): Promise<string> {
  const verbs = await Promise.all(Object.values(VERBS).map((load) => load()));
  const width = Math.max(...verbs.map((verb) => verb.name.length));
  const lines = verbs.map((verb) => `  ${verb.name.padEnd(width)}  ${verb.summary}`);
  return `millrace: stream processing for sensors, on one small box

Usage: millrace VERB [arguments]

${lines.join("\n")}

millrace VERB --help says more. Without a verb: ${DEFAULT_VERB}.
`;
}

async function version(): Promise<string> {
  const up = import.meta.url.endsWith(".ts") ? "../../package.json" : "../../../package.json";
  return (JSON.parse(await readFile(new URL(up, import.meta.url), "utf8")) as { version: string }).version;
}

async function main(args: string[]): Promise<number> {
  const [first = DEFAULT_VERB, ...rest] = args;
  if (first === "--help" || first === "-h" || first === "help") {
    process.stdout.write(await overview());
    return 0;
  }
  if (first === "--version" || first === "-v") {
    process.stdout.write(`${await version()}\n`);
    return 0;
  }
  const optionsOnly = first.startsWith("-");
  const name = optionsOnly ? DEFAULT_VERB : first;
  if (!Object.hasOwn(VERBS, name)) {
    throw new MillraceError("MR154", `no verb "${first}": ${suggestion(first, Object.keys(VERBS), "verbs")}`);
  }
  const verb = await VERBS[name]!();
  const own = optionsOnly ? args : rest;
  if (own.includes("--help") || own.includes("-h")) {
    process.stdout.write(verb.help);
    return 0;
  }
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      // Whoever asks twice does not want to wait.
      if (stop.signal.aborted) process.exit(1);
      stop.abort(signal);
    });
  }
  const { stdout, stderr, stdin, env } = process;
  return verb.run(own, { stdout, stderr, stdin, signal: stop.signal, env });
}

// Compiled code is kept between two starts: a start costs less than half.
enableCompileCache();

// kafkajs sets a timer in the past once; Node would warn of it. Other warnings are shown as ever.
process.removeAllListeners("warning");
process.on("warning", (warning) => {
  if (warning.name === "TimeoutNegativeWarning" || warning.name === "ExperimentalWarning") return;
  process.stderr.write(`warning: ${warning.message}\n`);
});
process.on("uncaughtException", (error) => process.exit(report(error)));

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  // Brokers and servers that were opened on the way would keep the process alive.
  process.exit(report(error));
}

function report(error: unknown): number {
  if (error instanceof AlreadySaid) return error.status;
  if (error instanceof MillraceError) {
    process.stderr.write(`error  ${error.code}  ${error.message}\n`);
    return error.exitStatus;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`error  MR900  a bug of millrace; please report what follows:\n${text}\n`);
  return 4;
}
