import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["host/test/**/*.test.ts", "sensors-sim/**/*.test.ts", "bench/**/*.test.ts"],
    reporters: ["default", "json"],
    outputFile: { json: "build/test-results.json" },
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
});
