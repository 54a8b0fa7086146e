import {
  decodeEvent,
  decodeStatus,
  decodeTelemetry,
  parseTopic,
  type DecodedTelemetry,
  type DeviceEventPayload,
  type Rejection,
  type Status,
} from '#libs/protocol';

/** Bytes of a rejected message that are kept for the operator. */
export const SAMPLE_BYTES = 2048;

/** Something that was refused, with as much of the message as the operator needs. */
export interface RejectedPart {
  readonly rejection: Rejection;
  readonly topic: string;
  readonly payload: Buffer;
  readonly payloadBytes: number;
}

interface Origin {
  /** Of this message in the logs and in what is made of it. */
  readonly messageId: string;
  readonly site: string;
  readonly device: string;
  readonly topic: string;
  readonly receivedAtMs: number;
  /** The beginning of the payload, for a sample in case it is refused later. */
  readonly head: Buffer;
  readonly payloadBytes: number;
}

/** A message taken apart: small, and without the payload's buffer. */
export type Inbound =
  | ({ readonly kind: 'telemetry' } & Origin & DecodedTelemetry)
  | ({ readonly kind: 'event'; readonly event: DeviceEventPayload } & Origin)
  | ({ readonly kind: 'status'; readonly status: Status; readonly statusAtMs: number } & Origin)
  | {
      readonly kind: 'rejected';
      readonly messageId: string;
      readonly receivedAtMs: number;
      readonly part: RejectedPart;
    };

/**
 * Decodes a message. Never throws: what cannot be used comes back as `rejected`. `placeStatus` says where in a device's history a status
 * belongs (StatusOrder).
 */
export function decodeInbound(
  topic: string,
  payload: Buffer,
  receivedAtMs: number,
  messageId: string,
  placeStatus: (device: string, status: Status) => number,
): Inbound {
  const address = parseTopic(topic);
  if (address === undefined) {
    return rejected({
      reason: 'invalidTopic',
      detail: 'not a topic of this contract, or an address with forbidden characters',
    });
  }
  const { site, device } = address;
  const origin = { site, device, topic, messageId, receivedAtMs, payloadBytes: payload.length };
  switch (address.channel) {
    case 'telemetry': {
      const decoded = decodeTelemetry(payload);
      return decoded.ok
        ? { kind: 'telemetry', ...origin, head: head(payload), ...decoded.value }
        : rejected(decoded.error);
    }
    case 'event': {
      const decoded = decodeEvent(payload);
      return decoded.ok
        ? { kind: 'event', ...origin, head: head(payload), event: decoded.value }
        : rejected(decoded.error);
    }
    case 'status': {
      const decoded = decodeStatus(payload);
      if (!decoded.ok) return rejected(decoded.error);
      const statusAtMs = placeStatus(`${origin.site}/${origin.device}`, decoded.value);
      return { kind: 'status', ...origin, head: head(payload), status: decoded.value, statusAtMs };
    }
    default:
      return rejected({ reason: 'invalidTopic', detail: `ingest does not read ${address.channel}` });
  }

  function rejected(rejection: Rejection): Inbound {
    const part = { rejection, topic: topic.slice(0, 300), payload: head(payload), payloadBytes: payload.length };
    return { kind: 'rejected', messageId, receivedAtMs, part };
  }
}

/** A copy, so that the network buffer it lies in can be freed. */
function head(payload: Buffer): Buffer {
  return Buffer.from(payload.subarray(0, SAMPLE_BYTES));
}
