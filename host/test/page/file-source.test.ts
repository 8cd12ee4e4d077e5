// A source of a bounded file on the live page: its end closes every window in both engines. The file is a named pipe,
// so that the visitor is there before its end. Imports nothing of the project but its own services.
import { execFileSync } from "node:child_process";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { GatewayProcess, newFolder } from "../edges/support/gateway-process.ts";
import { startMosquitto } from "../services/mosquitto.ts";
import { until } from "../services/ports.ts";
import { startBrowser, Visitor } from "./support/visitor.ts";

it.each(["json", "csv"] as const)(
  "%s: the end of a file closes its windows here as there",
  async (format) => {
    const folder = newFolder();
    execFileSync("mkfifo", [join(folder, "readings")]);
    const [broker, browser] = await Promise.all([startMosquitto(), startBrowser()]);
    const gateway = new GatewayProcess(
      folder,
      `
version: 1
sources:
  notes: { file: readings, format: ${format}, time: { field: t, unit: s } }
  plant: { mqtt: "${broker.url}", topic: "plant/{device}", format: json, time: { field: t, unit: s } }
pipelines:
  minutes:
    sql: |
      SELECT device, window_start, SUM(v) AS total FROM TABLE(TUMBLE(TABLE notes, DESCRIPTOR(t), INTERVAL '1' MINUTE))
      GROUP BY device, window_start, window_end
  other: { sql: "SELECT device, t, v FROM plant WHERE v > 0" }
`,
    );
    const pipe = await open(join(folder, "readings"), "w");
    const visitor = await Visitor.open(browser, await gateway.address());
    await visitor.says("state", "running");
    const line = (device: string, t: number, v: number): string =>
      format === "json" ? `${JSON.stringify({ device, t, v })}\n` : `${v},,${device},${t}\n`;
    if (format === "csv") await pipe.write("v,unused,device,t\n");
    await pipe.write(
      line("a", 0, 1) + line("b", 1, 2) + line("a", 59, 3) + line("a", 60, 4) + line("c", 30, 5),
    );
    await until("the devices", async () => (await visitor.devices()).join() === "a,b,c");
    // One window is closed by a reading, three by the end.
    await visitor.says("compared", "1 compared");
    await pipe.close();
    await visitor.says("compared", "4 compared");
    await visitor.says("equal", "equal: yes");
    const keys = await visitor.page.locator("#results td:first-child").allTextContents();
    expect(keys.filter((key) => key !== "").toSorted()).toEqual(["a", "a", "b", "c"]);
    await browser.close();
    await gateway.stop("SIGKILL");
    await broker.close();
  },
);
