// The chart: raw readings as points, window results as a stepped line, by event time. With all devices chosen it shows
// the range and mean of the results over the devices. Imports uPlot.
import uPlot from "uplot";

const HEIGHT = 320;

export type Series = { times: number[]; columns: (number | null)[][] };

export class Chart {
  private readonly element: HTMLElement;
  private plot: uPlot | null = null;
  private labels = "";

  constructor(element: HTMLElement) {
    this.element = element;
    new ResizeObserver(() => this.plot?.setSize({ width: element.clientWidth, height: HEIGHT })).observe(element);
  }

  /** Draws columns over times (seconds); labels say what the columns are, `points` which are points. */
  draw(series: Series, labels: string[], points: boolean[]): void {
    if (this.plot === null || this.labels !== labels.join()) this.create(labels, points);
    this.plot!.setData([series.times, ...series.columns] as uPlot.AlignedData);
  }

  private create(labels: string[], points: boolean[]): void {
    this.plot?.destroy();
    this.labels = labels.join();
    const colors = ["#2f7ed8", "#d9730d", "#17804a", "#8a4fbf"];
    const ink = getComputedStyle(document.body).color;
    const axis: uPlot.Axis = { stroke: ink, grid: { stroke: "#8884", width: 1 }, ticks: { stroke: "#8888", width: 1 } };
    this.plot = new uPlot(
      {
        width: this.element.clientWidth,
        height: HEIGHT,
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
        axes: [axis, { ...axis, size: 60 }],
        series: [
          { label: "time (UTC)" },
          ...labels.map((label, index) => ({
            label,
            stroke: colors[index % colors.length],
            width: 2,
            spanGaps: true,
            paths: points[index] ? () => null : uPlot.paths.stepped!({ align: -1 }),
            points: { show: points[index], size: 4 },
          })),
        ],
      },
      [[], ...labels.map(() => [])] as uPlot.AlignedData,
      this.element,
    );
  }
}
