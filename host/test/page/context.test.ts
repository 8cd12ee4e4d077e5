// The context of streams on its way: retained at a real broker before the gateway starts, on a topic of its own, into
// results and onto the live page.
import { connectAsync } from "mqtt";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { GatewayProcess, newFolder } from "../edges/support/gateway-process.ts";
import { type Mosquitto, startMosquitto } from "../services/mosquitto.ts";
import { until } from "../services/ports.ts";
import { startBrowser, Visitor } from "./support/visitor.ts";

let broker: Mosquitto;
let gateway: GatewayProcess;
let browser: Browser;
let visitor: Visitor;
let client: Awaited<ReturnType<typeof connectAsync>>;

const definition = (url: string): string => `
version: 1
sources:
  press:
    mqtt: ${url}
    topic: press/{line}
    format: json
    time: { field: t, unit: s }
    max_ahead: off
    context:
      topic: about/{line}
      parameters: { temp: { name: oil, min: -40, format: "0.0" } }
pipelines:
  readings:
    sql: SELECT line, temp, UNIT(temp) AS unit, IN_RANGE(temp) AS ok, STREAM_STATE() AS state FROM press
    to: stdout
`;

const send = (topic: string, message: unknown, retain = false): Promise<unknown> =>
  client.publishAsync(topic, JSON.stringify(message), { qos: 1, retain });

beforeAll(async () => {
  broker = await startMosquitto();
  client = await connectAsync(broker.url);
  const temp = { unit: "°C", max: 125 };
  await send("about/7", { state: "open", properties: {}, parent: "run 12", parameters: { temp } }, true);
  gateway = new GatewayProcess(newFolder(), definition(broker.url), ["--http", "127.0.0.1:0"]);
  browser = await startBrowser();
  await gateway.ready();
});
afterAll(async () => {
  await browser.close();
  await client.endAsync();
  await gateway.stop("SIGKILL");
  await broker.close();
});

it("comes before the records, holds for those behind it, and is shown", async () => {
  await send("press/7", { t: 1, temp: 20 });
  await send("press/8", { t: 1, temp: 20 });
  await send("about/7", { state: "aborted" });
  await send("press/7", { t: 2, temp: 126 });
  const progress = await until("the records", async () => {
    const { sources } = await gateway.progress();
    return sources[0].accepted === 3 ? (sources[0] as unknown) : null;
  });
  expect(progress).toMatchObject({ received: 3, contextMessages: 2 });
  const metrics = (await gateway.get("/metrics")).text;
  expect(metrics).toContain('millrace_context_messages_total{source="press"} 2\n');
  expect(metrics).toContain('millrace_streams{source="press"} 1\n');

  visitor = await Visitor.open(browser, await gateway.address());
  // A visitor has readings of what comes while it is there.
  const line = await until("the device", async () => {
    await send("press/7", { t: 3, temp: 21 });
    const row = visitor.page.locator("#devices li", { hasText: "7" });
    return (await row.count()) === 1 ? row : null;
  });
  await line.click();
  const about = visitor.page.locator("#about li");
  await until("what is known of it", async () => ((await about.count()) === 1 ? true : null));
  expect(await about.textContent()).toBe(
    "ended: aborted · parent run 12 · temp (oil) in °C, -40 to 125, shown as 0.0",
  );
  await until("both engines", async () => ((await visitor.number("compared")) > 0 ? true : null));
  expect(await visitor.text("equal")).toBe("equal: yes");

  await gateway.stop("SIGTERM");
  const rows = gateway.lines().map((line) => (JSON.parse(line) as { row: unknown }).row);
  expect(rows.slice(0, 3)).toEqual([
    { line: "7", temp: 20, unit: "°C", ok: true, state: "open" },
    { line: "8", temp: 20, unit: null, ok: true, state: null },
    { line: "7", temp: 126, unit: "°C", ok: false, state: "aborted" },
  ]);
});
