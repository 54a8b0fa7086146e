import mqttPacket from 'mqtt-packet';

/** Lengths below this are remembered by the packet writer. */
const REMEMBERED_LENGTHS = 16_384;
/** Topic and its length, of a publish of quality 0. */
const HEAD_BYTES = 3;
let isDone = false;

/**
 * Has mqtt-packet write a packet of every length that it remembers. It keeps two bytes for each length it has written once, cut from a slab of
 * 64 KiB that stays as long as they do: a process whose packets have many lengths would hold megabytes for them, more every hour. Made all at
 * once they share a few slabs. Takes some ten milliseconds, once in a process.
 */
export function rememberPacketLengths(): void {
  if (isDone) return;
  isDone = true;
  const zeros = Buffer.alloc(REMEMBERED_LENGTHS);
  const nowhere = { write: () => true } as unknown as NodeJS.WritableStream;
  for (let length = HEAD_BYTES; length < REMEMBERED_LENGTHS; length += 1) {
    const payload = zeros.subarray(0, length - HEAD_BYTES);
    mqttPacket.writeToStream({ cmd: 'publish', topic: 't', payload, qos: 0, retain: false, dup: false }, nowhere);
  }
}
