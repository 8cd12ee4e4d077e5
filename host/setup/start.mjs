// `npm start` and `npm run millrace -- VERB …`: installs and builds what is missing, then runs the verb with the
// checkout's own Node. Signals reach the verb once, whoever sent them; its status is ours.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { buildAll, install, node, root } from "./steps.mjs";

install();
buildAll();
const main = join(root, "host/cli/main.ts");
// In a process group of its own it gets each signal from us alone, and not a second time from the terminal.
const child = spawn(node, ["--disable-warning=ExperimentalWarning", main, ...process.argv.slice(2)], { stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
  });
}
child.on("error", (error) => {
  process.stderr.write(`millrace: cannot start ${node}: ${error.message}\n`);
  process.exit(4);
});
child.on("exit", (status, signal) => process.exit(status ?? (signal === null ? 4 : 128)));
