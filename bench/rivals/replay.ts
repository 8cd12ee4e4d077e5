// A plain program that does for the definition of the benchmarks what `millrace replay` does: lines, JSON.parse, Map,
// JSON.stringify. Its one argument is the file.
import { createReadStream } from "node:fs";
import { LineReader, type Reading } from "./decoders.ts";
import { MapWindows } from "./map-windows.ts";

let text = "";
const windows = new MapWindows(10_000, ({ key, startMs, numbers }) => {
  const [n, min_v, max_v, mean_v, min_w, max_w, mean_w] = numbers;
  const row = {
    device: key,
    window_start: new Date(startMs).toISOString(),
    n,
    min_v,
    max_v,
    mean_v,
    min_w,
    max_w,
    mean_w,
  };
  text += `${JSON.stringify({ pipeline: "window_0", row })}\n`;
});
const lines = new LineReader((line) => {
  const { device, t, v, w } = JSON.parse(line) as Reading & { device: string };
  windows.add(device, t, v, w);
});
for await (const chunk of createReadStream(process.argv[2]!, { highWaterMark: 262_144 })) {
  lines.push(chunk as Buffer);
  if (text.length < 65_536) continue;
  process.stdout.write(text);
  text = "";
}
windows.flush();
process.stdout.write(text);
