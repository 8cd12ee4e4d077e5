// Sessions: for each key of a session group the list of its open sessions by their first record, and the last
// instant of those that have closed. A record joins the sessions that it touches, from the earliest on and as far
// as `max` allows, or begins one. The group belongs to one pipeline, so a session that comes out is given back.
// Struct of a group (offsets S_*): ┌ last closed instant of each key u32 ┬ heap u32 ┬ gap i64 ┬ max i64 ┐; the lists are the key
// entries of slices.ts. Session: SESSION_* of layout/. Imports slices, the heap, aggregate states, pool.
import {
  GROUP_BYTES, GROUP_KIND, GROUP_OF_SESSIONS, GROUP_PIPELINES_AT, GROUP_SLICE_BYTES, HEADER_OPEN_SLICES, PIPE_SIZE, PIPE_SLIDE,
  PLAN_GROUPS_AT, PLAN_GROUP_COUNT, PLAN_KEYS_MAX, SESSION_LAST, SLICE_COUNT, SLICE_NEWER, SLICE_OLDER, SLICE_START,
} from "../../layout";
import { clearStates, initStates, mergeStates } from "../../aggregate/states";
import { give, take } from "../../memory/pool";
import { i64At, setI64, setU32, u32At } from "../../memory/raw";
import { align, header, plan } from "../../memory/regions";
import { BEFORE_ALL, NONE } from "../bounds";
import { heapBytes, heapCount, lower, openHeap, raise, remove, topEnd, topIs, topKey } from "./heap";
import {
  entryAt, freeSlices, groupNextCloseAt, groupPlan, newerSlice, newestSlice, nextCloseAt,
  oldestSlice, pipeAt, setNewest, setOldest,
} from "../slices";

const S_CLOSED: usize = 0;
const S_HEAP: usize = 4;
const S_GAP: usize = 8;
const S_MAX: usize = 16;
const S_BYTES: usize = 24;

let groups: usize = 0;
let keysMax: usize = 0;

// What joining a record would make, by `find`: its bounds, the session that takes it (0: a new one), and
// whether others are merged into that.
let joinedFirst: i64 = 0;
let joinedLast: i64 = 0;
let joinedInto: usize = 0;
let joinsMore: bool = false;

/** Places the tables of session groups at `base`; returns the first byte behind them. */
export function openSessions(base: usize): usize {
  const count = u32At(plan + PLAN_GROUP_COUNT);
  keysMax = <usize>u32At(plan + PLAN_KEYS_MAX);
  groups = base;
  let at = align(base + <usize>count * S_BYTES);
  for (let group: u32 = 0; group < count; group++) {
    const from = plan + u32At(plan + PLAN_GROUPS_AT) + <usize>group * GROUP_BYTES;
    if (u32At(from + GROUP_KIND) != GROUP_OF_SESSIONS) continue;
    const pipe = pipeAt(u32At(plan + u32At(from + GROUP_PIPELINES_AT)));
    setI64(groups + <usize>group * S_BYTES + S_GAP, i64At(pipe + PIPE_SIZE));
    setI64(groups + <usize>group * S_BYTES + S_MAX, i64At(pipe + PIPE_SLIDE));
    setU32(groups + <usize>group * S_BYTES + S_CLOSED, <u32>at);
    for (let key: usize = 0; key < keysMax; key++) setI64(at + (key << 3), BEFORE_ALL);
    at = align(at + (keysMax << 3));
    setU32(groups + <usize>group * S_BYTES + S_HEAP, <u32>at);
    openHeap(at, keysMax);
    at = align(at + heapBytes(keysMax));
  }
  return at;
}

// @ts-ignore: decorator
@inline function heapOf(group: u32): usize { return <usize>u32At(groups + <usize>group * S_BYTES + S_HEAP); }
// @ts-ignore: decorator
@inline function closedAt(group: u32, key: u32): usize {
  return <usize>u32At(groups + <usize>group * S_BYTES + S_CLOSED) + (<usize>key << 3);
}
// @ts-ignore: decorator
@inline function olderOf(session: usize): usize { return <usize>u32At(session + SLICE_OLDER); }
// @ts-ignore: decorator
@inline function firstOf(session: usize): i64 { return i64At(session + SLICE_START); }
// @ts-ignore: decorator
@inline export function lastOf(session: usize): i64 { return i64At(session + SESSION_LAST); }
// @ts-ignore: decorator
@inline export function gapOf(group: u32): i64 { return i64At(groups + <usize>group * S_BYTES + S_GAP); }
// @ts-ignore: decorator
@inline function maxOf(group: u32): u64 { return <u64>i64At(groups + <usize>group * S_BYTES + S_MAX); }

