// The page's engine against the gateway's when something is wrong: a result changed on its way, a message lost, a
// viewer that is too slow, a gateway that is started again. A real gateway, a real browser.
import { createServer, type Server, type ServerResponse } from "node:http";
import { connectAsync, type MqttClient } from "mqtt";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { MESSAGE_CHUNK, MESSAGE_OUTPUTS } from "../../core/stream-protocol.ts";
import { type GatewayProcess, newFolder } from "../edges/support/gateway-process.ts";
import { type Mosquitto, startMosquitto } from "../services/mosquitto.ts";
import { freePort, until } from "../services/ports.ts";
import { sendFleet, startGateway } from "./support/plant.ts";
import { type StreamProxy, startStreamProxy } from "./support/stream-proxy.ts";
import { startBrowser, Visitor } from "./support/visitor.ts";

const MIB = 1024 * 1024;

let broker: Mosquitto;
let gateway: GatewayProcess;
let browser: Browser;
let proxy: StreamProxy;
let visitor: Visitor;
const folder = newFolder();
const stop = new AbortController();
let port: number;
let sending: Promise<unknown>;

beforeAll(async () => {
  broker = await startMosquitto();
  port = await freePort();
  gateway = startGateway(folder, broker.url, port);
  browser = await startBrowser();
  await gateway.ready();
  sending = sendFleet(broker.url, { devices: 20, rateHz: 200, seconds: Infinity }, stop.signal);
});
afterAll(async () => {
  stop.abort();
  await sending;
  await browser.close();
  await gateway.stop("SIGKILL");
  await broker.close();
});
beforeEach(async () => {
  proxy = await startStreamProxy(await gateway.address());
});
afterEach(async () => {
  await visitor.close();
  await proxy.close();
});

const open = async (): Promise<void> => {
  visitor = await Visitor.open(browser, proxy.address);
};

