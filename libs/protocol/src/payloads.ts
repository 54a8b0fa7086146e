/**
 * MQTT contract v1, payloads. Each is defined once, here; types, validators and docs/protocol/asyncapi.json come from it.
 * Names are TALQ's with the unit in them. Unknown properties are ignored, so that a device may send more than we know.
 */
import { ADDRESS_PATTERN } from '#libs/kernel';
import { z } from 'zod';
import { DEVICE_EVENTS } from './device-events.js';

/** A payload may hold this many bytes; a larger one is rejected unread. */
export const MAX_PAYLOAD_BYTES = 512 * 1024;
/** A telemetry message may hold this many readings. */
export const MAX_READINGS_PER_MESSAGE = 1000;

const address = z.string().regex(ADDRESS_PATTERN, 'is not an address: 1 to 64 letters, digits and . _ ~ -');

/** RFC 3339 date-time with offset: `2026-11-24T18:00:00Z`. Years 2000 to 2099. */
const TIME_PATTERN =
  /^20\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
const time = z
  .string()
  .regex(TIME_PATTERN, 'is not an RFC 3339 time with offset, such as 2026-11-24T18:00:00Z')
  .meta({ format: 'date-time', examples: ['2026-11-24T18:00:00Z'] });

const version = z.literal(1).describe('Version of this payload');

const bounded = (min: number, max: number, description: string, example: number) =>
  z
    .number()
    .min(min)
    .max(max)
    .meta({ description, examples: [example] });

const count = (max: number, description: string, example: number) =>
  z
    .number()
    .int()
    .min(0)
    .max(max)
    .meta({ description, examples: [example] });

const lightLevelPercent = bounded(0, 100, 'Light level, percent of full output; 0 is off', 70);
/** Why a lamp has the level it aims at (TALQ's command reasons): its own default, the calendar's program, an override, a sensor. */
export const LEVEL_REASONS = ['default', 'calendar', 'override', 'sensor'] as const;
export type LevelReason = (typeof LEVEL_REASONS)[number];
const deviceEvent = z.enum(DEVICE_EVENTS);

export const readingSchema = z
  .object({
    lamp: address.describe('Address of the lamp, unique in its site'),
    time: time.describe('When it was measured'),
    sequence: count(0xffff_ffff, 'Counts the readings of this lamp; wraps to 0 after 4294967295', 4711).optional(),
    lightLevelPercent: lightLevelPercent.describe('Physical light level, percent; 0 is off').optional(),
    levelInEffectPercent: bounded(0, 100, 'Level the controller aims at; a fade is on its way to it', 70).optional(),
    levelReason: z.enum(LEVEL_REASONS).describe('Why it aims at that level').optional(),
    activePowerW: bounded(0, 10_000, 'Active power at the mains side, W', 41.5).optional(),
    supplyVoltageV: bounded(0, 600, 'Supply voltage, V', 231.4).optional(),
    supplyCurrentA: bounded(0, 100, 'Supply current, A', 0.189).optional(),
    powerFactor: bounded(-1, 1, 'Power factor; negative when leading', 0.95).optional(),
    activeEnergyWh: bounded(0, 1e10, 'Active energy register, Wh: only grows, until it is reset', 183_250.5).optional(),
    operatingHours: bounded(0, 1e6, 'Hours the light source has been lit', 4012.25).optional(),
    switchOnCount: count(0xffff_ffff, 'How often the lamp has been switched on', 812).optional(),
    temperatureC: bounded(-60, 150, 'Temperature of the control gear, °C', 34).optional(),
    events: z.array(deviceEvent).max(32).describe('Faults the device itself detects at this moment').optional(),
  })
  .meta({ title: 'Reading', description: 'What one lamp reported at one instant. All but lamp and time is optional.' });

/** The envelope of telemetry. Readings are judged one by one: a bad one does not take the others with it. */
export const telemetryEnvelopeSchema = z.object({
  v: version,
  sentAt: time.describe("The device's own clock when it sent this").optional(),
  readings: z.array(z.unknown()).min(1).max(MAX_READINGS_PER_MESSAGE),
});

export const telemetrySchema = telemetryEnvelopeSchema
  .extend({ readings: z.array(readingSchema).min(1).max(MAX_READINGS_PER_MESSAGE) })
  .meta({ title: 'Telemetry', description: 'Readings of one lamp or of many: a gateway speaks for its lamps.' });

