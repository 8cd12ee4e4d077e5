// `npm test [-- NAME …]`: installs, builds, brings up what the tests need, and runs them; NAME keeps the test
// files whose path holds it.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ensureServices } from "./services.mjs";
import { buildAll, environment, install, node, root } from "./steps.mjs";

install();
buildAll();
ensureServices();
const vitest = join(root, "node_modules/vitest/vitest.mjs");
const done = spawnSync(node, [vitest, "run", ...process.argv.slice(2)], {
  cwd: root,
  stdio: "inherit",
  env: environment,
});
process.exit(done.status ?? 1);
