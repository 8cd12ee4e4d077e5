// Steps that every command of a checkout begins with: install what the lock file says, build what is missing or
// older than its sources. Plain JavaScript for the system's Node (20 or newer), because nothing is installed yet.
// What is there already is not made again: each step keeps a stamp of what it was made from.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));
const bin = join(root, "node_modules", ".bin");

/** Node 24 of the checkout's own packages. */
export const node = join(bin, "node");

/** Environment in which the checkout's own tools come first. */
export const environment = { ...process.env, PATH: `${bin}:${process.env.PATH}` };

/** Says what goes on, on stderr: stdout belongs to the verb. */
export function say(text) {
  process.stderr.write(`${text}\n`);
}

/** Ends the process with one sentence on what to do. */
export function giveUp(text, status = 1) {
  say(`millrace: ${text}`);
  process.exit(status);
}

/** Runs a command with its output on stderr; its status must be 0. */
export function must(command, args, what, options = {}) {
  const done = spawnSync(command, args, { cwd: root, stdio: ["ignore", 2, 2], env: environment, ...options });
  if (done.status === 0) return;
  const reason = done.error ? done.error.message : `it ended with status ${done.status}`;
  giveUp(`${what} failed: ${reason}. The lines above say why.`);
}

/** Files below the given paths, without what tools made. */
export function filesBelow(paths) {
  const files = [];
  const visit = (path) => {
    if (!existsSync(path)) return;
    if (statSync(path).isDirectory()) {
      for (const name of readdirSync(path).sort()) if (name !== "node_modules") visit(join(path, name));
    } else files.push(path);
  };
  for (const path of paths) visit(join(root, path));
  return files;
}

/** Hash over the names and contents of files. */
export function hashOf(files, extra = "") {
  const hash = createHash("sha256").update(extra);
  for (const file of files)
    hash.update(relative(root, file)).update("\0").update(readFileSync(file)).update("\0");
  return hash.digest("hex");
}

/** Runs `make` unless the stamp says that it was made from the same inputs, and the outputs are there. */
export function upToDate(stamp, hash, outputs, make) {
  const file = join(root, stamp);
  const made = existsSync(file) && readFileSync(file, "utf8") === hash;
  if (made && outputs.every((output) => existsSync(join(root, output)))) return;
  make();
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, hash);
}

/** Installs the packages of package-lock.json. */
export function install() {
  const lock = join(root, "package-lock.json");
  upToDate("node_modules/.millrace-installed", hashOf([lock]), ["node_modules/.bin/node"], () => {
    say("millrace: installing packages (once)");
    must("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], "npm ci", { env: process.env });
  });
}

/** Builds the kernel, plain and SIMD. */
export function buildKernel() {
  const targets = ["release", "release-simd"];
  const outputs = ["build/kernel.wasm", "build/kernel-simd.wasm"];
  upToDate("build/.kernel", hashOf(filesBelow(["assembly", "package-lock.json"])), outputs, () => {
    say("millrace: building the kernel");
    const asc = join(root, "node_modules/assemblyscript/bin/asc.js");
    for (const target of targets) {
      must(
        node,
        [asc, "assembly/index.ts", "--config", "assembly/asconfig.json", "--target", target],
        `asc ${target}`,
      );
    }
  });
}

/** Bundles the live page and its worker; everything they need is in the bundle. */
export function buildBrowser() {
  const rooms = ["host/browser", "host/core", "host/language", "host/encoders", "host/setup/bundle.mjs"];
  const sources = filesBelow([...rooms, "assembly/layout", "assembly/number", "package-lock.json"]);
  upToDate("build/.browser", hashOf(sources), ["build/browser/index.html"], () => {
    say("millrace: bundling the live page");
    must(node, [join(root, "host/setup/bundle.mjs")], "the bundle of the live page");
  });
}

/** Compiles the TypeScript for the package: Node runs no .ts below node_modules. */
export function buildPackage() {
  const rooms = ["host", "sensors-sim", "assembly/layout", "assembly/number"];
  const sources = filesBelow([...rooms, "tsconfig.json", "package-lock.json"]);
  const inPackage = sources.filter((file) => !/[/\\](test|browser)[/\\]|\.mjs$/.test(file));
  upToDate("build/.package", hashOf(inPackage), ["dist/host/cli/main.js"], () => {
    say("millrace: compiling the package");
    rmSync(join(root, "dist"), { recursive: true, force: true });
    must(join(bin, "tsc"), ["-p", "host/setup/tsconfig.package.json"], "tsc");
  });
}

export function buildAll() {
  buildKernel();
  buildBrowser();
}
