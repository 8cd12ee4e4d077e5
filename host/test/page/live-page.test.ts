// What a visitor sees of a running gateway with a thousand devices, in a real browser without a network.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SimReport } from "../../../sensors-sim/report.ts";
import { type GatewayProcess, newFolder } from "../edges/support/gateway-process.ts";
import { type Mosquitto, startMosquitto } from "../services/mosquitto.ts";
import { until } from "../services/ports.ts";
import { sendFleet, startGateway } from "./support/plant.ts";
import { startBrowser, Visitor } from "./support/visitor.ts";

const DEVICES = 1000;

let folder: string;
let broker: Mosquitto;
let gateway: GatewayProcess;
let browser: Browser;
let visitor: Visitor;
let report: SimReport;
let ratesSeen: { in: number; out: number };

beforeAll(async () => {
  broker = await startMosquitto();
  folder = newFolder();
  gateway = startGateway(folder, broker.url);
  browser = await startBrowser();
  await gateway.ready();
  const stop = new AbortController();
  const sending = sendFleet(broker.url, { devices: DEVICES, rateHz: 2500, seconds: Infinity }, stop.signal);
  // The visitor comes in the middle.
  await gateway.received(3000);
  visitor = await Visitor.open(browser, await gateway.address());
  ratesSeen = await until("rates", async () => {
    const rates = { in: await visitor.number("rate-in"), out: await visitor.number("rate-out") };
    return rates.in > 0 && rates.out > 0 ? rates : null;
  });
  // Every device has had several windows by then.
  await until("results of both engines", async () => (await visitor.number("compared")) > 3 * DEVICES);
  stop.abort();
  report = await sending;
  await gateway.received(report.messages);
});
afterAll(async () => {
  await browser.close();
  await gateway.stop("SIGKILL");
  await broker.close();
});

/** Sums of the gateway's own counters. */
async function metrics(): Promise<(name: string) => number> {
  const lines = (await gateway.get("/metrics")).text.split("\n");
  return (name) =>
    lines
      .filter((line) => line.startsWith(`${name}{`))
      .reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

describe("the live page", () => {
  it("shows the gateway's own numbers", async () => {
    const of = await metrics();
    expect(of("millrace_records_received_total")).toBe(report.messages);
    const wanted = {
      received: report.messages,
      "results-total": of("millrace_pipeline_results_total"),
      late: of("millrace_pipeline_late_records_total"),
      refused: of("millrace_records_refused_total"),
      keys: of("millrace_keys"),
    };
    expect(wanted.refused).toBe(report.faults.malformed);
    expect(Math.min(...Object.values(wanted))).toBeGreaterThan(0);
    for (const [id, value] of Object.entries(wanted)) await visitor.says(id, value.toLocaleString("en"));
    expect(ratesSeen.in).toBeLessThan(report.messages);
    await visitor.says("state", "running");
  });

  it("shows that the input has stopped: rates fall to nothing, the watermark falls behind", async () => {
    await visitor.says("rate-in", "0.0");
    const before = (await metrics())("millrace_watermark_delay_seconds");
    const shown = await until("a delay after that", async () => {
      const text = await visitor.text("delay");
      expect(text).toMatch(/^\d+\.\d s$|^\d+ min$/);
      const seconds = text.endsWith(" s") ? Number.parseFloat(text) : Infinity;
      return seconds > before ? seconds : null;
    });
    if (shown !== Infinity)
      expect(shown).toBeLessThan((await metrics())("millrace_watermark_delay_seconds") + 0.1);
  });

  it("comes to the gateway's results with its own engine, from a snapshot in the middle", async () => {
    await visitor.says("equal", "equal: yes");
    expect(await visitor.equalities()).toEqual(["yes"]);
    expect(await visitor.number("compared")).toBeGreaterThan(3 * DEVICES);
  });

  it("asks nobody but the gateway", async () => {
    const { origin } = new URL(await gateway.address());
    expect(visitor.requests.filter((url) => new URL(url).origin.replace("ws:", "http:") !== origin)).toEqual(
      [],
    );
    const paths = visitor.requests.map((url) => new URL(url).pathname);
    expect(paths).toEqual(
      expect.arrayContaining(["/", "/live.js", "/worker.js", "/kernel.wasm", "/live.css", "/style.css"]),
    );
    expect(visitor.errors).toEqual([]);
  });

  it("lists a hundred of the devices and finds the others by name", async () => {
    expect(await visitor.devices()).toHaveLength(100);
    await visitor.says("more", "100 shown, 900 more: search by name.");
    expect((await visitor.devices()).slice(0, 3)).toEqual([
      "site0/device0",
      "site0/device4",
      "site0/device8",
    ]);
    await visitor.page.fill("#filter", "DEVICE77");
    await visitor.says("more", /^11 of 1,000 found\./);
    expect(await visitor.devices()).toContain("site2/device770");
    await visitor.page.fill("#filter", "nothing of that name");
    await visitor.says("more", /^0 of 1,000 found\./);
    await visitor.page.fill("#filter", "");
    await visitor.says("more", /^100 shown/);
  });

  it("draws results of all devices as a range, and those of one with its readings", async () => {
    await visitor.says("title", "All devices");
    expect(await visitor.pixels("--series-2")).toBeGreaterThan(100);
    await visitor.page.click("#devices li:nth-child(4)");
    await visitor.says("title", "site0/device8");
    const legend = async (): Promise<string[]> =>
      (await visitor.page.locator("#chart .u-legend .u-label").allTextContents())
        .slice(1)
        .map((text) => text.trim());
    await until("its series", async () => (await legend()).join() === "temp,device_1s mean");
    expect(await visitor.pixels("--series-2")).toBeGreaterThan(100);
    expect(await visitor.pixels("--series-1")).toBeGreaterThan(20);
    await visitor.page.click("#devices li:nth-child(6)", { modifiers: ["Control"] });
    await visitor.says("title", "site0/device8, site0/device16");
    await until("both", async () => (await legend()).length === 4);
    await visitor.page.selectOption("#result", { label: "site_2s: highest" });
    await visitor.says("latest", "Latest results of site_2s");
    // Devices of one site have its results; the table shows them once, the newest first.
    const keys = await visitor.page.locator("#results td:first-child").allTextContents();
    expect(new Set(keys)).toEqual(new Set(["site0", ""]));
    const ends = (await visitor.page.locator("#results td:nth-child(2)").allTextContents()).filter(
      (text) => text !== "",
    );
    expect(ends).toEqual([...new Set(ends)].toSorted().reverse());
  });

  it("shows the values of the gateway's results", async () => {
    await visitor.page.selectOption("#result", { label: "device_1s: mean" });
    await visitor.page.click("#devices li:nth-child(4)");
    await until(
      "the device's results",
      async () =>
        (await visitor.text("latest")) === "Latest results of device_1s" &&
        (await visitor.page.locator("#results td").first().textContent()) === "site0/device8",
    );
    const [key, end, n, mean] = await visitor.page.locator("#results tr:first-child td").allTextContents();
    const lines = readFileSync(join(folder, "results.ndjson"), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const theirs = lines.findLast(
      ({ pipeline, row, late }) => pipeline === "device_1s" && !late && row.device === "device8",
    );
    expect([key, end, n]).toEqual([
      "site0/device8",
      theirs.row.window_end.replace("T", " ").slice(0, 19),
      String(theirs.row.n),
    ]);
    expect(Number(mean)).toBeCloseTo(theirs.row.mean, 3);
  });
});
