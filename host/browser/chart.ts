// The chart over event time: readings as points, window results as steps, the range over all devices as a band. Colours
// come from the style sheet, light or dark. Imports uPlot.
import uPlot from "uplot";
import type { ChartData } from "./messages.ts";
import { formatNumber } from "./numbers.ts";

/** Without the legend, in pixels: where there is room, and on a phone. */
const HEIGHT = 340;
const HEIGHT_NARROW = 270;
const NARROW = 500;
const COLORS = 4;

export class Chart {
  private readonly element: HTMLElement;
  private plot: uPlot | null = null;
  private made = "";

  constructor(element: HTMLElement) {
    this.element = element;
    new ResizeObserver(() => this.plot?.setSize(this.size())).observe(element);
    // Canvas knows no style sheet: other colours need another chart.
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => (this.made = ""));
  }

  draw(data: ChartData): void {
    const made = data.columns.map(({ label, kind }) => `${kind} ${label}`).join("\n");
    const values = [data.times, ...data.columns.map((column) => column.values)] as uPlot.AlignedData;
    if (this.plot !== null && this.made === made) return this.plot.setData(values);
    this.plot?.destroy();
    this.made = made;
    this.plot =
      data.columns.length === 0 ? null : new uPlot(this.options(data.columns), values, this.element);
  }

  private size(): { width: number; height: number } {
    const width = this.element.clientWidth;
    return { width, height: width < NARROW ? HEIGHT_NARROW : HEIGHT };
  }

  /** What a colour of the style sheet is now. */
  private color(name: string, alpha = 1): string {
    const probe = this.element.appendChild(document.createElement("i"));
    probe.style.color = `color-mix(in srgb, var(--${name}) ${alpha * 100}%, transparent)`;
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  }

  private options(columns: ChartData["columns"]): uPlot.Options {
    const font = `12px ${getComputedStyle(document.body).fontFamily}`;
    const grid = { stroke: this.color("line"), width: 1 };
    const axis: uPlot.Axis = { stroke: this.color("dim"), font, grid, ticks: grid };
    const pairs = columns.filter(({ kind }) => kind === "reading").length;
    const bands = columns.some(({ kind }) => kind === "band");
    return {
      ...this.size(),
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
      padding: [8, 8, 0, 0],
      cursor: { points: { size: 6 } },
      axes: [
        {
          ...axis,
          space: 90,
          values: (_, ticks, __, ___, step) => ticks.map((tick, at) => formatTime(tick, step, at === 0)),
        },
        { ...axis, size: 64, values: (_, ticks) => ticks.map((tick) => formatTick(tick)) },
      ],
      series: [
        {
          label: "UTC",
          value: (_, seconds) =>
            seconds === null ? "–" : new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", " "),
        },
        ...columns.map(({ label, kind }, index) =>
          this.series(label, kind, pairs > 1 ? Math.floor(index / 2) : kind === "result" ? 1 : 0),
        ),
      ],
      ...(bands && {
        bands: [{ series: [1, columns.length] as [number, number], fill: this.color("series-1", 0.12) }],
      }),
    };
  }

  private series(label: string, kind: ChartData["columns"][number]["kind"], index: number): uPlot.Series {
    const name = `series-${(index % COLORS) + 1}`;
    const points = kind === "reading";
    const color = this.color(name, kind === "band" ? 0.7 : 1);
    return {
      label,
      stroke: color,
      width: kind === "band" ? 1 : 2,
      spanGaps: true,
      paths: points ? () => null : uPlot.paths.stepped!({ align: -1 }),
      points: points ? { show: true, size: 4, stroke: color, fill: color } : { show: false },
      value: (_, value) => (value === null || value === undefined ? "–" : formatNumber(value)),
    };
  }
}

const formatTick = (value: number): string =>
  Math.abs(value) >= 1e6 ? value.toExponential(1) : String(Number(value.toPrecision(8)));

/** UTC, 24 hours, as precise as the step between ticks asks for; the first one names the day. */
function formatTime(seconds: number, step: number, first: boolean): string {
  const [day, time] = new Date(seconds * 1000).toISOString().split("T") as [string, string];
  if (step >= 86_400) return day;
  return `${time.slice(0, step >= 60 ? 5 : step >= 1 ? 8 : step >= 0.1 ? 10 : 12)}${first ? `\n${day}` : ""}`;
}
