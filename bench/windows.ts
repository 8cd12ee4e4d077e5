// What the kinds of windows cost next to a tumbling one: sessions, OVER by its width, records out of order. Records come
// as MessagePack frames; decoding is in the kernel's figures.
import { type Bench, type Effort, type Table, contestTable } from "./harness/bench.ts";
import { type Contest, type Contestant, rivalContestant, runContest } from "./harness/contest.ts";
import { type Input, KERNELS, expectedRows, kernelContestant } from "./harness/kernels.ts";
import { hopWindows } from "./rivals/hop-windows.ts";
import { overRows } from "./rivals/over-rows.ts";
import { sessions } from "./rivals/sessions.ts";
import { type DefinitionOptions, planOf } from "./workload/definitions.ts";
import {
  type Readings,
  SOCKET_BYTES,
  chunksOf,
  framesOf,
  makeReadings,
  outOfOrder,
  withPauses,
} from "./workload/readings.ts";
import type { WindowRow } from "./workload/rows.ts";

/** A device reports a hundred times in ten seconds and is silent for as long. */
const BURST = 100;
const PAUSE_MS = 10_000;
const GAP_MS = 5000;
const LATER_MS = 2000;

export const windowsBench: Bench = {
  name: "windows",
  about: "sessions, OVER by its width, records out of order, against tumbling windows in order",
  run: async (effort) => [sessionsTable(effort), orderTable(effort), overTable(effort)],
};

interface Program {
  name: string;
  readings: Readings;
  /** What becomes of any readings before they are sent: the check takes a smaller set of them. */
  sent?: (readings: Readings) => Readings;
  definition: DefinitionOptions;
  rival?: (readings: Readings) => WindowRow[];
}

function contestants({ name, readings, sent = (some) => some, definition, rival }: Program): Contestant[] {
  const inputOf = (some: Readings): Input => ({
    plan: planOf({ format: "msgpack", more: "limits: { memory: 512MB }\n", ...definition }),
    chunks: chunksOf(framesOf(sent(some), "msgpack"), SOCKET_BYTES),
    keepOpen: true,
  });
  const expected = expectedRows(inputOf, readings);
  const kernel = kernelContestant(`${name}: kernel`, KERNELS[0]!.module, inputOf(readings), expected);
  if (rival === undefined) return [kernel];
  const work = sent(readings);
  return [kernel, rivalContestant(`${name}: by hand`, expected, () => rival(work))];
}

function table(contest: Contest, effort: Effort): Table {
  effort.say(contest.title);
  return contestTable(contest, runContest(contest, effort));
}

function sessionsTable(effort: Effort): Table {
  const readings = makeReadings({ count: effort.brief ? 20_000 : 300_000, devices: 100, intervalMs: 100 });
  const sent = (some: Readings): Readings => withPauses(some, BURST, PAUSE_MS);
  const tumble = `TUMBLE(TABLE plant, DESCRIPTOR(t), INTERVAL '20' SECOND)`;
  const session = `SESSION(TABLE plant PARTITION BY device, DESCRIPTOR(t), INTERVAL '${GAP_MS / 1000}' SECOND)`;
  return table(
    {
      title: "sessions",
      about: `${readings.count.toLocaleString("en")} records, ${BURST} in ten seconds, then ten of silence; a result a burst`,
      records: readings.count,
      contestants: [
        ...contestants({
          name: "tumbling",
          readings,
          sent,
          definition: { windows: [tumble] },
          rival: (some) => hopWindows(some, 20_000, 1),
        }),
        ...contestants({
          name: "session",
          readings,
          sent,
          definition: { windows: [session] },
          rival: (some) => sessions(some, GAP_MS),
        }),
      ],
    },
    effort,
  );
}

function orderTable(effort: Effort): Table {
  const readings = makeReadings({ count: effort.brief ? 20_000 : 300_000, devices: 100, intervalMs: 100 });
  const definition = { delay: `${LATER_MS / 1000}s` };
  const sent = (some: Readings): Readings => outOfOrder(some, 0.2, LATER_MS);
  return table(
    {
      title: "records out of order",
      about: `a delay of ${LATER_MS / 1000} s, windows of 10 s; a fifth of the records come up to that much later`,
      records: readings.count,
      contestants: [
        ...contestants({ name: "in order", readings, definition }),
        ...contestants({ name: "20 % out of order", readings, definition, sent }),
      ],
    },
    effort,
  );
}

function overTable(effort: Effort): Table {
  const readings = makeReadings({ count: effort.brief ? 20_000 : 1_300_000, devices: 1, intervalMs: 1 });
  const widths = effort.brief ? [100, 10_000] : [100, 10_000, 1_000_000];
  return table(
    {
      title: "OVER",
      about: `${readings.count.toLocaleString("en")} records of one device; count, least, largest and sum of each record and the n before it`,
      records: readings.count,
      contestants: widths.flatMap((width) =>
        contestants({
          name: width.toLocaleString("en"),
          readings,
          definition: { statements: [overStatement(width)] },
          rival: (some) => overRows(some, width),
        }),
      ),
    },
    effort,
  );
}

const overStatement = (width: number): string =>
  `SELECT device, t, COUNT(*) OVER w AS n, MIN(v) OVER w AS a, MAX(v) OVER w AS b, SUM(v) OVER w AS c
      FROM plant
      WINDOW w AS (PARTITION BY device ORDER BY t ROWS BETWEEN ${width} PRECEDING AND CURRENT ROW)`;
