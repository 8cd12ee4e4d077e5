// Somebody who looks at the live page: a real Chromium that finds no host but loopback, and keeps what it asked for
// and what went wrong. Imports nothing of the project: it sees what a person sees.
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { until } from "../../services/ports.ts";

/** A browser for the tests of a file. */
export function startBrowser(): Promise<Browser> {
  const offline = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1";
  return chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", offline],
  });
}

export class Visitor {
  readonly page: Page;
  /** Addresses of all requests of page and worker. */
  readonly requests: string[] = [];
  /** What the console shows as errors, and exceptions. */
  readonly errors: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.context().on("request", (request) => this.requests.push(request.url()));
    page.on("websocket", (socket) => this.requests.push(socket.url()));
    page.on("console", (message) => {
      if (message.type() === "error") this.errors.push(message.text());
    });
    page.on("pageerror", (error) => this.errors.push(error.message));
  }

  /** Opens the page; from then on every text of the badge for equality is kept, see `equalities`. */
  static async open(
    browser: Browser,
    address: string,
    options: BrowserContextOptions = {},
  ): Promise<Visitor> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    const visitor = new Visitor(await context.newPage());
    await visitor.page.goto(address);
    await visitor.page.evaluate(() => {
      const badge = document.getElementById("equal")!;
      const seen = [badge.textContent];
      Object.assign(window, { equalitiesSeen: seen });
      new MutationObserver(() => seen.push(badge.textContent)).observe(badge, {
        childList: true,
        characterData: true,
        subtree: true,
      });
    });
    return visitor;
  }

  close(): Promise<void> {
    return this.page.context().close();
  }

  async text(id: string): Promise<string> {
    return (await this.page.locator(`#${id}`).textContent()) ?? "";
  }

  /** The number that an element shows, NaN when it shows none. */
  async number(id: string): Promise<number> {
    return Number.parseFloat((await this.text(id)).replaceAll(",", ""));
  }

  /** Resolves once the element says the text. */
  async says(id: string, wanted: string | RegExp): Promise<void> {
    let last = "";
    await until(`#${id} to say ${wanted}`, async () => {
      last = await this.text(id);
      return typeof wanted === "string" ? last === wanted : wanted.test(last);
    }).catch((error: Error) => {
      throw new Error(`${error.message}; it says "${last}"; errors: ${this.errors.join("; ") || "none"}`);
    });
  }

  /** What equality was since the page was opened, in order: `yes`, `no`, `paused`; not when it is not known yet. */
  async equalities(): Promise<string[]> {
    const texts = await this.page.evaluate(
      () => (window as unknown as { equalitiesSeen: string[] }).equalitiesSeen,
    );
    const states = texts.map((text) => text.replace("equal: ", "")).filter((state) => state !== "–");
    return states.filter((state, index) => state !== states[index - 1]);
  }

  /** Names in the list of devices, the one for all left out. */
  async devices(): Promise<string[]> {
    return (await this.page.locator("#devices li span:first-child").allTextContents()).slice(1);
  }

  /** How many pixels of the chart have about the colour of a variable of the style sheet. */
  pixels(variable: string): Promise<number> {
    return this.page.evaluate((name) => {
      const probe = document.body.appendChild(document.createElement("i"));
      probe.style.color = `var(${name})`;
      const [red, green, blue] = getComputedStyle(probe).color.match(/\d+/g)!.map(Number) as [
        number,
        number,
        number,
      ];
      probe.remove();
      const canvas = document.querySelector<HTMLCanvasElement>("#chart canvas");
      if (canvas === null || canvas.width === 0) return 0;
      const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
      let count = 0;
      for (let at = 0; at < data.length; at += 4) {
        const apart =
          Math.abs(data[at]! - red) + Math.abs(data[at + 1]! - green) + Math.abs(data[at + 2]! - blue);
        if (data[at + 3]! > 100 && apart < 12) count++;
      }
      return count;
    }, variable);
  }
}
