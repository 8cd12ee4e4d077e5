// The npm package: what the tarball holds, and that it works where it is installed, as a command and as a library.
import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { spawnChild } from "../services/children.ts";
import { Child } from "../services/child.ts";
import { until } from "../services/ports.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const folder = mkdtempSync(join(tmpdir(), "millrace-package-"));
const home = join(folder, "home");
const elsewhere = join(folder, "elsewhere");
const command = join(home, "node_modules/.bin/millrace");

// npm tells its scripts where it works; an npm below it is to look for itself.
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^npm_(config_local_prefix|package)/i.test(name)),
);

interface Packed {
  filename: string;
  size: number;
  unpackedSize: number;
  files: { path: string }[];
}
let packed: Packed;

beforeAll(async () => {
  for (const path of [home, elsewhere]) mkdirSync(path);
  const listing = join(folder, "listing.json");
  await run("sh", ["-c", `npm pack --silent --json --pack-destination ${folder} > ${listing}`], root);
  packed = Object.values(JSON.parse(readFileSync(listing, "utf8")))[0] as Packed;
  writeFileSync(join(home, "package.json"), JSON.stringify({ name: "home", private: true, type: "module" }));
  const options = ["--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];
  await run("npm", ["install", ...options, join(folder, packed.filename)], home);
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a command and returns its stdout. Throws with what it said when it fails. */
async function run(program: string, args: string[], cwd: string): Promise<string> {
  const child = spawnChild(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let [out, said] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const status = await new Promise((resolve) => child.on("close", resolve));
  if (status !== 0)
    throw new Error(`${program} ${args.join(" ")} ended with status ${String(status)}:\n${out}${said}`);
  return out;
}

const filesBelow = (path: string): string[] =>
  readdirSync(join(root, path), { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => relative(root, join(file.parentPath, file.name)));

test("the tarball holds the compiled rooms, the kernel, the page, the series, what README leads to, and nothing else", () => {
  const rooms = [
    "cli",
    "core",
    "effects",
    "encoders",
    "gateway",
    "language",
    "server",
    "sinks",
    "sources",
    "store",
  ];
  const sources = [...rooms.map((room) => `host/${room}`), "sensors-sim"]
    .flatMap(filesBelow)
    .concat(filesBelow("assembly/layout").filter((path) => !path.endsWith("/index.ts")))
    .concat("assembly/number/functions.ts", "assembly/number/math.ts")
    .filter((path) => path.endsWith(".ts") && !path.includes("/test/"));
  const compiled = sources.flatMap((path) =>
    [".js", ".d.ts"].map((end) => `dist/${path.replace(/\.ts$/, end)}`),
  );
  const page = ["index.html", "live.css", "live.js", "style.css", "worker.js"].map(
    (file) => `build/browser/${file}`,
  );
  const others = [
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "package.json",
    "build/kernel.wasm",
    "build/kernel-simd.wasm",
  ];
  const carried = [
    ...page,
    ...others,
    ...filesBelow("examples"),
    ...filesBelow("docs"),
    "assembly/README.md",
    ...filesBelow("sensors-sim/data"),
    "sensors-sim/README.md",
  ];
  const found = packed.files.map(({ path }) => path);
  expect(found.sort()).toEqual([...compiled, ...carried].sort());
});

test("it is small", () => {
  const installed = filesBelow(relative(root, join(home, "node_modules")));
  const bytes = installed.reduce((sum, path) => sum + statSync(join(root, path)).size, 0);
  const sizes = `tarball ${packed.size} bytes, unpacked ${packed.unpackedSize}, installed with its dependencies ${bytes}`;
  process.stdout.write(`${sizes}\n`);
  expect(packed.size).toBeLessThan(1_000_000);
  expect(bytes).toBeLessThan(30_000_000);
});

test("nothing to build with is installed with it, and nothing that only some machines run", () => {
  const files = readdirSync(join(home, "node_modules"), { recursive: true }).map(String);
  const tools = ["uWebSockets.js", "typescript", "assemblyscript", "esbuild", "node"];
  expect(files.filter((file) => tools.includes(file) || file.endsWith(".node"))).toEqual([]);
});

const DEFINITION = `version: 1
sources:
  plant: { mqtt: "mqtt://127.0.0.1:1", topic: "sensors/{device}", format: json, time: { field: t, unit: s } }
pipelines:
  mean_10s:
    sql: |
      SELECT device, window_start, COUNT(*) AS n, AVG(temp) AS mean
      FROM TABLE(TUMBLE(TABLE plant, DESCRIPTOR(t), INTERVAL '10' SECOND))
      GROUP BY device, window_start, window_end
`;
const RECORDS = [
  { t: 1, device: "a", temp: 20 },
  { t: 2, device: "a", temp: 21 },
  { t: 12, device: "a", temp: 22.5 },
];

function writeFiles(): void {
  writeFileSync(join(elsewhere, "plant.yaml"), DEFINITION);
  writeFileSync(
    join(elsewhere, "in.ndjson"),
    RECORDS.map((record) => `${JSON.stringify(record)}\n`).join(""),
  );
}

test("the command works from any folder", { timeout: 300_000 }, async () => {
  writeFiles();
  expect(await run("npx", ["--no-install", "--prefix", home, "millrace", "--version"], elsewhere)).toBe(
    `${version}\n`,
  );
  await run(command, ["lint", "plant.yaml"], elsewhere);
  const lines = (await run(command, ["replay", "plant.yaml", "in.ndjson"], elsewhere)).trim().split("\n");
  expect(lines.map((line) => JSON.parse(line).row)).toEqual([
    { device: "a", window_start: "1970-01-01T00:00:00.000Z", n: 2, mean: 20.5 },
    { device: "a", window_start: "1970-01-01T00:00:10.000Z", n: 1, mean: 22.5 },
  ]);
});

test(
  "the demo finds its broker, page, kernel and series in the package, and ends cleanly",
  { timeout: 300_000 },
  async () => {
    const demo = new Child(command, ["demo"], { cwd: elsewhere });
    const address = await until("the page's address", () => {
      if (demo.over) throw new Error(demo.output);
      return /live page\s+(http:\S+)/.exec(demo.output)?.[1];
    });
    expect(await (await fetch(`${address}/`)).text()).toContain("<title>");
    const results = join(elsewhere, "data/demo-results.ndjson");
    await until("results of fleet and series", () => {
      const text = readFileSync(results, "utf8");
      return text.includes("device_2s") && text.includes("history_daily");
    });
    await demo.stop("SIGINT");
    expect(await demo.ended, demo.output).toBe(0);
  },
);

test("it is a library with types", { timeout: 300_000 }, async () => {
  writeFiles();
  copyFileSync(new URL("consumer.ts.txt", import.meta.url), join(home, "consumer.ts"));
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const types = ["--typeRoots", join(root, "node_modules/@types"), "--types", "node"];
  const strict = ["--strict", "--module", "nodenext", "--target", "es2024", "--exactOptionalPropertyTypes"];
  await run(process.execPath, [tsc, ...strict, ...types, "consumer.ts"], home);
  const out = execFileSync(
    process.execPath,
    ["consumer.js", join(elsewhere, "plant.yaml"), join(elsewhere, "in.ndjson")],
    {
      cwd: home,
      encoding: "utf8",
    },
  );
  expect(
    out
      .trim()
      .split("\n")
      .map((line) => line.split(" ")[0]),
  ).toEqual(["1970-01-01T00:00:00.000Z", "1970-01-01T00:00:10.000Z"]);
});
