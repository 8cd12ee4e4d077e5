// Bundles the live page: page and worker each into one file, styles into one, nothing from elsewhere at run time.
import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { root } from "./steps.mjs";

const from = join(root, "host/browser");
const to = join(root, "build/browser");
await mkdir(to, { recursive: true });
await build({
  entryPoints: {
    live: join(from, "live.ts"),
    worker: join(from, "worker.ts"),
    style: join(from, "live.css"),
  },
  outdir: to,
  bundle: true,
  format: "esm",
  target: "es2024",
  minify: true,
  logLevel: "warning",
});
await cp(join(from, "index.html"), join(to, "index.html"));
