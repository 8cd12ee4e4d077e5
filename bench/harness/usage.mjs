// Preloaded into measured programs (`node --import`): writes what the process used, from its start to its end, to
// file descriptor 3. The same for every contestant.
import { readFileSync, writeSync } from "node:fs";

process.on("exit", () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  let rssPeakKb = maxRSS;
  // Linux counts the parent's memory into maxRSS of a process that it forked.
  if (process.platform === "linux")
    rssPeakKb = Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]);
  writeSync(3, JSON.stringify({ cpuNs: (userCPUTime + systemCPUTime) * 1000, rssPeakKb }));
});
