// What more windows cost: windows that overlap, and many pipelines on one source, against programs that update every
// window with every record. Records come as MessagePack frames; decoding is in the kernel's figures.
import { type Bench, type Effort, type Table } from "./harness/bench.ts";
import { type Contestant, rivalContestant, runContest } from "./harness/contest.ts";
import { expectedRows, type Input, kernelContestant, KERNELS } from "./harness/kernels.ts";
import { statistics } from "./harness/statistics.ts";
import { hopWindows } from "./rivals/hop-windows.ts";
import { planOf } from "./workload/definitions.ts";
import { chunksOf, framesOf, makeReadings, type Readings, SOCKET_BYTES } from "./workload/readings.ts";
import { keyOf, type WindowRow } from "./workload/rows.ts";

const SLIDE_S = 3;
/** The middle is enough to show that it works. */
const POINTS = { overlaps: [1, 10, 100, 1000], pipelines: [1, 10, 100] };
const POINTS_BRIEF = { overlaps: [1, 10], pipelines: [1, 10] };

export const costsBench: Bench = {
  name: "costs",
  about: "what overlap (1…1,000) and the number of pipelines (1…100) cost",
  run: async (effort) => {
    // Ten devices, so that each has seen more slides than the longest window has.
    const readings = makeReadings({ count: effort.brief ? 30_000 : 300_000, devices: 10, intervalMs: 100 });
    const points = effort.brief ? POINTS_BRIEF : POINTS;
    return [
      overlapTable(readings, effort, points.overlaps),
      pipelinesTable(readings, effort, points.pipelines),
    ];
  },
};

/** The kernel and its rival at one point of a curve. */
interface Point {
  name: string;
  kernel: Contestant;
  rival: Contestant;
}

function pointOf(
  name: string,
  readings: Readings,
  windows: string[],
  work: (some: Readings) => WindowRow[],
): Point {
  const inputOf = (some: Readings): Input => ({
    plan: planOf({ format: "msgpack", windows, more: "limits: { memory: 256MB }\n" }),
    chunks: chunksOf(framesOf(some, "msgpack"), SOCKET_BYTES),
    keepOpen: true,
  });
  const expected = expectedRows(inputOf, readings);
  return {
    name,
    kernel: kernelContestant(`${name}: kernel`, KERNELS[0]!.module, inputOf(readings), expected),
    rival: rivalContestant(`${name}: typed arrays`, expected, () => work(readings)),
  };
}

function overlapTable(readings: Readings, effort: Effort, overlaps: number[]): Table {
  const points = overlaps.map((overlap) => {
    const size = `INTERVAL '${SLIDE_S * overlap}' SECOND`;
    const window = `HOP(TABLE plant, DESCRIPTOR(t), INTERVAL '${SLIDE_S}' SECOND, ${size})`;
    effort.say(`overlap ${overlap}`);
    return pointOf(`size ÷ slide = ${overlap}`, readings, [window], (some) =>
      hopWindows(some, SLIDE_S * 1000, overlap),
    );
  });
  return curveTable(
    "hopping windows: overlap",
    "30 readings a slide and device; a result for each slide",
    readings,
    points,
    effort,
  );
}

function pipelinesTable(readings: Readings, effort: Effort, counts: number[]): Table {
  const points = counts.map((count) => {
    const sizes = Array.from({ length: count }, (_, index) => SLIDE_S * (index + 1));
    const windows = sizes.map((size) => `TUMBLE(TABLE plant, DESCRIPTOR(t), INTERVAL '${size}' SECOND)`);
    effort.say(`${count} pipelines`);
    return pointOf(`pipelines: ${count}`, readings, windows, (some) =>
      sizes.flatMap((size, pipeline) =>
        hopWindows(some, size * 1000, 1).map((row) => ({ ...row, key: keyOf(row.key, pipeline) })),
      ),
    );
  });
  const about = `the n-th tumbles every ${SLIDE_S} · n seconds; all share their slices`;
  return curveTable("pipelines on one source", about, readings, points, effort);
}

function curveTable(
  title: string,
  about: string,
  readings: Readings,
  points: Point[],
  effort: Effort,
): Table {
  const contestants = points.flatMap(({ kernel, rival }) => [kernel, rival]);
  const rows = runContest({ title, about, records: readings.count, contestants }, effort);
  return {
    title,
    about: `${readings.count.toLocaleString("en")} records, ${readings.devices.length} devices; ${about}`,
    columns: ["CPU ns/record", "min", "MAD", "× first", "typed arrays", "typed arrays × kernel"],
    rows: points.map(({ name }, index) => {
      const [kernel, rival] = [rows[index * 2]!, rows[index * 2 + 1]!];
      const { median, min, mad, samples } = kernel.cpuNs;
      const times = statistics(samples.map((cpu, round) => rival.cpuNs.samples[round]! / cpu)).median;
      return { name, cells: [median, min, mad, kernel.ratio, rival.cpuNs.median, times], samples };
    }),
  };
}