describe("equal: no", () => {
  it("when one digit of one result is another", async () => {
    await open();
    await visitor.says("equal", "equal: yes");
    const number = /"mean":(-?\d+\.\d*)(\d)/;
    let changed = false;
    proxy.onMessage = (message) => {
      const text = Buffer.from(message.body).toString();
      if (changed || message.kind !== MESSAGE_OUTPUTS || !number.test(text)) return message;
      changed = true;
      const body = Buffer.from(
        text.replace(number, (_, head, last) => `"mean":${head}${(Number(last) + 1) % 10}`),
      );
      return { ...message, body };
    };
    await visitor.says("equal", "equal: no");
    await visitor.says(
      "notice",
      /^The second engine differs: here \{"pipeline":"device_1s".*"mean":(\S+?),.*; gateway \{"pipeline":"device_1s".*"mean":(?!\1,)/,
    );
    // What was wrong once stays wrong: the page does not forget it while other results agree.
    const compared = await visitor.number("compared");
    await until("more results", async () => (await visitor.number("compared")) > compared + 20);
    expect(await visitor.equalities()).toEqual(["yes", "no"]);
  });

  it("when the gateway leaves a result out", async () => {
    await open();
    await visitor.says("equal", "equal: yes");
    let left = false;
    proxy.onMessage = (message) => {
      const lines = Buffer.from(message.body).toString().split("\n");
      if (left || message.kind !== MESSAGE_OUTPUTS || lines.length < 2) return message;
      left = true;
      return { ...message, body: Buffer.from(lines.slice(0, -1).join("\n")) };
    };
    await visitor.says("equal", "equal: no");
    await visitor.says("notice", /; gateway nothing$/);
  });

  it("when the input is not what the gateway had", async () => {
    await open();
    await visitor.says("equal", "equal: yes");
    // Temperatures around 20 become 90 and more; the frames stay as long as they are.
    proxy.onMessage = (message) => {
      if (message.kind !== MESSAGE_CHUNK) return message;
      return {
        ...message,
        body: Buffer.from(
          Buffer.from(message.body)
            .toString("latin1")
            .replaceAll(/"temp":\d/g, '"temp":9'),
          "latin1",
        ),
      };
    };
    await visitor.says("equal", "equal: no");
  });
});

describe("equal: paused", () => {
  it("when a message of the stream is lost; a new snapshot mends it", async () => {
    await open();
    await visitor.says("equal", "equal: yes");
    let lost = false;
    proxy.onMessage = (message) => {
      if (lost || message.kind !== MESSAGE_CHUNK) return message;
      lost = true;
      return null;
    };
    await visitor.says("equal", "equal: paused");
    await visitor.says("notice", /message \d+ is missing/);
    await visitor.says("equal", "equal: yes");
    await visitor.says("notice", "");
    expect(await visitor.equalities()).toEqual(["yes", "paused", "yes"]);
  });

  it("when the viewer falls behind by more than the gateway keeps for it", async () => {
    visitor = await Visitor.open(browser, await gateway.address());
    await visitor.says("equal", "equal: yes");
    const gate = await startGate();
    const worker = visitor.page.workers()[0]!;
    const blocked = worker.evaluate((url) => {
      const request = new XMLHttpRequest();
      request.open("GET", url, false);
      request.send();
      return request.responseText;
    }, gate.url);
    await gate.entered;
    // Far more than the gateway's 8 MB and what the connection itself holds; the gateway does not keep it.
    const before = await residentBytes();
    await sendBig(300 * MIB);
    expect(await residentBytes()).toBeLessThan(before + 200 * MIB);
    gate.open();
    expect(await blocked).toBe("open");
    await visitor.says("equal", "equal: paused");
    await visitor.says("equal", "equal: yes");
    expect(await visitor.equalities()).toEqual(["yes", "paused", "yes"]);
    await gate.close();
  });
});

describe("a gateway that is started again", () => {
  it("is found by the page, which keeps what was chosen", async () => {
    visitor = await Visitor.open(browser, await gateway.address());
    await visitor.says("equal", "equal: yes");
    await visitor.page.selectOption("#result", { label: "site_2s: highest" });
    await visitor.page.click('#devices li:has-text("site2/device6")');
    await visitor.says("title", "site2/device6");
    expect(await gateway.stop("SIGTERM")).toBe(0);
    await visitor.says("state", "gateway is away");
    await visitor.says("notice", "The gateway is away. This page connects again by itself.");
    await visitor.says("equal", "equal: –");
    gateway = startGateway(folder, broker.url, port);
    await visitor.says("state", "running");
    await visitor.says("equal", "equal: yes");
    await visitor.says("title", "site2/device6");
    expect(await visitor.page.locator("#result option:checked").textContent()).toBe("site_2s: highest");
    await visitor.says("notice", "");
  });
});

describe("a page that cannot work says so", () => {
  it("when the kernel is broken", async () => {
    proxy.onPath = (path) =>
      path === "/kernel.wasm" ? { status: 200, type: "application/wasm", body: "no kernel" } : null;
    await open();
    await visitor.says("notice", /the kernel does not load: CompileError/);
    await visitor.says("equal", "equal: –");
  });

  it("when its worker does not load", async () => {
    proxy.onPath = (path) =>
      path === "/worker.js" ? { status: 404, type: "text/plain", body: "nothing" } : null;
    await open();
    await visitor.says("notice", "The page's worker stopped: it did not load. Load the page again.");
    expect(await visitor.page.locator("#notice").isVisible()).toBe(true);
  });
});

/** A door that a blocked worker stands at: its answer comes when the test says so. */
async function startGate(): Promise<{
  url: string;
  entered: Promise<void>;
  open(): void;
  close(): Promise<void>;
}> {
  let waiting: ServerResponse | null = null;
  let enter = (): void => {};
  const entered = new Promise<void>((resolve) => (enter = resolve));
  const server: Server = createServer((_, response) => {
    waiting = response.setHeader("access-control-allow-origin", "*");
    enter();
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${address.port}/`,
    entered,
    open: () => void waiting?.end("open"),
    close: () => new Promise<void>((done) => server.close(() => done())),
  };
}

/** Readings with a long text beside them, acknowledged by the broker, and arrived at the gateway. */
async function sendBig(bytes: number): Promise<void> {
  const client: MqttClient = await connectAsync(broker.url);
  const pad = "x".repeat(100 * 1024);
  const count = Math.ceil(bytes / pad.length);
  for (let sent = 0; sent < count; sent++) {
    await client.publishAsync("plant/site9/big", JSON.stringify({ t: Date.now(), temp: sent, pad }), {
      qos: 1,
    });
  }
  await client.publishAsync("plant/site9/last", JSON.stringify({ t: Date.now(), temp: 1 }), { qos: 1 });
  await until("the last of them", async () => {
    const keys = (await gateway.progress()).sources[0].keys as number;
    return keys > 20 + 4 + 1;
  });
  await client.endAsync();
}

/** Resident memory of the gateway. */
async function residentBytes(): Promise<number> {
  return Number(/^process_resident_memory_bytes (\d+)/m.exec((await gateway.get("/metrics")).text)![1]);
}
