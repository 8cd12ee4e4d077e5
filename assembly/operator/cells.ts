// Values of stateful operators: 8 bytes, whatever their type. Imports layout and raw access.
import { BOOLEAN_NULL, TYPE_BIGINT, TYPE_BOOLEAN, TYPE_STRING } from "../layout";
import { NULL_WHOLE, setU32, setU64, setU8, u32At, u64At, u8At } from "../memory/raw";

/** NULL of a type as 8 bytes. */
// @ts-ignore: decorator
@inline export function nullOf(type: u32): u64 {
  if (type == TYPE_STRING) return 0;
  if (type == TYPE_BIGINT) return <u64>NULL_WHOLE;
  return type == TYPE_BOOLEAN ? BOOLEAN_NULL : reinterpret<u64>(NaN);
}

// @ts-ignore: decorator
@inline export function isNull(type: u32, value: u64): bool {
  if (type == TYPE_STRING) return value == 0;
  if (type == TYPE_BOOLEAN) return value == BOOLEAN_NULL;
  if (type == TYPE_BIGINT) return <i64>value == NULL_WHOLE;
  return reinterpret<f64>(value) != reinterpret<f64>(value);
}

/** The cell of a row in the register at `base`. */
// @ts-ignore: decorator
@inline export function cellAt(type: u32, base: usize, row: u32): u64 {
  if (type == TYPE_STRING) return u32At(base + (<usize>row << 2));
  return type == TYPE_BOOLEAN ? u8At(base + row) : u64At(base + (<usize>row << 3));
}

// @ts-ignore: decorator
@inline export function setCell(type: u32, base: usize, row: u32, value: u64): void {
  if (type == TYPE_STRING) setU32(base + (<usize>row << 2), <u32>value);
  else if (type == TYPE_BOOLEAN) setU8(base + row, <u32>value);
  else setU64(base + (<usize>row << 3), value);
}
