// Clocks. The drop clock of a key is its largest accepted event time less the delay, and decides what is late; the
// emit clock runs ahead of it while the key is silent, at the pace of host time. Moments are the multiples of `every`
// at which open windows come out. Owns which tick was current at a key's last record, when a group's next window
// may end by idleness, and the moment that each pipeline passed last. Regions, one behind the other:
//   first tick i64, tick of the source's last record i64 │ group: earliest tick of an idle close i64 … │
//   pipeline: ┌ last moment i64 ┬ due u32 ┐ … │ space: ticks of its keys' last records i64 … (with `idle` only)
// Imports keys, slices, empty windows, layout.
import {
  GROUP_OF_OVER, GROUP_OF_SESSIONS, GROUP_OF_SLICES, HEADER_NOW, HEADER_TICKED, HEADER_TIME_MAX, PIPE_EVERY, PLAN_CLOCK_SOURCE, PLAN_DELAY, PLAN_IDLE, PLAN_KEYS_MAX,
  PLAN_MAX_AHEAD, PLAN_PIPELINE_COUNT, PLAN_SPACE_COUNT,
} from "../layout";
import { i64At, setI64, setU32, u32At } from "../memory/raw";
import { align, header, plan } from "../memory/regions";
import { BEFORE_ALL, NONE, floorTo } from "./bounds";
import { keyCount, timeMax } from "./keys";
import { nextShownEnd, showsRows } from "./data-driven/over-silence";
import { nextSessionClose } from "./data-driven/session-closing";
import { groupCount, groupKind, groupSpace, keyNextClose, nextOpenEnd, oldestSlice, pipeAt } from "./slices";

/** An emit clock ends before the windows that never close. */
const LAST: i64 = NONE - 2;

let sourceClock: bool = false;
let delay: i64 = 0;
let idle: i64 = 0;
let maxAhead: i64 = 0;
let firstTick: usize = 0;
let sourceTick: usize = 0;
let groupTicks: usize = 0;
let moments: usize = 0;
let keyTicks: usize = 0;
let keyTickBytes: usize = 0;
/** Some pipeline brings out open windows at moments. */
let anyMoments: bool = false;

/** Places what the clocks need at `base`; returns the first byte behind it. */
export function openClocks(base: usize): usize {
  const count = u32At(plan + PLAN_PIPELINE_COUNT);
  sourceClock = u32At(plan + PLAN_CLOCK_SOURCE) != 0;
  delay = i64At(plan + PLAN_DELAY);
  idle = i64At(plan + PLAN_IDLE);
  maxAhead = i64At(plan + PLAN_MAX_AHEAD);
  firstTick = base;
  sourceTick = base + 8;
  setI64(sourceTick, BEFORE_ALL);
  groupTicks = base + 16;
  for (let group: u32 = 0; group < groupCount; group++) setI64(groupTicks + (<usize>group << 3), BEFORE_ALL);
  moments = groupTicks + (<usize>groupCount << 3);
  anyMoments = false;
  for (let pipeline: u32 = 0; pipeline < count; pipeline++) {
    setI64(moments + (<usize>pipeline << 4), BEFORE_ALL);
    setI64(moments + (<usize>pipeline << 4) + 8, 0);
    if (i64At(pipeAt(pipeline) + PIPE_EVERY) != 0) anyMoments = true;
  }
  keyTicks = align(moments + (<usize>count << 4));
  keyTickBytes = idle == 0 || sourceClock ? 0 : <usize>u32At(plan + PLAN_KEYS_MAX) << 3;
  return align(keyTicks + keyTickBytes * <usize>u32At(plan + PLAN_SPACE_COUNT));
}

/** Drop clock of a key: its newest event time less the delay; BEFORE_ALL before its first record. */
// @ts-ignore: decorator
@inline export function watermark(space: u32, key: u32): i64 {
  const time = timeMax(space, key);
  return time == BEFORE_ALL ? BEFORE_ALL : time - delay;
}

// @ts-ignore: decorator
@inline function keyTickAt(space: u32, key: u32): usize {
  return sourceClock ? sourceTick : keyTicks + keyTickBytes * <usize>space + (<usize>key << 3);
}

/** True when idleness counts: then every record of a key is noted. */
// @ts-ignore: decorator
@inline export function idles(): bool { return idle != 0; }

/** A record of the key came. */
// @ts-ignore: decorator
@inline export function noteRecord(space: u32, key: u32): void {
  setI64(keyTickAt(space, key), u32At(header + HEADER_TICKED) != 0 ? i64At(header + HEADER_NOW) : BEFORE_ALL);
}

/** The key is not known any more. */
export function forgetTick(space: u32, key: u32): void {
  if (idle != 0 && !sourceClock) setI64(keyTickAt(space, key), BEFORE_ALL);
}

/** Host time since the key's last record; what came before the first tick counts from there. */
function silence(space: u32, key: u32): i64 {
  return silenceSince(i64At(keyTickAt(space, key)));
}

/** Host time since the tick that was current at a last record; BEFORE_ALL: there was none. */
// @ts-ignore: decorator
@inline function silenceSince(last: i64): i64 {
  return i64At(header + HEADER_NOW) - (last == BEFORE_ALL ? i64At(firstTick) : last);
}

