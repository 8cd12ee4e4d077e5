// What the pages show is so: definitions lint, commands run as they stand, replay prints the lines of its page.
import { mkdtempSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT, folderWith, millrace, parsed, shell } from "./millrace.ts";

const PAGES = ["README.md", "docs/getting-started.md", "docs/definition-file.md", "docs/replay.md"];
const page = (name: string): string => readFileSync(join(ROOT, name), "utf8");
const fences = (name: string, kind: string): string[] =>
  [...page(name).matchAll(new RegExp(`^\`\`\`${kind}\n([\\s\\S]*?)^\`\`\``, "gm"))].map((match) => match[1]!);

/** A checkout of its own: all files of this one, and room for more. */
function checkout(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), "millrace-checkout-"));
  for (const name of readdirSync(ROOT))
    if (name !== ".git") symlinkSync(join(ROOT, name), join(folder, name));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

describe("definitions", () => {
  const definitions = PAGES.flatMap((name) =>
    fences(name, "yaml").map((text, index) => ({ name, index, text })),
  );

  it("are on the pages", () => {
    expect(new Set(definitions.map(({ name }) => name))).toEqual(new Set(PAGES.slice(0, 3)));
  });

  it.each(definitions)("$name, yaml $index: without a problem", async ({ text }) => {
    const cwd = folderWith({ "p.yaml": text });
    expect(await millrace(["lint", "p.yaml"], { cwd })).toEqual({
      status: 0,
      stdout: "p.yaml: ok\n",
      stderr: "",
    });
    expect(await millrace(["explain", "p.yaml"], { cwd })).toMatchObject({ status: 0, stderr: "" });
  });

  it("of examples/ are without a problem; README shows one of them", async () => {
    const files = readdirSync(join(ROOT, "examples")).map((name) => `examples/${name}`);
    const { status, stdout, stderr } = await millrace(["lint", ...files], { cwd: ROOT });
    expect({ status, stdout, stderr }).toEqual({
      status: 0,
      stdout: files.map((file) => `${file}: ok\n`).join(""),
      stderr: "",
    });
    expect(page("examples/plant.yaml")).toContain(fences("README.md", "yaml")[0]);
  });
});

describe("commands", () => {
  const [traffic] = fences("docs/getting-started.md", "yaml") as [string];

  it.each(["docs/getting-started.md", "docs/replay.md"])("%s: replay runs as it stands", async (name) => {
    const [command] = fences(name, "sh") as [string];
    const { status, stdout, stderr } = await shell(command, checkout({ "traffic.yaml": traffic }));
    expect([status, stderr]).toEqual([0, ""]);
    const lines = parsed(stdout);
    expect(lines.length).toBe(300);
    expect(lines[0]).toEqual({
      pipeline: "hourly",
      revision: 1,
      cause: "watermark",
      row: { window_start: "2015-09-01T11:00:00.000Z", n: 5, mean: 61.2, p99: expect.any(Number) },
    });
  });

  it("name verbs and options that there are", async () => {
    const docs = readdirSync(join(ROOT, "docs")).filter((name) => name.endsWith(".md"));
    const text = [...docs.map((name) => `docs/${name}`), "README.md", "sensors-sim/README.md"]
      .map(page)
      .join("\n");
    const mentions = [...text.matchAll(/(?:`millrace|millrace --) ([a-z]+)\b([^`\n]*)/g)];
    const verbs = new Set(mentions.map(([, verb]) => verb!));
    expect(verbs).toContain("replay");
    for (const verb of verbs) {
      const { status, stdout } = await millrace([verb, "--help"]);
      expect(status, `millrace ${verb}`).toBe(0);
      const options = mentions
        .filter((mention) => mention[1] === verb)
        .flatMap((mention) => mention[2]!.match(/--[a-z-]+/g) ?? []);
      for (const option of options)
        expect(`${stdout} --help`, `millrace ${verb} ${option}`).toContain(option);
    }
  });
});

describe("docs/replay.md", () => {
  const definition = `version: 1
sources: { plant: { mqtt: mqtt://b, topic: "s/{device}", format: json, time: { field: ts, unit: iso8601 } } }
pipelines:
  temp_10s:
    sql: |
      SELECT device, window_start, COUNT(*) AS n, AVG(temp) AS mean
      FROM TABLE(TUMBLE(TABLE plant, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY device, window_start, window_end
    late: side
`;
  const readings = [
    ["01", 20],
    ["02", 20.5],
    ["12.00025", null],
    ["09", 19],
  ]
    .map(([second, temp]) => `{"ts":"2013-12-02T21:00:${second}Z","device":"a","temp":${temp}}\n`)
    .join("");

  it("shows what is printed", async () => {
    const stdin = `${readings}${"\n".repeat(12)}{"ts":1,,}\n`;
    const cwd = folderWith({ "p.yaml": definition, "readings.ndjson": stdin });
    const { stdout, stderr } = await millrace(
      ["replay", "p.yaml", "readings.ndjson", "--summary", "s.json", "--no-flush"],
      { cwd },
    );
    const [lines, summary] = fences("docs/replay.md", "json") as [string, string];
    expect(stdout).toBe(lines);
    expect(stderr).toBe(fences("docs/replay.md", "text")[0]);
    const shown = JSON.parse(summary) as Record<string, object>;
    const written = JSON.parse(readFileSync(join(cwd, "s.json"), "utf8")) as Record<string, object>;
    expect(Object.keys(shown)).toEqual(Object.keys(written));
    for (const name of ["results", "late", "filtered", "nulled"])
      expect(Object.keys(shown[name]!)).toEqual(Object.keys(written[name]!));
    for (const name of Object.keys(written))
      expect(page("docs/replay.md")).toMatch(new RegExp(`^\\|.*\`${name}\`.*\\|`, "m"));
  });
});
