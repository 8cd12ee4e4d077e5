// Random events for the property tests: a time, an id, a text and tags, in any order, some absent, twice or of another
// type; one a message, or an array of them.
import type { ColumnPlan, Plan } from "../../../core/plan/plan.ts";
import type { Draw } from "./plan.ts";

const text = (name: string, path: string[]): ColumnPlan => ({
  name,
  type: "string",
  from: "field",
  path,
  numberAsText: true,
});

/** Columns of events behind those of topic and time: id, value, the tags a (STRING), v (DOUBLE) and n.x. */
export function eventColumns(front: ColumnPlan[]): ColumnPlan[] {
  return [
    ...front,
    text("id", ["id"]),
    text("value", ["value"]),
    text("a", ["tags", "a"]),
    { ...text("v", ["tags", "v"]), type: "double", numberAsText: false },
    text("n.x", ["tags", "n.x"]),
  ];
}

export const hasEvents = ({ source }: Plan): boolean => source.columns.some(({ path }) => path[0] === "tags");

const ODD = ["null", "true", "7", "1.50", "[1]", '{"a":"x"}', "-0", "1e400"];

function drawText(draw: Draw): string {
  const fresh = draw.freshText();
  if (fresh !== null) return JSON.stringify(fresh);
  return draw.chance(0.15) ? draw.pick(ODD) : draw.pick(['"k0"', '"k1"', '"\\u00e9"', '"pit"', '""']);
}

function drawTags(draw: Draw): string {
  if (draw.chance(0.05)) return draw.pick(ODD);
  const tags: string[] = [];
  if (draw.chance(0.8)) tags.push(`"a":${drawText(draw)}`);
  if (draw.chance(0.7)) tags.push(`"v":${draw.chance(0.2) ? drawText(draw) : JSON.stringify(draw.double())}`);
  if (draw.chance(0.3)) tags.push(`"n.x":${drawText(draw)}`);
  if (draw.chance(0.2)) tags.push(`"n":{"x":"no tag"}`);
  return `{${(draw.chance(0.3) ? tags.reverse() : tags).join()}}`;
}

/** One message as JSON text; `time` gives the text of an event's time. */
export function drawEventsText(draw: Draw, time: () => string): string {
  if (draw.chance(0.03)) return draw.pick(["{}", "[]", '{"t":1', "[1]", '{"t":null,"id":"x"}']);
  const one = (): string => {
    const members = [`"t":${time()}`];
    if (draw.chance(0.95)) members.push(`"id":${drawText(draw)}`);
    if (draw.chance(0.9)) members.push(`"value":${drawText(draw)}`);
    if (draw.chance(0.9)) members.push(`"tags":${drawTags(draw)}`);
    if (draw.chance(0.08)) members.push(`"tags":${drawTags(draw)}`);
    return `{${(draw.chance(0.3) ? members.reverse() : members).join(draw.chance(0.1) ? " , " : ",")}}`;
  };
  return draw.chance(0.2) ? `[${one()},${one()}]` : one();
}
