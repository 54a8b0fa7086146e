/** The AsyncAPI 3 document of the contract, made from the schemas and topics. */
import { z } from 'zod';
import {
  ackSchema,
  commandSchema,
  configSchema,
  eventSchema,
  MAX_PAYLOAD_BYTES,
  programSchema,
  programStateSchema,
  statusSchema,
  telemetrySchema,
} from './payloads.js';
import { CONTRACT_VERSION, DOWN_CHANNELS, UP_CHANNELS, type Channel } from './topics.js';

interface MessageDescription {
  readonly schema: z.ZodType;
  readonly summary: string;
  readonly retained: boolean;
  readonly example: unknown;
}

const time = '2026-11-24T18:00:00Z';
const MESSAGES: Record<Channel, MessageDescription> = {
  telemetry: {
    schema: telemetrySchema,
    summary: 'Readings of one lamp or of many. A lamp has one reading per instant; sending one again is harmless.',
    retained: false,
    example: {
      v: 1,
      sentAt: '2026-11-24T18:00:02Z',
      readings: [{ lamp: 'BT-0001', time, lightLevelPercent: 70, activePowerW: 41.5, activeEnergyWh: 183250.5 }],
    },
  },
  event: {
    schema: eventSchema,
    summary:
      'A fault or a change that the device reports at once, and again until the broker has acknowledged it: nobody else says that it is over.',
    retained: false,
    example: { v: 1, time, lamp: 'BT-0001', event: 'lampFailure', active: true },
  },
  status: {
    schema: statusSchema,
    summary: 'Online or offline. Retained; set the offline one as last will when connecting.',
    retained: true,
    example: { v: 1, online: true, time, firmware: '4.2.0', reportingIntervalS: 900 },
  },
  ack: {
    schema: ackSchema,
    summary: 'The answer to a command.',
    retained: false,
    example: { v: 1, commandId: '0193c2a0', time, result: 'executed' },
  },
  'program-state': {
    schema: programStateSchema,
    summary: 'Which program the device runs.',
    retained: true,
    example: { v: 1, time, programHash: 'b1946ac9' },
  },
  command: {
    schema: commandSchema,
    summary: 'Override the level of lamps until a time.',
    retained: false,
    example: {
      v: 1,
      commandId: '0193c2a0',
      lamps: ['BT-0001'],
      lightLevelPercent: 100,
      expiresAt: '2026-11-24T22:00:00Z',
    },
  },
  program: {
    schema: programSchema,
    summary: 'Switch points in UTC that the device runs on its own.',
    retained: true,
    example: {
      v: 1,
      programHash: 'b1946ac9',
      validFrom: '2026-11-24T10:00:00Z',
      validUntil: '2026-12-24T10:00:00Z',
      programs: [
        {
          lamps: ['BT-0001'],
          switchPoints: [
            [1_795_514_400, 0, 0],
            [1_795_531_500, 100, 10],
            [1_795_554_000, 50, 60],
          ],
        },
      ],
    },
  },
  config: {
    schema: configSchema,
    summary: 'Settings of the device.',
    retained: true,
    example: { v: 1, reportingIntervalS: 900 },
  },
};

/** AsyncAPI 3.0.0, deterministic. Seen from the device: it sends what goes up and receives what comes down. */
export function asyncApiDocument(): Record<string, unknown> {
  const channels = [...UP_CHANNELS, ...DOWN_CHANNELS];
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Felinar device contract',
      version: CONTRACT_VERSION,
      description:
        'How lamp controllers and gateways speak with Felinar over MQTT 3.1.1 or 5. All messages are QoS 1 and JSON in UTF-8, ' +
        `at most ${MAX_PAYLOAD_BYTES} bytes. Unknown properties are ignored. What cannot be used is counted by reason and shown ` +
        'at GET /api/v1/rejected-messages; a bad reading does not take the others of its message with it.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(channels.map((channel) => [channel, channelOf(channel)])),
    operations: Object.fromEntries(channels.map((channel) => [operationId(channel), operationOf(channel)])),
    components: {
      messages: Object.fromEntries(channels.map((channel) => [channel, messageOf(channel)])),
      parameters: {
        site: { description: 'Address of the site, as in the inventory' },
        device: {
          description: 'Address of the device that connects: a gateway, or a lamp with a connection of its own',
        },
      },
    },
  };
}

/** The example payload of a channel; a test holds it against the schema. */
export function exampleOf(channel: Channel): { readonly schema: z.ZodType; readonly example: unknown } {
  return MESSAGES[channel];
}

function channelOf(channel: Channel): Record<string, unknown> {
  return {
    address: `felinar/${CONTRACT_VERSION}/{site}/{device}/${channel}`,
    description: MESSAGES[channel].summary,
    parameters: {
      site: { $ref: '#/components/parameters/site' },
      device: { $ref: '#/components/parameters/device' },
    },
    messages: { [channel]: { $ref: `#/components/messages/${channel}` } },
  };
}

function operationOf(channel: Channel): Record<string, unknown> {
  return {
    action: isUp(channel) ? 'send' : 'receive',
    channel: { $ref: `#/channels/${channel}` },
    summary: MESSAGES[channel].summary,
    bindings: { mqtt: { qos: 1, retain: MESSAGES[channel].retained, bindingVersion: '0.2.0' } },
  };
}

function messageOf(channel: Channel): Record<string, unknown> {
  const { schema, summary, example } = MESSAGES[channel];
  const { $schema: _dialect, ...payload } = z.toJSONSchema(schema, { target: 'draft-7', io: 'input' });
  return { name: channel, summary, contentType: 'application/json', payload, examples: [{ payload: example }] };
}

function operationId(channel: Channel): string {
  const name = channel.replace(/(^|-)([a-z])/g, (_match, _dash, letter: string) => letter.toUpperCase());
  return `${isUp(channel) ? 'send' : 'receive'}${name}`;
}

function isUp(channel: Channel): boolean {
  return (UP_CHANNELS as readonly string[]).includes(channel);
}
