// Random context of streams for the property tests: what is kept of them, context columns, and messages that say
// things, take them back, open and end streams; among them wrong ones.
import type { ColumnPlan, ContextCell, ContextPlan, Plan, TopicLevel } from "../../../core/plan/plan.ts";
import { packed } from "./batch.ts";
import type { Draw } from "./plan.ts";

const cell = (name: string, type: ContextCell["type"], initial: ContextCell["initial"]): ContextCell => ({
  name,
  type,
  path: name.split("."),
  initial,
});

/** Context of streams by some of the STRING columns; null when there is none to tell them apart. */
export function drawContext(
  draw: Draw,
  columns: ColumnPlan[],
  mqtt: boolean,
): { context: ContextPlan; columns: ColumnPlan[] } | null {
  const able = columns.flatMap(({ type, from }, index) =>
    type === "string" && (!mqtt || from === "topic") ? [index] : [],
  );
  if (able.length === 0) return null;
  const keys = draw.chance(0.5) ? able.slice(0, 1) : able.slice(0, 2).toReversed();
  const cells = [
    cell("state", "string", null),
    cell("name", "string", draw.pick([null, "é"])),
    cell("properties.p", "string", null),
    cell("parameters.v.unit", "string", draw.pick([null, "k0"])),
    cell("parameters.v.min", "double", draw.pick([null, 0])),
    cell("parameters.v.max", "double", null),
  ];
  const used = cells.flatMap((_, place) => (draw.chance(0.5) ? [place] : []));
  const topic: TopicLevel[] = mqtt
    ? [{ kind: "literal", text: "c" }, ...keys.map((_, column): TopicLevel => ({ kind: "column", column }))]
    : [];
  return {
    context: { topic, keys, cells, streams: draw.pick([1, 2, 100]) },
    columns: [
      ...columns,
      ...used.map((place): ColumnPlan => {
        const { name, type } = cells[place]!;
        return { name: `${name}()`, type, from: "context", path: [], cell: place, numberAsText: false };
      }),
    ],
  };
}

const VALUES = ["null", '"k1"', '"\\u00e9"', '""', "7", "-3.5", "1e400", "true", "[1]", '{"x":1}', "0"];
const STATES = ['"open"', '"closed"', '"aborted"', "null", "7"];

function drawValue(draw: Draw, name: string): string {
  const fresh = draw.freshText();
  if (fresh !== null) return JSON.stringify(fresh);
  if (name === "state") return draw.pick(STATES);
  return name.startsWith("m") && draw.chance(0.7) ? JSON.stringify(draw.double()) : draw.pick(VALUES);
}

function drawMembers(draw: Draw, names: string[], share: number): string {
  const members = names.flatMap((name) => (draw.chance(share) ? [`"${name}":${drawValue(draw, name)}`] : []));
  if (draw.chance(0.1)) members.push('"other":{"min":[1]}');
  return `{${(draw.chance(0.3) ? members.reverse() : members).join(draw.chance(0.2) ? " , " : ",")}}`;
}

/** What a message says, as JSON text. */
function drawPatch(draw: Draw): string {
  const own = drawMembers(draw, ["state", "name"], 0.4);
  const parts = own === "{}" ? [] : [own.slice(1, -1)];
  const below = (name: string): string => (draw.chance(0.1) ? drawValue(draw, name) : name);
  for (let round = draw.whole(0, 3); round > 0; round--) {
    const nested = draw.chance(0.5);
    const inner = nested
      ? `"parameters":${below(`{"v":${below(drawMembers(draw, ["unit", "min", "max"], 0.6))}}`)}`
      : `"properties":${below(drawMembers(draw, ["p"], 0.8))}`;
    parts.push(inner);
  }
  return `{${parts.join()}}`;
}

const BAD = ["nonsense", "[]", "7", '{"state":', '{"state":"open"} x', '{"name":"\\ud800"}', '{"state":01}'];

/** A context message for the plan: its topic, or null as a line. */
export function drawContextMessage(draw: Draw, plan: Plan): { topic: string | null; payload: Uint8Array } {
  const { source } = plan;
  const { topic, keys } = source.context!;
  const text = draw.chance(0.06) ? draw.pick(BAD) : drawPatch(draw);
  if (source.framing === "lines") {
    const key = keys.map(
      (column) => `"${source.columns[column]!.name}":${draw.pick(['"k0"', '"k1"', "7", "null"])}`,
    );
    const members = [...key, `"context":${text}`];
    if (draw.chance(0.1)) members.push(`"context":${draw.pick(["1", "{}", '{"state":"open"}'])}`);
    if (draw.chance(0.3)) members.push('"t":1,"v":[1]');
    const line = `{${(draw.chance(0.3) ? members.reverse() : members).join()}}`;
    return { topic: null, payload: Buffer.from(draw.chance(0.05) ? ` ${line} ` : line) };
  }
  const levels = topic.map((level) =>
    level.kind === "literal" ? level.text : draw.pick(["k0", "k1", "x", ""]),
  );
  const empty = draw.chance(0.05);
  const bytes =
    source.format === "msgpack"
      ? empty
        ? new Uint8Array()
        : packed(text)
      : Buffer.from(empty ? draw.pick(["", " "]) : text);
  return { topic: levels.join("/"), payload: bytes };
}
