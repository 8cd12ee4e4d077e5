// Sessions: for each key of a session group the list of its sessions by their first record, and the last instant of
// those that take no record any more. A record joins the sessions that it touches, from the earliest on and as far
// as `max` allows, or begins one; what comes out when is in session-closing.ts. Sessions of a group that keeps them
// stay after they came out, by idleness or for late records; others are given back then. The group belongs to one pipeline.
// Struct of a group (offsets S_*): ┌ last gone instant of each key u32 ┬ heap u32 ┬ gap i64 ┬ max i64 ┬ allow i64 ┬ keeps u32 ┬
//   ├ session that took a late record u32 ┬ one that became part of another u32, padding ┐; the lists are the key
// entries of slices.ts. Session: SESSION_* of layout/. Imports slices, clocks, marks, aggregate states, pool.
import {
  GROUP_BYTES, GROUP_KIND, GROUP_OF_SESSIONS, GROUP_PIPELINES_AT, GROUP_SLICE_BYTES, HEADER_OPEN_SLICES, MARK_END,
  MARK_CONTENT, MARK_REVISION, PIPE_ALLOW, PIPE_EVERY, PIPE_SIZE, PIPE_SLIDE, PLAN_GROUPS_AT, PLAN_GROUP_COUNT, PLAN_IDLE,
  PLAN_KEYS_MAX, SESSION_CHANGED, SESSION_LAST, SESSION_SETTLED, SESSION_STATES, SLICE_COUNT, SLICE_NEWER, SLICE_OLDER,
  SLICE_START,
} from "../../layout";
import { clearStates, initStates, mergeStates } from "../../aggregate/states";
import { give, take } from "../../memory/pool";
import { i64At, setI64, setU32, u32At } from "../../memory/raw";
import { align, header, plan } from "../../memory/regions";
import { BEFORE_ALL, NONE } from "../bounds";
import { keyOrders } from "../key-limit";
import { clearMark, wasShown } from "../marks";
import { watermark } from "../clocks";
import { keyCount } from "../keys";
import { heapBytes, openHeap } from "./heap";
import { noteSession } from "./session-closing";
import {
  entryAt, freeSlices, groupPlan, groupSpace, newerSlice, newestSlice, oldestSlice, pipeAt, setNewest, setOldest,
} from "../slices";

const S_GONE: usize = 0;
const S_HEAP: usize = 4;
const S_GAP: usize = 8;
const S_MAX: usize = 16;
const S_ALLOW: usize = 24;
const S_KEEPS: usize = 32;
const S_LATE: usize = 36;
const S_PART: usize = 40;
const S_BYTES: usize = 48;

/** What judgeSession says of a record. */
export const IN_TIME: u32 = 0;
export const LATE_TAKEN: u32 = 1;
export const LATE_MISSED: u32 = 2;

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
    const to = groupAt(group);
    const keeps = i64At(plan + PLAN_IDLE) != 0 || i64At(pipe + PIPE_ALLOW) != 0 || i64At(pipe + PIPE_EVERY) != 0;
    setI64(to + S_GAP, i64At(pipe + PIPE_SIZE));
    setI64(to + S_MAX, i64At(pipe + PIPE_SLIDE));
    setI64(to + S_ALLOW, i64At(pipe + PIPE_ALLOW));
    setU32(to + S_KEEPS, keeps ? 1 : 0);
    setU32(to + S_LATE, 0);
    setU32(to + S_PART, 0);
    setU32(to + S_GONE, <u32>at);
    for (let key: usize = 0; key < keysMax; key++) setI64(at + (key << 3), BEFORE_ALL);
    at = align(at + (keysMax << 3));
    setU32(to + S_HEAP, <u32>at);
    openHeap(at, keysMax, keyOrders(groupSpace(group)));
    at = align(at + heapBytes(keysMax));
  }
  return at;
}

