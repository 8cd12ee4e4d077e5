// Where asserts of the kernel end: a trap carries no text, the host says what to report. Named in asconfig.json.
// It imports nothing.

export function trap(_message: usize, _file: usize, _line: u32, _column: u32): void {
  unreachable();
}
