import { describe, expect, it } from '@jest/globals';
import { decodeEvent, decodeStatus, decodeTelemetry, parseTopic, type RejectionReason } from '#libs/protocol';
import { createRandom } from '../random.js';
import { garbage, GARBAGE_KINDS, garbageOf, type GarbageMessage } from './garbage.js';

const options = {
  seed: 7,
  site: 'oulu',
  device: 'GW-1',
  lamp: 'L-1',
  foreignLamp: 'L-500',
  nowMs: Date.parse('2026-11-24T18:00:00Z'),
};
/** Reasons that only a database and a clock can give: the contract lets these messages through. */
const LATER: readonly RejectionReason[] = ['unknownLamp', 'wrongDevice', 'clockOff', 'unknownSite', 'unknownDevice'];

function rejectionsOf({ topic, payload }: GarbageMessage): RejectionReason[] {
  const address = parseTopic(topic);
  if (address === undefined) return ['invalidTopic'];
  if (address.channel !== 'telemetry') {
    const decoded = address.channel === 'event' ? decodeEvent(payload) : decodeStatus(payload);
    return decoded.ok ? [] : [decoded.error.reason];
  }
  const decoded = decodeTelemetry(payload);
  return decoded.ok ? decoded.value.rejections.map(({ reason }) => reason) : [decoded.error.reason];
}

describe('garbage', () => {
  it.each(GARBAGE_KINDS)('of kind %s is rejected once, for its reason', (kind) => {
    const random = createRandom(3);
    for (let n = 0; n < (kind.startsWith('deep') ? 3 : 20); n += 1) {
      const message = garbageOf(kind, random, options);
      expect(rejectionsOf(message)).toEqual(LATER.includes(message.reason) ? [] : [message.reason]);
    }
  });

  it('is the same for the same seed', () => {
    const first = garbage(options);
    const second = garbage(options);
    for (let n = 0; n < 300; n += 1) expect(first.next().value).toEqual(second.next().value);
  });
});
