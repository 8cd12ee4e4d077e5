// The live page: numbers, devices, chart, latest results. The worker has all data; this file asks it for what is to
// be seen, four times a second while the page is visible, and draws that. Imports the page's parts.
import "uplot/dist/uPlot.min.css";
import { Chart } from "./chart.ts";
import { DeviceList, setText } from "./device-list.ts";
import type { Look, Shape, ToPage, ToWorker, View } from "./messages.ts";
import { formatColumn, formatCount, formatDelay, formatRate } from "./numbers.ts";

const LOOK_MS = 250;
const RESULT_ROWS = 10;

const element = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;
const sources = element<HTMLSelectElement>("sources");
const readingSelect = element<HTMLSelectElement>("reading");
const resultSelect = element<HTMLSelectElement>("result");
const filter = element<HTMLInputElement>("filter");
const chart = new Chart(element("chart"));
const devices = new DeviceList(element("devices"), element("more"), () => look());
const worker = new Worker("worker.js", { type: "module" });

let shape: Shape = { sources: [], source: "", readings: [], pipelines: [] };
/** An answer is on its way; what was asked meanwhile is asked after it. */
let asked = false;
let changed = false;
let timer = 0;
/** What the worker itself could not say. */
let broken = "";

const send = (message: ToWorker): void => worker.postMessage(message);

function look(): void {
  if (asked) {
    changed = true;
    return;
  }
  clearTimeout(timer);
  asked = true;
  changed = false;
  const [pipeline = 0, output = 0] = resultSelect.value.split("/").map(Number);
  const wanted: Look = {
    chosen: devices.chosen,
    filter: filter.value.trim(),
    reading: Number(readingSelect.value),
    pipeline,
    output,
  };
  send({ type: "look", look: wanted });
}

function takeView(view: View): void {
  asked = false;
  draw(view);
  if (changed) look();
  else timer = setTimeout(() => requestAnimationFrame(look), LOOK_MS);
}

function takeShape(next: Shape): void {
  // A restarted gateway with the same pipelines leaves the choices as they are.
  const kept = {
    reading: readingSelect.selectedOptions[0]?.text,
    result: resultSelect.selectedOptions[0]?.text,
  };
  if (next.source !== shape.source) devices.reset();
  shape = next;
  options(
    sources,
    next.sources.map((name) => [name, name]),
    next.source,
  );
  options(
    readingSelect,
    next.readings.map((name, index) => [`${index}`, name]),
    kept.reading,
  );
  const outputs = next.pipelines.flatMap(({ name, outputs: list }, pipeline) =>
    list.map((output, index): [string, string] => [`${pipeline}/${index}`, `${name}: ${output}`]),
  );
  const usual = outputs.find(([, label]) => /: .*(mean|avg)/.test(label)) ?? outputs[0];
  options(
    resultSelect,
    outputs,
    outputs.some(([, label]) => label === kept.result) ? kept.result : usual?.[1],
  );
  document.title = `${next.source} · millrace`;
}

function options(select: HTMLSelectElement, entries: [string, string][], chosen: string | undefined): void {
  select.replaceChildren(
    ...entries.map(([value, label]) => new Option(label, value, false, label === chosen)),
  );
  select.disabled = entries.length < 2;
}

function draw(view: View): void {
  drawStates(view);
  drawNumbers(view);
  devices.draw(view.devices);
  setText(element("title"), devices.title);
  drawAbout(view);
  chart.draw(view.chart);
  element("empty").hidden = view.chart.times.length > 0;
  drawResults(view);
}

function pill(id: string, text: string, kind: "good" | "bad" | "wait" | ""): void {
  setText(element(id), text);
  element(id).className = `pill ${kind}`;
}

function drawStates({ link, stats, equality, compared, difference, error }: View): void {
  const reasons = stats?.notReady ?? [];
  if (link === "connecting") pill("state", "connecting", "");
  else if (link === "closed") pill("state", "gateway is away", "bad");
  else if (stats?.waiting) pill("state", "waits for sinks", "wait");
  else pill("state", reasons.length > 0 ? "not ready" : "running", reasons.length > 0 ? "wait" : "good");
  const kinds = { yes: "good", no: "bad", paused: "wait", waiting: "" } as const;
  pill("equal", `equal: ${equality === "waiting" ? "–" : equality}`, kinds[equality]);
  setText(element("compared"), `${formatCount(compared)} compared`);
  const bad = broken || error || (equality === "no" ? `The second engine differs: ${difference}` : "");
  const wait =
    link === "closed"
      ? "The gateway is away. This page connects again by itself."
      : reasons.slice(0, 3).join("; ");
  const notice = element("notice");
  setText(notice, bad || wait);
  notice.hidden = bad === "" && wait === "";
  notice.className = bad === "" ? "wait" : "";
}

