// What the tests need besides npm's packages: mosquitto and Chromium (Debian's packages), Kafka (Maven Central).
// Each is looked for first and installed when it is missing; what cannot be installed ends with what to do.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { giveUp, root, say } from "./steps.mjs";

export const KAFKA_VERSION = "4.4.0";

/** Where downloads are kept between checkouts. */
export const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "millrace");
export const kafkaJars = join(cache, `kafka-${KAFKA_VERSION}`);

const has = (command) => spawnSync("sh", ["-c", `command -v ${command}`]).status === 0;

const debian = [
  { command: "openssl", packages: ["openssl"] },
  { command: "mosquitto", packages: ["mosquitto"] },
  { command: "chromium", packages: ["chromium"] },
];

function ensureDebian() {
  const missing = debian.filter(({ command }) => !has(command) && !existsSync(`/usr/sbin/${command}`));
  if (missing.length === 0) return;
  const packages = missing.flatMap((entry) => entry.packages);
  const what = `apt-get install -y --no-install-recommends ${packages.join(" ")}`;
  if (process.getuid?.() !== 0 || !has("apt-get")) giveUp(`the tests need ${packages.join(" and ")}: install them (as root on Debian: ${what})`);
  say(`millrace: installing ${packages.join(", ")} (once)`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const run = (args) => spawnSync("apt-get", args, { stdio: ["ignore", "ignore", 2], env }).status === 0;
  run(["update", "-qq"]);
  if (!run(["install", "-y", "-qq", "--no-install-recommends", ...packages])) giveUp(`\`${what}\` failed: the lines above say why`);
  // The package starts a broker of its own where an init system runs; the tests start theirs on free ports.
}

function ensureKafka() {
  if (existsSync(kafkaJars) && readdirSync(kafkaJars).length > 30) return;
  if (!has("java") || !has("mvn")) giveUp("the tests need a JDK 17 or newer and Maven for a real Kafka: install them (Debian: apt-get install openjdk-17-jdk-headless maven)");
  say(`millrace: fetching Kafka ${KAFKA_VERSION} (once)`);
  mkdirSync(kafkaJars, { recursive: true });
  const goal = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";
  const args = ["-q", "-B", "-f", join(root, "host/test/services/kafka-pom.xml"), goal, "-DincludeScope=runtime", `-DoutputDirectory=${kafkaJars}`];
  if (spawnSync("mvn", args, { stdio: ["ignore", 2, 2] }).status !== 0) giveUp("Maven could not fetch Kafka: the lines above say why");
}

export function ensureServices() {
  ensureDebian();
  ensureKafka();
}
