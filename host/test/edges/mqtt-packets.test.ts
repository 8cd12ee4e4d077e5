// The splitter: whatever the packets and wherever the cuts, PUBLISH packets go one way, all others the other, whole
// and in order, and every QoS 1 message is acknowledged once.
import fc from "fast-check";
import { generate } from "mqtt-packet";
import { describe, expect, it } from "vitest";
import { PacketSplitter } from "../../sources/mqtt-packets.ts";

const publish = fc
  .record({
    qos: fc.constantFrom(0 as const, 1 as const),
    id: fc.integer({ min: 1, max: 65535 }),
    topic: fc.string({ minLength: 1, maxLength: 300 }),
    bytes: fc.integer({ min: 0, max: 20_000 }),
  })
  .map(({ qos, id, topic, bytes }) => ({
    publish: true,
    id: qos === 1 ? id : null,
    bytes: generate({
      cmd: "publish",
      qos,
      messageId: id,
      dup: false,
      retain: false,
      topic,
      payload: Buffer.alloc(bytes, 0x61),
    }),
  }));
const other = fc
  .constantFrom(
    generate({ cmd: "pingresp" }),
    generate({ cmd: "connack", returnCode: 0, sessionPresent: true }),
    generate({ cmd: "suback", messageId: 9, granted: [1] }),
    generate({ cmd: "puback", messageId: 77 }),
  )
  .map((bytes) => ({ publish: false, id: null, bytes }));
const packets = fc.array(fc.oneof({ weight: 3, arbitrary: publish }, other), { minLength: 1, maxLength: 20 });

function split(pieces: Uint8Array[]): { published: Buffer; others: Buffer; acknowledgements: Buffer } {
  const published: Buffer[] = [];
  const others: Buffer[] = [];
  const splitter = new PacketSplitter({
    onPublish: (bytes) => published.push(Buffer.from(bytes)),
    onOther: (bytes) => others.push(Buffer.from(bytes)),
  });
  for (const piece of pieces) splitter.push(piece);
  const acknowledgements = splitter.takeAcknowledgements();
  expect(splitter.takeAcknowledgements()).toBeNull();
  return {
    published: Buffer.concat(published),
    others: Buffer.concat(others),
    acknowledgements: Buffer.from(acknowledgements ?? []),
  };
}

function cut(bytes: Buffer, sizes: number[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length]!;
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

describe("packet splitter", () => {
  it("parts any stream of packets, cut anywhere", () => {
    fc.assert(
      fc.property(
        packets,
        fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 8 }),
        (list, sizes) => {
          const seen = split(cut(Buffer.concat(list.map(({ bytes }) => bytes)), sizes));
          const ids = list.flatMap(({ id }) =>
            id === null ? [] : [generate({ cmd: "puback", messageId: id })],
          );
          expect(seen.published).toEqual(
            Buffer.concat(list.filter((packet) => packet.publish).map(({ bytes }) => bytes)),
          );
          expect(seen.others).toEqual(
            Buffer.concat(list.filter((packet) => !packet.publish).map(({ bytes }) => bytes)),
          );
          expect(seen.acknowledgements).toEqual(Buffer.concat(ids));
        },
      ),
      { numRuns: 300 },
    );
  });

  it("hands a packet above 1 MiB on in pieces and keeps nothing of it", () => {
    const payload = Buffer.alloc(3_000_000, 0x62);
    const large = generate({
      cmd: "publish",
      qos: 1,
      messageId: 5,
      dup: false,
      retain: false,
      topic: "t",
      payload,
    });
    const after = generate({ cmd: "pingresp" });
    let largest = 0;
    const others: Buffer[] = [];
    const splitter = new PacketSplitter({
      onPublish: (bytes) => {
        largest = Math.max(largest, bytes.length);
      },
      onOther: (bytes) => others.push(Buffer.from(bytes)),
    });
    for (const piece of cut(Buffer.concat([large, after]), [65_536])) splitter.push(piece);
    expect(largest).toBeLessThanOrEqual(65_536);
    expect(others).toEqual([after]);
    expect(splitter.takeAcknowledgements()).toEqual(
      new Uint8Array(generate({ cmd: "puback", messageId: 5 })),
    );
  });

  it("gives bytes that are no packet to the client library, which closes the connection", () => {
    const nonsense = Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3]);
    const { published, others } = split([nonsense]);
    expect(published).toHaveLength(0);
    expect(others).toEqual(nonsense);
  });
});
