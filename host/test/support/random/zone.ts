// Zones for random plans: clocks that are set forward and back by seconds every few seconds, further than a window
// is long now and then, twice at once, and never. Drawn through fast-check.
import type { ZonePlan } from "../../../core/plan/plan.ts";
import type { Draw } from "./plan.ts";

const HALF_SECOND = 500_000_000n;

/** A zone whose clock changes among the times of stream.ts. */
export function drawZone(draw: Draw, name: string): ZonePlan {
  const offset = (): bigint => BigInt(draw.whole(-20, 20)) * (draw.chance(0.9) ? HALF_SECOND : 250_000_001n);
  let atNs = BigInt(draw.whole(-60, 20)) * HALF_SECOND;
  const changes = Array.from({ length: draw.whole(0, 12) }, () => {
    atNs += BigInt(draw.whole(1, draw.chance(0.5) ? 6 : 60)) * HALF_SECOND + (draw.chance(0.1) ? 1n : 0n);
    return { atNs, offsetNs: offset() };
  });
  return { name, database: null, offsetNs: offset(), changes };
}
