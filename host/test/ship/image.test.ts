// The container image: the Dockerfile is linted, its steps run in clean folders, and the image works as a user runs
// it: a definition mounted, healthy, results, a clean stop as process 1 that is not root.
import {
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { validate } from "dockerfile-utils";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Child } from "../services/child.ts";
import { until } from "../services/ports.ts";
import { Container } from "./container.ts";
import { readDockerIgnore, readDockerfile } from "./dockerfile.ts";
import { ImageBuild } from "./image.ts";
import type { Stage } from "./stage.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const text = readFileSync(join(root, "Dockerfile"), "utf8");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

const DEFINITION = `version: 1
sources:
  plant:
    mqtt: mqtt://127.0.0.1:1883
    topic: sensors/{site}/{device}/telemetry
    format: json
    time: { field: t, unit: ms }
    clock: source
pipelines:
  each_second:
    sql: |
      SELECT device, window_start, COUNT(*) AS n, AVG(temp) AS mean
      FROM TABLE(TUMBLE(TABLE plant, DESCRIPTOR(t), INTERVAL '1' SECOND))
      GROUP BY device, window_start, window_end
    to: { file: /data/results.ndjson }
`;

describe("the Dockerfile", () => {
  test("the linter finds nothing, and would", () => {
    expect(validate(text).map(({ message }) => message)).toEqual([]);
    expect(validate(`${text}\nEXPOSE many\n`)).toHaveLength(1);
  });

  test("bases are Debian 13 slim and the Node that the checkout is tested with", () => {
    const bases = readDockerfile(text).flatMap(({ keyword, words }) =>
      keyword === "FROM" ? [words[0]] : [],
    );
    const node = `node:${manifest.devDependencies.node}-trixie-slim`;
    expect(bases).toEqual([node, node, "debian:13-slim"]);
  });

  test("only what the build reads is sent to the builder", () => {
    const ignored = readDockerIgnore(readFileSync(join(root, ".dockerignore"), "utf8"));
    const kept = [
      "package.json",
      "host/cli/main.ts",
      "assembly/index.ts",
      "sensors-sim/data/README.md",
      "examples/demo.yaml",
    ];
    const out = [
      ".git",
      ".env",
      "node_modules/ws/index.js",
      "build/kernel.wasm",
      "host/test/checks.test.ts",
      "data",
    ];
    expect(kept.filter(ignored)).toEqual([]);
    expect(out.filter((path) => !ignored(path))).toEqual([]);
  });
});

describe("the image", () => {
  const build = new ImageBuild();
  const folder = mkdtempSync(join(tmpdir(), "millrace-volume-"));
  const definition = { from: join(folder, "plant.yaml"), to: "/etc/millrace/pipeline.yaml" };
  let image: Stage;

  beforeAll(async () => {
    writeFileSync(definition.from, DEFINITION);
    image = await build.build(root);
  }, 600_000);
  afterAll(() => {
    build.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test("holds Node, the package and /data, and nothing to build with", () => {
    const local = join(image.root, "usr/local");
    expect(readdirSync(join(local, "bin")).sort()).toEqual(["millrace", "node"]);
    expect(readdirSync(join(local, "lib"))).toEqual(["millrace"]);
    const packages = readdirSync(join(local, "lib/millrace/node_modules"));
    expect(packages).toEqual(
      expect.arrayContaining(Object.keys(manifest.dependencies).map((name) => name.replace(/\/.*/, ""))),
    );
    expect(packages).not.toContain("typescript");
    expect(image).toMatchObject({
      user: "1000:1000",
      workdir: "/data",
      volumes: ["/data"],
      stopSignal: "SIGTERM",
    });
    const { uid, gid } = statSync(join(image.root, "data"));
    expect([uid, gid]).toEqual([1000, 1000]);
  });

  test("holds nothing that is made for one kind of machine, but Node", () => {
    const files = readdirSync(join(image.root, "usr/local/lib"), { recursive: true, withFileTypes: true });
    const native = files.filter((file) => {
      if (!file.isFile()) return false;
      return readFileSync(join(file.parentPath, file.name)).subarray(0, 4).equals(Buffer.from("\x7fELF"));
    });
    expect(native.map(({ name }) => name)).toEqual([]);
  });

  test("other verbs are given in the place of the command", { timeout: 300_000 }, async () => {
    const container = new Container(image, [definition], ["lint", definition.to]);
    expect(await container.ended, container.stderr).toBe(0);
    const version = new Container(image, [], ["--version"]);
    expect(await version.ended).toBe(0);
    expect(version.stdout.trim()).toBe(manifest.version);
  });

  test(
    "runs a mounted definition as process 1, healthy, and stops cleanly with its state in /data",
    { timeout: 300_000 },
    async () => {
      const container = new Container(image, [definition]);
      const healthy = async (): Promise<boolean> => (await container.exec(image.healthCheck)).status === 0;
      let broker: Child | null = null;
      try {
        await until("the container to be healthy", healthy);
        const status = readFileSync(`/proc/${container.pid}/status`, "utf8");
        expect(status).toMatch(/^NSpid:\t\d+\t1$/m);
        expect(readlinkSync(`/proc/${container.pid}/exe`)).toMatch(/usr\/local\/bin\/node$/);
        expect(status).toMatch(/^Uid:\t1000\t1000\t1000\t1000$/m);
        expect(status).toMatch(/^Groups:\t(1000 )?$/m);
        // Its network is its own: the broker comes to it.
        broker = new Child("nsenter", ["--target", `${container.pid}`, "--net", "mosquitto", "-p", "1883"]);
        await until("the gateway to be ready", () => container.stderr.includes("\nready"));
        const sent = await container.exec([
          "millrace",
          "sim",
          "--seconds",
          "3",
          "--devices",
          "5",
          "--rate",
          "200",
          "--json",
        ]);
        expect(sent.status, sent.output).toBe(0);
        const results = join(image.root, "data/results.ndjson");
        await until("results in /data", () => readFileSync(results, "utf8").split("\n").length > 5);
        expect(await container.stop(), container.stderr).toBe(0);
        expect(JSON.parse(readFileSync(results, "utf8").split("\n")[0]!)).toMatchObject({
          pipeline: "each_second",
        });
        const state = readdirSync(join(image.root, "data")).map(
          (name) => statSync(join(image.root, "data", name)).uid,
        );
        expect(state.length).toBeGreaterThan(1);
        expect(state.filter((uid) => uid !== 1000)).toEqual([]);
        expect(await healthy().catch(() => false)).toBe(false);
      } finally {
        await broker?.stop();
        container.kill();
      }
    },
  );
});
