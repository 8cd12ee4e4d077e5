// Checks a window's lengths and makes its plan: sizes above zero, CUMULATE's size a multiple of its step, all
// below 2^61 ns so that no bound leaves 64 bits. Imports types, scope.
import type { WindowPlan } from "../../../core/plan/plan.ts";
import { nearest } from "../../suggest.ts";
import { formatDuration } from "../../units.ts";
import type { Report } from "./checker.ts";
import type { Span } from "../syntax/lexer.ts";
import type { Checked } from "./build.ts";
import type { Scope } from "./scope.ts";
import { quoteName } from "../syntax/names.ts";
import type { WindowCall } from "../syntax/tree.ts";

const LONGEST_NS = 2n ** 61n;
const MOST_ROWS = 1_000_000_000;

/** The window's plan, or null after a problem was reported. */
export function checkWindow(window: WindowCall, scope: Scope, report: Report): WindowPlan | null {
  const { descriptor } = window;
  if (descriptor === null) return checkCounts(window, report);
  if (descriptor.name !== scope.timeName) {
    const near = nearest(descriptor.name, [scope.timeName]);
    const message = `DESCRIPTOR(${descriptor.name}) is not the time of source "${scope.sourceName}"`;
    report(
      "MR211",
      descriptor.span,
      message,
      near === null ? `it is ${scope.timeName}` : `did you mean ${scope.timeName}?`,
    );
  }
  const lengths = window.intervals;
  const count = window.kind === "TUMBLE" || window.kind === "SESSION" ? 1 : 2;
  let fine = true;
  lengths.forEach((interval, index) => {
    const size = interval.ns < 0n ? -interval.ns : interval.ns;
    if ((index < count && interval.ns <= 0n) || size > LONGEST_NS) {
      report("MR211", interval.span, "this length is out of range", "above zero and at most 73 years");
      fine = false;
    }
  });
  if (!fine) return null;
  const offsetNs = lengths[count]?.ns ?? 0n;
  const [first, second] = lengths as [WindowCall["intervals"][0], WindowCall["intervals"][0]];
  if (window.kind === "SESSION") return { kind: "session", gapNs: first.ns, maxNs: null };
  if (window.kind === "TUMBLE") return { kind: "tumble", sizeNs: first.ns, offsetNs };
  if (window.kind === "HOP") return { kind: "hop", slideNs: first.ns, sizeNs: second.ns, offsetNs };
  if (second.ns % first.ns !== 0n) {
    const message = `CUMULATE's size is a multiple of its step: ${formatDuration(second.ns)} is none of ${formatDuration(first.ns)}`;
    report("MR211", second.span, message, "the step comes first, then the size");
    return null;
  }
  return { kind: "cumulate", stepNs: first.ns, sizeNs: second.ns, offsetNs };
}

/** Windows of rows: whole numbers of records. */
function checkCounts({ counts }: WindowCall, report: Report): WindowPlan | null {
  const odd = counts.find(({ value }) => !Number.isInteger(value) || value < 1 || value > MOST_ROWS);
  if (odd !== undefined) {
    report(
      "MR211",
      odd.span,
      "this number of records is out of range",
      "a whole number from 1 to 1000000000",
    );
    return null;
  }
  const size = counts.at(-1)!.value;
  return { kind: "rows", slide: counts[0]!.value, size };
}

/**
 * Sessions and windows of rows are those of the GROUP BY's key: PARTITION BY names the same columns. `named` are their places in the scope,
 * null for one that was reported already.
 */
export function checkPartition(
  window: WindowCall,
  named: (number | null)[],
  checked: Checked,
  groupSpan: Span,
  report: Report,
): void {
  const { keys, scope } = checked;
  const columns = window.partition?.columns ?? [];
  if (named.includes(null)) return;
  const key = keys.map((index) => quoteName(scope.columns[index]!.name));
  const wanted = `PARTITION BY ${key.length === 1 ? key[0] : `(${key.join(", ")})`}`;
  const odd = columns.find((_, place) => !keys.includes(named[place]!));
  if (odd !== undefined) {
    const hint = "PARTITION BY and GROUP BY name the same columns, window columns apart";
    report("MR210", odd.span, `"${checked.nameOf(odd)}" is not in GROUP BY`, hint);
  } else if (keys.some((index) => !named.includes(index))) {
    const message =
      columns.length === 0
        ? `${window.kind} with a key and without PARTITION BY`
        : "PARTITION BY lacks columns of GROUP BY";
    report("MR210", window.partition?.span ?? groupSpan, message, `${window.kind}(TABLE … ${wanted}, …)`);
  }
}