/** True when t joins the key's only session, at most at its end: nothing but prolongSession is to be done. */
// @ts-ignore: decorator
@inline export function isWithin(group: u32, session: usize, t: i64): bool {
  const first = firstOf(session);
  return t >= first && t <= lastOf(session) + gapOf(group) && <u64>(t - first) <= maxOf(group) && olderOf(session) == 0;
}

/** The key's only session lasts to t; `nextClose` is where its entry says when it closes. */
// @ts-ignore: decorator
@inline export function prolongSession(group: u32, session: usize, t: i64, nextClose: usize): void {
  if (t <= lastOf(session)) return;
  setI64(session + SESSION_LAST, t);
  setI64(nextClose, t + gapOf(group) + 1);
}

/** Finds what joining t to the key's open sessions would make: joinedFirst … joinsMore. */
function find(group: u32, key: u32, t: i64): void {
  const gap = gapOf(group);
  const most = maxOf(group);
  joinedFirst = t;
  joinedLast = t;
  joinedInto = 0;
  joinsMore = false;
  let session = newestSlice(entryAt(group, key));
  while (session != 0 && firstOf(session) - gap > t) session = olderOf(session);
  let earliest: usize = 0;
  for (; session != 0; session = olderOf(session)) {
    if (lastOf(session) + gap >= t) earliest = session;
    // Without a bound sessions lie apart; with one an earlier session may end later.
    else if (most == <u64>NONE || <u64>(t - firstOf(session)) > most + <u64>gap) break;
  }
  for (session = earliest; session != 0 && firstOf(session) - gap <= t; session = newerSlice(session)) {
    if (lastOf(session) + gap < t) continue;
    const first = min(joinedFirst, firstOf(session));
    const last = max(joinedLast, lastOf(session));
    if (<u64>(last - first) > most) continue;
    joinedFirst = first;
    joinedLast = last;
    if (joinedInto == 0) joinedInto = session;
    else joinsMore = true;
  }
}

/** True when t is late: its session's end has passed, or it lies beside one that has closed. */
export function isLateForSession(group: u32, key: u32, t: i64, closed: i64): bool {
  if (t >= closed) return false;
  const gap = gapOf(group);
  if (t <= i64At(closedAt(group, key)) + gap) return true;
  find(group, key, t);
  return closed > joinedLast + gap;
}

/** True when no block is needed for t: an open session takes it. */
export function joinsSession(group: u32, key: u32, t: i64): bool {
  find(group, key, t);
  return joinedInto != 0;
}

/** True when taking t merges sessions: rows that wait for theirs are to be added before. */
export function mergesSessions(group: u32, key: u32, t: i64): bool {
  find(group, key, t);
  return joinsMore;
}

/** The session that takes t, begun or merged as needed; t is not late and there is room. */
export function sessionFor(group: u32, key: u32, t: i64): usize {
  find(group, key, t);
  let session = joinedInto;
  if (session == 0) session = begin(group, key, t);
  else {
    if (joinsMore) mergeTouching(group, key, session, t);
    setI64(session + SESSION_LAST, joinedLast);
    if (joinedFirst != firstOf(session)) {
      unlink(group, key, session);
      setI64(session + SLICE_START, joinedFirst);
      link(group, key, session);
    }
  }
  refresh(group, key);
  return session;
}

function begin(group: u32, key: u32, t: i64): usize {
  const from = groupPlan(group);
  const session = take(freeSlices(group), u32At(from + GROUP_SLICE_BYTES));
  assert(session != 0);
  setI64(session + SLICE_START, t);
  setI64(session + SESSION_LAST, t);
  setI64(session + SLICE_COUNT, 0);
  initStates(from, session);
  link(group, key, session);
  setU32(header + HEADER_OPEN_SLICES, u32At(header + HEADER_OPEN_SLICES) + 1);
  return session;
}

