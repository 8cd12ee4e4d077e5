// Random messages of columns for the property tests, as JSON or as MessagePack: arrays of one length with NULLs and
// wrong values in them, values for every record, members in groups, twice or nested; now and then one that is wrong.
import { encode } from "@msgpack/msgpack";
import type { BatchPlan, ColumnPlan, Plan, TimeUnit } from "../../../core/plan/plan.ts";
import type { Draw } from "./plan.ts";
import { drawBytes, drawWhole } from "./values.ts";

const GROUPS = ["nums", "texts"];

/** The source of a plan with messages of columns: some columns have further places, times may have an epoch. */
export function drawBatchColumns(
  draw: Draw,
  columns: ColumnPlan[],
  unit: TimeUnit,
): { batch: BatchPlan; columns: ColumnPlan[] } {
  const grouped = draw.chance(0.5);
  return {
    batch: {
      epoch: unit !== "iso8601" && draw.chance(0.5) ? draw.pick([["epoch"], ["head", "epoch"]]) : null,
    },
    columns: columns.map((column) =>
      grouped && column.from === "field"
        ? { ...column, otherPaths: GROUPS.map((group) => [group, ...column.path]) }
        : column,
    ),
  };
}

/** Text of one element, as JSON. */
function drawElement(draw: Draw, name: string): string {
  const fresh = name === "a" ? draw.freshText() : null;
  if (fresh !== null) return JSON.stringify(fresh);
  if (draw.chance(0.06))
    return draw.pick(["null", "true", '"x"', "[1]", '{"v":[2]}', "1e400", "-0", '"\\u00e9"']);
  if (name === "a") return draw.pick(['"k0"', '"k1"', '"k2"', '"\\u00e9"', "7", "1.50"]);
  if (name === "i") return drawWhole(draw).json;
  if (name === "y") return drawBytes(draw).json;
  if (name === "flag") return draw.pick(["true", "false"]);
  return JSON.stringify(draw.double());
}

function drawArray(draw: Draw, count: number, element: () => string): string {
  const space = draw.chance(0.1) ? " " : "";
  return `[${space}${Array.from({ length: count }, element).join(`${space},${space}`)}${space}]`;
}

/** Name and JSON text of the member of a column: an array, or one value for all. */
function drawMember(draw: Draw, name: string, count: number): string {
  const length = draw.chance(0.01) ? count + draw.whole(-1, 1) : count;
  const value = draw.chance(0.2)
    ? drawElement(draw, name)
    : drawArray(draw, Math.max(0, length), () => drawElement(draw, name));
  return `"${name}":${value}`;
}

/** A time as JSON: a number of the unit, or text. */
function timeText(plan: Plan, second: number): string {
  const { time } = plan.source;
  if (time.kind === "field" && time.unit === "iso8601") return `"${new Date(second * 1000).toISOString()}"`;
  return String(second * (time.kind === "field" && time.unit === "ms" ? 1000 : 1));
}

function drawTimes(draw: Draw, second: number, count: number, plan: Plan): string {
  let now = second;
  const one = (): string => {
    now += draw.whole(-3, 6) / 2;
    return draw.chance(0.03)
      ? draw.pick(["null", '"x"', "1e300", "true", '"12"', "[]", "4611686018.5"])
      : timeText(plan, now);
  };
  return count === 1 && draw.chance(0.3) ? one() : drawArray(draw, count, one);
}

/** Shares of the messages that are longer than a batch of the kernel, and of those that make runs. */
const USUAL = { long: 0.003, runs: 0.15 };

function drawCount(draw: Draw, { long, runs }: typeof USUAL): number {
  if (draw.whole(1, 1000) <= long * 1000) return draw.whole(1500, 5000);
  return draw.chance(runs) ? draw.whole(20, 120) : draw.whole(1, 8);
}

/** Times that go on at one rate, stand still or repeat, now and then with a step back or a wrong one in between. */
function drawManyTimes(draw: Draw, second: number, count: number, plan: Plan): string {
  const step = draw.pick([0, 0.125, 0.5, 1]);
  // What is longer than a batch is short in time, so that windows stay few.
  const repeats = draw.pick(count > 120 ? [1, 2, 5] : [1, 2, 5, count]);
  const texts = Array.from({ length: count }, (_, at) => timeText(plan, second + (at % repeats) * step));
  if (draw.chance(0.3)) texts[draw.whole(0, count - 1)] = timeText(plan, second - draw.whole(-20, 6));
  if (draw.chance(0.2))
    texts[draw.whole(0, count - 1)] = draw.pick(["null", "1e300", '"7"', "4611686018427387904"]);
  return `[${texts.join()}]`;
}

