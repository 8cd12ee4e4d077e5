// Builds and runs an image without an engine: each stage is a folder that is entered with chroot in namespaces of its
// own, with this machine's tools (/usr/bin, /usr/lib) in the place of the base image's. Linux and root only, as the
// tests are. Every instruction that it does not know is an error. Imports nothing of the project.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
} from "node:fs";
import { readlinkSync, realpathSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative, resolve } from "node:path";
import { type Instruction, readDockerIgnore, readDockerfile } from "./dockerfile.ts";

/** A stage while it is built, and the image in the end. */
export interface Stage {
  base: string;
  root: string;
  env: Record<string, string>;
  user: string;
  workdir: string;
  volumes: string[];
  stopSignal: NodeJS.Signals;
  healthCheck: string[];
  entryPoint: string[];
  command: string[];
}

/** A folder or file of this machine, and where the container sees it. */
export interface Mount {
  from: string;
  to: string;
}

export interface Finished {
  status: number;
  /** stdout and stderr as they came. */
  output: string;
}

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Arguments: root, user, folder, mounts as FROM:TO, then `env`'s arguments. The command becomes process 1. */
const ENTER = `
root=$1 user=$2 folder=$3 mounts=$4; shift 4
for part in bin sbin lib lib64 share; do
  if [ -d /usr/$part ]; then mkdir -p $root/usr/$part; mount -o bind,ro /usr/$part $root/usr/$part; fi
done
mount --rbind /dev $root/dev
mount -t proc proc $root/proc
if [ -d /etc/ssl ]; then mkdir -p $root/etc/ssl; mount -o bind,ro /etc/ssl $root/etc/ssl; fi
for mount in $mounts; do
  from=\${mount%%:*} to=$root\${mount#*:}
  if [ -d $from ]; then mkdir -p $to; else mkdir -p $(dirname $to); touch $to; fi
  mount --bind $from $to
done
if ip link set lo up 2>/dev/null; then :; fi
exec chroot --groups=\${user#*:} --userspec=$user $root /usr/bin/env -i -C $folder "$@"
`;

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
    const root = join(this.folder, `stage-${name}`);
    layBase(root, base);
    const stage: Stage = {
      base,
      root,
      env: { PATH },
      user: "0:0",
      workdir: "/",
      volumes: [],
      stopSignal: "SIGTERM",
      healthCheck: [],
      entryPoint: [],
      command: [],
    };
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
    const [command, ...args] = enter({ ...stage, env }, ["sh", "-c", text], mounts);
    const { status, output } = await finished(spawn(command!, args));
    if (status !== 0) throw new Error(`RUN ${text} ended with status ${status}:\n${output}`);
  }
}

async function finished(child: ChildProcess): Promise<Finished> {
  let output = "";
  for (const stream of [child.stdout!, child.stderr!])
    stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const status = await new Promise<number>((resolve) => child.on("close", (code) => resolve(code ?? 1)));
  return { status, output };
}

/** The command line that runs `command` as process 1 in a stage. */
function enter(stage: Stage, command: string[], mounts: Mount[], namespaces: string[] = []): string[] {
  const env = Object.entries(stage.env).map(([name, value]) => `${name}=${value}`);
  const list = mounts.map(({ from, to }) => `${from}:${to}`).join(" ");
  const apart = ["--mount", "--propagation=private", "--pid", "--fork", "--kill-child", ...namespaces];
  const script = ["sh", "-ec", ENTER, "sh", stage.root, stage.user, stage.workdir, list];
  return ["unshare", ...apart, ...script, ...env, ...command];
}

/** A container: the image's entry point as process 1, in namespaces of its own for processes, files and network. */
export class Container {
  stdout = "";
  stderr = "";
  /** Resolves with the exit status of process 1. */
  readonly ended: Promise<number | NodeJS.Signals>;
  private readonly image: Stage;
  private readonly outer: ChildProcess;

