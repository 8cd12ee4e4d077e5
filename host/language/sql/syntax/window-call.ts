// The windowing table functions of FROM, as in Flink SQL, by position or by name:
//   window   = TUMBLE ( data , DESCRIPTOR ( name ) , size [, offset] )
//            | HOP ( data , DESCRIPTOR ( name ) , slide , size [, offset] )
//            | CUMULATE ( data , DESCRIPTOR ( name ) , step , size [, offset] )
//            | SESSION ( data [PARTITION BY keys] , DESCRIPTOR ( name ) , gap )
//            | TUMBLE_ROWS ( data [PARTITION BY keys] , number )                       extensions: windows of so many
//            | HOP_ROWS ( data [PARTITION BY keys] , number , number )                 records, one every so many
//            | RESAMPLE ( data [PARTITION BY keys] , DESCRIPTOR ( name ) , period [, offset] )    an extension
//   keys     = name | ( name {, name} )
//   data     = TABLE name             named: DATA => …, TIMECOL => …, SIZE => …, SLIDE | STEP | GAP | OFFSET => …
//   interval = INTERVAL [-] 'number' unit | INTERVAL 'd hh:mm:ss' unit TO unit
// Imports the parser's hands.
import type { Span } from "./lexer.ts";
import type { Parser } from "./parser.ts";
import type { Count, Interval, Partition, ResampleCall, Statement, WindowCall } from "./tree.ts";
import { suggestion } from "../../suggest.ts";

type Source = Statement["source"];
type Argument =
  | { kind: "data"; source: Source; partition: Partition | null; span: Span }
  | { kind: "descriptor"; descriptor: WindowCall["descriptor"]; span: Span }
  | { kind: "interval"; interval: Interval; span: Span }
  | { kind: "count"; count: Count; span: Span };

const FORMS: Record<WindowCall["kind"], string[]> = {
  TUMBLE: ["DATA", "TIMECOL", "SIZE", "OFFSET"],
  HOP: ["DATA", "TIMECOL", "SLIDE", "SIZE", "OFFSET"],
  CUMULATE: ["DATA", "TIMECOL", "STEP", "SIZE", "OFFSET"],
  SESSION: ["DATA", "TIMECOL", "GAP"],
  TUMBLE_ROWS: ["DATA", "SIZE"],
  HOP_ROWS: ["DATA", "SLIDE", "SIZE"],
  RESAMPLE: ["DATA", "TIMECOL", "PERIOD", "OFFSET"],
};
/** Those of so many records: they go by arrival, and their records are those of a key. */
const OF_ROWS = ["TUMBLE_ROWS", "HOP_ROWS"];
const KINDS: Record<string, Argument["kind"]> = { DATA: "data", TIMECOL: "descriptor" };

/** What RESAMPLE says, which is written as a window. */
export function resampleOf(call: WindowCall): ResampleCall {
  const [period, offset] = call.intervals;
  const { partition, span, nameSpan } = call;
  return { descriptor: call.descriptor!, partition, period: period!, offset: offset ?? null, span, nameSpan };
}

