// The dictionary: every string that the kernel holds, once, as UTF-8 bytes behind a u32 id. Id 0 is NULL.
// Bounded in bytes and entries. When there is no room for a text of the input, those that nobody holds any more are
// given back (collect.ts) and their ids are used again; texts that move keep their ids.
// Texts that ops make are held here too. Input and each of these ops have a share of their own, and pay for an entry when
// they meet it first, whoever else has: so what fits depends on neither batches nor on what others do. What an op
// pays for stays.
//   text   ┌ id 0 u32 ┬ 0 u32 ┬ an id u32 ┬ bytes u32 ┬ text ┬ id ┬ bytes ┬ text … ┐ in the order in which they came
//   index  ┌ begin of text 0 u32 ┬ of 1 ┬ of 2 … ┐; of a free id FREE and the next one that is free
// Imports bytes, regions and layout.
import {
  HEADER_CONTEXT_MESSAGES, HEADER_DICTIONARY_BYTES, HEADER_DICTIONARY_ENTRIES, HEADER_RECEIVED, HEADER_SWEEP_AT,
  HEADER_SWEEP_WAIT, HEADER_TEXTS_FREE, HEADER_TEXTS_FREE_COUNT, PLAN_DICTIONARY_BYTES, PLAN_DICTIONARY_ENTRIES_MAX,
  PLAN_LITERALS_AT, PLAN_LITERAL_COUNT, PLAN_TEXT_OPS, PLAN_TEXT_SHARE_BYTES, PLAN_TEXT_SHARE_ENTRIES,
} from "../layout";
import { hashBytes, sameBytes } from "./bytes";
import { i64At, setI64, setU32, u32At } from "./raw";
import {
  dictionaryEntries, dictionaryIndex, dictionaryPaid, dictionaryPayers, dictionarySlots, dictionaryTable, dictionaryText,
  dictionaryUsed, header, plan,
} from "./regions";

/** What intern says when the dictionary is full. */
export const FULL: u32 = 0xffffffff;
/** Bytes before each text: ┌ id u32 ┬ bytes u32 ┐ */
export const TEXT_HEAD: usize = 8;
/** In the index, of an id that is free. */
export const FREE: u32 = 0x80000000;

/** Empties the dictionary and gives the plan's string literals the ids 1 … n. */
export function openDictionary(): void {
  memory.fill(dictionaryTable, 0, <usize>dictionarySlots << 2);
  setU32(dictionaryText, 0);
  setU32(dictionaryText + 4, 0);
  setU32(dictionaryIndex, <u32>TEXT_HEAD);
  setU32(header + HEADER_DICTIONARY_ENTRIES, 0);
  setU32(header + HEADER_DICTIONARY_BYTES, <u32>TEXT_HEAD);
  setU32(header + HEADER_TEXTS_FREE, 0);
  setU32(header + HEADER_TEXTS_FREE_COUNT, 0);
  setU32(header + HEADER_SWEEP_WAIT, 0);
  setI64(header + HEADER_SWEEP_AT, -1);
  wantsSweep = false;
  trying = false;
  if (dictionaryPayers != 0) {
    memory.fill(dictionaryUsed, 0, (<usize>u32At(plan + PLAN_TEXT_OPS) + 1) << 3);
    memory.fill(dictionaryPayers, 0, (<usize>dictionaryEntries + 2) << 2);
  }
  const literals = plan + u32At(plan + PLAN_LITERALS_AT);
  for (let index: usize = 0; index < u32At(plan + PLAN_LITERAL_COUNT); index++) {
    intern(plan + u32At(literals + (index << 3)), u32At(literals + (index << 3) + 4));
  }
}

/** Fills the hash table anew from the entries, which a snapshot holds without it. */
export function rebuildDictionary(): void {
  const mask = dictionarySlots - 1;
  memory.fill(dictionaryTable, 0, <usize>dictionarySlots << 2);
  for (let id: u32 = 1; id <= u32At(header + HEADER_DICTIONARY_ENTRIES); id++) {
    if ((u32At(dictionaryIndex + (<usize>id << 2)) & FREE) != 0) continue;
    let slot = hashBytes(textAt(id), textBytes(id)) & mask;
    while (u32At(dictionaryTable + (<usize>slot << 2)) != 0) slot = (slot + 1) & mask;
    setU32(dictionaryTable + (<usize>slot << 2), id);
  }
}