/** Merges into `session` what `find` joined with it: again from the earliest on, as far as the bounds say. */
function mergeTouching(group: u32, key: u32, session: usize, t: i64): void {
  const gap = gapOf(group);
  const most = maxOf(group);
  let first = min(t, firstOf(session));
  let last = max(t, lastOf(session));
  let next = newerSlice(session);
  while (next != 0 && firstOf(next) - gap <= t) {
    const other = next;
    next = newerSlice(other);
    if (lastOf(other) + gap < t) continue;
    if (<u64>(max(last, lastOf(other)) - min(first, firstOf(other))) > most) continue;
    first = min(first, firstOf(other));
    last = max(last, lastOf(other));
    mergeStates(groupPlan(group), session, other);
    drop(group, key, other);
  }
}

/** Puts a session into its key's list, which goes by the first record. */
function link(group: u32, key: u32, session: usize): void {
  const entry = entryAt(group, key);
  const first = firstOf(session);
  let newer: usize = 0;
  let older = newestSlice(entry);
  while (older != 0 && firstOf(older) > first) {
    newer = older;
    older = olderOf(older);
  }
  setU32(session + SLICE_OLDER, <u32>older);
  setU32(session + SLICE_NEWER, <u32>newer);
  if (older != 0) setU32(older + SLICE_NEWER, <u32>session);
  else setOldest(entry, session);
  if (newer != 0) setU32(newer + SLICE_OLDER, <u32>session);
  else setNewest(entry, session);
}

function unlink(group: u32, key: u32, session: usize): void {
  const entry = entryAt(group, key);
  const older = olderOf(session);
  const newer = newerSlice(session);
  if (older != 0) setU32(older + SLICE_NEWER, <u32>newer);
  else setOldest(entry, newer);
  if (newer != 0) setU32(newer + SLICE_OLDER, <u32>older);
  else setNewest(entry, older);
}

function drop(group: u32, key: u32, session: usize): void {
  unlink(group, key, session);
  clearStates(groupPlan(group), session);
  give(freeSlices(group), session);
  setU32(header + HEADER_OPEN_SLICES, u32At(header + HEADER_OPEN_SLICES) - 1);
}

/** The key's session that ends first, then began first; 0 when it has none. */
export function firstSession(group: u32, key: u32): usize {
  let best = oldestSlice(group, key);
  if (best == 0) return 0;
  const gap = gapOf(group);
  for (let session = newerSlice(best); session != 0; session = newerSlice(session)) {
    if (firstOf(session) > lastOf(best) + gap) break;
    if (lastOf(session) < lastOf(best)) best = session;
  }
  return best;
}

/** After a record was taken: when the next session closes, of the key and of the group. */
function refresh(group: u32, key: u32): void {
  const session = firstSession(group, key);
  const end = lastOf(session) + gapOf(group);
  const heap = heapOf(group);
  setI64(nextCloseAt(entryAt(group, key)), end + 1);
  lower(heap, keysMax, key, end, firstOf(session));
  setI64(groupNextCloseAt(group), topEnd(heap) + 1);
}

/** The key whose session ends first in the whole group; heapCount says that there is one. */
export function keyOfNextSession(group: u32): u32 {
  const heap = heapOf(group);
  while (true) {
    const key = topKey(heap);
    const session = firstSession(group, key);
    const end = lastOf(session) + gapOf(group);
    if (topIs(heap, end, firstOf(session))) return key;
    raise(heap, keysMax, key, end, firstOf(session));
  }
}

export function hasSessions(group: u32): bool { return heapCount(heapOf(group)) != 0; }

/** After a pass over all keys: the group's next close, exactly. */
export function refreshSessions(group: u32): void {
  const heap = heapOf(group);
  if (heapCount(heap) != 0) keyOfNextSession(group);
  setI64(groupNextCloseAt(group), heapCount(heap) == 0 ? NONE : topEnd(heap) + 1);
}

/** Gives back a session that came out, and remembers where it ended. */
export function closeSession(group: u32, key: u32, session: usize): void {
  const closed = closedAt(group, key);
  if (lastOf(session) > i64At(closed)) setI64(closed, lastOf(session));
  drop(group, key, session);
  const heap = heapOf(group);
  const next = firstSession(group, key);
  if (next == 0) remove(heap, keysMax, key);
  else raise(heap, keysMax, key, lastOf(next) + gapOf(group), firstOf(next));
  setI64(nextCloseAt(entryAt(group, key)), next == 0 ? NONE : lastOf(next) + gapOf(group) + 1);
}