// @ts-ignore: decorator
@inline function groupAt(group: u32): usize { return groups + <usize>group * S_BYTES; }
// @ts-ignore: decorator
@inline export function heapOf(group: u32): usize { return <usize>u32At(groupAt(group) + S_HEAP); }
// @ts-ignore: decorator
@inline function goneAt(group: u32, key: u32): usize {
  return <usize>u32At(groupAt(group) + S_GONE) + (<usize>key << 3);
}
// @ts-ignore: decorator
@inline export function olderOf(session: usize): usize { return <usize>u32At(session + SLICE_OLDER); }
// @ts-ignore: decorator
@inline export function firstOf(session: usize): i64 { return i64At(session + SLICE_START); }
// @ts-ignore: decorator
@inline export function lastOf(session: usize): i64 { return i64At(session + SESSION_LAST); }
// @ts-ignore: decorator
@inline export function gapOf(group: u32): i64 { return i64At(groupAt(group) + S_GAP); }
// @ts-ignore: decorator
@inline export function endOf(group: u32, session: usize): i64 { return lastOf(session) + gapOf(group); }
// @ts-ignore: decorator
@inline export function maxOf(group: u32): u64 { return <u64>i64At(groupAt(group) + S_MAX); }
// @ts-ignore: decorator
@inline function allowOf(group: u32): i64 { return i64At(groupAt(group) + S_ALLOW); }
// @ts-ignore: decorator
@inline export function keepsSessions(group: u32): bool { return u32At(groupAt(group) + S_KEEPS) != 0; }
/** The session's mark, 0 in a group that keeps none. */
// @ts-ignore: decorator
@inline export function markOf(group: u32, session: usize): usize {
  return keepsSessions(group) ? session + SESSION_STATES : 0;
}
/** SESSION_*: what became of it; only in a group that keeps sessions. */
// @ts-ignore: decorator
@inline export function stateOf(session: usize): u32 { return u32At(session + SESSION_STATES); }
// @ts-ignore: decorator
@inline export function setState(session: usize, state: u32): void { setU32(session + SESSION_STATES, state); }
// @ts-ignore: decorator
@inline export function isSettled(group: u32, session: usize): bool {
  return keepsSessions(group) && stateOf(session) == SESSION_SETTLED;
}
/** The session that took the record at hand, which was late; 0 when it is out, or there is none. */
// @ts-ignore: decorator
@inline export function lateSession(group: u32): usize { return <usize>u32At(groupAt(group) + S_LATE); }
/** What had come out and became part of another session by the record at hand; 0 likewise. */
// @ts-ignore: decorator
@inline export function partSession(group: u32): usize { return <usize>u32At(groupAt(group) + S_PART); }
// @ts-ignore: decorator
@inline export function forgetLate(group: u32): void { setU32(groupAt(group) + S_LATE, 0); }
/** True when something comes out because of the record at hand, whatever the clocks. */
// @ts-ignore: decorator
@inline export function isDueNow(group: u32): bool { return lateSession(group) != 0 || partSession(group) != 0; }

/**
 * True when t goes into the key's newest session, at most at its end, touches no other, and none closes before
 * that one: nothing but prolongSession is to be done. `nextClose` is what its entry says.
 */
// @ts-ignore: decorator
@inline export function isWithin(group: u32, session: usize, t: i64, nextClose: i64): bool {
  const first = firstOf(session);
  if (t < first || t > endOf(group, session) || <u64>(t - first) > maxOf(group) || isSettled(group, session)) return false;
  return olderOf(session) == 0 || (maxOf(group) == <u64>NONE && nextClose == endOf(group, session) + 1);
}

/** The key's newest session lasts to t; `nextClose` is where its entry says when the next one closes. */
// @ts-ignore: decorator
@inline export function prolongSession(group: u32, session: usize, t: i64, nextClose: usize): void {
  if (keepsSessions(group)) setState(session, SESSION_CHANGED);
  if (t <= lastOf(session)) return;
  setI64(session + SESSION_LAST, t);
  setI64(nextClose, t + gapOf(group) + 1);
}

/** Finds what joining t to the key's sessions would make: joinedFirst … joinsMore. */
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

/**
 * Whether t is late at the watermark `closed`: when the session that it makes has ended, or when it lies beside one
 * that has. It is taken all the same while that session takes late records.
 */
export function judgeSession(group: u32, key: u32, t: i64, closed: i64): u32 {
  if (keepsSessions(group)) dropGone(group, key, closed);
  if (t >= closed) return IN_TIME;
  const gap = gapOf(group);
  if (t <= i64At(goneAt(group, key)) + gap) return LATE_MISSED;
  find(group, key, t);
  if (closed <= joinedLast + gap && !isBesideClosed(group, key, t, closed)) return IN_TIME;
  return closed - allowOf(group) >= joinedLast + gap ? LATE_MISSED : LATE_TAKEN;
}

/** True when t lies not behind the end of a session that has closed, and is kept. */
function isBesideClosed(group: u32, key: u32, t: i64, closed: i64): bool {
  if (allowOf(group) == 0) return false;
  const gap = gapOf(group);
  const most = maxOf(group);
  for (let session = newestSlice(entryAt(group, key)); session != 0; session = olderOf(session)) {
    const end = lastOf(session) + gap;
    if (end < closed && t <= end) return true;
    // Without a bound the newest that has closed ends last; with one an earlier session may end later.
    if (end < closed && most == <u64>NONE) return false;
    if (most != <u64>NONE && t > firstOf(session) && <u64>(t - firstOf(session)) > most + <u64>gap) return false;
  }
  return false;
}

