// The page for everybody: contrast in light and dark, names and roles, keyboard, narrow windows, nothing that jumps.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type GatewayProcess, newFolder } from "../edges/support/gateway-process.ts";
import { type Mosquitto, startMosquitto } from "../services/mosquitto.ts";
import { until } from "../services/ports.ts";
import { sendFleet, startGateway } from "./support/plant.ts";
import { startBrowser, Visitor } from "./support/visitor.ts";

let broker: Mosquitto;
let gateway: GatewayProcess;
let browser: Browser;
let sending: Promise<unknown>;
const stop = new AbortController();

beforeAll(async () => {
  broker = await startMosquitto();
  gateway = startGateway(newFolder(), broker.url);
  browser = await startBrowser();
  await gateway.ready();
  sending = sendFleet(broker.url, { devices: 30, rateHz: 300, seconds: Infinity }, stop.signal);
});
afterAll(async () => {
  stop.abort();
  await sending;
  await browser.close();
  await gateway.stop("SIGKILL");
  await broker.close();
});

/** Texts whose contrast with what is behind them is below WCAG 2.2's 4.5 (3 for large text), and the lowest ratio. */
function poorContrast(): string[] {
  const rgb = (color: string): number[] => (color.match(/[\d.]+/g) ?? []).map(Number);
  const light = (color: number[]): number => {
    const [r, g, b] = color.map((part) =>
      part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4,
    ) as [number, number, number];
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (from: Element): number[] => {
    for (let at: Element | null = from; at !== null; at = at.parentElement) {
      const color = rgb(getComputedStyle(at).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color.slice(0, 3);
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll<HTMLElement>("body *")].flatMap((element) => {
    const own = [...element.childNodes].some(
      (node) => node.nodeType === Node.TEXT_NODE && node.textContent!.trim() !== "",
    );
    const disabled = element.closest(":disabled") !== null;
    if (
      !own ||
      disabled ||
      !element.checkVisibility() ||
      ["SCRIPT", "OPTION", "NOSCRIPT"].includes(element.tagName)
    )
      return [];
    const style = getComputedStyle(element);
    const [a, b] = [light(rgb(style.color)), light(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const large = Number.parseFloat(style.fontSize) >= 24;
    return ratio < (large ? 3 : 4.5)
      ? [`${element.tagName} "${element.textContent}" ${ratio.toFixed(2)}`]
      : [];
  });
}

describe.each(["light", "dark"] as const)("in %s", (colorScheme) => {
  it("every text stands out from what is behind it, in every state", async () => {
    const visitor = await Visitor.open(browser, await gateway.address(), { colorScheme });
    await visitor.says("equal", "equal: yes");
    await visitor.page.click("#devices li:nth-child(3)");
    expect(await visitor.page.evaluate(poorContrast)).toEqual([]);
    for (const kind of ["good", "bad", "wait"]) {
      await visitor.page.evaluate((name) => {
        const notice = document.getElementById("notice")!;
        notice.hidden = false;
        notice.className = name === "wait" ? "wait" : "";
        notice.textContent = "words";
        const pill = document.body.appendChild(document.createElement("span"));
        pill.className = `pill ${name}`;
        pill.textContent = name;
      }, kind);
      expect(await visitor.page.evaluate(poorContrast)).toEqual([]);
    }
    // The check can fail.
    const poor = colorScheme === "light" ? "#999" : "#555";
    await visitor.page.evaluate((dim) => document.body.style.setProperty("--dim", dim), poor);
    expect(await visitor.page.evaluate(poorContrast)).not.toEqual([]);
    await visitor.close();
  });
});

describe("names and roles", () => {
  it("let one who does not see the page find everything", async () => {
    const visitor = await Visitor.open(browser, await gateway.address());
    const { page } = visitor;
    await visitor.says("equal", "equal: yes");
    expect(await page.title()).toBe("plant · millrace");
    expect(await page.locator("html").getAttribute("lang")).toBe("en");
    for (const [role, name] of [
      ["heading", "millrace"],
      ["combobox", "Source"],
      ["combobox", "Readings"],
      ["combobox", "Results"],
      ["navigation", "Devices"],
      ["searchbox", "Search devices"],
      ["listbox", "Devices"],
      ["img", /^All devices Chart of readings/],
      ["region", /^Latest results/],
      ["columnheader", "Window end (UTC)"],
    ] as const) {
      expect(await page.getByRole(role, { name, exact: true }).count(), `${role} ${name}`).toBeGreaterThan(0);
    }
    expect((await page.getByRole("status").allTextContents()).sort()).toEqual(["equal: yes", "running"]);
    expect(await page.getByRole("option", { selected: true }).first().textContent()).toMatch(
      /plant|All devices/,
    );
    await visitor.close();
  });

  it("devices are chosen and compared by keys alone", async () => {
    const visitor = await Visitor.open(browser, await gateway.address());
    const { page } = visitor;
    await until("devices", async () => (await visitor.devices()).length === 30);
    await page.focus("#filter");
    await page.keyboard.type("device1");
    await visitor.says("more", /^11 of 30 found/);
    const [first, second, third] = await visitor.devices();
    await page.keyboard.press("Enter");
    await page.keyboard.press("ArrowDown");
    await visitor.says("title", first!);
    await page.keyboard.press("ArrowDown");
    await visitor.says("title", second!);
    await page.keyboard.press("Control+ArrowDown");
    await page.keyboard.press("Space");
    await visitor.says("title", `${second}, ${third}`);
    const active = await page.locator("#devices").getAttribute("aria-activedescendant");
    expect(await page.locator(`#${active} span`).first().textContent()).toBe(third);
    await page.keyboard.press("Escape");
    await visitor.says("title", "All devices");
    await visitor.close();
  });
});

describe("room", () => {
  it.each([320, 390, 800, 1280, 1920])(
    "a window of %i pixels needs no scrolling to the side",
    async (width) => {
      const visitor = await Visitor.open(browser, await gateway.address(), {
        viewport: { width, height: 800 },
      });
      await until("devices", async () => (await visitor.devices()).length === 30);
      await visitor.page.click("#devices li:nth-child(3)");
      await until("the chart", async () => (await visitor.pixels("--series-1")) > 10);
      expect(await visitor.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
        width,
      );
      await visitor.close();
    },
  );

  it("nothing jumps while numbers, lists and charts fill", async () => {
    const visitor = await Visitor.open(browser, await gateway.address());
    const boxes = (): Promise<string[]> =>
      visitor.page.evaluate(() =>
        [...document.querySelectorAll("header > *, #numbers div, nav, section, #chart, .scroll")].map(
          (element) => {
            const { x, y, width, height } = element.getBoundingClientRect();
            return `${element.tagName}.${element.className || element.id} ${[x, y, width, height].map(Math.round).join(" ")}`;
          },
        ),
      );
    await until("devices", async () => (await visitor.devices()).length === 30);
    await visitor.says("equal", "equal: yes");
    await visitor.says("rate-out", /\d/);
    await until(
      "a first row",
      async () => (await visitor.page.locator("#results td").first().textContent()) !== "",
    );
    const before = await boxes();
    const compared = await visitor.number("compared");
    await until("many results", async () => (await visitor.number("compared")) > compared + 150);
    expect(await boxes()).toEqual(before);
    await visitor.close();
  });
});
