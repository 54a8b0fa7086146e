/** Bytes from the broker -> what they say, or why not. Nothing here throws, whatever the bytes. */
import { err, ok, type Result } from '#libs/kernel';
import { type z } from 'zod';
import {
  ackSchema,
  eventSchema,
  MAX_PAYLOAD_BYTES,
  programStateSchema,
  readingSchema,
  statusSchema,
  telemetryEnvelopeSchema,
  type Ack,
  type DeviceEventPayload,
  type ProgramState,
  type Reading,
  type Status,
} from './payloads.js';
import type { Rejection } from './rejection.js';

/** A telemetry message taken apart: good readings, and the reason of each bad one. */
export interface DecodedTelemetry {
  /** The device's own clock when it sent the message, ms since the epoch; undefined when it did not say. */
  readonly sentAtMs: number | undefined;
  readonly readings: readonly Reading[];
  /** One for each reading that was refused; the others of the message stand. */
  readonly rejections: readonly Rejection[];
}

/** Telemetry from the bytes of one message. An error when nothing in it can be used. */
export function decodeTelemetry(payload: Uint8Array): Result<DecodedTelemetry, Rejection> {
  const json = decodeJson(payload);
  if (!json.ok) return json;
  const envelope = telemetryEnvelopeSchema.safeParse(json.value);
  if (!envelope.success) return err(rejectionOf(envelope.error, json.value));
  const readings: Reading[] = [];
  const rejections: Rejection[] = [];
  envelope.data.readings.forEach((candidate, index) => {
    const reading = readingSchema.safeParse(candidate);
    if (!reading.success) rejections.push(rejectionOf(reading.error, candidate, ['readings', index]));
    else if (!isPossibleDate(reading.data.time)) rejections.push(impossibleDate(reading.data.time));
    else readings.push(reading.data);
  });
  const { sentAt } = envelope.data;
  if (sentAt !== undefined && !isPossibleDate(sentAt)) return err(impossibleDate(sentAt));
  return ok({ sentAtMs: sentAt === undefined ? undefined : Date.parse(sentAt), readings, rejections });
}

/** An event from the bytes of one message. */
export function decodeEvent(payload: Uint8Array): Result<DeviceEventPayload, Rejection> {
  return decodeWith(eventSchema, payload);
}

/** A status from the bytes of one message. */
export function decodeStatus(payload: Uint8Array): Result<Status, Rejection> {
  return decodeWith(statusSchema, payload);
}

/** The answer to a command from the bytes of one message. */
export function decodeAck(payload: Uint8Array): Result<Ack, Rejection> {
  return decodeWith(ackSchema, payload);
}

/** Which program a device runs, from the bytes of one message. */
export function decodeProgramState(payload: Uint8Array): Result<ProgramState, Rejection> {
  return decodeWith(programStateSchema, payload);
}

function decodeWith<T extends { time?: string | undefined }>(
  schema: z.ZodType<T>,
  payload: Uint8Array,
): Result<T, Rejection> {
  const json = decodeJson(payload);
  if (!json.ok) return json;
  const parsed = schema.safeParse(json.value);
  if (!parsed.success) return err(rejectionOf(parsed.error, json.value));
  const { time } = parsed.data;
  return time !== undefined && !isPossibleDate(time) ? err(impossibleDate(time)) : ok(parsed.data);
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function decodeJson(payload: Uint8Array): Result<unknown, Rejection> {
  if (payload.length > MAX_PAYLOAD_BYTES) {
    const detail = `${payload.length} bytes; at most ${MAX_PAYLOAD_BYTES} are read: send fewer readings per message`;
    return err({ reason: 'oversized', detail });
  }
  let text: string;
  try {
    text = utf8.decode(payload);
  } catch {
    return err({ reason: 'notText', detail: 'the payload is not UTF-8 text: send JSON (RFC 8259)' });
  }
  try {
    return ok(JSON.parse(text));
  } catch (error) {
    return err({ reason: 'malformedJson', detail: clip(error instanceof Error ? error.message : 'not JSON') });
  }
}

/** The schema's pattern lets 30 February through; the calendar does not. */
function isPossibleDate(time: string): boolean {
  const dayOfMonth = Number(time.slice(8, 10));
  return dayOfMonth <= 28 || new Date(`${time.slice(0, 10)}T00:00:00Z`).getUTCDate() === dayOfMonth;
}

function impossibleDate(time: string): Rejection {
  return { reason: 'invalidPayload', detail: `${time}: there is no such day` };
}

function rejectionOf(error: z.ZodError, input: unknown, prefix: readonly PropertyKey[] = []): Rejection {
  const issue = error.issues[0];
  if (issue === undefined) return { reason: 'invalidPayload', detail: 'not valid' };
  const path = [...prefix, ...issue.path];
  const where = path.length === 0 ? 'the payload' : path.map(String).join('.');
  const detail = clip(`${where}: ${issue.message}`);
  if (path.length === 1 && path[0] === 'v' && typeof (input as { v?: unknown } | null)?.v === 'number') {
    return { reason: 'unsupportedVersion', detail: `${detail}; this server reads version 1` };
  }
  const isBound =
    (issue.code === 'too_big' || issue.code === 'too_small') && (issue.origin === 'number' || issue.origin === 'int');
  return { reason: isBound ? 'outOfBounds' : 'invalidPayload', detail };
}

/** Details are shown to people and stored: a hostile payload must not make them long, nor bring in NUL (PostgreSQL refuses it). */
function clip(text: string): string {
  const clean = text.replace(/[\u0000-\u001f\u007f]/g, ' ').toWellFormed();
  return clean.length <= 300 ? clean : `${clean.slice(0, 299)}…`;
}
