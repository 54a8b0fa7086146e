import { expect, it } from '@jest/globals';
import mqttPacket from 'mqtt-packet';
import { rememberPacketLengths } from './packet-lengths.js';

it('leaves nothing to remember for any packet that is written later', () => {
  rememberPacketLengths();
  const written = new Map<number, Buffer>();
  const writing = (length: number) => {
    const chunks: Buffer[] = [];
    const stream = { write: (chunk: Buffer) => chunks.push(chunk) > 0 } as unknown as NodeJS.WritableStream;
    const payload = Buffer.alloc(length - 5);
    mqttPacket.writeToStream({ cmd: 'publish', topic: 'abc', payload, qos: 0, retain: false, dup: false }, stream);
    // The fixed header's first byte, the length, …
    return chunks[1] as Buffer;
  };
  for (let length = 5; length < 16_384; length += 1) written.set(length, writing(length));
  const slabs = new Set([...written.values()].map(({ buffer }) => buffer));
  expect(slabs.size).toBeLessThan(10);
  // The same Buffer again: it was remembered.
  for (const length of [5, 127, 128, 2_345, 16_383]) expect(writing(length)).toBe(written.get(length));
});