  constructor(image: Stage, mounts: Mount[], args: string[] = image.command) {
    this.image = image;
    const [command, ...rest] = enter(image, [...image.entryPoint, ...args], mounts, ["--net"]);
    this.outer = spawn(command!, rest, { stdio: ["ignore", "pipe", "pipe"] });
    this.outer.stdout!.on("data", (chunk: Buffer) => (this.stdout += chunk.toString()));
    this.outer.stderr!.on("data", (chunk: Buffer) => (this.stderr += chunk.toString()));
    const kill = (): void => void this.outer.kill("SIGKILL");
    process.on("exit", kill);
    this.ended = new Promise((resolve) => {
      this.outer.on("close", (status, signal) => {
        process.removeListener("exit", kill);
        resolve(status ?? signal ?? 1);
      });
    });
  }

  /** Process 1 as this machine numbers it. Throws when there is none. */
  get pid(): number {
    const pid = Number(
      readFileSync(`/proc/${this.outer.pid}/task/${this.outer.pid}/children`, "utf8").trim(),
    );
    if (!(pid > 0)) throw new Error(`the container has ended: ${this.stderr}`);
    return pid;
  }

  /** Runs a command beside process 1, as `docker exec` does. Returns its status and what it printed. */
  exec(command: string[]): Promise<Finished> {
    const env = Object.entries(this.image.env).map(([name, value]) => `${name}=${value}`);
    const [uid, gid] = this.image.user.split(":");
    const into = [
      "--target",
      `${this.pid}`,
      "--mount",
      "--pid",
      "--net",
      "--root",
      "--setuid",
      uid!,
      "--setgid",
      gid!,
    ];
    return finished(
      spawn("nsenter", [...into, "/usr/bin/env", "-i", "-C", this.image.workdir, ...env, ...command]),
    );
  }

  /** Sends the image's stop signal to process 1, as `docker stop` does, and resolves with the exit status. */
  async stop(): Promise<number | NodeJS.Signals> {
    process.kill(this.pid, this.image.stopSignal);
    const forced = setTimeout(() => this.outer.kill("SIGKILL"), 30_000);
    const status = await this.ended;
    clearTimeout(forced);
    return status;
  }

  kill(): void {
    this.outer.kill("SIGKILL");
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

/** An empty root that looks like Debian; images of Node have Node and npm in /usr/local. */
function layBase(root: string, base: string): void {
  for (const folder of ["dev", "proc", "etc", "root", "tmp", "usr/local/bin", "usr/local/lib"]) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  for (const link of ["bin", "sbin", "lib", "lib64"]) {
    if (existsSync(`/${link}`)) symlinkSync(readlinkSync(`/${link}`), join(root, link));
  }
  for (const file of ["hosts", "resolv.conf", "nsswitch.conf", "ld.so.cache", "passwd", "group"]) {
    if (existsSync(`/etc/${file}`)) cpSync(realpathSync(`/etc/${file}`), join(root, "etc", file));
  }
  if (base.startsWith("debian:")) return;
  if (!base.startsWith("node:")) throw new Error(`FROM ${base}: only Debian and Node are known`);
  const local = join(root, "usr/local");
  cpSync(process.execPath, join(local, "bin/node"));
  cpSync(dirname(dirname(npmProgram())), join(local, "lib/node_modules/npm"), { recursive: true });
  symlinkSync("../lib/node_modules/npm/bin/npm-cli.js", join(local, "bin/npm"));
}

/** The file npm-cli.js of this machine's npm. */
function npmProgram(): string {
  return realpathSync(spawnSync("sh", ["-c", "command -v npm"], { encoding: "utf8" }).stdout.trim());
}

function npmCache(): string {
  return spawnSync("npm", ["config", "get", "cache"], { encoding: "utf8" }).stdout.trim();
}

function chown(path: string, owner: string): void {
  const [uid, gid] = owner.split(":").map(Number);
  lchownSync(path, uid!, gid!);
  if (lstatSync(path).isDirectory()) for (const name of readdirSync(path)) chown(join(path, name), owner);
}
