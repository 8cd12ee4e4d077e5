// The plan of a replay: the same columns at the same places, read from lines.
import { describe, expect, it } from "vitest";
import { replayPlan } from "../../core/plan/replay-plan.ts";
import { planOf } from "./read.ts";

const MQTT =
  "plant: { mqtt: mqtt://b, topic: 's/{site}/{device}', format: msgpack, time: { field: h.ts, unit: us }, delay: 5s }";
const SQL = "SELECT h.ts, site, a.b + 1 AS c FROM plant WHERE device = 'x'";

describe("replayPlan", () => {
  it("reads topic columns from members of that name", () => {
    const plan = planOf(SQL, MQTT);
    const replay = replayPlan(plan, "json");
    expect(replay.pipelines).toBe(plan.pipelines);
    expect(replay.source).toEqual({
      ...plan.source,
      framing: "lines",
      format: "json",
      topic: [],
      columns: [
        { name: "site", type: "string", from: "field", path: ["site"], numberAsText: true },
        { name: "device", type: "string", from: "field", path: ["device"], numberAsText: true },
        { name: "h.ts", type: "instant", from: "time", path: ["h", "ts"], numberAsText: false },
        { name: "a.b", type: "double", from: "field", path: ["a", "b"], numberAsText: false },
      ],
    });
  });

  it("takes dotted names of CSV as they are", () => {
    const { source } = replayPlan(planOf(SQL, MQTT), "csv");
    expect(source.columns.map((column) => column.path)).toEqual([["site"], ["device"], ["h.ts"], ["a.b"]]);
  });

  it("refuses arrival time, which lines have not", () => {
    const plan = planOf("SELECT arrival FROM plant", MQTT.replace("{ field: h.ts, unit: us }", "arrival"));
    const message = /^source "plant" has `time: arrival`/;
    expect(() => replayPlan(plan, "json")).toThrow(
      expect.objectContaining({ code: "MR406", message: expect.stringMatching(message) }),
    );
  });
});