/** True when no block is needed for t: a session takes it, or one can be given back that takes no record any more. */
export function hasRoomForSession(group: u32, key: u32, t: i64): bool {
  find(group, key, t);
  if (joinedInto != 0) return true;
  if (!keepsSessions(group)) return false;
  const space = groupSpace(group);
  const keys = keyCount(space);
  for (let each: u32 = 0; each < keys; each++) dropGone(group, each, watermark(space, each));
  return u32At(freeSlices(group)) != 0;
}

/** True when taking t merges sessions: rows that wait for theirs are to be added before. */
export function mergesSessions(group: u32, key: u32, t: i64): bool {
  find(group, key, t);
  return joinsMore;
}

/** The session that takes t, begun or merged as needed; there is room. `late`: although t is late. */
export function sessionFor(group: u32, key: u32, t: i64, late: bool): usize {
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
  if (keepsSessions(group)) setState(session, SESSION_CHANGED);
  if (late) setU32(groupAt(group) + S_LATE, <u32>session);
  noteSession(group, key);
  return session;
}

function begin(group: u32, key: u32, t: i64): usize {
  const from = groupPlan(group);
  const session = take(freeSlices(group), u32At(from + GROUP_SLICE_BYTES));
  assert(session != 0);
  setI64(session + SLICE_START, t);
  setI64(session + SESSION_LAST, t);
  setI64(session + SLICE_COUNT, 0);
  if (keepsSessions(group)) clearMark(session + SESSION_STATES);
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
    unlink(group, key, other);
    if (keepsSessions(group) && passesOn(session, other)) {
      // Two at most are joined by one record, as others would have been before. It is given back when that is out.
      assert(partSession(group) == 0);
      setU32(groupAt(group) + S_PART, <u32>other);
    } else release(group, other);
  }
}

/**
 * Readers know a joined session as its earliest part that came out: that is `other` when `session` did not. True when
 * both did, so that readers are to forget the other one.
 */
function passesOn(session: usize, other: usize): bool {
  const known = session + SESSION_STATES;
  const mark = other + SESSION_STATES;
  if (u32At(mark + MARK_REVISION) == 0) return false;
  if (u32At(known + MARK_REVISION) != 0) return wasShown(mark);
  setU32(known + MARK_REVISION, u32At(mark + MARK_REVISION));
  setI64(known + MARK_END, i64At(mark + MARK_END));
  setI64(known + MARK_CONTENT, i64At(mark + MARK_CONTENT));
  return false;
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

function release(group: u32, session: usize): void {
  clearStates(groupPlan(group), session);
  give(freeSlices(group), session);
  setU32(header + HEADER_OPEN_SLICES, u32At(header + HEADER_OPEN_SLICES) - 1);
}

/** The one that became part of another is out. Its mark is read once more, before a block can be taken again. */
export function releasePart(group: u32): void {
  release(group, partSession(group));
  setU32(groupAt(group) + S_PART, 0);
}

/** Gives a session back that takes no record any more; its mark may still be read, as that of releasePart. */
export function dropSession(group: u32, key: u32, session: usize): void {
  const gone = goneAt(group, key);
  if (lastOf(session) > i64At(gone)) setI64(gone, lastOf(session));
  unlink(group, key, session);
  release(group, session);
}

/** True when a session that is out takes no record any more at a watermark. */
export function isGone(group: u32, session: usize, closed: i64): bool {
  const end = endOf(group, session);
  return closed > end && closed - allowOf(group) >= end;
}

/** Gives back what the key keeps, and takes no record any more. */
function dropGone(group: u32, key: u32, closed: i64): void {
  if (closed == BEFORE_ALL) return;
  const bounded = maxOf(group) != <u64>NONE;
  let session = oldestSlice(group, key);
  while (session != 0) {
    const next = newerSlice(session);
    if (isSettled(group, session) && isGone(group, session, closed)) dropSession(group, key, session);
    else if (!bounded || firstOf(session) >= closed) return;
    session = next;
  }
}

/** True when all sessions of the key came out, and take no record any more at a clock. */
export function sessionsAreOut(group: u32, key: u32, clock: i64): bool {
  for (let session = oldestSlice(group, key); session != 0; session = newerSlice(session)) {
    if (!keepsSessions(group) || !isSettled(group, session) || !isGone(group, session, clock)) return false;
  }
  return true;
}

/** The key, all of whose sessions are out, is not known any more. */
export function forgetSessions(group: u32, key: u32): void {
  while (oldestSlice(group, key) != 0) dropSession(group, key, oldestSlice(group, key));
  setI64(goneAt(group, key), BEFORE_ALL);
}
