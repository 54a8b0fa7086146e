import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeEvent, decodeStatus, decodeTelemetry } from './decode.js';
import { MAX_PAYLOAD_BYTES, MAX_READINGS_PER_MESSAGE } from './payloads.js';
import { REJECTION_REASONS } from './rejection.js';

const bytes = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
const reading = { lamp: 'BT-0001', time: '2026-11-24T18:00:00Z', activePowerW: 41.5 };
const reasonOf = (payload: Uint8Array) => {
  const decoded = decodeTelemetry(payload);
  return decoded.ok ? undefined : decoded.error.reason;
};

describe('decodeTelemetry', () => {
  it('takes a reading with nothing but a lamp and a time', () => {
    const decoded = decodeTelemetry(
      bytes({ v: 1, readings: [{ lamp: 'BT-0001', time: '2026-11-24T18:00:00+02:00' }] }),
    );
    expect(decoded).toEqual({
      ok: true,
      value: {
        sentAtMs: undefined,
        readings: [{ lamp: 'BT-0001', time: '2026-11-24T18:00:00+02:00' }],
        rejections: [],
      },
    });
  });

  it('keeps the good readings of a message that also holds bad ones', () => {
    const decoded = decodeTelemetry(
      bytes({
        v: 1,
        sentAt: '2026-11-24T18:00:01Z',
        readings: [reading, { ...reading, activePowerW: -1 }, { lamp: 'BT-0002' }, 7],
      }),
    );
    if (!decoded.ok) throw new Error('refused');
    expect(decoded.value.sentAtMs).toBe(Date.parse('2026-11-24T18:00:01Z'));
    expect(decoded.value.readings).toEqual([reading]);
    expect(decoded.value.rejections.map(({ reason }) => reason)).toEqual([
      'outOfBounds',
      'invalidPayload',
      'invalidPayload',
    ]);
    expect(decoded.value.rejections[0]?.detail).toContain('readings.1.activePowerW');
  });

  it.each([
    ['not JSON', '{"v":1', 'malformedJson'],
    ['NaN', '{"v":1,"readings":[{"lamp":"a","time":"2026-11-24T18:00:00Z","activePowerW":NaN}]}', 'malformedJson'],
    ['an empty payload', '', 'malformedJson'],
    ['another version', { v: 2, readings: [reading] }, 'unsupportedVersion'],
    ['no version', { readings: [reading] }, 'invalidPayload'],
    ['no readings', { v: 1, readings: [] }, 'invalidPayload'],
    [
      'too many readings',
      { v: 1, readings: Array.from({ length: MAX_READINGS_PER_MESSAGE + 1 }, () => 0) },
      'invalidPayload',
    ],
    ['a list', [reading], 'invalidPayload'],
    ['null', 'null', 'invalidPayload'],
  ])('refuses %s', (_name, payload, reason) => {
    expect(reasonOf(bytes(payload))).toBe(reason);
  });

  it('refuses a payload over the limit without reading it, and bytes that are not UTF-8', () => {
    expect(reasonOf(Buffer.alloc(MAX_PAYLOAD_BYTES + 1, '['))).toBe('oversized');
    expect(reasonOf(Buffer.from([0x7b, 0xff, 0xfe, 0x7d]))).toBe('notText');
  });

  it('refuses days that do not exist and takes 29 February of a leap year', () => {
    const at = (time: string) => decodeTelemetry(bytes({ v: 1, readings: [{ lamp: 'a', time }] }));
    expect(at('2028-02-29T00:00:00Z')).toMatchObject({ ok: true, value: { rejections: [] } });
    expect(at('2026-02-29T00:00:00Z')).toMatchObject({
      ok: true,
      value: { readings: [], rejections: [{ reason: 'invalidPayload' }] },
    });
    expect(at('2026-04-31T00:00:00Z')).toMatchObject({ ok: true, value: { readings: [] } });
  });

  it('survives deep nesting, __proto__ and duplicate keys', () => {
    expect(reasonOf(bytes('['.repeat(200_000)))).toBe('malformedJson');
    expect(reasonOf(bytes(`${'['.repeat(100_000)}${']'.repeat(100_000)}`))).toBe('invalidPayload');
    const decoded = decodeTelemetry(bytes(`{"__proto__":{"v":1},"v":1,"v":1,"readings":[${JSON.stringify(reading)}]}`));
    expect(decoded).toMatchObject({ ok: true, value: { readings: [reading] } });
  });

  it('never throws, and names a known reason, whatever the bytes', () => {
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map((text) => bytes(text)),
      fc
        .record({ v: fc.anything(), sentAt: fc.anything(), readings: fc.array(fc.anything()) })
        .map((value) => bytes(safeJson(value))),
    );
    fc.assert(
      fc.property(anything, (payload) => {
        for (const decode of [decodeTelemetry, decodeEvent, decodeStatus]) {
          const decoded = decode(payload);
          if (!decoded.ok) {
            expect(REJECTION_REASONS).toContain(decoded.error.reason);
            expect(decoded.error.detail.length).toBeLessThanOrEqual(300);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});

function safeJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner)) ?? 'null';
}

describe('decodeEvent and decodeStatus', () => {
  it('take what the contract says', () => {
    const event = { v: 1, time: '2026-11-24T18:00:00Z', lamp: 'BT-0001', event: 'lampFailure', active: true };
    expect(decodeEvent(bytes(event))).toEqual({ ok: true, value: event });
    expect(decodeStatus(bytes({ v: 1, online: false }))).toEqual({ ok: true, value: { v: 1, online: false } });
  });

  it('refuse an event nobody knows', () => {
    const event = { v: 1, time: '2026-11-24T18:00:00Z', event: 'onFire', active: true };
    expect(decodeEvent(bytes(event))).toMatchObject({ ok: false, error: { reason: 'invalidPayload' } });
  });
});
