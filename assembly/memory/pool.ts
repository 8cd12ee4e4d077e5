// The pool: blocks of a few fixed sizes cut from what the other regions leave over. A freed block goes to the
// list of its size and is taken from there first, so memory never grows and never fragments. The pool's own
// words lie in memory (snapshots need no globals). Imports regions and raw access.
import { HEADER_POOL_USED } from "../layout";
import { header, memoryEnd } from "./regions";
import { setU32, u32At } from "./raw";

/** Address of the first byte that was never handed out. */
// @ts-ignore: decorator
@inline export function poolTop(): usize { return u32At(header + HEADER_POOL_USED); }

export function openPool(base: usize): void {
  setU32(header + HEADER_POOL_USED, <u32>base);
}

/** True when `bytes` more can be cut without using any free list. */
// @ts-ignore: decorator
@inline export function poolHas(bytes: usize): bool { return poolTop() + bytes <= memoryEnd; }

/**
 * A block of `bytes` (a multiple of 8), not cleared, from the free list whose head is the u32 at `list`, or 0
 * when the memory is used up.
 */
export function take(list: usize, bytes: usize): usize {
  const free = <usize>u32At(list);
  if (free != 0) {
    setU32(list, u32At(free));
    return free;
  }
  if (!poolHas(bytes)) return 0;
  const at = poolTop();
  setU32(header + HEADER_POOL_USED, <u32>(at + bytes));
  return at;
}

/** Gives a block back to its list. Its first word is overwritten at once. */
export function give(list: usize, block: usize): void {
  setU32(block, u32At(list));
  setU32(list, <u32>block);
}