export const eventSchema = z
  .object({
    v: version,
    time: time.describe('When it began or ended'),
    lamp: address.describe('The lamp it concerns; absent when it is the device itself').optional(),
    event: deviceEvent,
    active: z.boolean().describe('true when it begins, false when it ends'),
    info: z.string().max(500).describe('Free text of the device').optional(),
  })
  .meta({ title: 'Event', description: 'A change the device reports at once instead of with the next reading.' });

export const statusSchema = z
  .object({
    v: version,
    online: z.boolean().describe('false is also the last will: the broker publishes it when the link is lost'),
    time: time.describe('When the device came online; a last will carries the time of its connection').optional(),
    firmware: z.string().max(100).optional(),
    model: z.string().max(100).optional(),
    reportingIntervalS: z.number().int().min(1).max(86_400).describe('How often it reports, s').optional(),
    storesProgram: z.boolean().describe('false: the server must switch it at every switch point').optional(),
  })
  .meta({ title: 'Status', description: 'Whether the device is connected. Retained, and the last will.' });

export const ackSchema = z
  .object({
    v: version,
    commandId: z.string().min(1).max(64),
    time: time.describe('When the device decided'),
    result: z.enum(['executed', 'refused', 'expired']),
    lamps: z.array(address).max(MAX_READINGS_PER_MESSAGE).describe('Those it concerns; all when absent').optional(),
    reason: z.string().max(500).optional(),
  })
  .meta({ title: 'Acknowledgement', description: "A device's answer to a command." });

export const programStateSchema = z
  .object({
    v: version,
    time: time.describe('When the device looked'),
    programHash: z.string().max(128).nullable().describe('Hash of the program it runs; null when it has none'),
  })
  .meta({ title: 'Program state', description: 'Which control program the device runs.' });

export const commandSchema = z
  .object({
    v: version,
    commandId: z.string().min(1).max(64),
    lamps: z.array(address).min(1).max(MAX_READINGS_PER_MESSAGE),
    lightLevelPercent: lightLevelPercent.nullable().describe('null releases the override: back to the program'),
    fadeS: z.number().min(0).max(3600).describe('Fade time, s').optional(),
    expiresAt: time.describe('Not to be executed later; the level holds until then'),
  })
  .meta({ title: 'Command', description: 'Override the light level of lamps until a time.' });

/** Whole Unix seconds, years 2000 to 2099. */
const unixSeconds = z.number().int().min(946_684_800).max(4_102_444_799);

/** `[at, lightLevelPercent, fadeS]`: short, because a controller pays for every byte. */
const switchPoint = z
  .tuple([
    unixSeconds.describe('When it happens, Unix seconds (UTC)'),
    z.number().min(0).max(100).describe('Light level, percent of full output; 0 is off'),
    z.number().min(0).max(3600).describe('Fade time, s'),
  ])
  .meta({ title: 'Switch point', examples: [[1_795_531_500, 100, 10]] });

/** A program message may hold this many switch points for a lamp: 30 nights of more points than anybody wants. */
export const MAX_SWITCH_POINTS = 2_000;

export const programSchema = z
  .object({
    v: version,
    programHash: z
      .string()
      .min(1)
      .max(128)
      .describe('To be reported as program-state; also tells that nothing changed'),
    validFrom: time.describe('Before it, what ran before goes on'),
    validUntil: time.describe('From then on the device does what it does without a program'),
    programs: z
      .array(
        z.object({
          lamps: z.array(address).min(1).max(MAX_READINGS_PER_MESSAGE),
          switchPoints: z
            .array(switchPoint)
            .min(1)
            .max(MAX_SWITCH_POINTS)
            .describe('In order of time, the first at validFrom; each holds until the next'),
        }),
      )
      .max(MAX_READINGS_PER_MESSAGE)
      .describe('A lamp of the device that stands in none of them runs its on-board default'),
  })
  .meta({
    title: 'Program',
    description:
      'UTC switch points of all lamps of the device, which it runs on its own. Retained. It has to be kept over a power cut.',
  });

export const configSchema = z
  .object({
    v: version,
    reportingIntervalS: z.number().int().min(1).max(86_400).describe('How often to report, s').optional(),
  })
  .meta({ title: 'Configuration', description: 'Settings of the device. Retained.' });

export type Reading = z.infer<typeof readingSchema>;
export type Telemetry = z.infer<typeof telemetrySchema>;
export type DeviceEventPayload = z.infer<typeof eventSchema>;
export type Status = z.infer<typeof statusSchema>;
export type Ack = z.infer<typeof ackSchema>;
export type ProgramState = z.infer<typeof programStateSchema>;
export type Command = z.infer<typeof commandSchema>;
export type Program = z.infer<typeof programSchema>;
export type Config = z.infer<typeof configSchema>;
