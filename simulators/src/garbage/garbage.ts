/** Messages that no server should fall over: what broken firmware, strangers and attackers send. Reproducible from a seed. */
import { MAX_PAYLOAD_BYTES, MAX_READINGS_PER_MESSAGE, topicOf, type RejectionReason } from '#libs/protocol';
import { createRandom, type Random } from '../random.js';

export interface GarbageMessage {
  readonly kind: string;
  readonly topic: string;
  readonly payload: Buffer;
  /** Why it must be rejected: exactly once. */
  readonly reason: RejectionReason;
}

export interface GarbageOptions {
  readonly seed: number;
  readonly site: string;
  /** A device that exists, and a lamp that it speaks for: what is not meant to be wrong is right. */
  readonly device: string;
  readonly lamp: string;
  /** A lamp that exists and for which the device does not speak. */
  readonly foreignLamp: string;
  readonly nowMs: number;
}

interface Draft {
  readonly reason: RejectionReason;
  readonly payload: string | Buffer;
  readonly topic?: string;
}

type Maker = (random: Random, options: GarbageOptions) => Draft;

const json = (reason: RejectionReason, value: unknown): Draft => ({ reason, payload: JSON.stringify(value) });
const telemetry = (reason: RejectionReason, reading: unknown): Draft => json(reason, { v: 1, readings: [reading] });
const timeOf = (ms: number) => new Date(ms).toISOString();
const good = ({ lamp, nowMs }: GarbageOptions) => ({ lamp, time: timeOf(nowMs) });
const bytes = (random: Random, length: number) => Buffer.from(Array.from({ length }, () => random.integer(0, 255)));
const HOUR_MS = 3_600_000;

