import { decodeAck, decodeProgramState, parseTopic } from '#libs/protocol';
import { parseCommandId } from '../commands/group-messages.js';

/** What a device answered, taken apart. */
export type DeviceAnswer =
  | {
      readonly kind: 'ack';
      readonly site: string;
      readonly device: string;
      readonly batchId: string;
      readonly part: number;
      readonly result: 'executed' | 'refused' | 'expired';
      readonly deviceTimeMs: number;
      readonly lamps: readonly string[] | undefined;
      readonly reason: string | undefined;
    }
  | {
      readonly kind: 'programState';
      readonly site: string;
      readonly device: string;
      readonly hash: string | null;
      readonly receivedAtMs: number;
    }
  | { readonly kind: 'unusable'; readonly channel: 'ack' | 'program-state' | 'other'; readonly detail: string };

/** Takes a message of a device apart. Never throws. */
export function decodeAnswer(topic: string, payload: Buffer, receivedAtMs: number): DeviceAnswer {
  const address = parseTopic(topic);
  if (address?.channel === 'ack') {
    const ack = decodeAck(payload);
    if (!ack.ok) return { kind: 'unusable', channel: 'ack', detail: ack.error.detail };
    const id = parseCommandId(ack.value.commandId);
    if (id === undefined) return { kind: 'unusable', channel: 'ack', detail: 'commandId is none that was sent' };
    const { result, lamps, reason, time } = ack.value;
    const { site, device } = address;
    return { kind: 'ack', site, device, ...id, result, lamps, reason, deviceTimeMs: Date.parse(time) };
  }
  if (address?.channel === 'program-state') {
    const state = decodeProgramState(payload);
    if (!state.ok) return { kind: 'unusable', channel: 'program-state', detail: state.error.detail };
    const { site, device } = address;
    return { kind: 'programState', site, device, hash: state.value.programHash, receivedAtMs };
  }
  return { kind: 'unusable', channel: 'other', detail: `control does not read ${topic.slice(0, 200)}` };
}
