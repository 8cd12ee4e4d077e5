// Panes of windows that go by the wall clock of a zone, as the PANES tables of the plan bytes: assembly/window/panes.ts
// reads them. A table numbers the panes of one zone, period and offset one after the other. Portable: imports core
// types and the layout.
import * as L from "../../layout.ts";
import type { BytesWriter } from "./bytes-writer.ts";
import type { ZonePlan } from "../plan.ts";

const BEFORE_ALL = -(2n ** 63n);

const floorDivide = (value: bigint, by: bigint): bigint => {
  const rest = ((value % by) + by) % by;
  return (value - rest) / by;
};

/** The nearest to zero of the offsets that make the same edges: so that no shift leaves 64 bits. */
function smallest(offsetNs: bigint, periodNs: bigint): bigint {
  const rest = ((offsetNs % periodNs) + periodNs) % periodNs;
  return rest > periodNs / 2n ? rest - periodNs : rest;
}

/** The PANES tables of one plan; equal ones are written once. */
export class PaneTables {
  private readonly places = new Map<string, number>();
  private readonly writer: BytesWriter;

  constructor(writer: BytesWriter) {
    this.writer = writer;
  }

  /** Where the table is; 0 without a zone. */
  place(zone: ZonePlan | undefined, periodNs: bigint, offsetNs: bigint): number {
    if (zone === undefined) return 0;
    const offset = smallest(offsetNs, periodNs);
    const key = `${zone.name} ${periodNs} ${offset}`;
    const found = this.places.get(key) ?? this.write(zone, periodNs, offset);
    this.places.set(key, found);
    return found;
  }

  private write(zone: ZonePlan, periodNs: bigint, offsetNs: bigint): number {
    const at = this.writer.reserve(L.PANES_HEAD_BYTES + (zone.changes.length + 1) * L.PANE_BYTES, 8);
    this.writer.setU32(at + L.PANES_COUNT, zone.changes.length + 1);
    this.writer.setI64(at + L.PANES_PERIOD, periodNs);
    let shift = zone.offsetNs - offsetNs;
    let numbers = 0n;
    const stretch = (index: number, from: bigint, first: bigint): void => {
      const here = at + L.PANES_HEAD_BYTES + index * L.PANE_BYTES;
      this.writer.setI64(here + L.PANE_FROM, from);
      this.writer.setI64(here + L.PANE_SHIFT, shift);
      this.writer.setI64(here + L.PANE_NUMBERS, numbers);
      this.writer.setI64(here + L.PANE_FIRST, first);
    };
    stretch(0, BEFORE_ALL, BEFORE_ALL);
    zone.changes.forEach((change, index) => {
      const before = floorDivide(change.atNs - 1n + shift, periodNs);
      const last = before + numbers;
      shift = change.offsetNs - offsetNs;
      const periods = floorDivide(change.atNs + shift, periodNs);
      // A clock that still shows the same period goes on with its pane.
      const pane = periods === before ? last : last + 1n;
      numbers = pane - periods;
      stretch(index + 1, change.atNs, periods === before ? pane + 1n : pane);
    });
    return at;
  }
}