/** Emit clock of a key: its drop clock, and beyond it while the key is idle. */
export function emitClock(space: u32, key: u32): i64 {
  const closed = watermark(space, key);
  if (idle == 0 || closed == BEFORE_ALL || u32At(header + HEADER_TICKED) == 0) return closed;
  return ahead(closed, silence(space, key));
}

/** What a drop clock and the tick at a last record make of an emit clock, once there is a tick and `idle`. */
export function emitClockOf(closed: i64, lastTick: i64): i64 {
  return ahead(closed, silenceSince(lastTick));
}

function ahead(closed: i64, silent: i64): i64 {
  if (silent < idle) return closed;
  return closed > 0 && silent > LAST - closed ? LAST : closed + silent;
}

/** Largest time that a record may have. */
// @ts-ignore: decorator
@inline export function latestTime(): i64 {
  if (maxAhead < 0 || u32At(header + HEADER_TICKED) == 0) return NONE;
  const now = i64At(header + HEADER_NOW);
  return now > 0 && maxAhead > NONE - now ? NONE : now + maxAhead;
}

/** Host time moved to `now`; an earlier one than the last changes nothing, and gives false. */
export function moveTick(now: i64): bool {
  if (u32At(header + HEADER_TICKED) == 0) {
    setI64(firstTick, now);
    // From here on moments are those of host time.
    const count = u32At(plan + PLAN_PIPELINE_COUNT);
    for (let pipeline: u32 = 0; pipeline < count; pipeline++) setI64(moments + (<usize>pipeline << 4), BEFORE_ALL);
  } else if (now < i64At(header + HEADER_NOW)) return false;
  setI64(header + HEADER_NOW, now);
  setU32(header + HEADER_TICKED, 1);
  return true;
}

/** True when the emit clock of a silent key may have reached the end of a window at this tick. */
export function idleEnds(): bool {
  if (idle == 0) return false;
  let any = false;
  const now = i64At(header + HEADER_NOW);
  for (let group: u32 = 0; group < groupCount; group++) {
    const tick = groupTicks + (<usize>group << 3);
    const kind = groupKind(group);
    const silent = kind == GROUP_OF_SLICES || kind == GROUP_OF_SESSIONS || (kind == GROUP_OF_OVER && showsRows(group));
    if (now < i64At(tick) || !silent) continue;
    // A record that comes from now on makes its key silent for `idle` at the earliest then.
    let earliest = now + idle;
    const space = groupSpace(group);
    const keys = keyCount(space);
    for (let key: u32 = 0; key < keys; key++) {
      const next = keyNextClose(group, key);
      if (oldestSlice(group, key) == 0 || next == NONE) continue;
      const closed = watermark(space, key);
      const since = silence(space, key);
      const emit = ahead(closed, since);
      let end = next;
      if (next <= emit) end = endBehind(group, key, emit);
      if (next <= emit) any = true;
      if (end < LAST) earliest = min(earliest, now - since + max(idle, end - closed));
    }
    setI64(tick, earliest);
  }
  return any;
}

/** Smallest emit clock above `emit` at which something of the key comes out; NONE when there is nothing. */
function endBehind(group: u32, key: u32, emit: i64): i64 {
  const kind = groupKind(group);
  if (kind == GROUP_OF_SESSIONS) return nextSessionClose(group, key, emit);
  return kind == GROUP_OF_OVER ? nextShownEnd(group, key, emit) : nextOpenEnd(group, key, emit);
}

/** Time from which on a record may pass a moment; with ticks none does. */
export function momentTime(): i64 {
  if (!anyMoments || u32At(header + HEADER_TICKED) != 0) return NONE;
  let time = NONE;
  const count = u32At(plan + PLAN_PIPELINE_COUNT);
  for (let pipeline: u32 = 0; pipeline < count; pipeline++) {
    const every = i64At(pipeAt(pipeline) + PIPE_EVERY);
    const last = i64At(moments + (<usize>pipeline << 4));
    if (every != 0) time = min(time, last == BEFORE_ALL ? BEFORE_ALL : last + every);
  }
  return time;
}

/** The instant that moments go by: the newest tick, without ticks the largest event time of the source. */
export function present(): i64 {
  return i64At(header + (u32At(header + HEADER_TICKED) != 0 ? HEADER_NOW : HEADER_TIME_MAX));
}

/** True when the present passed a multiple of some pipeline's `every`: those are due then. */
export function passMoments(): bool {
  if (!anyMoments) return false;
  let any = false;
  const now = present();
  const count = u32At(plan + PLAN_PIPELINE_COUNT);
  for (let pipeline: u32 = 0; pipeline < count; pipeline++) {
    const every = i64At(pipeAt(pipeline) + PIPE_EVERY);
    if (every == 0) continue;
    const at = moments + (<usize>pipeline << 4);
    const last = i64At(at);
    const moment = floorTo(now, every, 0);
    const due = last != BEFORE_ALL && moment > last;
    if (due) any = true;
    setU32(at + 8, due ? 1 : 0);
    if (due || last == BEFORE_ALL) setI64(at, moment);
  }
  return any;
}

// @ts-ignore: decorator
@inline export function isDue(pipeline: u32): bool { return u32At(moments + (<usize>pipeline << 4) + 8) != 0; }