const KINDS: Record<string, Maker> = {
  randomBytes: (random) => ({
    reason: 'notText',
    payload: Buffer.concat([Buffer.from([0xff]), bytes(random, random.integer(0, 200))]),
  }),
  brokenUtf8: (_random, options) => ({
    reason: 'notText',
    payload: Buffer.concat([Buffer.from(JSON.stringify(good(options))), Buffer.from([0xc3, 0x28])]),
  }),
  empty: () => ({ reason: 'malformedJson', payload: '' }),
  truncated: (random, options) => {
    const whole = JSON.stringify({ v: 1, readings: [good(options)] });
    return { reason: 'malformedJson', payload: whole.slice(0, random.integer(1, whole.length - 1)) };
  },
  notANumber: (random, options) => ({
    reason: 'malformedJson',
    payload: `{"v":1,"readings":[{"lamp":"${options.lamp}","time":"${timeOf(options.nowMs)}","activePowerW":${random.pick(['NaN', 'Infinity', '-Infinity', '0x10', '.5'])}}]}`,
  }),
  unclosedNesting: (random) => ({
    reason: 'malformedJson',
    payload: random.pick(['[', '{"v":']).repeat(random.integer(100, 5000)),
  }),
  deepNesting: (random) => {
    const depth = random.integer(100, 5000);
    return { reason: 'invalidPayload', payload: '['.repeat(depth) + ']'.repeat(depth) };
  },
  notAnObject: (random) => json('invalidPayload', random.pick([null, true, 7, 'text', [], [1, 2]])),
  noVersion: (_random, options) => json('invalidPayload', { readings: [good(options)] }),
  otherVersion: (random, options) =>
    json('unsupportedVersion', { v: random.pick([0, 2, 99, -1, 1.5]), readings: [good(options)] }),
  noReadings: (random) => json('invalidPayload', { v: 1, readings: random.pick([[], {}, null, 'none', 7]) }),
  tooManyReadings: () =>
    json('invalidPayload', { v: 1, readings: Array.from({ length: MAX_READINGS_PER_MESSAGE + 1 }, () => 0) }),
  readingIsNoObject: (random) => telemetry('invalidPayload', random.pick([null, 7, 'text', []])),
  noTime: (_random, { lamp }) => telemetry('invalidPayload', { lamp }),
  badTime: (random, { lamp }) =>
    telemetry('invalidPayload', {
      lamp,
      time: random.pick(['now', '2026-11-24', '2026-02-30T00:00:00Z', '2026-11-24T25:00:00Z', 1764000000, null, '']),
    }),
  badLampAddress: (random, { nowMs }) =>
    telemetry('invalidPayload', {
      lamp: random.pick(['', 'a/b', '+', '#', 'é', 'a'.repeat(65), null, 7]),
      time: timeOf(nowMs),
    }),
  textForNumber: (random, options) =>
    telemetry('invalidPayload', { ...good(options), [random.pick(['activePowerW', 'supplyVoltageV'])]: '41.5' }),
  outOfBounds: (random, options) =>
    telemetry('outOfBounds', {
      ...good(options),
      ...random.pick([
        { activePowerW: -1 },
        { supplyVoltageV: 1e9 },
        { powerFactor: 1.01 },
        { lightLevelPercent: 101 },
        { temperatureC: -273 },
        { activeEnergyWh: -0.5 },
        { sequence: 2 ** 40 },
      ]),
    }),
  unknownEvent: (_random, options) => telemetry('invalidPayload', { ...good(options), events: ['onFire'] }),
  protoKeys: (_random, { nowMs }) => ({
    reason: 'invalidPayload',
    payload: `{"v":1,"readings":[{"__proto__":{"lamp":"x"},"constructor":{"prototype":{}},"time":"${timeOf(nowMs)}"}]}`,
  }),
  unknownLamp: (random, { nowMs }) =>
    telemetry('unknownLamp', { lamp: `nobody-${random.integer(0, 1e9)}`, time: timeOf(nowMs) }),
  foreignLamp: (_random, { foreignLamp, nowMs }) =>
    telemetry('wrongDevice', { lamp: foreignLamp, time: timeOf(nowMs) }),
  clockAhead: (random, { lamp, nowMs }) =>
    telemetry('clockOff', { lamp, time: timeOf(nowMs + random.integer(25, 100_000) * HOUR_MS) }),
  clockBehind: (random, { lamp, nowMs }) =>
    telemetry('clockOff', { lamp, time: timeOf(nowMs - random.integer(48, 100_000) * HOUR_MS) }),
  unknownSite: (_random, { device, lamp, nowMs }) => ({
    ...telemetry('unknownSite', { lamp, time: timeOf(nowMs) }),
    topic: topicOf('nowhere', device, 'telemetry'),
  }),
  strangeTopic: (random, options) => ({
    ...telemetry('invalidTopic', good(options)),
    topic: `felinar/v1/${options.site}/${random.pick(['b d', 'é', 'x'.repeat(80), '$', '"'])}/telemetry`,
  }),
  strangeEvent: (_random, { site, device, nowMs }) => ({
    ...json('invalidPayload', { v: 1, time: timeOf(nowMs), event: 'onFire', active: 'yes' }),
    topic: topicOf(site, device, 'event'),
  }),
  strangeStatus: (random, { site, device }) => ({
    ...json('invalidPayload', { v: 1, online: random.pick(['true', 1, null]) }),
    topic: topicOf(site, device, 'status'),
  }),
  statusOfStranger: (random, { site }) => ({
    ...json('unknownDevice', { v: 1, online: true }),
    topic: topicOf(site, `stranger-${random.integer(0, 1e9)}`, 'status'),
  }),
};

/** Rare, because each costs as much as a thousand others. */
const HUGE: Record<string, Maker> = {
  megabyte: (random) => ({
    reason: 'oversized',
    payload: Buffer.alloc(1_048_576, random.pick(['[', 'x', '\0', '{"v":1,"readings":['])),
  }),
  deepestNesting: () => ({ reason: 'invalidPayload', payload: '['.repeat(100_000) + ']'.repeat(100_000) }),
  justTooLarge: () => ({ reason: 'oversized', payload: Buffer.alloc(MAX_PAYLOAD_BYTES + 1, ' ') }),
};
const SHARE_OF_HUGE = 0.002;

/** The names of all kinds. */
export const GARBAGE_KINDS: readonly string[] = [...Object.keys(KINDS), ...Object.keys(HUGE)];

/** One message of a kind. Throws RangeError for a kind that does not exist. */
export function garbageOf(kind: string, random: Random, options: GarbageOptions): GarbageMessage {
  const make = KINDS[kind] ?? HUGE[kind];
  if (make === undefined) throw new RangeError(`there is no garbage of kind ${kind}`);
  const { reason, payload, topic = topicOf(options.site, options.device, 'telemetry') } = make(random, options);
  return { kind, topic, reason, payload: Buffer.isBuffer(payload) ? payload : Buffer.from(payload) };
}

/** Garbage without end. */
export function* garbage(options: GarbageOptions): Generator<GarbageMessage, never> {
  const random = createRandom(options.seed);
  for (;;) {
    const kind = random.pick(Object.keys(random.next() < SHARE_OF_HUGE ? HUGE : KINDS));
    yield garbageOf(kind, random, options);
  }
}
