// The live page: numbers, devices, chart, latest results. All data comes from the worker; this file only keeps bounded
// histories and draws them four times a second. Legible with one device and with thousands. Imports chart.
import "uplot/dist/uPlot.min.css";
import type { Stats } from "../core/stream-protocol.ts";
import { Chart } from "./chart.ts";
import type { ReadingPoint, ResultPoint, ToPage, ToWorker } from "./messages.ts";

const DEVICES_SHOWN = 100;
const HISTORY_POINTS = 600;
const RESULTS_SHOWN = 12;
const ALL = "all devices";

const element = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;
const sources = element<HTMLSelectElement>("sources");
const readingSelect = element<HTMLSelectElement>("reading");
const resultSelect = element<HTMLSelectElement>("result");
const filter = element<HTMLInputElement>("filter");
const chart = new Chart(element("chart"));
const worker = new Worker("worker.js", { type: "module" });

interface Device {
  readings: ReadingPoint[];
  latest: ReadingPoint;
}

let pipelines: { name: string; outputs: string[] }[] = [];
let devices = new Map<string, Device>();
let results: ResultPoint[][] = [];
let latestResults: ResultPoint[] = [];
let chosen = ALL;
let previous: { stats: Stats; at: number } | null = null;

const send = (message: ToWorker): void => worker.postMessage(message);
const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const short = (value: number | null | undefined): string => (value === null || value === undefined ? "–" : String(Number(value.toPrecision(6))));

function badge(id: string, text: string, kind: "good" | "bad" | "wait" | ""): void {
  element(id).textContent = text;
  element(id).className = `badge ${kind}`;
}

function options(select: HTMLSelectElement, entries: [string, string][], selected: string): void {
  select.replaceChildren(...entries.map(([value, label]) => new Option(label, value, false, value === selected)));
}

function takePlan(message: Extract<ToPage, { type: "plan" }>): void {
  options(sources, message.sources.map((name) => [name, name]), message.source);
  options(readingSelect, message.readings.map((name, index) => [`${index}`, name]), "0");
  pipelines = message.pipelines;
  const numeric = pipelines.flatMap(({ name, outputs }, pipeline) => outputs.map((output, index): [string, string] => [`${pipeline}/${index}`, `${name}: ${output}`]));
  const preferred = numeric.find(([, label]) => /mean|avg/.test(label)) ?? numeric[0];
  options(resultSelect, numeric, preferred?.[0] ?? "");
  devices = new Map();
  results = pipelines.map(() => []);
  latestResults = [];
}

function takeStats(stats: Stats): void {
  const now = performance.now();
  const seconds = previous === null ? 0 : (now - previous.at) / 1000;
  const rate = (value: (s: Stats) => number): string => (seconds === 0 ? "–" : whole.format((value(stats) - value(previous!.stats)) / seconds));
  const delay = stats.watermarkDelayMs;
  const delayText = delay === null ? "–" : Math.abs(delay) < 100_000 ? `${(delay / 1000).toFixed(1)} s` : `${whole.format(delay / 86_400_000)} d`;
  const entries: [string, string][] = [
    ["records in /s", rate((s) => s.received)],
    ["results out /s", rate((s) => s.results)],
    ["records", whole.format(stats.received)],
    ["results", whole.format(stats.results)],
    ["late", whole.format(stats.late)],
    ["refused", whole.format(stats.refused)],
    ["keys", whole.format(stats.keys)],
    ["watermark delay", delayText],
  ];
  element("numbers").replaceChildren(
    ...entries.map(([name, value]) => {
      const box = document.createElement("div");
      const [term, definition] = [document.createElement("dt"), document.createElement("dd")];
      term.textContent = name;
      definition.textContent = value;
      box.append(term, definition);
      return box;
    }),
  );
  previous = { stats, at: now };
  if (stats.notReady.length > 0) badge("state", stats.notReady[0]!, "wait");
  else badge("state", stats.waiting ? "waits for sinks" : "running", stats.waiting ? "wait" : "good");
}

function takeData({ readings, results: fresh }: { readings: ReadingPoint[]; results: ResultPoint[] }): void {
  for (const point of readings) {
    const device = devices.get(point.key) ?? { readings: [], latest: point };
    device.readings.push(point);
    if (device.readings.length > HISTORY_POINTS) device.readings.shift();
    device.latest = point;
    devices.set(point.key, device);
  }
  for (const point of fresh) {
    const list = results[point.pipeline]!;
    list.push(point);
    latestResults.push(point);
    const bound = HISTORY_POINTS * Math.max(20, devices.size);
    if (list.length > bound) list.splice(0, list.length - bound);
  }
  latestResults = latestResults.slice(-RESULTS_SHOWN);
  draw();
}

function draw(): void {
  drawDevices();
  drawChart();
  drawResults();
}