/** Reads a window function; the parser stands at its name. */
export function parseWindowCall(parser: Parser): { source: Source; window: WindowCall } {
  const nameToken = parser.next();
  const kind = nameToken.text.toUpperCase();
  if (!Object.hasOwn(FORMS, kind)) {
    const hint = suggestion(nameToken.text, Object.keys(FORMS), "windows");
    parser.fail("MR211", nameToken, `"${nameToken.text}" is no window function`, hint);
  }
  const form = FORMS[kind as WindowCall["kind"]];
  parser.expectSymbol("(");
  const found = new Map<string, Argument>();
  let position = 0;
  let named = 0;
  do {
    const at = parser.token;
    let name = form[position];
    if (at.kind === "name" && parser.peek(1).text === "=>") {
      name = at.text.toUpperCase();
      if (!form.includes(name)) {
        parser.fail("MR211", at, `${kind} has no argument ${at.text}`, `it has ${form.join(", ")}`);
      }
      parser.next();
      parser.next();
      named++;
    } else if (name === undefined) {
      parser.fail(
        "MR211",
        at,
        `${kind} takes at most ${form.length} arguments`,
        `${kind}(${form.join(", ")})`,
      );
    }
    if (found.has(name!)) parser.fail("MR211", at, `${name} is given twice`);
    if (named > 0 && named <= position) {
      parser.fail(
        "MR211",
        at,
        "arguments with and without names",
        `all by position or all by name: ${kind}(${form.map((each) => `${each} => …`).join(", ")})`,
      );
    }
    found.set(name!, parseArgument(parser, kind, name!));
    position++;
  } while (parser.takeSymbol(","));
  const end = parser.expectSymbol(")");
  for (const name of form) {
    if (name !== "OFFSET" && !found.has(name))
      parser.fail("MR211", nameToken, `${kind} lacks its ${name}`, `${kind}(${form.join(", ")})`);
  }
  const given = form.flatMap((name) => found.get(name) ?? []);
  const data = found.get("DATA") as Extract<Argument, { kind: "data" }>;
  const time = found.get("TIMECOL") as Extract<Argument, { kind: "descriptor" }> | undefined;
  const span = { offset: nameToken.offset, length: end.offset + 1 - nameToken.offset };
  const nameSpan = { offset: nameToken.offset, length: nameToken.length };
  return {
    source: data.source,
    window: {
      kind: kind as WindowCall["kind"],
      descriptor: time?.descriptor ?? null,
      partition: data.partition,
      intervals: given.flatMap((argument) => (argument.kind === "interval" ? [argument.interval] : [])),
      counts: given.flatMap((argument) => (argument.kind === "count" ? [argument.count] : [])),
      span,
      nameSpan,
    },
  };
}

function parseArgument(parser: Parser, kind: string, name: string): Argument {
  const span = parser.token;
  const wanted = KINDS[name] ?? (OF_ROWS.includes(kind) ? "count" : "interval");
  if (wanted === "data") {
    parser.expectWord("TABLE");
    const source = parser.name("a source");
    if (parser.isWord("PARTITION") && !["SESSION", "RESAMPLE", ...OF_ROWS].includes(kind)) {
      parser.fail("MR211", parser.token, `${kind} takes no PARTITION BY`, "the key is the GROUP BY");
    }
    return { kind: "data", source, partition: parsePartition(parser), span };
  }
  if (wanted === "descriptor") {
    parser.expectWord("DESCRIPTOR");
    parser.expectSymbol("(");
    const descriptor = parser.path("the source's time field");
    parser.expectSymbol(")");
    return { kind: "descriptor", descriptor, span };
  }
  if (wanted === "count") return { kind: "count", count: parseCount(parser, kind), span };
  return { kind: "interval", interval: parseInterval(parser), span };
}

function parseCount(parser: Parser, kind: string): Count {
  const { token } = parser;
  if (token.kind !== "number") {
    const what = token.text === "" ? "the end" : `"${token.text}"`;
    parser.fail("MR211", token, `${what} where a number of records stands`, `as in ${kind}(${COUNTS[kind]})`);
  }
  parser.next();
  return { value: Number(token.text), span: { offset: token.offset, length: token.length } };
}

const COUNTS: Record<string, string> = { TUMBLE_ROWS: "TABLE …, 100", HOP_ROWS: "TABLE …, 10, 100" };

/** PARTITION BY, when it is there; several columns stand in parentheses, as in Flink. */
function parsePartition(parser: Parser): Partition | null {
  const begin = parser.token;
  if (!parser.takeWord("PARTITION")) return null;
  const by = parser.expectWord("BY");
  const span = { offset: begin.offset, length: by.offset + by.length - begin.offset };
  if (!parser.takeSymbol("(")) {
    const column = parser.column();
    const next = parser.peek(1);
    const isArgument =
      next.text.toUpperCase() === "DESCRIPTOR" || next.kind === "number" || parser.peek(2).text === "=>";
    if (parser.isSymbol(",") && !isArgument)
      parser.fail(
        "MR211",
        parser.token,
        "several columns of PARTITION BY stand in parentheses",
        "PARTITION BY (a, b)",
      );
    return { columns: [column], span };
  }
  const columns = [parser.column()];
  while (parser.takeSymbol(",")) columns.push(parser.column());
  parser.expectSymbol(")");
  return { columns, span };
}

