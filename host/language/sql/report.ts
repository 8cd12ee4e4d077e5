// What all checks of a statement share: how a problem is said, and where an expression stands. Portable: imports syntax.
import type { Span } from "./syntax/lexer.ts";
import type { Node } from "./syntax/tree.ts";

/** Reports a problem at a place in the statement's text. */
export type Report = (code: string, span: Span, message: string, hint?: string) => void;

/** Where an expression stands: over records, over results, or inside an aggregate of results. */
export type Place = "record" | "result" | "aggregate";
export type CallNode = Extract<Node, { kind: "call" }>;
