/** Messages made from the MQTT contract's own schemas: every channel a device speaks on, with what it says bent in every way. */
import { MAX_PAYLOAD_BYTES, topicOf, UP_CHANNELS, type UpChannel } from '#libs/protocol';
import type { Random } from '#simulators';
import { JsonValues, type JsonSchema } from './json-values.js';
import { brokenText, mutated, NASTY_TEXTS } from './mutations.js';

export interface MqttCase {
  readonly topic: string;
  readonly payload: Buffer;
  readonly retain: boolean;
  readonly properties: { readonly contentType?: string; readonly userProperties?: Record<string, string> } | undefined;
}

export const FUZZ_SITE = 'fuzz';
/** Lamps that the cases speak of; devices of their own, but those that GW-1 speaks for. */
export const FUZZ_LAMPS = 40;
export const GATEWAY_LAMPS = 10;

const HOUR_MS = 3_600_000;

/** Of the AsyncAPI document. */
export interface AsyncApiMessages {
  readonly components: { readonly messages: Readonly<Record<string, { readonly payload: JsonSchema }>> };
}

export class MqttCases {
  private readonly values: JsonValues;

  constructor(
    private readonly document: AsyncApiMessages,
    private readonly nowMs: number,
  ) {
    this.values = new JsonValues({}, (property, random) => this.nameOf(property, random));
  }

  at(index: number, random: Random): MqttCase {
    const channel = UP_CHANNELS[index % UP_CHANNELS.length] as UpChannel;
    // A broker cuts off whoever sends more than it takes; what is too much for ingest goes through.
    const payload = this.payloadOf(channel, random).subarray(0, MAX_PAYLOAD_BYTES + 2);
    return {
      topic: random.next() < 0.04 ? oddTopic(channel, random) : topicOf(FUZZ_SITE, deviceOf(random), channel),
      payload,
      retain: channel === 'status' && random.next() < 0.1,
      properties: random.next() < 0.05 ? propertiesOf(random) : undefined,
    };
  }

  private payloadOf(channel: UpChannel, random: Random): Buffer {
    const schema = this.document.components.messages[channel]?.payload ?? {};
    const valid = this.values.of(schema, random);
    const kind = random.next();
    if (kind < 0.0005) return Buffer.alloc(MAX_PAYLOAD_BYTES + random.integer(0, 2), 0x20);
    if (kind < 0.3) return Buffer.from(JSON.stringify(valid));
    if (kind < 0.75) {
      const changed = mutated(valid, random);
      return Buffer.from(JSON.stringify(random.next() < 0.3 ? mutated(changed, random) : changed));
    }
    return brokenText(JSON.stringify(valid), random);
  }

  private nameOf(property: string, random: Random): unknown {
    if (property === 'lamp' || property === 'lamps') return `F-${random.integer(0, FUZZ_LAMPS + 1)}`;
    if (property === 'v') return 1;
    if (property === 'time' || property === 'sentAt')
      return new Date(this.nowMs - random.integer(-1, 48) * HOUR_MS - random.integer(0, 3_600) * 1000).toISOString();
    if (property === 'commandId') return `00000000-0000-4000-8000-${String(random.integer(0, 99)).padStart(12, '0')}.0`;
    return undefined;
  }
}

/** Also devices that nobody knows, a new one each time: whoever may publish can make up names without end. */
function deviceOf(random: Random): string {
  if (random.next() < 0.05) return `X-${random.integer(0, 1e9)}`;
  return random.next() < 0.2 ? 'GW-1' : `F-${random.integer(0, FUZZ_LAMPS + 1)}`;
}

/** Topics that our subscriptions match, and that the contract does not know. */
function oddTopic(channel: UpChannel, random: Random): string {
  const part = () =>
    brokerText(random.pick([...NASTY_TEXTS, 'nowhere', FUZZ_SITE]))
      .replace(/[+#/]/g, '')
      .slice(0, 200);
  return `felinar/v1/${part()}/${random.next() < 0.5 ? 'F-1' : part()}/${channel}`;
}

function propertiesOf(random: Random): MqttCase['properties'] {
  const text = () => brokerText(random.pick(NASTY_TEXTS)).slice(0, 300);
  return random.next() < 0.5 ? { contentType: text() } : { userProperties: { [text()]: text() } };
}

/** A text as MQTT may carry it in a topic or a property: brokers cut the connection of whoever sends other ones. */
function brokerText(text: string): string {
  return text.toWellFormed().replace(/[\u0000-\u001f\u007f-\u009f\ufdd0-\ufdef\ufeff\ufffe\uffff]/g, '');
}