/** Numbers of a device: of one form, then now and then of another or none at all. */
function drawRegular(draw: Draw, count: number): string {
  const [scale, first] = draw.pick([
    [1, 0],
    [1, 120],
    [1, 65_400],
    [1, 2 ** 32 - 60],
    [1, 2 ** 53 - 200],
    [1, -40],
    [1, 0.25],
    [0.01, 7.37],
    [-1.5, 0],
    [1e-7, 1e9],
    [2 ** 70, 1],
  ] as const);
  const texts = Array.from({ length: count }, (_, at) => String(first + ((at * 7) % 50) * scale));
  for (let others = draw.pick([0, 0, 1, 3]); others > 0; others--)
    texts[draw.whole(0, count - 1)] = drawElement(draw, "v");
  return `[${texts.join(draw.pick([",", ",", ", ", " ,"]))}]`;
}

/** One message around `second` as JSON text. */
export function drawBatchText(draw: Draw, plan: Plan, second: number, shares = USUAL): string {
  if (draw.chance(0.03))
    return draw.pick([
      "{}",
      "[]",
      '{"t":[]}',
      '{"t":[1,2}',
      '{"t":[1]} x',
      '{"t":null}',
      "[1]",
      '{"t":{}}',
      '{"t":[1],"v":[1,]}',
    ]);
  const epoch = plan.source.batch?.epoch ?? null;
  const withEpoch = epoch !== null && draw.chance(0.8);
  const from = withEpoch ? draw.whole(-50, 50) : 0;
  const count = drawCount(draw, shares);
  // A long message repeats a short one's values: it is there for its length.
  const pool = draw.whole(1, 5);
  const many = count > 8;
  const members = [
    `"t":${many ? drawManyTimes(draw, second - from, count, plan) : drawTimes(draw, second - from, count, plan)}`,
  ];
  if (withEpoch) {
    const value = draw.chance(0.04)
      ? draw.pick(["null", '"5"', '"x"', "[1]", "{}", "1e300"])
      : timeText(plan, from);
    members.push(epoch.length === 1 ? `"epoch":${value}` : `"head":{"epoch":${value}}`);
  }
  const fields = ["a", "flag", "v", "w", "i", "y"]
    .filter(() => draw.chance(0.85))
    .map((name) => {
      if (!many) return drawMember(draw, name, count);
      if (draw.chance(0.6) && (name === "v" || name === "w")) return `"${name}":${drawRegular(draw, count)}`;
      const values = Array.from({ length: pool }, () => drawElement(draw, name));
      return `"${name}":[${Array.from({ length: count }, (_, at) => values[at % pool]).join()}]`;
    });
  if (draw.chance(0.3))
    fields.push(
      `"n":{${drawMember(draw, "x", count)}${draw.chance(0.2) ? `,${drawMember(draw, "x", count)}` : ""}}`,
    );
  if (draw.chance(0.15)) fields.push(drawMember(draw, draw.pick(["v", "a", "w"]), count));
  if (draw.chance(0.05)) fields.push('"n":[1]');
  for (const field of fields) {
    const group = draw.chance(0.6) ? null : draw.pick(GROUPS);
    members.push(group === null ? field : `"${group}":{${field}}`);
    // The same member once more somewhere else: one of the two places wins.
    if (draw.chance(0.1)) members.push(`"${draw.pick(GROUPS)}":{${field}}`);
  }
  if (draw.chance(0.1)) members.push('"other":{"deep":[1,2,{"x":null}]}');
  const object = `{${(draw.chance(0.3) ? members.reverse() : members).join(draw.chance(0.1) ? " , " : ",")}}`;
  return draw.chance(0.04) ? `[${object},${object}]` : object;
}

/** Whole numbers of 64 bits as such, texts of y as bytes. */
function revive(key: string, value: unknown, context?: { source?: string }): unknown {
  const text = context?.source ?? "";
  if (typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(text)) {
    const whole = BigInt(text);
    return whole < 2n ** 64n && whole >= -(2n ** 63n) ? whole : value;
  }
  if (key !== "y") return value;
  const bytes = (each: unknown): unknown =>
    typeof each === "string" && /^[A-Z/]+[=\w]*$/.test(each) ? Buffer.from(each, "base64") : each;
  return Array.isArray(value) ? value.map(bytes) : bytes(value);
}

/** The same message as MessagePack, where it is JSON: the last of equal members only. */
export function packed(text: string): Uint8Array {
  try {
    return encode(JSON.parse(text, revive as (key: string, value: unknown) => unknown), {
      useBigInt64: true,
    });
  } catch {
    return new Uint8Array([0x82, 0xa1, 0x74]);
  }
}
