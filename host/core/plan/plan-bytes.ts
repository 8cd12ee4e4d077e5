// Writes a Plan as plan bytes: the flat program that the kernel reads (PLAN_* of assembly/layout/ draws it), from
// its two halves (source-bytes.ts, pipeline-bytes.ts). Promises the same bytes for the same plan. Imports core and
// the layout.
import * as L from "../layout.ts";
import { fromHex } from "../bytes.ts";
import { BytesWriter } from "./bytes-writer.ts";
import { resultProgram, writeGroups, writeOperators, writePipelines, writeSpaces } from "./pipeline-bytes.ts";
import type { Plan } from "./plan.ts";
import { Sharing } from "./slice-groups.ts";
import { writeColumns, writeContext, writeHead, writePlaces } from "./source-bytes.ts";
import { PaneTables } from "./zone-panes.ts";

/**
 * The plan bytes of a plan. `memoryBytes` is the size of the kernel's memory (a multiple of 64 KiB).
 * The protocol of MQTT frames is set later (Engine.setMqttVersion). Throws MR901 when the plan breaks a limit of the layout.
 */
export function encodePlan(plan: Plan, memoryBytes: number): Uint8Array {
  const literals = new Map<string, number>();
  const sharing = new Sharing(plan, literals);
  const results = plan.pipelines.map((pipeline) => resultProgram(plan, pipeline, sharing, literals));
  const writer = new BytesWriter(L.PLAN_HEAD_BYTES);
  writeHead(writer, plan, memoryBytes);
  writeColumns(writer, plan);
  writePlaces(writer, plan);
  writeContext(writer, plan, literals);
  writer.setU32(L.PLAN_REGISTER_COUNT, sharing.program.registerCount);
  writer.setU32(L.PLAN_OP_COUNT, sharing.program.opCount);
  writer.setU32(L.PLAN_OPS_AT, writer.append(sharing.program.bytes(), 8));
  writeOperators(writer, sharing);
  writeSpaces(writer, plan, sharing, literals);
  const panes = new PaneTables(writer);
  writeGroups(writer, sharing, panes);
  writePipelines(writer, plan, sharing, results, panes);
  writeLiterals(writer, literals);
  writer.align(8);
  writer.setU32(L.PLAN_BYTES, writer.length);
  return writer.bytes();
}

function writeLiterals(writer: BytesWriter, literals: Map<string, number>): void {
  const all = [...literals.entries()].sort((a, b) => a[1] - b[1]).map(([hex]) => fromHex(hex));
  writer.setU32(L.PLAN_LITERAL_COUNT, all.length);
  writer.setU32(L.PLAN_LITERALS_AT, writer.pieces(all));
}
