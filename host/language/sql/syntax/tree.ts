// The syntax tree of a statement: what the parser makes and the checker reads. Spans are offsets in the SQL
// text. Portable: imports types only.
import type { Span } from "./lexer.ts";

export type Node =
  /** `whole` is its value when it is written without a point and within BIGINT. */
  | { kind: "number"; value: number; whole: bigint | null; span: Span }
  | { kind: "string"; value: string; span: Span }
  | { kind: "boolean"; value: boolean; span: Span }
  /** X'0aff', its digits in lower case. */
  | { kind: "bytes"; hex: string; span: Span }
  | { kind: "null"; span: Span }
  /** A length of time: what some functions take. */
  | { kind: "interval"; ns: bigint; span: Span }
  /** A column: `temp`, `plant.temp`, `AM2301.Temperature`. */
  | { kind: "name"; parts: string[]; span: Span }
  /** `name` in upper case; `star` is the * of COUNT(*), `distinct` the word of COUNT(DISTINCT x). */
  | {
      kind: "call";
      name: string;
      written: string;
      nameSpan: Span;
      arguments: Node[];
      star: boolean;
      distinct: boolean;
      over: Over | null;
      span: Span;
    }
  | { kind: "unary"; operator: "-" | "NOT"; argument: Node; span: Span }
  | { kind: "binary"; operator: BinaryOperator; left: Node; right: Node; span: Span }
  | { kind: "between"; value: Node; low: Node; high: Node; negated: boolean; span: Span }
  | { kind: "in"; value: Node; list: Node[]; negated: boolean; span: Span }
  | { kind: "like"; value: Node; pattern: Node; escape: Node | null; negated: boolean; span: Span }
  | { kind: "cast"; value: Node; to: CastType; span: Span }
  | { kind: "isNull"; value: Node; negated: boolean; span: Span }
  | {
      kind: "case";
      subject: Node | null;
      branches: { when: Node; then: Node }[];
      otherwise: Node | null;
      span: Span;
    };

/** Types that CAST knows. */
export type CastType = "double" | "bigint" | "boolean" | "string" | "bytes";

export type BinaryOperator =
  "+" | "-" | "*" | "/" | "%" | "||" | "=" | "<>" | "<" | "<=" | ">" | ">=" | "AND" | "OR";

export interface SelectItem {
  expression: Node;
  alias: { name: string; span: Span } | null;
}

export interface Interval {
  ns: bigint;
  span: Span;
}

/** A number of records. */
export interface Count {
  value: number;
  span: Span;
}

export type NameNode = Extract<Node, { kind: "name" }>;

export interface Partition {
  columns: NameNode[];
  /** Of the words PARTITION BY. */
  span: Span;
}

export interface OverSpec {
  kind: "spec";
  partition: NameNode[];
  /** null: the order of arrival. */
  order: NameNode | null;
  frame: { kind: "range"; interval: Interval } | { kind: "rows"; count: number; span: Span } | null;
  /** Of the closing parenthesis. */
  end: Span;
  span: Span;
}

export type Over = OverSpec | { kind: "name"; name: string; span: Span };

export interface NamedWindow {
  name: string;
  span: Span;
  spec: OverSpec;
}

export interface WindowCall {
  kind: "TUMBLE" | "HOP" | "CUMULATE" | "SESSION" | "TUMBLE_ROWS" | "HOP_ROWS" | "RESAMPLE";
  /** null for windows of rows. */
  descriptor: { name: string; span: Span } | null;
  /** Of SESSION and windows of rows only. */
  partition: Partition | null;
  /** TUMBLE: size; HOP: slide, size; CUMULATE: step, size; then the offset, if any. SESSION: gap. */
  intervals: Interval[];
  /** TUMBLE_ROWS: size; HOP_ROWS: slide, size. */
  counts: Count[];
  span: Span;
  nameSpan: Span;
}

/** RESAMPLE in FROM: instants of a fixed rate in place of records. */
export interface ResampleCall {
  descriptor: { name: string; span: Span };
  partition: Partition | null;
  period: Interval;
  offset: Interval | null;
  span: Span;
  nameSpan: Span;
}

export interface Statement {
  /** null is SELECT *. */
  items: SelectItem[] | null;
  itemsSpan: Span;
  source: { name: string; span: Span };
  alias: string | null;
  window: WindowCall | null;
  resample: ResampleCall | null;
  where: Node | null;
  groupBy: { nodes: Node[]; span: Span } | null;
  having: Node | null;
  /** Of the WINDOW clause. */
  windows: NamedWindow[];
}
