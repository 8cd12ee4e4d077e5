// Refused records on stderr: the first few of each reason with their place, and totals at the end. Bad data never
// floods the log. Imports core.
import type { Counters, Refusal, Sample } from "../core/engine.ts";

const SHOWN_MAX = 3;

const WORDS: Record<Refusal, string> = {
  decode: "malformed",
  no_time: "has no time",
  time_format: "its time is unreadable",
  time_range: "its time is out of range",
  topic: "its topic does not match the template",
  oversized: "longer than 1 MiB",
  keys: "a new key beyond limits.keys",
  dictionary: "limits.dictionary is full",
  state: "limits.memory is full",
  nonfinite: "a value is not finite",
  future: "its time is beyond max_ahead",
  streams: "context of a stream beyond limits.streams",
  late: "further behind than reorder waits",
};

export class Samples {
  private readonly stream: NodeJS.WritableStream;
  private readonly shown = new Map<Refusal, number>();

  constructor(stream: NodeJS.WritableStream) {
    this.stream = stream;
  }

  /** Prints samples until a reason was shown often enough. */
  print(label: string, samples: Sample[]): void {
    for (const { reason, message, position, text } of samples) {
      const count = (this.shown.get(reason) ?? 0) + 1;
      this.shown.set(reason, count);
      if (count > SHOWN_MAX) continue;
      const at = reason === "decode" ? `:${position + 1}` : "";
      this.stream.write(
        `${label}:${message}${at}  refused  ${reason}  ${WORDS[reason]}: ${readable(text)}\n`,
      );
    }
  }

  /** Begins again: the next records of each reason are shown. */
  forget(): void {
    this.shown.clear();
  }

  printTotals(counters: Counters): void {
    const print = (what: string, refused: Counters["refused"]): void => {
      const totals = Object.entries(refused).filter(([, count]) => count > 0);
      if (totals.length === 0) return;
      this.stream.write(`${what}: ${totals.map(([reason, count]) => `${count} ${reason}`).join(", ")}\n`);
    };
    print("refused", counters.refused);
    for (const { refused } of counters.chained) print("results refused by their readers", refused);
  }
}

/** Bytes as one line of text; what is not printable is escaped. */
function readable(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes);
  const shown = text.length > 100 ? `${text.slice(0, 100)}…` : text;
  // JSON's escapes without its quotes, and the same for what JSON leaves as it is: control characters never reach the
  // terminal, the second set (U+009B begins a sequence as ESC [ does) and those that turn the writing round included.
  return JSON.stringify(shown)
    .slice(1, -1)
    .replaceAll('\\"', '"')
    .replaceAll(
      /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu,
      (letter) => `\\u${letter.codePointAt(0)!.toString(16).padStart(4, "0")}`,
    );
}