/** Id of a string of the input, added if it is new; FULL when there is no room for it. */
// @ts-ignore: decorator
@inline export function intern(at: usize, length: u32): u32 {
  return internFor(0, at, length);
}

/** Takes an entry into the share of a payer, 0 being the input; false when it has none left. */
function pay(payer: u32, id: u32, length: u32): bool {
  const mask = dictionaryPayers + (<usize>id << 2);
  const bit: u32 = 1 << payer;
  if ((u32At(mask) & bit) != 0) return true;
  const used = dictionaryUsed + (<usize>payer << 3);
  const bytes = u32At(plan + (payer == 0 ? PLAN_DICTIONARY_BYTES : PLAN_TEXT_SHARE_BYTES));
  const entries = u32At(plan + (payer == 0 ? PLAN_DICTIONARY_ENTRIES_MAX : PLAN_TEXT_SHARE_ENTRIES));
  if (length > bytes - u32At(used) || u32At(used + 4) == entries) return false;
  setU32(used, u32At(used) + length);
  setU32(used + 4, u32At(used + 4) + 1);
  setU32(mask, u32At(mask) | bit);
  if (trying && payer == 0) {
    setU32(dictionaryPaid + (<usize>paidCount << 2), id);
    paidCount++;
  }
  return true;
}

/** Id of a string for a payer: 0 is the input, an op that makes texts has its number. */
export function internFor(payer: u32, at: usize, length: u32): u32 {
  const mask = dictionarySlots - 1;
  let slot = hashBytes(at, length) & mask;
  while (true) {
    const id = u32At(dictionaryTable + (<usize>slot << 2));
    if (id == 0) break;
    const text = textAt(id);
    if (u32At(text - 4) == length && sameBytes(text, at, length)) {
      return dictionaryPayers == 0 || pay(payer, id, length) ? id : FULL;
    }
    slot = (slot + 1) & mask;
  }
  const free = u32At(header + HEADER_TEXTS_FREE);
  const id = free != 0 ? free : u32At(header + HEADER_DICTIONARY_ENTRIES) + 1;
  if (dictionaryPayers != 0) {
    if (!pay(payer, id, length)) return FULL;
  } else if (length > u32At(plan + PLAN_DICTIONARY_BYTES) - textsBytes() || textsCount() == dictionaryEntries) return FULL;
  if (free != 0) {
    setU32(header + HEADER_TEXTS_FREE, u32At(dictionaryIndex + (<usize>id << 2)) & ~FREE);
    setU32(header + HEADER_TEXTS_FREE_COUNT, u32At(header + HEADER_TEXTS_FREE_COUNT) - 1);
  } else setU32(header + HEADER_DICTIONARY_ENTRIES, id);
  const used = u32At(header + HEADER_DICTIONARY_BYTES);
  const text = dictionaryText + used + TEXT_HEAD;
  setU32(text - 8, id);
  setU32(text - 4, length);
  memory.copy(text, at, length);
  setU32(dictionaryTable + (<usize>slot << 2), id);
  setU32(dictionaryIndex + (<usize>id << 2), used + <u32>TEXT_HEAD);
  setU32(header + HEADER_DICTIONARY_BYTES, used + <u32>TEXT_HEAD + length);
  return id;
}

/** Texts that are there, and their bytes. */
// @ts-ignore: decorator
@inline function textsCount(): u32 {
  return u32At(header + HEADER_DICTIONARY_ENTRIES) - u32At(header + HEADER_TEXTS_FREE_COUNT);
}
// @ts-ignore: decorator
@inline function textsBytes(): u32 {
  return u32At(header + HEADER_DICTIONARY_BYTES) - (textsCount() + 1) * <u32>TEXT_HEAD;
}

/** Where the bytes of a string lie, and how many they are. */
// @ts-ignore: decorator
@inline export function textAt(id: u32): usize { return dictionaryText + u32At(dictionaryIndex + (<usize>id << 2)); }
// @ts-ignore: decorator
@inline export function textBytes(id: u32): u32 { return u32At(textAt(id) - 4); }

