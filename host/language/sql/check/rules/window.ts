// Checks a window's lengths and makes its plan: sizes above zero, CUMULATE's size a multiple of its step, all
// below 2^61 ns so that no bound leaves 64 bits. Imports types, scope.
import type { OverPlan, WindowPlan } from "../../../../core/plan/plan.ts";
import { nearest } from "../../../suggest.ts";
import { formatDuration } from "../../../units.ts";
import type { Report } from "../../report.ts";
import type { Span } from "../../syntax/lexer.ts";
import type { Checked } from "../build.ts";
import type { Scope } from "../scope.ts";
import { quoteName } from "../../syntax/names.ts";
import type { ResampleCall, WindowCall } from "../../syntax/tree.ts";

const LONGEST_NS = 2n ** 61n;
const MOST_ROWS = 1_000_000_000;

/** The window's plan, or null after a problem was reported. */
export function checkWindow(window: WindowCall, scope: Scope, report: Report): WindowPlan | null {
  const { descriptor } = window;
  if (descriptor === null) return checkCounts(window, report);
  checkDescriptor(descriptor, scope, report);
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

/** The plan of RESAMPLE, without what its instants take from records; null after a problem was reported. */
export function checkResample(
  { descriptor, period, offset }: ResampleCall,
  scope: Scope,
  report: Report,
): OverPlan | null {
  checkDescriptor(descriptor, scope, report);
  const tooLong = [period, ...(offset === null ? [] : [offset])].find(
    ({ ns }) => ns > LONGEST_NS || ns < -LONGEST_NS,
  );
  const odd = period.ns <= 0n ? period : tooLong;
  if (odd !== undefined) {
    report("MR211", odd.span, "this length is out of range", "above zero and at most 73 years");
    return null;
  }
  const resample = { periodNs: period.ns, offsetNs: offset?.ns ?? 0n, linear: 0 };
  return { kind: "over", rangeNs: null, rows: 1, carried: [], resample };
}

function checkDescriptor(descriptor: { name: string; span: Span }, scope: Scope, report: Report): void {
  if (descriptor.name === scope.timeName) return;
  const near = nearest(descriptor.name, [scope.timeName]);
  const message = `DESCRIPTOR(${descriptor.name}) is not the time of source "${scope.sourceName}"`;
  report(
    "MR211",
    descriptor.span,
    message,
    near === null ? `it is ${scope.timeName}` : `did you mean ${scope.timeName}?`,
  );
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

/** GROUP BY of a window names its bounds. */
export function checkBounds(groupSpan: Span, named: Set<string>, report: Report): void {
  const lacking = ["window_start", "window_end"].filter((name) => !named.has(name));
  if (lacking.length === 0) return;
  const hint = "as in Flink, both belong to it: GROUP BY …, window_start, window_end";
  report("MR210", groupSpan, `GROUP BY lacks ${lacking.join(" and ")}`, hint);
}

/** SELECT * is of records, and of declared ones; `grouped` says what makes results of several records, if anything. */
export function checkStar(span: Span, grouped: string | null, scope: Scope, report: Report): void {
  if (grouped !== null) report("MR210", span, `SELECT * with ${grouped}`, "name the columns and aggregates");
  else if (!scope.closed)
    report("MR210", span, "SELECT * needs `fields:` in the source", "name the columns, or declare them");
}
