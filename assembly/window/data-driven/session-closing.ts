// Which sessions come out when: those whose clock is past their end, the one that took a late record, what became part
// of another one, open ones at a moment. The heap of a group has for each key a lower bound of its next session; a
// pass over silent keys or open sessions puts those of its own into it, and then what it had before.
// Imports sessions, the heap, slices, clocks.
import {
  CAUSE_IDLE, COMPLETE_NOT, PIPE_COMPLETE, PLAN_KEYS_MAX, SESSION_CHANGED, SESSION_SETTLED,
} from "../../layout";
import { setI64, u32At } from "../../memory/raw";
import { plan } from "../../memory/regions";
import { NONE } from "../bounds";
import { emitClock, watermark } from "../clocks";
import { keyCount } from "../keys";
import { heapCount, isInHeap, lower, emptyHeap, raise, remove, topEnd, topIs, topKey, topStart } from "./heap";
import {
  dropSession, endOf, firstOf, heapOf, isGone, isSettled, keepsSessions, lastOf, maxOf, olderOf, setState, stateOf,
} from "./sessions";
import {
  entryAt, groupNextCloseAt, groupPipeline, groupSpace, newerSlice, newestSlice, nextCloseAt, oldestSlice, pipeAt,
} from "../slices";

// @ts-ignore: decorator
@inline function keysMax(): usize { return <usize>u32At(plan + PLAN_KEYS_MAX); }

/** The key's session that ends first among those that are not settled, then began first; 0 when it has none. */
export function firstSession(group: u32, key: u32): usize { return sessionBehind(group, key, i64.MIN_VALUE); }

/** The same among those that end behind `after`. */
function sessionBehind(group: u32, key: u32, after: i64): usize {
  const closed = watermark(groupSpace(group), key);
  const most = maxOf(group);
  const keeps = keepsSessions(group);
  let best: usize = 0;
  for (let session = newestSlice(entryAt(group, key)); session != 0; session = olderOf(session)) {
    const end = endOf(group, session);
    if (!isSettled(group, session) && end > after && (best == 0 || end <= endOf(group, best))) best = session;
    // What has closed is settled, and so is all before it; with a bound an earlier session may end later.
    if (!keeps || !isSettled(group, session) || end >= closed) continue;
    if (most == <u64>NONE || <u64>(closed - firstOf(session)) > most + <u64>(end - lastOf(session))) break;
  }
  return best;
}

/** After a record was taken: when the next session closes, of the key and of the group. */
export function noteSession(group: u32, key: u32): void {
  const session = firstSession(group, key);
  // One that took a late record may stand before others that are settled: it comes out at once, by itself.
  if (session == 0) return;
  const end = endOf(group, session);
  const heap = heapOf(group);
  setI64(nextCloseAt(entryAt(group, key)), end + 1);
  lower(heap, keysMax(), key, end, firstOf(session));
  setI64(groupNextCloseAt(group), topEnd(heap) + 1);
}

/** Smallest watermark above `after` at which a session of the key closes; NONE when there is none. */
export function nextSessionClose(group: u32, key: u32, after: i64): i64 {
  const session = sessionBehind(group, key, after - 1);
  return session == 0 ? NONE : endOf(group, session) + 1;
}

export function hasSessions(group: u32): bool { return heapCount(heapOf(group)) != 0; }

/** The key whose session ends first in the whole group; hasSessions says that there is one. */
export function keyOfNextSession(group: u32): u32 {
  const heap = heapOf(group);
  while (true) {
    const key = topKey(heap);
    const session = firstSession(group, key);
    const end = endOf(group, session);
    if (topIs(heap, end, firstOf(session))) return key;
    raise(heap, keysMax(), key, end, firstOf(session));
  }
}

/** After a pass over all keys: the group's next close, exactly. */
export function refreshSessions(group: u32): void {
  const heap = heapOf(group);
  if (heapCount(heap) != 0) keyOfNextSession(group);
  setI64(groupNextCloseAt(group), heapCount(heap) == 0 ? NONE : topEnd(heap) + 1);
}

