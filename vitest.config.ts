import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./host/test/support/longest-first.ts";

export default defineConfig({
  test: {
    include: ["host/test/**/*.test.ts", "sensors-sim/**/*.test.ts", "bench/**/*.test.ts"],
    reporters: ["default", "json"],
    outputFile: { json: "build/test-results.json" },
    setupFiles: ["host/test/support/setup.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    // Tests start the command line hundreds of times: compiled code that is kept saves half of each start.
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL("build/compile-cache", import.meta.url)) },
  },
});