const UNITS: Record<string, bigint> = {
  DAY: 86_400_000_000_000n,
  HOUR: 3_600_000_000_000n,
  MINUTE: 60_000_000_000n,
  SECOND: 1_000_000_000n,
};
const UNIT_NAMES = Object.keys(UNITS);

/** INTERVAL '10' SECOND, INTERVAL '0.5' SECOND, INTERVAL '1:30' MINUTE TO SECOND: whole nanoseconds. */
export function parseInterval(parser: Parser): Interval {
  if (parser.token.kind === "number") {
    parser.fail(
      "MR211",
      parser.token,
      "a length of time is written as an interval",
      `INTERVAL '${parser.token.text}' SECOND`,
    );
  }
  const begin = parser.expectWord("INTERVAL");
  const negative = parser.takeSymbol("-");
  const text = parser.token;
  if (text.kind !== "string") {
    parser.fail("MR211", text, "the length of an interval stands in single quotes", "INTERVAL '10' SECOND");
  }
  parser.next();
  const from = parseUnit(parser);
  if (parser.isSymbol("("))
    parser.fail(
      "MR208",
      parser.token,
      "a precision of an interval is not in the subset",
      "leave it out: an interval has as many digits as it needs",
    );
  let last = parser.token;
  const to = parser.takeWord("TO") ? ((last = parser.token), parseUnit(parser)) : from;
  const ns = intervalNs(text.text, from, to);
  if (ns === null) {
    parser.fail(
      "MR211",
      text,
      `'${text.text}' is no interval of ${from}${to === from ? "" : ` TO ${to}`}`,
      "as in INTERVAL '1:30' MINUTE TO SECOND",
    );
  }
  const end = to === from ? text : last;
  return {
    ns: negative ? -ns : ns,
    span: { offset: begin.offset, length: end.offset + end.length - begin.offset },
  };
}

function parseUnit(parser: Parser): string {
  const token = parser.next();
  const unit = token.text.toUpperCase().replace(/S$/, "");
  if (token.kind === "name" && Object.hasOwn(UNITS, unit)) return unit;
  const vague = ["WEEK", "MONTH", "QUARTER", "YEAR"].includes(unit);
  const hint = vague
    ? "a window's length is fixed: count in DAY"
    : `the units are ${UNIT_NAMES.join(", ")}; a millisecond is '0.001' SECOND`;
  return parser.fail(
    "MR211",
    token,
    `${token.text === "" ? "the end" : `"${token.text}"`} is no unit of an interval`,
    hint,
  );
}

/** Largest value of the parts behind the first one: 59 seconds, 59 minutes, 23 hours. */
const LARGEST: Record<string, bigint> = { HOUR: 23n, MINUTE: 59n, SECOND: 59n };

/** `d hh:mm:ss.fff`, as much of it as the units say; null when the text is not of that form. */
function intervalNs(text: string, from: string, to: string): bigint | null {
  const units = UNIT_NAMES.slice(UNIT_NAMES.indexOf(from), UNIT_NAMES.indexOf(to) + 1);
  if (units.length === 0) return null;
  const form = units
    .map((unit, index) => `${index === 0 ? "" : unit === "HOUR" ? " +" : ":"}(\\d{1,18})`)
    .join("");
  const match = new RegExp(`^(-?)${form}${to === "SECOND" ? "(?:\\.(\\d{1,9}))?" : ""}$`).exec(text.trim());
  if (match === null) return null;
  let ns = 0n;
  for (const [index, unit] of units.entries()) {
    const part = BigInt(match[index + 2]!);
    if (index > 0 && part > LARGEST[unit]!) return null;
    ns += part * UNITS[unit]!;
  }
  const fraction = to === "SECOND" ? match[units.length + 2] : undefined;
  if (fraction !== undefined) ns += BigInt(fraction.padEnd(9, "0"));
  return match[1] === "-" ? -ns : ns;
}
