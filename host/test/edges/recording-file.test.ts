// The file of a recording: what was written is read again; cut anywhere or with any bit turned over, what is read is
// the beginning of what was written, and what is missing is said.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ENTRY_BYTES_MAX, ENTRY_CHUNK } from "../../store/recording-format.ts";
import { inspectRecording, readRecording } from "../../store/recording-reader.ts";
import { RecordingWriter } from "../../store/recording-writer.ts";
import { newFolder } from "./support/gateway-process.ts";
import { publish, writeRecording } from "../support/recordings.ts";

async function read(path: string): Promise<{ entries: string[]; cutOffBytes: number }> {
  const recording = await inspectRecording(path);
  const entries: string[] = [];
  for await (const block of readRecording(recording))
    for (const { kind, body } of block.entries) entries.push(`${kind} ${Buffer.from(body).toString("hex")}`);
  return { entries, cutOffBytes: recording.cutOffBytes };
}

/** A recording of four blocks, and the places where they begin. */
function small(): { path: string; bytes: Buffer; blocks: number[] } {
  const path = join(newFolder(), "plant.mrec");
  const chunk = publish("t/a", '{"ts":1000,"v":1}');
  writeRecording(path, ["connection", "flush", { tick: 1 }, { chunk }, "flush", { tick: 2 }, "flush", "end"]);
  const bytes = readFileSync(path);
  const blocks: number[] = [];
  for (let at = bytes.indexOf("MRBK"); at >= 0; at = bytes.indexOf("MRBK", at + 1)) blocks.push(at);
  return { path, bytes, blocks };
}

const isPrefix = (part: string[], whole: string[]): boolean =>
  part.every((entry, index) => entry === whole[index]);

describe("a recording", () => {
  it("is read as it was written, long chunks in pieces", async () => {
    const path = join(newFolder(), "plant.mrec");
    const long = Uint8Array.from({ length: 2 * ENTRY_BYTES_MAX + 5 }, (_, index) => index * 7);
    writeRecording(path, [{ tick: 5 }, { chunk: long }, { tick: 6 }]);
    const recording = await inspectRecording(path);
    expect(recording).toMatchObject({ cutOffBytes: 0, lastTickNs: 6_000_000n, ended: false });
    const chunks: Uint8Array[] = [];
    for await (const { entries } of readRecording(recording))
      for (const { kind, body } of entries) if (kind === ENTRY_CHUNK) chunks.push(Uint8Array.from(body));
    expect(chunks).toHaveLength(3);
    expect(Buffer.concat(chunks).equals(long)).toBe(true);
  });

  it("goes on where it ended, and what a crash cut off is gone", async () => {
    const { path, bytes, blocks } = small();
    const before = await read(path);
    writeFileSync(path, bytes.subarray(0, blocks[2]! + 20));
    const cut = await inspectRecording(path);
    expect(cut.cutOffBytes).toBe(20);
    const writer = new RecordingWriter(path, cut);
    writer.append(ENTRY_CHUNK, publish("t/b", "{}"));
    writer.close();
    const after = await read(path);
    expect(after.cutOffBytes).toBe(0);
    const whole = before.entries.slice(0, after.entries.length - 1);
    expect(after.entries.slice(0, -1)).toEqual(whole);
    expect(after.entries.at(-1)).toMatch(/^3 /);
  });

  it("cut off at any byte gives the whole blocks before, and says what is missing", async () => {
    const { path, bytes, blocks } = small();
    const whole = (await read(path)).entries;
    for (let length = 0; length < bytes.length; length++) {
      writeFileSync(path, bytes.subarray(0, length));
      const last = blocks.filter((at) => at <= length).at(-1);
      if (last === undefined || length < blocks[1]!) {
        await expect(read(path), `${length} bytes`).rejects.toThrow(/is no recording|is empty/);
        continue;
      }
      const { entries, cutOffBytes } = await read(path);
      expect(isPrefix(entries, whole)).toBe(true);
      expect(cutOffBytes).toBe(length - last);
    }
  });

  it("with any bit turned over is refused, or ends before its last block", async () => {
    const { path, bytes, blocks } = small();
    const whole = (await read(path)).entries;
    // A bit of each byte: another one each time.
    for (let bit = 0; bit < bytes.length * 8; bit += 7) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      writeFileSync(path, changed);
      const found = await read(path).catch((error: Error) => error);
      if (found instanceof Error) {
        expect(found, `bit ${bit}`).toMatchObject({ code: "MR407" });
        expect(found.message).toMatch(/no recording|of version|is damaged: block \d at byte \d+/);
        expect(bit >> 3).toBeLessThan(blocks.at(-1)!);
      } else {
        expect(bit >> 3, `bit ${bit}`).toBeGreaterThanOrEqual(blocks.at(-1)!);
        expect(found.cutOffBytes).toBe(bytes.length - blocks.at(-1)!);
        expect(isPrefix(found.entries, whole)).toBe(true);
      }
    }
  });

  it("replaces no file", () => {
    const { path } = small();
    expect(() => new RecordingWriter(path, null)).toThrow(/EEXIST/);
  });
});