function drawDevices(): void {
  const column = Number(readingSelect.value);
  const wanted = filter.value.toLowerCase();
  const names = [...devices.keys()].filter((name) => name.toLowerCase().includes(wanted)).sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  const shown = [ALL, ...names.slice(0, DEVICES_SHOWN)];
  const list = element("devices");
  // Rows stay where they are while their values change, so that a click hits what it was meant for.
  while (list.children.length > shown.length) list.lastElementChild!.remove();
  shown.forEach((name, index) => {
    const row = (list.children[index] as HTMLElement | undefined) ?? list.appendChild(newRow());
    const button = row.firstElementChild as HTMLButtonElement;
    button.dataset.name = name;
    button.setAttribute("aria-pressed", String(name === chosen));
    button.firstElementChild!.textContent = name;
    button.lastElementChild!.textContent = name === ALL ? whole.format(devices.size) : short(devices.get(name)!.latest.values[column]);
  });
  const hidden = names.length - DEVICES_SHOWN;
  element("more").textContent = hidden > 0 ? `${whole.format(hidden)} more: filter by name` : "";
}

function newRow(): HTMLLIElement {
  const row = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.append(document.createElement("span"), document.createElement("span"));
  button.onclick = () => {
    chosen = button.dataset.name!;
    draw();
  };
  row.append(button);
  return row;
}

function drawChart(): void {
  const [pipeline, output] = resultSelect.value.split("/").map(Number) as [number, number];
  const list = results[pipeline] ?? [];
  const reading = readingSelect.selectedOptions[0]?.text ?? "";
  const result = resultSelect.selectedOptions[0]?.text ?? "";
  element("title").textContent = chosen;
  if (chosen === ALL) {
    const byEnd = Map.groupBy(list, (point) => point.endMs);
    const ends = [...byEnd.keys()].sort((a, b) => a - b).slice(-HISTORY_POINTS);
    const values = ends.map((end) => byEnd.get(end)!.map((point) => point.values[output]).filter((value) => value !== null && value !== undefined));
    const of = (pick: (numbers: number[]) => number): (number | null)[] => values.map((numbers) => (numbers.length === 0 ? null : pick(numbers)));
    const columns = [of((n) => Math.max(...n)), of((n) => n.reduce((a, b) => a + b, 0) / n.length), of((n) => Math.min(...n))];
    chart.draw({ times: ends.map((end) => end / 1000), columns }, [`${result}: highest`, "mean of devices", "lowest"], [false, false, false]);
    return;
  }
  const readings = devices.get(chosen)?.readings ?? [];
  // A result's key may name fewer columns than a device: site0 for site0/device4.
  const mine = list.filter(({ key }) => key === "" || key === chosen || chosen.split("/").includes(key)).slice(-HISTORY_POINTS);
  const rows = new Map<number, [number | null, number | null]>();
  for (const point of readings) rows.set(point.timeMs, [point.values[Number(readingSelect.value)] ?? null, null]);
  const from = readings[0]?.timeMs ?? 0;
  for (const point of mine) if (point.endMs >= from) rows.set(point.endMs, [rows.get(point.endMs)?.[0] ?? null, point.values[output] ?? null]);
  const times = [...rows.keys()].sort((a, b) => a - b);
  const columns = [0, 1].map((at) => times.map((time) => rows.get(time)![at as 0 | 1]));
  chart.draw({ times: times.map((time) => time / 1000), columns }, [reading, result], [true, false]);
}

function drawResults(): void {
  const rows = latestResults.toReversed().map((point) => {
    const row = document.createElement("tr");
    const values = pipelines[point.pipeline]!.outputs.flatMap((name, index) => (point.values[index] === null ? [] : [`${name} ${short(point.values[index])}`]));
    for (const text of [pipelines[point.pipeline]!.name, point.key, `${new Date(point.endMs).toISOString().replace("T", " ").slice(0, 19)}`, values.join("   ")]) {
      row.insertCell().textContent = text;
    }
    return row;
  });
  const head = document.createElement("tr");
  for (const text of ["pipeline", "key", "window end (UTC)", "values"]) {
    const cell = document.createElement("th");
    cell.textContent = text;
    head.append(cell);
  }
  element("results").replaceChildren(head, ...rows);
}

worker.onmessage = (event: MessageEvent<ToPage>) => {
  const message = event.data;
  if (message.type === "plan") takePlan(message);
  else if (message.type === "stats") takeStats(message.stats);
  else if (message.type === "data") takeData(message);
  else if (message.type === "closed") badge("state", "gateway is away", "bad");
  else {
    const kinds = { yes: "good", no: "bad", paused: "wait", waiting: "" } as const;
    badge("equal", `equal: ${message.equality === "waiting" ? "–" : message.equality}`, kinds[message.equality]);
    element("equal").dataset.compared = String(message.compared);
    if (message.difference !== "") element("equal").title = message.difference;
  }
};
sources.onchange = () => {
  chosen = ALL;
  previous = null;
  send({ type: "open", source: sources.value });
};
for (const control of [filter, readingSelect, resultSelect]) control.oninput = draw;
send({ type: "open", source: null });
