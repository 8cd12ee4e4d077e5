// `npm start` and `npm run millrace -- VERB …`: installs and builds what is missing, then runs the verb with the
// checkout's own Node. Signals reach the verb once, whoever sent them, for a second one means "at once"; its status
// is ours. Imports steps.mjs.
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { join } from "node:path";
import { buildAll, install, node, root } from "./steps.mjs";

install();
buildAll();

/** npm hands a signal on that the terminal sent us already; a person who asks twice takes longer than this. */
const SAME_SIGNAL_MS = 400;

// At a terminal the verb is in our process group, gets Ctrl-C from the terminal and may read it. Elsewhere it has a
// group of its own, so that a signal to the whole group reaches it only through us.
const terminal = process.stdin.isTTY === true;
const main = join(root, "host/cli/main.ts");
const args = ["--disable-warning=ExperimentalWarning", main, ...process.argv.slice(2)];
// Compiled code is kept between two starts: it saves half of a start.
const env = { NODE_COMPILE_CACHE: join(root, "build/compile-cache"), ...process.env };
const child = spawn(node, args, { stdio: "inherit", detached: !terminal, env });
let last = { signal: "", at: 0 };
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    if (terminal && signal === "SIGINT") return;
    const again = last.signal === signal && performance.now() - last.at < SAME_SIGNAL_MS;
    if (again) return;
    last = { signal, at: performance.now() };
    child.kill(signal);
  });
}
child.on("error", (error) => {
  process.stderr.write(`millrace: cannot start ${node}: ${error.message}\n`);
  process.exit(4);
});
child.on("exit", (status, signal) => process.exit(status ?? 128 + constants.signals[signal]));
