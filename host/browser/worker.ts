// The page's worker: the connection to the gateway, the second engine and what is kept of the past, away from
// drawing. Bounded: the gateway stops sending input to a viewer that is behind; then a new snapshot is asked for.
// Imports core, second-engine, history.
import type { Plan } from "../core/plan/plan.ts";
import type { Hello, Stats } from "../core/stream-protocol.ts";
import {
  bigintFromJson,
  decodeMessage,
  MESSAGE_CHUNK,
  MESSAGE_FLUSH,
  MESSAGE_OUTPUTS,
  MESSAGE_SNAPSHOT,
  MESSAGE_TEXT,
  MESSAGE_TICK,
} from "../core/stream-protocol.ts";
import { History } from "./history.ts";
import type { Look, ToPage, ToWorker, View } from "./messages.ts";
import { SecondEngine } from "./second-engine.ts";
import { StreamWords } from "./streams.ts";

const RETRY_MS = 1000;
const RESYNC_MS = 2000;
/** Numbers come twice a second; rates are taken over so many of them. */
const RATE_STATS = 9;

const text = new TextDecoder();
const post = (message: ToPage): void => self.postMessage(message);

/** One connection, until it closes; then there is another. */
class Link {
  state: View["link"] = "connecting";
  error = "";
  history: History | null = null;
  engine: SecondEngine | null = null;
  words: StreamWords | null = null;
  stats: { at: number; stats: Stats }[] = [];
  private socket: WebSocket | null = null;
  private module: WebAssembly.Module | null = null;
  private hello: Hello | null = null;
  private plan = "";
  private sequence = 0;
  private paused = false;
  private over = false;
  private readonly source: string | null;

  constructor(source: string | null) {
    this.source = source;
    void this.open();
  }

  get equality(): View["equality"] {
    return this.engine?.equality ?? (this.paused ? "paused" : "waiting");
  }

  get rates(): View["rates"] {
    const [first, last] = [this.stats[0], this.stats.at(-1)];
    if (first === undefined || last === undefined || first === last) return null;
    const of = (name: "received" | "results"): number =>
      ((last.stats[name] - first.stats[name]) * 1000) / (last.at - first.at);
    return { received: of("received"), results: of("results") };
  }

  close(): void {
    this.over = true;
    this.socket?.close();
  }

  /** A gateway that was started again may bring another kernel: it is fetched anew. */
  private async open(): Promise<void> {
    try {
      this.module = await WebAssembly.compileStreaming(fetch("kernel.wasm", { cache: "no-store" }));
    } catch (error) {
      // The gateway is away, or something that is no gateway answers.
      if (!(error instanceof TypeError)) this.error = `the kernel does not load: ${String(error)}`;
      return this.closed();
    }
    if (this.over) return;
    const query = this.source === null ? "" : `?source=${encodeURIComponent(this.source)}`;
    const socket = new WebSocket(`${self.location.origin.replace(/^http/, "ws")}/stream${query}`);
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onmessage = (event: MessageEvent<ArrayBuffer>) => this.guard(new Uint8Array(event.data));
    socket.onclose = () => this.closed();
  }

  private closed(): void {
    if (this.over) return;
    this.state = "closed";
    this.engine = null;
    this.paused = false;
    this.stats = [];
    setTimeout(() => {
      if (!this.over) void this.open();
    }, RETRY_MS);
  }

  /** What goes wrong with a message is shown, and begins anew. */
  private guard(bytes: Uint8Array): void {
    try {
      this.take(bytes);
    } catch (error) {
      this.error = `the second engine stopped: ${error instanceof Error ? error.message : String(error)}`;
      this.askAgain();
    }
  }

  private take(bytes: Uint8Array): void {
    const { kind, sequence, body } = decodeMessage(bytes);
    if (kind === MESSAGE_TEXT)
      return this.takeText(JSON.parse(text.decode(body)) as Hello | Stats | { type: "paused" });
    if (kind === MESSAGE_SNAPSHOT) return this.begin(body);
    if (this.engine === null) return;
    if (sequence !== ++this.sequence) throw new Error(`message ${this.sequence} is missing`);
    if (kind === MESSAGE_CHUNK) this.engine.chunk(body);
    else if (kind === MESSAGE_TICK)
      this.engine.tick(new DataView(body.buffer, body.byteOffset, 8).getBigInt64(0, true));
    else if (kind === MESSAGE_OUTPUTS) this.engine.gatewayLines(text.decode(body).split("\n"));
    else if (kind === MESSAGE_FLUSH) this.engine.flush();
  }

  private begin(snapshot: Uint8Array): void {
    if (this.hello === null || this.module === null) return;
    const { plan: planText, sources } = this.hello;
    const plan = JSON.parse(planText, bigintFromJson) as Plan;
    if (this.history === null || planText !== this.plan) {
      this.history = new History(plan, sources);
      this.plan = planText;
      this.words = new StreamWords(plan, this.history.deviceColumns);
      post({ type: "shape", shape: this.history.shape });
    }
    const { history } = this;
    this.engine = new SecondEngine(plan, this.module, this.hello, snapshot, {
      onResult: (result) => history.addResult(result),
      onReading: (values) => history.addReading(values),
    });
    this.state = "open";
    this.error = "";
    this.paused = false;
    this.sequence = 0;
  }

  private takeText(message: Hello | Stats | { type: "paused" }): void {
    if (message.type === "hello") this.hello = message;
    else if (message.type === "stats") {
      this.stats.push({ at: performance.now(), stats: message });
      if (this.stats.length > RATE_STATS) this.stats.shift();
    } else this.askAgain();
  }

  private askAgain(): void {
    this.engine = null;
    this.paused = true;
    const { socket } = this;
    setTimeout(() => {
      if (socket?.readyState === WebSocket.OPEN) socket.send('{"type":"resync"}');
    }, RESYNC_MS);
  }
}

let link: Link | null = null;

function viewOf(look: Look): View {
  const { engine = null, history = null, words = null } = link ?? {};
  engine?.breathe();
  return {
    type: "view",
    link: link?.state ?? "connecting",
    stats: link?.stats.at(-1)?.stats ?? null,
    rates: link?.rates ?? null,
    equality: link?.equality ?? "waiting",
    compared: engine?.compared ?? 0,
    difference: engine?.difference ?? "",
    error: link?.error ?? "",
    devices: history?.devices(look) ?? { known: 0, matching: 0, rows: [] },
    chart: history?.chart(look) ?? { times: [], columns: [] },
    about:
      words !== null && history !== null && engine !== null && look.chosen.length > 0
        ? words.about(look.chosen, (device) => history.partsOf(device), engine.streams())
        : [],
    results: history?.results(look) ?? [],
  };
}

self.onmessage = (event: MessageEvent<ToWorker>) => {
  if (event.data.type === "look") return post(viewOf(event.data.look));
  link?.close();
  link = new Link(event.data.source);
};