function drawNumbers({ stats, rates }: View): void {
  const set = (id: string, text: string | null | undefined): void => setText(element(id), text ?? "–");
  set("rate-in", rates && formatRate(rates.received));
  set("rate-out", rates && formatRate(rates.results));
  set("received", stats && formatCount(stats.received));
  set("results-total", stats && formatCount(stats.results));
  set("late", stats && formatCount(stats.late));
  set("refused", stats && formatCount(stats.refused));
  set("keys", stats && formatCount(stats.keys));
  set("delay", stats?.watermarkDelayMs == null ? null : formatDelay(stats.watermarkDelayMs));
}

/** State and facts of the chosen devices, a line each. */
function drawAbout({ about }: View): void {
  const list = element("about");
  list.hidden = about.length === 0;
  while (list.children.length > about.length) list.lastElementChild!.remove();
  while (list.children.length < about.length) list.append(document.createElement("li"));
  about.forEach(({ device, state, ended, facts }, index) => {
    const line = list.children[index] as HTMLElement;
    line.classList.toggle("ended", ended);
    const said = [...(state === null ? [] : [ended ? `ended: ${state}` : state]), ...facts].join(" · ");
    setText(line, about.length > 1 ? `${device}: ${said}` : said);
  });
}

function drawResults({ results }: View): void {
  const pipeline = shape.pipelines[Number(resultSelect.value.split("/")[0])];
  const outputs = pipeline?.outputs ?? [];
  setText(
    element("latest"),
    pipeline === undefined ? "Latest results" : `Latest results of ${pipeline.name}`,
  );
  drawRows(element("results-head"), [["Key", "Window end (UTC)", ...outputs]], "th");
  const columns = outputs.map((_, index) => formatColumn(results.map(({ values }) => values[index] ?? null)));
  const rows = results.map(({ key, endMs }, row) => [
    key || "all",
    formatEnd(endMs),
    ...columns.map((column) => column[row]!),
  ]);
  // Always as many rows, so that nothing below moves.
  while (rows.length < RESULT_ROWS) rows.push(["", "", ...outputs.map(() => "")]);
  drawRows(element("results"), rows, "td");
}

const formatEnd = (ms: number): string =>
  new Date(ms)
    .toISOString()
    .replace("T", " ")
    .slice(0, ms % 1000 === 0 ? 19 : 23);

/** Makes the rows and cells of a table say these texts, changing only what differs. */
function drawRows(body: HTMLElement, rows: string[][], tag: "th" | "td"): void {
  while (body.children.length > rows.length) body.lastElementChild!.remove();
  while (body.children.length < rows.length) body.append(document.createElement("tr"));
  rows.forEach((texts, index) => {
    const row = body.children[index]!;
    while (row.children.length > texts.length) row.lastElementChild!.remove();
    while (row.children.length < texts.length) {
      const cell = row.appendChild(document.createElement(tag));
      if (tag === "th") (cell as HTMLTableCellElement).scope = "col";
    }
    texts.forEach((text, at) => setText(row.children[at]!, text));
  });
}

worker.onmessage = ({ data }: MessageEvent<ToPage>) => {
  if (data.type === "shape") takeShape(data.shape);
  else takeView(data);
};
worker.onerror = (event) => {
  broken = `The page's worker stopped: ${event.message || "it did not load"}. Load the page again.`;
  setText(element("notice"), broken);
  element("notice").hidden = false;
};
sources.onchange = () => {
  devices.reset();
  send({ type: "open", source: sources.value });
  look();
};
for (const control of [filter, readingSelect, resultSelect]) control.oninput = () => look();
filter.onkeydown = (event) => {
  if (event.key === "ArrowDown" || event.key === "Enter") element("devices").focus();
};
send({ type: "open", source: null });
look();
