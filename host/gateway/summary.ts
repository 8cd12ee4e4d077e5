// What became of every record, in numbers that add up: received = accepted + refused + held; for each pipeline accepted =
// counted + filtered + late; results and late records handed to a sink = delivered + waiting + lost.
import type { Counters, SourceCounters } from "../core/engine.ts";
import { countersOfSource, handedOver } from "../core/plan/chain.ts";
import type { SourceRunner } from "./source-runner.ts";

/** A few lines for each source. */
export function summaryText(runners: SourceRunner[]): string {
  return runners.flatMap(sourceLines).join("\n");
}

function sourceLines(runner: SourceRunner): string[] {
  const { plan } = runner;
  const counters = runner.engine.counters();
  const lines = [`source ${plan.source.name}: ${receivedText(counters)}${heldText(counters)}`];
  counters.pipelines.forEach(({ counted, filtered, lateRecords, results }, index) => {
    const { accepted } = countersOfSource(plan, counters, index);
    lines.push(
      `  ${plan.pipelines[index]!.name}: ${accepted} accepted = ${counted} counted + ${filtered} filtered + ${lateRecords} late; ${results} results`,
    );
    for (const sink of runner.sinks[index]!) {
      const waiting = sink.pending().length;
      const rest = `${waiting > 0 ? `, ${waiting} undelivered` : ""}${sink.lost > 0 ? `, ${sink.lost} lost` : ""}`;
      lines.push(`    ${sink.name}: ${sink.delivered} delivered${rest}`);
    }
  });
  for (const one of handedOver(plan, counters))
    lines.push(`  results of ${one.name} for ${one.readers.join(", ")}: ${receivedText(one)}`);
  const { keys, keysEvicted, otherRecords, openSlices } = counters;
  const beyond = [
    keysEvicted > 0 ? `, ${keysEvicted} made room` : "",
    otherRecords > 0 ? `, ${otherRecords} records of further ones` : "",
  ].join("");
  lines.push(`  ${keys} keys${beyond}, ${openSlices} slices still open`);
  return lines;
}

/** Of records that wait to be put in order. */
function heldText({ held, early }: Counters): string {
  return `${held > 0 ? ` + ${held} held` : ""}${early > 0 ? `; ${early} went on early` : ""}`;
}

/** 12 received = 10 accepted + 2 refused (2 decode) */
function receivedText({ received, accepted, refused }: SourceCounters): string {
  const some = Object.entries(refused).filter(([, count]) => count > 0);
  const total = some.reduce((sum, [, count]) => sum + count, 0);
  const reasons =
    some.length === 0 ? "" : ` (${some.map(([reason, count]) => `${count} ${reason}`).join(", ")})`;
  return `${received} received = ${accepted} accepted + ${total} refused${reasons}`;
}
