// Programs as processes of their own: what one used from start to end, and what a running one uses now.
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import { buildFolder } from "../../host/effects/kernel-file.ts";

const usageScript = new URL("usage.mjs", import.meta.url).href;

/** The command line, from a checkout and as it is installed. */
export const millrace = fileURLToPath(new URL("../../host/cli/main.ts", import.meta.url));
export const millraceInstalled = fileURLToPath(new URL("../../dist/host/cli/main.js", import.meta.url));
export const NODE_ARGUMENTS = ["--disable-warning=ExperimentalWarning"];

export interface Finished {
  stdout: string;
  cpuNs: number;
  wallNs: number;
  rssPeakKb: number;
}

/** Runs Node with `args` to its end. Rejects when its status is not 0. */
export async function runNode(args: string[]): Promise<Finished> {
  const began = process.hrtime.bigint();
  const child = spawn(process.execPath, [...NODE_ARGUMENTS, "--import", usageScript, ...args], {
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const texts = ["", "", ""];
  [child.stdout, child.stderr, child.stdio[3]].forEach((stream, index) =>
    (stream as NodeJS.ReadableStream)
      .setEncoding("utf8")
      .on("data", (text: string) => (texts[index] += text)),
  );
  const status = await new Promise((resolve) => child.on("close", resolve));
  const wallNs = Number(process.hrtime.bigint() - began);
  const [stdout, stderr, usage] = texts as [string, string, string];
  if (status !== 0) throw new Error(`${args[0]} ended with status ${status}: ${stderr}`);
  return { stdout, wallNs, ...(JSON.parse(usage) as { cpuNs: number; rssPeakKb: number }) };
}

/** CPU time and resident memory of a running process, all its threads together (Linux). */
export function usageOf(pid: number): { cpuNs: number; rssKb: number } {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const times = tasks.map((task) =>
    Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ")[0]),
  );
  const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return { cpuNs: times.reduce((sum, time) => sum + time, 0), rssKb: Number(rss![1]) };
}

/** A rival's program as plain JavaScript, so that it pays for no types at its start. Returns the file. */
export function builtRival(name: string): string {
  const outfile = fileURLToPath(new URL(`bench/${name}.js`, buildFolder));
  const entry = fileURLToPath(new URL(`../rivals/${name}.ts`, import.meta.url));
  buildSync({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    logLevel: "error",
  });
  return outfile;
}
