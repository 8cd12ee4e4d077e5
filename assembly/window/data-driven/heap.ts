// Which session of a group ends next: a binary heap over the keys that have one, by (end, start, key as first seen). A key's
// node is only a lower bound of its earliest session: records move ends on all the time, and a node is put right
// when it comes to the top. So a record costs nothing here, a session a few steps.
//   heap: ┌ count u32 ┬ orders of the keys u32, 0: their numbers ┬ nodes ┬ place of each key u32, from 1; 0: none ┐
//   node: ┌ end i64 ┬ start i64 ┬ key u32 ┬ padding ┐  24 bytes
// Imports raw access.
import { i64At, setI64, setU32, u32At } from "../../memory/raw";

const NODES: usize = 8;
const NODE_END: usize = 0;
const NODE_START: usize = 8;
const NODE_KEY: usize = 16;
const NODE_BYTES: usize = 24;

/** Bytes of a heap for so many keys. */
export function heapBytes(keysMax: usize): usize {
  return NODES + keysMax * (NODE_BYTES + 4);
}

/** A new heap; `orders` is where the first-seen orders of the keys are, or 0. */
export function openHeap(heap: usize, keysMax: usize, orders: usize): void {
  memory.fill(heap, 0, heapBytes(keysMax));
  setU32(heap + 4, <u32>orders);
}

/** Takes all keys out. */
export function emptyHeap(heap: usize, keysMax: usize): void { openHeap(heap, keysMax, u32At(heap + 4)); }

// @ts-ignore: decorator
@inline function nodeAt(heap: usize, place: u32): usize { return heap + NODES + <usize>(place - 1) * NODE_BYTES; }
// @ts-ignore: decorator
@inline function placeAt(heap: usize, keysMax: usize, key: u32): usize {
  return heap + NODES + keysMax * NODE_BYTES + (<usize>key << 2);
}
// @ts-ignore: decorator
@inline export function heapCount(heap: usize): u32 { return u32At(heap); }
// @ts-ignore: decorator
@inline export function topKey(heap: usize): u32 { return u32At(heap + NODES + NODE_KEY); }
// @ts-ignore: decorator
@inline export function topEnd(heap: usize): i64 { return i64At(heap + NODES + NODE_END); }

// @ts-ignore: decorator
@inline export function isInHeap(heap: usize, keysMax: usize, key: u32): bool { return u32At(placeAt(heap, keysMax, key)) != 0; }
// @ts-ignore: decorator
@inline export function topStart(heap: usize): i64 { return i64At(heap + NODES + NODE_START); }

/** True when the top is exactly (end, start): then its session is the one that ends next. */
export function topIs(heap: usize, end: i64, start: i64): bool {
  return topEnd(heap) == end && i64At(heap + NODES + NODE_START) == start;
}

/** Tells the heap the key's earliest session where that is new or comes before what the heap knows. */
export function lower(heap: usize, keysMax: usize, key: u32, end: i64, start: i64): void {
  let place = u32At(placeAt(heap, keysMax, key));
  if (place == 0) {
    place = heapCount(heap) + 1;
    setU32(heap, place);
  } else {
    const node = nodeAt(heap, place);
    const known = i64At(node + NODE_END);
    if (end > known || (end == known && start >= i64At(node + NODE_START))) return;
  }
  while (place > 1 && isBefore(heap, end, start, key, nodeAt(heap, place >> 1))) {
    move(heap, keysMax, nodeAt(heap, place >> 1), place);
    place >>= 1;
  }
  put(heap, keysMax, place, end, start, key);
}

/** Puts the key's node right, whose earliest session now comes later than the heap knows. */
export function raise(heap: usize, keysMax: usize, key: u32, end: i64, start: i64): void {
  sink(heap, keysMax, u32At(placeAt(heap, keysMax, key)), end, start, key);
}

/** Takes out a key that has no session any more. */
export function remove(heap: usize, keysMax: usize, key: u32): void {
  const place = u32At(placeAt(heap, keysMax, key));
  const count = heapCount(heap);
  setU32(placeAt(heap, keysMax, key), 0);
  setU32(heap, count - 1);
  if (place == count) return;
  const last = nodeAt(heap, count);
  const end = i64At(last + NODE_END);
  const start = i64At(last + NODE_START);
  const moved = u32At(last + NODE_KEY);
  let at = place;
  while (at > 1 && isBefore(heap, end, start, moved, nodeAt(heap, at >> 1))) {
    move(heap, keysMax, nodeAt(heap, at >> 1), at);
    at >>= 1;
  }
  sink(heap, keysMax, at, end, start, moved);
}

function sink(heap: usize, keysMax: usize, from: u32, end: i64, start: i64, key: u32): void {
  const count = heapCount(heap);
  let place = from;
  while (place << 1 <= count) {
    let child = place << 1;
    if (child < count && isNodeBefore(heap, nodeAt(heap, child + 1), nodeAt(heap, child))) child++;
    if (isBefore(heap, end, start, key, nodeAt(heap, child))) break;
    move(heap, keysMax, nodeAt(heap, child), place);
    place = child;
  }
  put(heap, keysMax, place, end, start, key);
}

// @ts-ignore: decorator
@inline function isNodeBefore(heap: usize, a: usize, b: usize): bool {
  return isBefore(heap, i64At(a + NODE_END), i64At(a + NODE_START), u32At(a + NODE_KEY), b);
}

function isBefore(heap: usize, end: i64, start: i64, key: u32, node: usize): bool {
  if (end != i64At(node + NODE_END)) return end < i64At(node + NODE_END);
  if (start != i64At(node + NODE_START)) return start < i64At(node + NODE_START);
  const other = u32At(node + NODE_KEY);
  const orders = <usize>u32At(heap + 4);
  return orders == 0 ? key < other : i64At(orders + (<usize>key << 3)) < i64At(orders + (<usize>other << 3));
}

function move(heap: usize, keysMax: usize, node: usize, place: u32): void {
  put(heap, keysMax, place, i64At(node + NODE_END), i64At(node + NODE_START), u32At(node + NODE_KEY));
}

function put(heap: usize, keysMax: usize, place: u32, end: i64, start: i64, key: u32): void {
  const node = nodeAt(heap, place);
  setI64(node + NODE_END, end);
  setI64(node + NODE_START, start);
  setU32(node + NODE_KEY, key);
  setU32(placeAt(heap, keysMax, key), place);
}
