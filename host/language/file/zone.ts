// The zone by whose wall clock windows begin and end: a key of a source, and of a pipeline, which then goes before.
// Portable: imports zones, yaml/section.
import type { WindowPlan } from "../../core/plan/plan.ts";
import { isRaster } from "../../core/plan/plan.ts";
import { nearest } from "../suggest.ts";
import { formatDuration } from "../units.ts";
import { zoneName, zoneNames } from "../zones.ts";
import type { Report } from "../sql/report.ts";
import type { WindowCall } from "../sql/syntax/tree.ts";
import type { Section } from "../yaml/section.ts";

/** The name of the zone that the section gives; null when it gives none. */
export function readZone(section: Section): string | null {
  const text = section.text("zone");
  if (text === null || !text.known) return null;
  const name = zoneName(text.value);
  if (name !== null) return name;
  // A city alone is often what is known of a zone.
  const names = zoneNames();
  const city = text.value.toLowerCase().replaceAll(" ", "_");
  const near = names.find((known) => known.toLowerCase().endsWith(`/${city}`)) ?? nearest(text.value, names);
  const hint = near === null ? "a name of the zone database, as in Europe/Berlin" : `did you mean ${near}?`;
  section.error("MR105", text, `"${text.value}" is no time zone`, hint);
  return null;
}

/** Reports a zone that does not go with the pipeline's window; true when it does. */
export function checkZone(
  section: Section,
  zone: string | null,
  window: WindowPlan | null,
  call: WindowCall | null,
  report: Report,
): boolean {
  if (!isRaster(window)) {
    if (!section.has("zone") || (call !== null && call.kind !== "SESSION")) return true;
    const message = "`zone` without TUMBLE, HOP or CUMULATE";
    section.error("MR113", section.keyPlace("zone"), message, "nothing else goes by the clock of a zone");
    return false;
  }
  if (zone === null || window.kind !== "hop" || window.sizeNs % window.slideNs === 0n) return true;
  const size = formatDuration(window.sizeNs);
  const message = `in a zone HOP's size is a multiple of its slide: ${size} is none of ${formatDuration(window.slideNs)}`;
  report("MR211", call!.intervals[1]!.span, message, "as in Flink; or `zone: UTC` for this pipeline");
  return false;
}
