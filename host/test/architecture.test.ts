// The structure, held by a test: who may import whom, what portable code must not touch, what the kernel may export.
// The rules are those of docs/architecture.md; a failure names the file, the line and the allowed direction.
import { readFileSync, readdirSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

interface SourceFile {
  path: string;
  text: string;
}

function filesBelow(folder: string): SourceFile[] {
  return readdirSync(join(root, folder)).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(join(root, path)).isDirectory()) return filesBelow(path);
    return /\.(ts|mjs)$/.test(name) ? [{ path, text: readFileSync(join(root, path), "utf8") }] : [];
  });
}

const files = ["assembly", "host", "sensors-sim", "bench"]
  .filter((folder) => readdirSync(root).includes(folder))
  .flatMap(filesBelow);

/** The room of a file, and what a room may import besides itself. */
const ALLOWED: Record<string, string[]> = {
  "assembly/layout": [],
  assembly: ["assembly/layout"],
  "host/core": ["assembly/layout", "assembly/number/math"],
  "host/language": ["host/core", "assembly/layout"],
  "host/encoders": ["host/core", "host/language"],
  "host/effects": ["host/core"],
  "host/store": ["host/core", "host/language"],
  "host/sources": ["host/core", "host/language"],
  "host/sinks": ["host/core", "host/language", "host/encoders", "host/sources"],
  "host/gateway": ["host/core", "host/language", "host/encoders", "host/sources", "host/sinks", "host/store"],
  "host/server": ["host/core", "host/language", "host/encoders", "host/effects", "host/gateway"],
  "host/cli": [
    "host/core",
    "host/language",
    "host/encoders",
    "host/sources",
    "host/sinks",
    "host/store",
    "host/gateway",
    "host/server",
    "host/effects",
    "sensors-sim",
  ],
  "host/browser": ["host/core", "host/language", "host/encoders"],
  "host/setup": [],
  "sensors-sim": ["host/core"],
};

function roomOf(path: string): string | null {
  if (path.startsWith("assembly/layout/")) return "assembly/layout";
  if (/^assembly\/number\/(math|functions)\.ts$/.test(path)) return "assembly/number/math";
  if (path.includes("/test/") || path.startsWith("host/test")) return null;
  if (path.startsWith("bench/")) return null;
  const parts = path.split("/");
  return parts[0] === "host" ? parts.slice(0, 2).join("/") : parts[0]!;
}

