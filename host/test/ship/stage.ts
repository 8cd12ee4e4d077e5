// A stage of an image as a folder: entered with chroot in namespaces of its own, with this machine's tools (/usr/bin,
// /usr/lib) in the place of the base image's. Linux and root only, as the tests are. Imports nothing of the project.
import { type ChildProcess, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readlinkSync, realpathSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";

/** A stage while it is built, and the image in the end. */
export interface Stage {
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
exec chroot --groups=\${user#*:} --userspec=$user $root /usr/bin/env -i -C $folder "$@"
`;

/** A stage at its beginning: what its base image brings. */
export function newStage(root: string, base: string): Stage {
  layBase(root, base);
  return {
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

/** Resolves when a child has ended, with all that it said. */
export async function finished(child: ChildProcess): Promise<Finished> {
  let output = "";
  for (const stream of [child.stdout!, child.stderr!])
    stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const status = await new Promise<number>((resolve) => child.on("close", (code) => resolve(code ?? 1)));
  return { status, output };
}

/** The command line that runs `command` as process 1 in a stage; on a loopback of its own unless `network` is the host's. */
export function enter(stage: Stage, command: string[], mounts: Mount[], network: "host" | "own"): string[] {
  const env = Object.entries(stage.env).map(([name, value]) => `${name}=${value}`);
  const list = mounts.map(({ from, to }) => `${from}:${to}`).join(" ");
  const apart = ["--mount", "--propagation=private", "--pid", "--fork", "--kill-child"];
  if (network === "own") apart.push("--net");
  const script = [
    "sh",
    "-ec",
    network === "own" ? `ip link set lo up${ENTER}` : ENTER,
    "sh",
    stage.root,
    stage.user,
    stage.workdir,
    list,
  ];
  return ["unshare", ...apart, ...script, ...env, ...command];
}
