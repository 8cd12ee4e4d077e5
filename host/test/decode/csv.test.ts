// CSV lines against DuckDB's reader: quoted and unquoted cells, doubled quotes, empty ones, by header or by position;
// and what is no CSV.
import { DuckDBInstance } from "@duckdb/node-api";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Engine } from "../../core/engine.ts";
import { kernels, reference } from "../support/engines.ts";
import { Chance, frame, planOf, refusedBy } from "../kernel/support.ts";

const engines = [...kernels, reference];
const ROWS = 3000;
const NAMES = ["a", "b", "c", "d", "e"];
const texts = planOf({
  format: "csv",
  fields: Object.fromEntries(NAMES.map((name) => [name, "string" as const])),
});
const plan = { ...texts, limits: { ...texts.limits, dictionaryBytes: 1 << 20 } };

const PIECES = [
  "",
  "",
  "x",
  "7",
  " ",
  "  pad ",
  "é",
  "日本",
  "😀",
  "-1.5e3",
  "true",
  "NULL",
  "null",
  ";",
  "\t",
  "'",
  "\\",
  "\\n",
  "a b",
  "\u00a0",
  "|",
];
const QUOTED_PIECES = [...PIECES, ",", ",,", '""', '"",""', '"",'];

function cell(chance: Chance): string {
  const draw = (pieces: string[]): string =>
    Array.from({ length: chance.whole(0, 3) }, () => chance.pick(pieces)).join("");
  return chance.whole(0, 1) === 0 ? `"${draw(QUOTED_PIECES)}"` : draw(PIECES);
}

/** What DuckDB reads from the lines: a text or NULL for each cell. */
async function duckdb(lines: string[]): Promise<(string | null)[][]> {
  const folder = mkdtempSync(join(tmpdir(), "millrace-csv-"));
  const path = join(folder, "lines.csv");
  writeFileSync(path, `${lines.join("\n")}\n`);
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  try {
    const columns = NAMES.map((name) => `'${name}': 'VARCHAR'`).join(", ");
    const options = `auto_detect=false, header=false, delim=',', quote='"', escape='"', new_line='\\n', nullstr='', allow_quoted_nulls=false, parallel=false`;
    const reader = await connection.runAndReadAll(
      `SELECT * FROM read_csv('${path}', columns={${columns}}, ${options})`,
    );
    return reader.getRows() as (string | null)[][];
  } finally {
    connection.closeSync();
    rmSync(folder, { recursive: true });
  }
}

const rowsOf = (engine: Engine, bytes: Uint8Array): unknown[][] => {
  engine.tick(0n);
  return [...engine.push(bytes), ...engine.flush()].map(({ values }) => values.slice(1));
};