/** A session came out as closed, at the watermark `closed`: it is given back, or kept as long as it takes records. */
export function closeSession(group: u32, key: u32, session: usize, closed: i64): void {
  if (!keepsSessions(group) || isGone(group, session, closed)) dropSession(group, key, session);
  else setState(session, SESSION_SETTLED);
  const heap = heapOf(group);
  const next = firstSession(group, key);
  setI64(nextCloseAt(entryAt(group, key)), next == 0 ? NONE : endOf(group, next) + 1);
  const known = isInHeap(heap, keysMax(), key);
  if (next != 0) {
    if (known) raise(heap, keysMax(), key, endOf(group, next), firstOf(next));
    else lower(heap, keysMax(), key, endOf(group, next), firstOf(next));
  } else if (known) remove(heap, keysMax(), key);
}

/** Begins a pass over sessions of silent keys (CAUSE_IDLE), or over open ones (CAUSE_UPDATE). */
export function beginSessions(group: u32, cause: u32): void {
  const heap = heapOf(group);
  emptyHeap(heap, keysMax());
  const keys = keyCount(groupSpace(group));
  for (let key: u32 = 0; key < keys; key++) {
    const session = candidate(group, key, cause, i64.MIN_VALUE, i64.MIN_VALUE);
    if (session != 0) lower(heap, keysMax(), key, endOf(group, session), firstOf(session));
  }
}

/** The key's session of such a pass that comes out next behind (end, first); 0 when there is none. */
function candidate(group: u32, key: u32, cause: u32, end: i64, first: i64): usize {
  const space = groupSpace(group);
  const idle = cause == CAUSE_IDLE;
  const clock = idle ? emitClock(space, key) : watermark(space, key);
  const complete = u32At(pipeAt(groupPipeline(group, 0)) + PIPE_COMPLETE) != COMPLETE_NOT;
  let best: usize = 0;
  for (let session = oldestSlice(group, key); session != 0; session = newerSlice(session)) {
    const own = endOf(group, session);
    const state = stateOf(session);
    if (idle ? own >= clock || state == SESSION_SETTLED : own < clock || state == SESSION_SETTLED) continue;
    if (!idle && !complete && state != SESSION_CHANGED) continue;
    if (own < end || (own == end && firstOf(session) <= first)) continue;
    if (best == 0 || own < endOf(group, best)) best = session;
  }
  return best;
}

/** The next session of such a pass, which is of the key at the heap's top; hasSessions says that there is one. */
export function nextOfPass(group: u32): usize {
  const first = topStart(heapOf(group));
  let session = oldestSlice(group, topKey(heapOf(group)));
  while (firstOf(session) != first) session = newerSlice(session);
  return session;
}

/** That session is out, and now in `state`. */
export function passSession(group: u32, cause: u32, state: u32): void {
  const heap = heapOf(group);
  const key = topKey(heap);
  setState(nextOfPass(group), state);
  const next = candidate(group, key, cause, topEnd(heap), topStart(heap));
  if (next == 0) remove(heap, keysMax(), key);
  else raise(heap, keysMax(), key, endOf(group, next), firstOf(next));
}

/** After such a pass: the heap and the next closes of all keys, as they are. */
export function finishSessions(group: u32): void {
  const heap = heapOf(group);
  emptyHeap(heap, keysMax());
  const keys = keyCount(groupSpace(group));
  for (let key: u32 = 0; key < keys; key++) {
    const session = firstSession(group, key);
    setI64(nextCloseAt(entryAt(group, key)), session == 0 ? NONE : endOf(group, session) + 1);
    if (session != 0) lower(heap, keysMax(), key, endOf(group, session), firstOf(session));
  }
  setI64(groupNextCloseAt(group), heapCount(heap) == 0 ? NONE : topEnd(heap) + 1);
}

/** After a flush: gives back what had come out before it. */
export function releaseSessions(group: u32): void {
  const keys = keyCount(groupSpace(group));
  for (let key: u32 = 0; key < keys; key++) {
    while (oldestSlice(group, key) != 0) dropSession(group, key, oldestSlice(group, key));
  }
}
