// Scalar functions by name, what is wrong with their calls, and what to say of one that is not known: Flink's that we have not, one of a later version, or a slip.
// Portable: imports suggest, words.
import { nearest, suggestion } from "../../../suggest.ts";
import type { Report } from "../../report.ts";
import type { Node } from "../../syntax/tree.ts";
import {
  AGGREGATES,
  CONTEXT_FUNCTIONS,
  FUNCTIONS,
  FUNCTIONS_OF_FLINK,
  type FunctionWord,
  OPERATORS,
} from "../../words.ts";

const QUANTILES = "(quantiles: p50 p75 p90 p95 p99 p999, or quantile(x, 0.95))";

/** The scalar function that a call names, if it is one. */
export const scalarOf = (node: Extract<Node, { kind: "call" }>): FunctionWord | undefined =>
  Object.hasOwn(FUNCTIONS, node.name) ? FUNCTIONS[node.name] : undefined;

/** Reports a function with the wrong number of arguments, then false, and one that is not written as it must be. */
export function checkArguments(
  node: Extract<Node, { kind: "call" }>,
  scalar: FunctionWord,
  report: Report,
): boolean {
  const count = node.arguments.length;
  const { least, most } = scalar;
  if (node.star || count < least || count > most) {
    const wanted = least === most ? `${least}` : `${least} to ${most}`;
    report("MR205", node.span, `${node.name} takes ${wanted} argument${wanted === "1" ? "" : "s"}`);
    return false;
  }
  const digits = scalar.operator === "round" ? node.arguments[1] : undefined;
  const fine =
    digits === undefined ||
    (digits.kind === "number" && Number.isInteger(digits.value) && digits.value >= 0 && digits.value <= 15);
  if (!fine) report("MR205", digits.span, "the digits of ROUND are a whole number from 0 to 15");
  return true;
}

/** Reports the name of an unknown function, each by the code that fits. */
export function unknownFunction(node: Extract<Node, { kind: "call" }>, report: Report): void {
  const { name, written, nameSpan } = node;
  const ofFlink = Object.hasOwn(FUNCTIONS_OF_FLINK, name) ? FUNCTIONS_OF_FLINK[name] : undefined;
  if (ofFlink !== undefined) {
    report("MR208", nameSpan, `${name} is not in the subset`, ofFlink);
    return;
  }
  const cased = (word: string): string => (written === written.toLowerCase() ? word.toLowerCase() : word);
  const aggregates = Object.keys(AGGREGATES).map(cased);
  const functions = Object.keys(FUNCTIONS).map(cased);
  const others = [...Object.keys(OPERATORS), ...CONTEXT_FUNCTIONS].map(cased);
  const near = nearest(written, [...functions, ...aggregates, ...others]);
  if (/^P\d/.test(name) || (near !== null && aggregates.includes(near))) {
    const quantile = near !== null && /^p\d/i.test(near);
    const meant = near === null ? "" : `did you mean ${near}?`;
    const hint = /^P\d/.test(name) || quantile ? `${meant} ${QUANTILES}`.trim() : meant;
    report("MR204", nameSpan, `unknown aggregate "${written}"`, hint);
  } else if (near !== null && others.includes(near))
    report("MR203", nameSpan, `unknown function "${written}"`, `did you mean ${near}?`);
  else
    report("MR203", nameSpan, `unknown function "${written}"`, suggestion(written, functions, "functions"));
}