describe("CSV", () => {
  test("cells are read as DuckDB reads them", async () => {
    const chance = new Chance();
    const lines = Array.from({ length: ROWS }, () => NAMES.map(() => cell(chance)).join(",")).filter(
      (line) => !/^[ \t]*$/.test(line),
    );
    const expected = await duckdb(lines);
    expect(expected.length).toBe(lines.length);
    for (const kind of engines) {
      const engine = kind.create(plan);
      expect(rowsOf(engine, Buffer.from(`${lines.join("\n")}\n`)), kind.name).toEqual(expected);
      const windows = kind.create(plan);
      expect(
        rowsOf(windows, Buffer.from(lines.join("\r\n"))),
        `${kind.name}, lines that end as on Windows`,
      ).toEqual(expected);
      expect(refusedBy(engine) + refusedBy(windows)).toBe(0);
      const overMqtt = kind.create({
        ...plan,
        source: { ...plan.source, framing: "mqtt", topic: [{ kind: "rest" }] },
      });
      expect(rowsOf(overMqtt, frame("t", lines.join("\n"))), `${kind.name}, in one message`).toEqual(
        expected,
      );
    }
  });

  test("a header says which cell is which; others are passed over, missing ones are NULL", () => {
    const chance = new Chance();
    for (let turn = 0; turn < 50; turn++) {
      const header = [...NAMES, "other", "e.f"]
        .map((name) => ({ name, at: chance.bits() }))
        .sort((a, b) => a.at - b.at)
        .map(({ name }) => name)
        .slice(chance.whole(0, 4));
      const lines = Array.from({ length: 20 }, () =>
        header.slice(0, chance.whole(1, 9)).map((_, place) => `v${place}${chance.digits(2)}`),
      );
      const expected = lines.map((cells) => NAMES.map((name) => cells[header.indexOf(name)] ?? null));
      for (const kind of engines) {
        const engine = kind.create(plan);
        engine.csvHeader(header);
        expect(
          rowsOf(engine, Buffer.from(lines.map((cells) => cells.join(",")).join("\n"))),
          kind.name,
        ).toEqual(expected);
      }
    }
  });

  test.each([
    ['"open', "a quote that never closes"],
    ['x,"open,y', "a quote that never closes, later"],
    ['"a"b,c', "text behind a closing quote"],
    ['"a" ,c', "a space behind a closing quote"],
    ['"a""', "a doubled quote at the end"],
    ['"', "a quote alone"],
  ])("%s is refused: %s", (line) => {
    for (const kind of engines) {
      const engine = kind.create(plan);
      expect(
        rowsOf(engine, Buffer.from(`1\n${line}\n2\n`)).map(([a]) => a),
        kind.name,
      ).toEqual(["1", "2"]);
      expect(engine.counters().refused.decode).toBe(1);
    }
  });

  test("bytes that are no UTF-8 are refused with their line", () => {
    for (const bad of ["ff", "c3", "c080", "eda080", "f4908080", "e28"].map((hex) =>
      Buffer.from(hex.padEnd(hex.length + (hex.length % 2), "0"), "hex"),
    )) {
      for (const kind of engines) {
        const engine = kind.create(plan);
        const bytes = Buffer.concat([Buffer.from("1,x"), bad, Buffer.from(",y\n2\n")]);
        expect(
          rowsOf(engine, bytes).map(([a]) => a),
          kind.name,
        ).toEqual(["2"]);
        expect(engine.counters().refused.decode).toBe(1);
      }
    }
  });

  test("kernel and reference agree on any bytes, as cells of each type", () => {
    const chance = new Chance();
    const typed = planOf({ format: "csv", unit: "ms", fields: { d: "double", b: "boolean", s: "string" } });
    const lines = Array.from({ length: 4000 }, () => {
      const cells = [
        chance.pick(["1", " 2 ", "3.5", "1e3", "", "x", '"4"', "-0", '" 5 "', "\t6", "9e99"]),
        chance.pick([
          "1.5",
          " 2 ",
          '"3"',
          "",
          " ",
          '""',
          "nan",
          "-INF",
          "Infinity",
          "infinit",
          "0x1",
          "1,5",
          "+.5",
          "5.",
          ".",
          "-",
          "1e",
          "1e400",
          "−1",
          "NaN ",
        ]),
        chance.pick(["true", "FALSE", " True ", '"false"', "", "1", "yes", "tru", "truee", '""']),
        chance.pick(['"a""b"', "a", "", '""', ' "q"', 'a"b', "é"]),
      ].join(",");
      const bytes = [...Buffer.from(cells)];
      if (chance.whole(0, 2) === 0)
        bytes[chance.whole(0, bytes.length - 1)] = chance.pick([34, 44, 32, 9, 13, 48, 0xc3, 0, 43]);
      return Buffer.from([...bytes, 10]);
    });
    const bytes = Buffer.concat(lines);
    const runs = engines.map((kind) => {
      const engine = kind.create(typed);
      const rows = [...engine.push(bytes), ...engine.flush()].map(({ values }) => values);
      refusedBy(engine);
      const { refused, nulled } = engine.counters();
      return { rows, refused, nulled };
    });
    expect(runs[0]).toEqual(runs[2]);
    expect(runs[1]).toEqual(runs[2]);
    expect(runs[0]!.rows.length).toBeGreaterThan(1000);
    expect(Object.values(runs[0]!.refused).filter((count) => count > 0).length).toBeGreaterThan(2);
  });
});