/** True when the bytes of one string come before those of the other. */
export function textIsLess(a: u32, b: u32): bool {
  const aBytes = textBytes(a);
  const bBytes = textBytes(b);
  const order = memory.compare(textAt(a), textAt(b), min(aBytes, bBytes));
  return order != 0 ? order < 0 : aBytes < bBytes;
}

// --- Want of room -------------------------------------------------------------------------------------------------

/** Before anything more is decoded, texts that nobody holds are to be given back. Never set between two calls of the host. */
export let wantsSweep: bool = false;

/** Records and messages of context before the one at hand. */
// @ts-ignore: decorator
@inline export function textsClock(): i64 {
  return i64At(header + HEADER_RECEIVED) + i64At(header + HEADER_CONTEXT_MESSAGES);
}

/**
 * A record, or message of context, is at hand that has no room, and is not counted yet: true when texts are to be given
 * back for it first. Then it has to be as if it had not come. Never twice for the same one; and when little was given
 * back the last time, only after as many of them as a sixteenth of the entries that there are.
 */
export function wantRoom(): bool {
  const since = textsClock() - i64At(header + HEADER_SWEEP_AT);
  if (i64At(header + HEADER_SWEEP_AT) >= 0) {
    if (since == 0) return false;
    if (u32At(header + HEADER_SWEEP_WAIT) != 0 && since < <i64>(u32At(plan + PLAN_DICTIONARY_ENTRIES_MAX) >> 4)) return false;
  }
  wantsSweep = true;
  return true;
}

/** Texts were given back. */
export function endSweep(): void { wantsSweep = false; }

// --- Trying, for rows of which it is not known whether all have room ------------------------------------------------

let trying: bool = false;
let tryFrom: u32 = 0;
let paidCount: u32 = 0;

/** What the input adds from here on can be taken back. */
export function beginTry(): void {
  tryFrom = u32At(header + HEADER_DICTIONARY_BYTES);
  paidCount = 0;
  trying = dictionaryPayers != 0;
}

/** What was added stays. */
export function endTry(): void { trying = false; }

/** As if nothing had been added since beginTry. */
export function undoTry(): void {
  for (let place: u32 = 0; place < paidCount; place++) {
    const id = u32At(dictionaryPaid + (<usize>place << 2));
    const mask = dictionaryPayers + (<usize>id << 2);
    setU32(mask, u32At(mask) & ~1);
    setU32(dictionaryUsed, u32At(dictionaryUsed) - textBytes(id));
    setU32(dictionaryUsed + 4, u32At(dictionaryUsed + 4) - 1);
  }
  const end = dictionaryText + u32At(header + HEADER_DICTIONARY_BYTES);
  let text = dictionaryText + tryFrom;
  while (text < end) {
    const id = u32At(text);
    text += TEXT_HEAD + u32At(text + 4);
    removeFromTable(id);
    freeText(id);
  }
  setU32(header + HEADER_DICTIONARY_BYTES, tryFrom);
  paidCount = 0;
  trying = false;
}

/** The id is free: its text is taken out of its place by the caller. */
export function freeText(id: u32): void {
  setU32(dictionaryIndex + (<usize>id << 2), u32At(header + HEADER_TEXTS_FREE) | FREE);
  setU32(header + HEADER_TEXTS_FREE, id);
  setU32(header + HEADER_TEXTS_FREE_COUNT, u32At(header + HEADER_TEXTS_FREE_COUNT) + 1);
}

/** Closes the gap in the hash table: entries behind it move up where their hash allows it. */
function removeFromTable(id: u32): void {
  const mask = dictionarySlots - 1;
  let gap = hashBytes(textAt(id), textBytes(id)) & mask;
  while (u32At(dictionaryTable + (<usize>gap << 2)) != id) gap = (gap + 1) & mask;
  let slot = gap;
  while (true) {
    slot = (slot + 1) & mask;
    const other = u32At(dictionaryTable + (<usize>slot << 2));
    if (other == 0) break;
    const home = hashBytes(textAt(other), textBytes(other)) & mask;
    if (((slot - home) & mask) < ((slot - gap) & mask)) continue;
    setU32(dictionaryTable + (<usize>gap << 2), other);
    gap = slot;
  }
  setU32(dictionaryTable + (<usize>gap << 2), 0);
}
