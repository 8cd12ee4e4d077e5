// Errors that a person can mend: each has a stable code, the words they need, and the exit status it leads to.
// Bad data never becomes one of these: it is counted (engine.ts). A failed assert is our own bug.
// Portable: imports nothing.

/** 0 fine, 1 the user's file or arguments, 2 cannot connect, 3 a check failed, 4 our own bug. */
export type ExitStatus = 0 | 1 | 2 | 3 | 4;

const statusOfClass: Record<string, ExitStatus> = { "1": 1, "2": 1, "3": 2, "4": 1, "5": 1, "9": 4 };

/** An operating error. `code` is MR and three digits: 1xx file, 2xx SQL, 3xx connections, 4xx data, 5xx state, 9xx ours. */
export class MillraceError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "MillraceError";
    this.code = code;
  }

  get exitStatus(): ExitStatus {
    return statusOfClass[this.code.charAt(2)] ?? 4;
  }
}

/** Throws MR901 when `condition` does not hold: a bug of ours, with what to report. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition)
    throw new MillraceError("MR901", `${message}. This is a bug of millrace: please report it.`);
}
