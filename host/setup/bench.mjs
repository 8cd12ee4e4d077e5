// `npm run bench [-- …]`: installs and builds, then runs the benchmarks with the checkout's own Node.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { buildAll, buildPackage, environment, install, node, root } from "./steps.mjs";

install();
buildAll();
buildPackage();
const main = join(root, "bench/main.ts");
const args = ["--disable-warning=ExperimentalWarning", main, ...process.argv.slice(2)];
const done = spawnSync(node, args, { cwd: root, stdio: "inherit", env: environment });
process.exit(done.status ?? 1);
