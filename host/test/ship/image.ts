// Builds an image without an engine: runs a Dockerfile's steps, each stage a folder (stage.ts). Every instruction that
// it does not know is an error. Imports nothing of the project.
import { spawn, spawnSync } from "node:child_process";
import {
  cpSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, relative, resolve } from "node:path";
import { type Instruction, readDockerIgnore, readDockerfile } from "./dockerfile.ts";
import { type Mount, type Stage, enter, finished, newStage } from "./stage.ts";

/** What a build needs to reach npm's registry on a machine behind a proxy; what npm has is not asked for again. */
const NETWORK =
  /^(https?_proxy|no_proxy|NODE_EXTRA_CA_CERTS|npm_config_(registry|cafile|noproxy|https?_proxy))$/i;
const network = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => NETWORK.test(name))),
  npm_config_prefer_offline: "true",
};

export class ImageBuild {
  readonly folder = mkdtempSync(join(tmpdir(), "millrace-image-"));
  private readonly stages = new Map<string, Stage>();

  /** Runs every step of the Dockerfile in `context` and returns the last stage. Throws with the output of a step that fails. */
  async build(context: string): Promise<Stage> {
    if (spawnSync("unshare", ["--mount", "--pid", "--net", "--fork", "true"]).status !== 0) {
      throw new Error(
        "the image's tests need root that may make namespaces (inside a container: a privileged one)",
      );
    }
    const ignored = readDockerIgnore(readFileSync(join(context, ".dockerignore"), "utf8"));
    const sent = join(this.folder, "context");
    copyContext(context, sent, ignored);
    let stage: Stage | null = null;
    for (const step of readDockerfile(readFileSync(join(context, "Dockerfile"), "utf8"))) {
      if (step.keyword === "FROM") stage = this.begin(step);
      else if (stage === null) throw new Error(`${step.keyword} before FROM`);
      else await this.take(stage, step, sent);
    }
    return stage!;
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private begin({ words }: Instruction): Stage {
    const [base = "", as, name = `${this.stages.size}`] = words;
    if (as !== undefined && as.toUpperCase() !== "AS") throw new Error(`FROM ${words.join(" ")}`);
    const stage = newStage(join(this.folder, `stage-${name}`), base);
    this.stages.set(name, stage);
    return stage;
  }

  private async take(stage: Stage, step: Instruction, sent: string): Promise<void> {
    switch (step.keyword) {
      case "LABEL":
      case "EXPOSE":
        return;
      case "ENV":
        for (const word of step.words) stage.env[word.replace(/=.*/, "")] = word.replace(/^[^=]*=/, "");
        return;
      case "USER":
        stage.user = step.text;
        return;
      case "WORKDIR":
        stage.workdir = resolve(stage.workdir, step.text);
        mkdirSync(join(stage.root, stage.workdir), { recursive: true });
        return;
      case "VOLUME":
        stage.volumes.push(...(step.strings.length > 0 ? step.strings : step.words));
        return;
      case "STOPSIGNAL":
        stage.stopSignal = step.text as NodeJS.Signals;
        return;
      case "HEALTHCHECK":
        stage.healthCheck = step.strings;
        return;
      case "ENTRYPOINT":
        stage.entryPoint = step.strings;
        return;
      case "CMD":
        stage.command = step.strings;
        return;
      case "COPY":
        return this.copy(stage, step, sent);
      case "RUN":
        return this.run(stage, step);
      default:
        throw new Error(`${step.keyword} ${step.text}: no step of this builder`);
    }
  }

  private copy(stage: Stage, { flags, words }: Instruction, sent: string): void {
    const name = flags.get("from");
    const from = name === undefined ? sent : this.stages.get(name)?.root;
    if (from === undefined) throw new Error(`COPY --from=${name}: no such stage`);
    const sources = words.slice(0, -1);
    const target = words.at(-1)!;
    const into = join(stage.root, resolve(stage.workdir, target));
    for (const source of sources) {
      const path = join(from, source);
      const keepsName = !statSync(path).isDirectory() && (sources.length > 1 || target.endsWith("/"));
      const to = keepsName ? join(into, basename(path)) : into;
      cpSync(path, to, { recursive: true, verbatimSymlinks: true });
      const owner = flags.get("chown");
      if (owner !== undefined) chown(to, owner);
    }
  }

  private async run(stage: Stage, { flags, text }: Instruction): Promise<void> {
    const mounts: Mount[] = [];
    const cache = flags.get("mount");
    if (cache !== undefined) {
      if (cache !== "type=cache,target=/root/.npm")
        throw new Error(`RUN --mount=${cache}: only npm's cache is known`);
      mounts.push({ from: npmCache(), to: "/root/.npm" });
    }
    const env: Record<string, string> = { ...stage.env, ...network, HOME: "/root" };
    const [command, ...args] = enter({ ...stage, env }, ["sh", "-c", text], mounts, "host");
    const { status, output } = await finished(spawn(command!, args));
    if (status !== 0) throw new Error(`RUN ${text} ended with status ${status}:\n${output}`);
  }
}

function copyContext(from: string, to: string, ignored: (path: string) => boolean): void {
  for (const name of readdirSync(from)) {
    if (ignored(name)) continue;
    cpSync(join(from, name), join(to, name), {
      recursive: true,
      filter: (path) => !ignored(relative(from, path)),
    });
  }
}

function npmCache(): string {
  return spawnSync("npm", ["config", "get", "cache"], { encoding: "utf8" }).stdout.trim();
}

function chown(path: string, owner: string): void {
  const [uid, gid] = owner.split(":").map(Number);
  lchownSync(path, uid!, gid!);
  if (lstatSync(path).isDirectory()) for (const name of readdirSync(path)) chown(join(path, name), owner);
}
