// What became of every record, in numbers that add up: received = accepted + refused; for each pipeline accepted =
// counted + filtered + late; results and late records handed to a sink = delivered + waiting + lost.
import type { SourceRunner } from "./source-runner.ts";

/** A few lines for each source. */
export function summaryText(runners: SourceRunner[]): string {
  return runners.flatMap(sourceLines).join("\n");
}

function sourceLines(runner: SourceRunner): string[] {
  const counters = runner.engine.counters();
  const refused = Object.entries(counters.refused).filter(([, count]) => count > 0);
  const total = refused.reduce((sum, [, count]) => sum + count, 0);
  const reasons =
    refused.length === 0 ? "" : ` (${refused.map(([reason, count]) => `${count} ${reason}`).join(", ")})`;
  const lines = [
    `source ${runner.plan.source.name}: ${counters.received} received = ${counters.accepted} accepted + ${total} refused${reasons}`,
  ];
  counters.pipelines.forEach(({ counted, filtered, lateRecords, results }, index) => {
    const { name } = runner.plan.pipelines[index]!;
    lines.push(
      `  ${name}: ${counters.accepted} accepted = ${counted} counted + ${filtered} filtered + ${lateRecords} late; ${results} results`,
    );
    for (const sink of runner.sinks[index]!) {
      const waiting = sink.pending().length;
      const rest = `${waiting > 0 ? `, ${waiting} undelivered` : ""}${sink.lost > 0 ? `, ${sink.lost} lost` : ""}`;
      lines.push(`    ${sink.name}: ${sink.delivered} delivered${rest}`);
    }
  });
  lines.push(`  ${counters.keys} keys, ${counters.openSlices} slices still open`);
  return lines;
}
