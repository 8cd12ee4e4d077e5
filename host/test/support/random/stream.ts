// Random input for a random plan: records whose time moves on slowly, with steps back, spelled as the plan's format
// wants them; among them wrong ones, other topics, other packets, ticks and headers. Drawn through fast-check.
import { ExtData, encode } from "@msgpack/msgpack";
import { generate } from "mqtt-packet";
import type { Plan } from "../../../core/plan/plan.ts";
import type { Step } from "../drive.ts";
import { drawBatchText, packed } from "./batch.ts";
import { drawContextMessage } from "./context.ts";
import { drawEventsText, hasEvents } from "./events.ts";
import { type Draw, isSilent } from "./plan.ts";
import { type Spelled, drawBytes, drawWhole, spelled } from "./values.ts";

export interface Stream {
  steps: Step[];
  mqttVersion: 4 | 5;
}

type RecordText = [name: string, value: Spelled][];

const ODD_NUMBERS = [
  spelled("null", null, ""),
  spelled('"x"', "x", '"x"'),
  spelled("true", true),
  spelled("1e400", Infinity),
  spelled("-0", -0, " -0 "),
  spelled("0.1e1", 1n, '"1"'),
  spelled("123456789012345678901234567890", 2n ** 64n - 1n),
  spelled("5e-324", 5e-324, "+5e-324"),
  spelled("[1]", [1], "nan"),
  spelled("{}", new ExtData(7, new Uint8Array(3)), "-Infinity"),
];
const KEYS = [
  spelled('"k0"', "k0", "k0"),
  spelled('"k1"', "k1", '"k1"'),
  spelled('"k2"', "k2", "k2"),
  spelled('"\\u00e9"', "é", "é"),
  spelled('"\\"\\ud83d\\ude00,"', '"😀,', '"""😀,"'),
  spelled("7", 7),
  spelled("1.50", 1.5),
  spelled("-3", -3),
  spelled("null", null, ""),
  spelled("false", false),
];
const FLAGS = [
  spelled("true", true),
  spelled("false", false, "FALSE"),
  spelled("null", null, ""),
  spelled("0", 0),
];

function drawKey(draw: Draw): Spelled {
  const fresh = draw.freshText();
  return fresh === null ? draw.pick(KEYS) : spelled(`"${fresh}"`, fresh, fresh);
}

function drawNumber(draw: Draw): Spelled {
  if (draw.chance(0.25)) return draw.pick(ODD_NUMBERS);
  const value = draw.double();
  return spelled(
    JSON.stringify(value),
    Number.isSafeInteger(value) && draw.chance(0.5) ? BigInt(value) : value,
  );
}

/** A time in the plan's unit, now and then as another type than usual. */
function drawTime(draw: Draw, plan: Plan, second: number): Spelled {
  const { time } = plan.source;
  const at = second + draw.whole(-6, 3) / 2;
  if (time.kind === "field" && time.unit === "iso8601") {
    const text = new Date(at * 1000).toISOString();
    const shown = draw.chance(0.3) ? text.replace("T", " ").replace(".000Z", "") : text;
    return spelled(JSON.stringify(shown), shown, shown);
  }
  const value = time.kind === "field" && time.unit === "ms" ? at * 1000 : at;
  if (draw.chance(0.1)) {
    const seconds = BigInt(Math.floor(at));
    const stamp = new DataView(new ArrayBuffer(12));
    stamp.setUint32(0, (at - Math.floor(at)) * 1e9);
    stamp.setBigInt64(4, seconds);
    return spelled(`"${value}"`, new ExtData(-1, new Uint8Array(stamp.buffer)), `"${value}"`);
  }
  return spelled(`${value}`, value);
}

