// Topics to columns: the levels of a topic against the source's template. What was matched lately is kept in a
// direct-mapped cache, so that the usual message costs one hash and one compare. Slots of u32 show to entries that lie
// one behind the other, close together:
//   ┌ topic bytes u32 ┬ ids of the topic columns u32 ┬ topic at `textOffset` ┐
// Imports memory, layout, row.
import {
  LEVEL_BYTES, LEVEL_KIND, LEVEL_LITERAL, LEVEL_REST, LEVEL_TEXT_AT, LEVEL_TEXT_BYTES, PLAN_CONTEXT_KEY_COUNT,
  PLAN_CONTEXT_LEVELS_AT, PLAN_CONTEXT_LEVEL_COUNT, PLAN_LEVELS_AT, PLAN_LEVEL_COUNT, TOPIC_CACHE_BYTES, TOPIC_SLOTS,
} from "../layout";
import { hashBytes, sameBytes } from "../memory/bytes";
import { FULL, intern } from "../memory/dictionary";
import { i32At, setU32, u32At, u8At } from "../memory/raw";
import { plan, topicCache } from "../memory/regions";
import { fillWords } from "../memory/sweeps";
import { markText } from "../memory/collect";
import { isUtf8 } from "./text";
import { cells, setTopicCell } from "./row";

export const TOPIC_MATCHES: u32 = 0;
export const TOPIC_UNKNOWN: u32 = 1;
export const TOPIC_NO_ROOM: u32 = 2;
/** The topic of context, whose levels are in contextPart; it is never in the cache. */
export const TOPIC_CONTEXT: u32 = 3;

const ENTRY_IDS: usize = 4;
/** Bytes of the longest topic that is kept. */
const TOPIC_BYTES: u32 = 4096;
/** Where the cache's slots are, and where the next entry goes. */
let slots: usize = 0;
let free: usize = 0;

/** Topic columns of the template, by their order in it, and where the ids of the topic at hand are. */
let columnCount: u32 = 0;
const columns = memory.data(256);
const ids = memory.data(256);
/** Where the topic at hand has the text of each column: address and bytes. */
const parts = memory.data(512);
let idsAt: usize = ids;
/** Right behind the ids. */
let textOffset: usize = 0;

export function openTopics(cached: bool): void {
  columnCount = 0;
  const levels = plan + u32At(plan + PLAN_LEVELS_AT);
  for (let level: u32 = 0; level < u32At(plan + PLAN_LEVEL_COUNT); level++) {
    const kind = i32At(levels + <usize>level * LEVEL_BYTES + LEVEL_KIND);
    if (kind < 0 || columnCount == 64) continue;
    setU32(columns + ((<usize>columnCount) << 2), <u32>kind);
    columnCount++;
  }
  textOffset = (ENTRY_IDS + (<usize>columnCount << 2) + 7) & ~7;
  idsAt = ids;
  slots = 0;
  if (cached) emptyCache();
}

/** Matches a topic and remembers its columns' ids for writeTopic; TOPIC_*. */
// @ts-ignore: decorator
@inline export function readTopic(at: usize, length: u32): u32 {
  const slot = slots + (<usize>(hashBytes(at, length) & (TOPIC_SLOTS - 1)) << 2);
  const entry = <usize>u32At(slot);
  if (u32At(entry) == length && sameBytes(entry + textOffset, at, length)) {
    idsAt = entry + ENTRY_IDS;
    return TOPIC_MATCHES;
  }
  return matchTopic(at, length, slot);
}

/** The long way: level by level, and into the cache. */
function matchTopic(at: usize, length: u32, slot: usize): u32 {
  idsAt = ids;
  const contextLevels = u32At(plan + PLAN_CONTEXT_LEVEL_COUNT);
  if (contextLevels != 0 && matchLevels(plan + u32At(plan + PLAN_CONTEXT_LEVELS_AT), contextLevels, at, at + length)) {
    return TOPIC_CONTEXT;
  }
  // Only a topic that matches takes room in the dictionary.
  const levels = plan + u32At(plan + PLAN_LEVELS_AT);
  if (!matchLevels(levels, u32At(plan + PLAN_LEVEL_COUNT), at, at + length)) return TOPIC_UNKNOWN;
  for (let place: usize = 0; place < columnCount; place++) {
    const id = intern(u32At(parts + (place << 3)), u32At(parts + (place << 3) + 4));
    if (id == FULL) return TOPIC_NO_ROOM;
    setU32(ids + (place << 2), id);
  }
  if (length <= TOPIC_BYTES) setU32(slot, <u32>newEntry(at, length));
  return TOPIC_MATCHES;
}

