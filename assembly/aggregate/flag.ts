// The flag of a slice: something that it holds went beyond its stated bound. It stands in SLICE_COUNT, above the records.
// Imports layout and raw access.
import { SLICE_COUNT } from "../layout";
import { i64At, setI64 } from "../memory/raw";

export const INEXACT: i64 = 1 << 62;

export function flagInexact(slice: usize): void {
  setI64(slice + SLICE_COUNT, i64At(slice + SLICE_COUNT) | INEXACT);
}