function drawRecord(draw: Draw, plan: Plan, second: number): RecordText {
  const record: RecordText = [["t", drawTime(draw, plan, second)]];
  if (draw.chance(0.9)) record.push(["a", drawKey(draw)]);
  if (draw.chance(0.8)) record.push(["flag", draw.pick(FLAGS)]);
  if (draw.chance(0.9)) record.push(["v", drawNumber(draw)]);
  if (draw.chance(0.7)) record.push(["w", drawNumber(draw)]);
  if (draw.chance(0.3)) record.push(["n.x", drawNumber(draw)]);
  if (draw.chance(0.8)) record.push(["i", drawWhole(draw)]);
  if (draw.chance(0.7)) record.push(["y", drawBytes(draw)]);
  if (draw.chance(0.1)) record.push(draw.chance(0.5) ? ["v", drawNumber(draw)] : ["i", drawWhole(draw)]);
  if (draw.chance(0.1))
    record.push(["other", spelled('{"deep":[1,2,{"x":null}]}', { deep: [1, 2n, { x: null }] }, '"a,""b"""')]);
  return record;
}

function jsonText(draw: Draw, record: RecordText): string {
  const members = record.map(([name, { json }]) =>
    name === "n.x" ? `"n":{"x":${json},"y":[{"z":"\\"}"}]}` : `"${name}":${json}`,
  );
  return `{${members.join(draw.chance(0.2) ? " , " : ",")}}`;
}

function packedMap(record: RecordText): Record<string, unknown> {
  return Object.fromEntries(
    record.map(([name, { packed }]) => (name === "n.x" ? ["n", { y: [], x: packed }] : [name, packed])),
  );
}

function csvLine(record: RecordText, header: string[]): string {
  const cells = header.map((name) => record.findLast(([each]) => each === name)?.[1].cell ?? "");
  const line = cells.join(",");
  return line.trim() === "" ? '""' : line;
}

const BAD_LINES = [
  "",
  "   ",
  "nonsense",
  "[]",
  "[1]",
  '{"t":1',
  '{"t":1}x',
  "{}",
  '{"t":null}',
  '{"t":"x"}',
  '{"t":1e300}',
  "null",
  '"',
  "1,2,3,4,5,6,7,8,9",
  "\u00ff",
];

/** The payload of one message: a record, or several. */
function drawPayload(draw: Draw, plan: Plan, second: number, header: string[]): Uint8Array {
  const bytes = (text: string): Uint8Array => Buffer.from(text);
  if (draw.whole(0, 29) === 0) {
    const bad = bytes(draw.pick(BAD_LINES));
    return draw.chance(0.1) ? Buffer.concat([bad, Buffer.from([0xff])]) : bad;
  }
  if (plan.source.batch !== undefined) {
    // Rows of OVER are each held against all before them: a long message would take the reference minutes.
    const over = plan.pipelines.some(({ window }) => window?.kind === "over");
    const text = drawBatchText(draw, plan, second, { long: over ? 0 : 0.003, runs: over ? 0.05 : 0.15 });
    return plan.source.format === "json" ? bytes(text) : packed(text);
  }
  if (hasEvents(plan)) {
    const text = drawEventsText(draw, () => drawTime(draw, plan, second).json);
    return plan.source.format === "json" ? bytes(text) : packed(text);
  }
  const records = Array.from({ length: draw.chance(0.1) ? 2 : 1 }, () => drawRecord(draw, plan, second));
  switch (plan.source.format) {
    case "json": {
      const texts = records.map((record) => jsonText(draw, record));
      return bytes(texts.length === 1 ? texts[0]! : `[${texts.join(" ,")}]`);
    }
    case "msgpack": {
      const maps = records.map(packedMap);
      const coded = encode(maps.length === 1 ? maps[0] : maps, {
        useBigInt64: true,
        forceFloat32: draw.chance(0.1),
      });
      return draw.chance(0.05) ? coded.subarray(0, draw.whole(0, coded.length)) : coded;
    }
    case "csv":
      return bytes(
        (plan.source.framing === "lines" ? records.slice(0, 1) : records)
          .map((record) => csvLine(record, header))
          .join("\r\n"),
      );
    case "value":
      return bytes(draw.chance(0.2) ? ` ${drawNumber(draw).cell}\n` : drawNumber(draw).json);
    case "row":
      throw new Error("rows come from another engine only");
  }
}

