// The dictionary: every string that the kernel holds, once, as UTF-8 bytes behind a dense u32 id. Id 0 is NULL.
// Bounded in bytes and entries; entries are never dropped, so an id stays valid as long as the engine.
// Texts that ops make are held here too. Input and each of these ops have a share of their own, and pay for an entry when
// they meet it first, whoever else has: so what fits depends on neither batches nor on what others do.
//   text   ┌ bytes of entry 1 ┬ bytes of entry 2 ┬ … ┐      index  ┌ 0 ┬ begin of 1 ┬ begin of 2 ┬ … ┬ end ┐
// Imports bytes, regions and layout.
import {
  HEADER_DICTIONARY_BYTES, HEADER_DICTIONARY_ENTRIES, PLAN_DICTIONARY_BYTES, PLAN_DICTIONARY_ENTRIES_MAX,
  PLAN_LITERALS_AT, PLAN_LITERAL_COUNT, PLAN_TEXT_OPS, PLAN_TEXT_SHARE_BYTES, PLAN_TEXT_SHARE_ENTRIES,
} from "../layout";
import { hashBytes, sameBytes } from "./bytes";
import { setU32, u32At } from "./raw";
import {
  dictionaryEntries, dictionaryIndex, dictionaryPayers, dictionarySlots, dictionaryTable, dictionaryText, dictionaryUsed,
  header, plan,
} from "./regions";

/** What intern says when the dictionary is full. */
export const FULL: u32 = 0xffffffff;

/** Empties the dictionary and gives the plan's string literals the ids 1 … n. */
export function openDictionary(): void {
  memory.fill(dictionaryTable, 0, <usize>dictionarySlots << 2);
  setU32(dictionaryIndex, 0);
  setU32(dictionaryIndex + 4, 0);
  setU32(header + HEADER_DICTIONARY_ENTRIES, 0);
  setU32(header + HEADER_DICTIONARY_BYTES, 0);
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
    const begin = u32At(dictionaryIndex + (<usize>id << 2));
    const length = u32At(dictionaryIndex + (<usize>id << 2) + 4) - begin;
    let slot = hashBytes(dictionaryText + begin, length) & mask;
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
  return true;
}

/** Id of a string for a payer: 0 is the input, an op that makes texts has its number. */
export function internFor(payer: u32, at: usize, length: u32): u32 {
  const mask = dictionarySlots - 1;
  let slot = hashBytes(at, length) & mask;
  while (true) {
    const id = u32At(dictionaryTable + (<usize>slot << 2));
    if (id == 0) break;
    const begin = u32At(dictionaryIndex + (<usize>id << 2));
    const bytes = u32At(dictionaryIndex + (<usize>id << 2) + 4) - begin;
    if (bytes == length && sameBytes(dictionaryText + begin, at, length)) {
      return dictionaryPayers == 0 || pay(payer, id, length) ? id : FULL;
    }
    slot = (slot + 1) & mask;
  }
  const used = u32At(header + HEADER_DICTIONARY_BYTES);
  const id = u32At(header + HEADER_DICTIONARY_ENTRIES) + 1;
  if (dictionaryPayers != 0) {
    if (!pay(payer, id, length)) return FULL;
  } else if (length > u32At(plan + PLAN_DICTIONARY_BYTES) - used || id > dictionaryEntries) return FULL;
  memory.copy(dictionaryText + used, at, length);
  setU32(dictionaryTable + (<usize>slot << 2), id);
  setU32(dictionaryIndex + (<usize>id << 2), used);
  setU32(dictionaryIndex + (<usize>id << 2) + 4, used + length);
  setU32(header + HEADER_DICTIONARY_BYTES, used + length);
  setU32(header + HEADER_DICTIONARY_ENTRIES, id);
  return id;
}

/** Where the bytes of a string lie, and how many they are. */
// @ts-ignore: decorator
@inline export function textAt(id: u32): usize { return dictionaryText + u32At(dictionaryIndex + (<usize>id << 2)); }
// @ts-ignore: decorator
@inline export function textBytes(id: u32): u32 {
  const entry = dictionaryIndex + (<usize>id << 2);
  return u32At(entry + 4) - u32At(entry);
}

/** True when the bytes of one string come before those of the other. */
export function textIsLess(a: u32, b: u32): bool {
  const aBytes = textBytes(a);
  const bBytes = textBytes(b);
  const order = memory.compare(textAt(a), textAt(b), min(aBytes, bBytes));
  return order != 0 ? order < 0 : aBytes < bBytes;
}
