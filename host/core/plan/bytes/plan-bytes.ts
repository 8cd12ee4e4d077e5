// Writes a Plan as plan bytes: the flat program that the kernel reads (PLAN_* of assembly/layout/ draws it), from
// its two halves (source-bytes.ts, pipeline-bytes.ts). Promises the same bytes for the same plan. Imports core and
// the layout.
import * as L from "../../layout.ts";
import { fromHex } from "../../bytes.ts";
import { assert } from "../../errors.ts";
import { BytesWriter } from "./bytes-writer.ts";
import { PlanTexts } from "./expression-program.ts";
import { resultProgram, writeGroups, writeOperators, writePipelines, writeSpaces } from "./pipeline-bytes.ts";
import type { Plan } from "../plan.ts";
import { textShare } from "../plan-limits.ts";
import { Sharing } from "../slice-groups.ts";
import { caseTables } from "./text-cases.ts";
import { writeColumns, writeContext, writeHead, writePlaces, writeReorder } from "./source-bytes.ts";
import { PaneTables } from "./zone-panes.ts";

/**
 * The plan bytes of a plan. `memoryBytes` is the size of the kernel's memory (a multiple of 64 KiB).
 * The protocol of MQTT frames is set later (Engine.setMqttVersion). Throws MR901 when the plan breaks a limit of the layout.
 */
export function encodePlan(plan: Plan, memoryBytes: number): Uint8Array {
  const texts = new PlanTexts();
  const sharing = new Sharing(plan, texts);
  const results = plan.pipelines.map((pipeline) => resultProgram(plan, pipeline, sharing, texts));
  const writer = new BytesWriter(L.PLAN_HEAD_BYTES);
  writeHead(writer, plan, memoryBytes);
  writeColumns(writer, plan);
  writePlaces(writer, plan);
  writeContext(writer, plan, texts.literals);
  writeReorder(writer, plan);
  writer.setU32(L.PLAN_REGISTER_COUNT, sharing.program.registerCount);
  writer.setU32(L.PLAN_OP_COUNT, sharing.program.opCount);
  writer.setU32(L.PLAN_OPS_AT, writer.append(sharing.program.bytes(), 8));
  writeOperators(writer, sharing);
  writeSpaces(writer, plan, sharing, texts.literals);
  const panes = new PaneTables(writer);
  writeGroups(writer, sharing, panes);
  writePipelines(writer, plan, sharing, results, panes);
  writeTexts(writer, plan, texts);
  writer.align(8);
  writer.setU32(L.PLAN_BYTES, writer.length);
  return writer.bytes();
}

/** Literals, the shares of what makes texts, and the letters that it needs. */
function writeTexts(writer: BytesWriter, plan: Plan, { literals, made, cases }: PlanTexts): void {
  const all = [...literals.entries()].sort((a, b) => a[1] - b[1]).map(([hex]) => fromHex(hex));
  writer.setU32(L.PLAN_LITERAL_COUNT, all.length);
  writer.setU32(L.PLAN_LITERALS_AT, writer.pieces(all));
  const share = textShare(plan.limits);
  assert(made <= L.TEXT_OPS_MAX, `${made} expressions make texts, at most ${L.TEXT_OPS_MAX} fit`);
  writer.setU32(L.PLAN_TEXT_OPS, made);
  writer.setU32(L.PLAN_TEXT_SHARE_BYTES, share.bytes);
  writer.setU32(L.PLAN_TEXT_SHARE_ENTRIES, share.entries);
  writer.setU32(L.PLAN_CASES_AT, cases ? writer.append(caseTables(), 8) : 0);
}
