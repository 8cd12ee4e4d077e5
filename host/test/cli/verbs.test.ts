// What all verbs have in common: the overview, help that is true, errors that name what was meant.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT, folderWith, millrace } from "./millrace.ts";

const VERBS = ["demo", "run", "replay", "record", "lint", "explain", "sim"];

describe("millrace", () => {
  it("lists its verbs", async () => {
    const { status, stdout, stderr } = await millrace(["--help"]);
    expect([status, stderr]).toEqual([0, ""]);
    expect([...stdout.matchAll(/^ {2}(\w+) {2,}\w/gm)].map((match) => match[1])).toEqual(VERBS);
  });

  it("says its version", async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
    expect(await millrace(["--version"])).toEqual({ status: 0, stdout: `${version}\n`, stderr: "" });
  });

  it("proposes a verb for one that it does not know", async () => {
    expect(await millrace(["reply"])).toEqual({
      status: 1,
      stdout: "",
      stderr: `error  MR154  no verb "reply": did you mean replay? (verbs: ${VERBS.join(", ")})\n`,
    });
    expect((await millrace(["toString"])).stderr).toMatch(/^error {2}MR154 {2}no verb "toString"/);
  });

  it("lint finds what the kernel would refuse at the start", async () => {
    const { stdout } = await millrace(["lint", join(ROOT, "examples/traffic.yaml")]);
    expect(stdout).toMatch(/: ok/);
    const traffic = readFileSync(join(ROOT, "examples/traffic.yaml"), "utf8");
    const cwd = folderWith({ "small.yaml": `${traffic}\nlimits: { keys: 1000000, memory: 4MB }\n` });
    const { status, stderr } = await millrace(["lint", "small.yaml"], { cwd });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^small\.yaml:\d+:1 {2}error {2}MR503 {2}.*limits\.memory is too small/);
    expect(stderr).toMatch(/limits: \{ keys: 1000000, memory: 4MB \}\n.*\^{6}/);
  });

  it.each(["lint", "explain"])("%s writes to a pipe without colours, whatever the terminal", async (verb) => {
    const cwd = folderWith({ "bad.yaml": "version: 1\nsuorces: {}\n" });
    const env = { TERM: "xterm-256color", FORCE_COLOR: "1" };
    const file = join(ROOT, "examples/traffic.yaml");
    const fine = await millrace([verb, file], { cwd, env });
    expect([fine.status, fine.stderr]).toEqual([0, ""]);
    const bad = await millrace([verb, "bad.yaml"], { cwd, env });
    expect([bad.status, bad.stdout]).toEqual([1, ""]);
    expect(bad.stderr).toContain("MR102");
    expect(fine.stdout + bad.stderr).not.toContain("\u001b");
  });
});

describe.each(VERBS)("millrace %s --help", (verb) => {
  it("says how it is used, names every option, and has an example with files that are there", async () => {
    const { status, stdout, stderr } = await millrace([verb, "--help"]);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(new RegExp(`^Usage: millrace ${verb} `));
    const example = new RegExp(`^Example: millrace ${verb} (.*)\n$`, "m").exec(stdout)![1]!;
    for (const [file] of example.matchAll(/\S+\.(yaml|csv)/g))
      expect(existsSync(join(ROOT, file)), file).toBe(true);

    const unknown = await millrace([verb, "--xyzzyxyzzy"]);
    expect(unknown.status).toBe(1);
    const known = /the options are (.*)\n$/.exec(unknown.stderr)![1]!.split(", ");
    const body = stdout.slice(0, stdout.indexOf("Example:"));
    expect(new Set([...body.matchAll(/--[a-z-]+/g)].map(([name]) => name).concat("--help"))).toEqual(
      new Set(known),
    );
  });
});