const IMPORT = /(?:^|\n)\s*(?:import|export)\s[^;]*?from\s+"(\.[^"]+)"|import\("(\.[^"]+)"\)/g;

/** What is wrong with a file's imports, one line each. */
function importProblems(file: SourceFile): string[] {
  const room = roomOf(file.path);
  if (room === null) return [];
  const allowed = ALLOWED[room] ?? [];
  return [...file.text.matchAll(IMPORT)].flatMap((match) => {
    const target = normalize(join(dirname(file.path), match[1] ?? match[2]!));
    const path = /\.(ts|mjs|css)$/.test(target) ? target : `${target}.ts`;
    const other = roomOf(path);
    const line = file.text.slice(0, match.index).split("\n").length + 1;
    const fine =
      other === room ||
      (other !== null && (allowed.includes(other) || (room === "assembly" && other.startsWith("assembly"))));
    return fine
      ? []
      : [`${file.path}:${line} imports ${path}: ${room} may import ${allowed.join(", ") || "nothing else"}`];
  });
}

interface Ban {
  where: RegExp;
  pattern: RegExp;
  instead: string;
}

const PORTABLE = /^(assembly\/layout|assembly\/number\/(math|functions)\.|host\/core\/|host\/language\/)/;
const BANS: Ban[] = [
  { where: PORTABLE, pattern: /\bperformance\.now\b/, instead: "time comes in as a tick" },
  { where: PORTABLE, pattern: /\bset(Timeout|Interval|Immediate)\b/, instead: "the engine has no timers" },
  {
    where: PORTABLE,
    pattern: /\bMath\.(pow|exp|log\w*|sin|cos|tan|hypot|cbrt)\b/,
    instead: "engines differ: assembly/number/math.ts",
  },
  { where: PORTABLE, pattern: /(?<!\dn) \*\* /, instead: "engines differ: assembly/number/math.ts" },
  {
    where: /^host\/(core|language|browser|encoders\/replay-line)/,
    pattern: /from "node:/,
    instead: "it runs in browsers",
  },
  {
    where: /^assembly\/(?!memory\/)/,
    pattern: /\b(load|store)<|\bv128\.(load|store)\b/,
    instead: "memory/raw.ts",
  },
  { where: /^(assembly|host)\//, pattern: /\bmemory\.grow\b|\.grow\(/, instead: "memory is fixed at start" },
  {
    where: /^(?!host\/effects\/|bench\/)/,
    pattern: /\bDate\.now\b/,
    instead: "host/effects/clock.ts",
  },
  { where: /^(host|sensors-sim)\//, pattern: /\bMath\.random\b/, instead: "chance comes from a seed" },
];

function banProblems(file: SourceFile): string[] {
  if (/\/test\//.test(file.path)) return [];
  const code = file.text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, (comment) => comment.replace(/[^\n]/g, " "));
  return BANS.filter((ban) => ban.where.test(file.path)).flatMap((ban) => {
    const at = code.search(ban.pattern);
    return at < 0
      ? []
      : [`${file.path}:${code.slice(0, at).split("\n").length} uses ${ban.pattern.source}: ${ban.instead}`];
  });
}

/** Files that start by themselves. */
const ENTRIES =
  /^(assembly\/(layout\/)?index|host\/cli\/main|host\/browser\/(live|worker|css\.d)|host\/setup\/(build|start|test|bench|bundle)|bench\/|host\/(core|language)\/index|host\/test\/|sensors-sim\/test\/)/;

function orphans(): string[] {
  const imported = new Set(
    files.flatMap((file) =>
      [...file.text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map((match) => {
        const target = normalize(join(dirname(file.path), match[1]!));
        return /\.(ts|mjs)$/.test(target) ? target : `${target}.ts`;
      }),
    ),
  );
  return files.map((file) => file.path).filter((path) => !ENTRIES.test(path) && !imported.has(path));
}

describe("architecture", () => {
  test("imports go in the allowed direction", () => {
    expect(files.flatMap(importProblems)).toEqual([]);
  });

  test("each room keeps its hands off what is not its own", () => {
    expect(files.flatMap(banProblems)).toEqual([]);
  });

  test("no file is left that nobody imports", () => {
    expect(orphans()).toEqual([]);
  });

  test.each(["kernel", "kernel-simd"])("%s: at most 12 exports, memory is its only import", (name) => {
    const module = new WebAssembly.Module(readFileSync(join(root, `build/${name}.wasm`)));
    expect(WebAssembly.Module.imports(module)).toEqual([{ module: "env", name: "memory", kind: "memory" }]);
    expect(WebAssembly.Module.exports(module).length).toBeLessThanOrEqual(12);
  });

  test("the checks can fail", () => {
    const bad = (path: string, text: string): SourceFile => ({ path, text });
    expect(
      importProblems(bad("host/core/x.ts", 'import { run } from "../cli/verbs/run.ts";\n')),
    ).toHaveLength(1);
    expect(
      importProblems(bad("assembly/window/x.ts", 'import { y } from "../../host/core/y";\n')),
    ).toHaveLength(1);
    expect(banProblems(bad("host/core/x.ts", "const now = Date.now();\n"))).toHaveLength(1);
    expect(banProblems(bad("host/core/x.ts", "const now = performance.now();\n"))[0]).toContain("tick");
    expect(banProblems(bad("host/language/x.ts", "const x = a ** b;\n"))).toHaveLength(1);
    expect(banProblems(bad("assembly/window/x.ts", "store<u8>(0, 1);\n"))).toHaveLength(1);
    expect(banProblems(bad("sensors-sim/x.ts", "const x = Math.random();\n"))).toHaveLength(1);
  });
});