/** An entry for the topic at hand; when there is no room left the cache begins anew. */
function newEntry(at: usize, length: u32): usize {
  const bytes = (textOffset + <usize>length + 7) & ~7;
  if (free + bytes > topicCache + TOPIC_CACHE_BYTES) emptyCache();
  const entry = free;
  free += bytes;
  setU32(entry, length);
  memory.copy(entry + ENTRY_IDS, ids, <usize>columnCount << 2);
  memory.copy(entry + textOffset, at, length);
  return entry;
}

/** Every slot shows to an entry that no topic equals: one of no bytes. */
function emptyCache(): void {
  slots = topicCache;
  free = slots + (TOPIC_SLOTS << 2);
  setU32(free, 0);
  for (let slot = slots; slot < free; slot += 4) setU32(slot, <u32>free);
  free += 8;
}

/** Forgets what was matched: texts are given back. Those of a topic whose message is at hand are marked, if it is. */
export function dropTopics(atHand: bool): void {
  if (atHand) {
    for (let place: usize = 0; place < columnCount; place++) {
      const id = u32At(idsAt + (place << 2));
      markText(id);
      setU32(ids + (place << 2), id);
    }
  }
  idsAt = ids;
  if (slots != 0) emptyCache();
}

/** Writes the ids of the topic read last into the columns of the row to come. */
// @ts-ignore: decorator
@inline export function writeTopic(): void {
  for (let place: u32 = 0; place < columnCount; place++) {
    setTopicCell(u32At(columns + (<usize>place << 2)), u32At(idsAt + (<usize>place << 2)));
  }
}

/** Writes them into the columns of `count` rows from `first` on. */
export function writeTopicRows(first: u32, count: u32): void {
  for (let place: u32 = 0; place < columnCount; place++) {
    const at = cells(u32At(columns + (<usize>place << 2))) + (<usize>first << 2);
    fillWords(at, u32At(idsAt + (<usize>place << 2)), count);
  }
}

/** Levels of a context topic that make the stream's key, and where their texts are in the topic read last. */
export function contextParts(): u32 { return u32At(plan + PLAN_CONTEXT_KEY_COUNT); }
export function contextPart(place: u32): usize { return u32At(parts + (<usize>place << 3)); }
export function contextPartBytes(place: u32): u32 { return u32At(parts + (<usize>place << 3) + 4); }

/** True when the topic fits the `count` levels of a template; the texts of its columns are in `parts` then. */
function matchLevels(levels: usize, count: u32, at: usize, end: usize): bool {
  if (!isUtf8(at, end)) return false;
  let here = at;
  let place: usize = 0;
  for (let index: u32 = 0; index < count; index++) {
    const level = levels + <usize>index * LEVEL_BYTES;
    const kind = i32At(level + LEVEL_KIND);
    if (kind == LEVEL_REST) return true;
    // Behind the last level `here` is beyond the end: the topic has fewer levels than the template. MQTT lets
    // `a/#` match `a` as well.
    if (here > end) return false;
    let stop = here;
    while (stop < end && u8At(stop) != 47) stop++;
    const bytes = <u32>(stop - here);
    if (kind == LEVEL_LITERAL) {
      const text = plan + u32At(level + LEVEL_TEXT_AT);
      if (u32At(level + LEVEL_TEXT_BYTES) != bytes || !sameBytes(text, here, bytes)) return false;
    } else if (kind >= 0) {
      setU32(parts + (place << 3), <u32>here);
      setU32(parts + (place << 3) + 4, bytes);
      place++;
    }
    here = stop + 1;
  }
  return here > end;
}