const TOPICS = ["k0/x", "k0/x", "k1/x", "k1/x/k0", "k2/y/é", "k0//k1", "k0", "/x/", "other"];

/** Where texts never repeat its first level is seldom another one's. */
function drawTopic(draw: Draw): string {
  const fresh = draw.neverRepeating && draw.chance(0.3) ? draw.freshText() : null;
  return fresh === null ? draw.pick(TOPICS) : `${fresh}/x`;
}

function drawFrame(
  draw: Draw,
  payload: Uint8Array,
  protocolVersion: 4 | 5,
  topic: string | null = null,
): Uint8Array {
  if (draw.chance(0.05)) return generate({ cmd: "pingresp" });
  const qos = draw.pick([0, 1] as const);
  const flags = { qos, messageId: draw.whole(1, 65_535), dup: false, retain: draw.chance(0.1) };
  const properties = draw.chance(0.3) ? { userProperties: { a: "b" }, messageExpiryInterval: 5 } : undefined;
  const packet = {
    cmd: "publish" as const,
    topic: topic ?? drawTopic(draw),
    payload: Buffer.from(payload),
    ...flags,
  };
  return generate(protocolVersion === 5 ? { ...packet, properties } : packet, { protocolVersion });
}

/** Cell names of CSV in their order: those of the plan, or by a header in any order with others among them. */
function drawHeader(draw: Draw, plan: Plan): { names: string[]; steps: Step[] } {
  const arrives = plan.source.time.kind === "arrival";
  const own = plan.source.columns
    .filter(({ from }) => from === "field" || (from === "time" && !arrives))
    .map(({ name }) => name);
  if (plan.source.format !== "csv" || plan.source.framing !== "lines" || draw.chance(0.3))
    return { names: own, steps: [] };
  const left = [...own, "other"];
  const names: string[] = [];
  while (left.length > 0) names.push(left.splice(draw.whole(0, left.length - 1), 1)[0]!);
  if (draw.chance(0.2)) names.splice(draw.whole(0, names.length - 1), 1);
  return { names, steps: [{ kind: "header", names }] };
}

/** Input for the plan, of `most` messages at most: runs of bytes with ticks between them. */
export function drawStream(draw: Draw, plan: Plan, most = 30): Stream {
  const mqttVersion = draw.pick([4, 5] as const);
  const { names, steps } = drawHeader(draw, plan);
  let second = draw.whole(-20, 20);
  let run: Uint8Array[] = [];
  const endRun = (): void => {
    if (run.length > 0) steps.push({ kind: "bytes", bytes: Buffer.concat(run) });
    run = [];
  };
  const count = draw.whole(1, most);
  const lines = plan.source.framing === "lines";
  const often = plan.source.time.kind === "arrival" || isSilent(plan);
  const tickShare = often ? 0.25 : draw.pick([0, 0.02, 0.25]);
  for (let index = 0; index < count; index++) {
    second += draw.whole(0, 6) / 2;
    if (draw.chance(tickShare)) {
      endRun();
      steps.push({
        kind: "tick",
        ns: BigInt((second + draw.whole(-3, draw.chance(0.3) ? 20 : 3)) * 1000) * 1_000_000n,
      });
    }
    const { context, format } = plan.source;
    const says = context !== undefined && !(lines && format === "csv") && draw.chance(0.25);
    const { topic, payload } = says
      ? drawContextMessage(draw, plan)
      : { topic: null, payload: drawPayload(draw, plan, second, names) };
    if (!lines) run.push(drawFrame(draw, payload, mqttVersion, topic));
    else
      run.push(
        payload,
        Buffer.from(index + 1 < count || draw.chance(0.5) ? draw.pick(["\n", "\n", "\r\n"]) : ""),
      );
  }
  endRun();
  if (draw.chance(tickShare))
    steps.push({ kind: "tick", ns: BigInt((second + draw.whole(0, 30)) * 1000) * 1_000_000n });
  return { steps, mqttVersion };
}
