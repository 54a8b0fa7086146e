import type { Reading, Rejection } from '#libs/protocol';
import { storableText, type DeviceEventRow, type DeviceStatusRow, type TelemetryRow } from '#libs/storage';
import { clockOffsetMs, judgeClock, madeAfterMs } from './clock-judge.js';
import type { Inbound, RejectedPart } from './inbound.js';
import { directoryKey, type LampAnswer } from './lamp-directory.js';

/** What a batch of messages comes to: rows to store, and what was refused. */
export interface FlowPlan {
  readonly rows: TelemetryRow[];
  readonly events: DeviceEventRow[];
  readonly statuses: DeviceStatusRow[];
  readonly rejected: { readonly part: RejectedPart; readonly receivedAtMs: number }[];
}

/** What is known of the addresses in a batch. */
export interface Addresses {
  readonly lamps: ReadonlyMap<string, LampAnswer>;
  /** Site ids by device key; a reason where there is none. */
  readonly devices: ReadonlyMap<string, number | 'unknownSite' | 'unknownDevice'>;
}

/**
 * Decides on a batch: which readings become rows, and why the others do not. Pure.
 * `earliestSendMs`: see SendWindow.
 */
export function planBatch(batch: readonly Inbound[], addresses: Addresses, earliestSendMs: number): FlowPlan {
  const plan: FlowPlan = { rows: [], events: [], statuses: [], rejected: [] };
  for (const message of batch) {
    switch (message.kind) {
      case 'rejected':
        plan.rejected.push(message);
        break;
      case 'telemetry':
        planTelemetry(plan, message, addresses, earliestSendMs);
        break;
      case 'event':
        planEvent(plan, message, addresses, earliestSendMs);
        break;
      case 'status':
        planStatus(plan, message, addresses);
    }
  }
  return plan;
}

function planTelemetry(
  plan: FlowPlan,
  message: Extract<Inbound, { kind: 'telemetry' }>,
  addresses: Addresses,
  earliestSendMs: number,
): void {
  const window = { earliestMs: Math.min(earliestSendMs, message.receivedAtMs), latestMs: message.receivedAtMs };
  const offsetMs = clockOffsetMs(message.sentAtMs, window);
  for (const rejection of message.rejections) refuse(plan, message, rejection);
  for (const reading of message.readings) {
    const lamp = knownLamp(message, reading.lamp, addresses);
    if ('reason' in lamp) {
      refuse(plan, message, lamp);
      continue;
    }
    const timeMs = Date.parse(reading.time);
    const clockProblem = judgeClock(timeMs, message.sentAtMs, window);
    if (clockProblem === undefined) {
      const times = { timeMs, clockOffsetMs: offsetMs, madeAfterMs: madeAfterMs(timeMs, message.sentAtMs, window) };
      plan.rows.push(toRow(lamp.lampId, times, message, reading));
    } else refuse(plan, message, { reason: 'clockOff', detail: `${reading.lamp}: ${clockProblem}` });
  }
}

function planEvent(
  plan: FlowPlan,
  message: Extract<Inbound, { kind: 'event' }>,
  addresses: Addresses,
  earliestSendMs: number,
): void {
  const { event } = message;
  const timeMs = Date.parse(event.time);
  const window = { earliestMs: Math.min(earliestSendMs, message.receivedAtMs), latestMs: message.receivedAtMs };
  const clockProblem = judgeClock(timeMs, undefined, window);
  if (clockProblem !== undefined) return refuse(plan, message, { reason: 'clockOff', detail: clockProblem });
  const siteId = knownSite(message, addresses);
  if (typeof siteId !== 'number') return refuse(plan, message, siteId);
  let lampId: number | undefined;
  if (event.lamp !== undefined) {
    const lamp = knownLamp(message, event.lamp, addresses);
    if ('reason' in lamp) return refuse(plan, message, lamp);
    lampId = lamp.lampId;
  }
  const { receivedAtMs, device, messageId } = message;
  plan.events.push({
    siteId,
    device,
    lampId,
    event: event.event,
    active: event.active,
    timeMs,
    receivedAtMs,
    info: storable(event.info),
    messageId,
  });
}

function planStatus(plan: FlowPlan, message: Extract<Inbound, { kind: 'status' }>, addresses: Addresses): void {
  const siteId = knownSite(message, addresses);
  if (typeof siteId !== 'number') return refuse(plan, message, siteId);
  const { status, device, statusAtMs } = message;
  plan.statuses.push({
    siteId,
    device,
    online: status.online,
    statusAtMs,
    firmware: storable(status.firmware),
    model: storable(status.model),
    reportingIntervalS: status.reportingIntervalS,
    storesProgram: status.storesProgram,
  });
}

const storable = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : storableText(text);

function knownLamp(
  message: { site: string; device: string },
  lamp: string,
  { lamps }: Addresses,
): { readonly lampId: number } | Rejection {
  const answer = lamps.get(directoryKey(message.site, lamp)) ?? 'unknownLamp';
  if (answer === 'unknownSite')
    return { reason: 'unknownSite', detail: `there is no site ${message.site}: create it first` };
  if (answer === 'unknownLamp') {
    return { reason: 'unknownLamp', detail: `${message.site} has no lamp ${lamp}: add it to the inventory` };
  }
  if (answer.device !== message.device) {
    const detail = `${lamp} is spoken for by device ${answer.device}, not ${message.device}: correct the lamp's device`;
    return { reason: 'wrongDevice', detail };
  }
  return answer;
}

function knownSite(message: { site: string; device: string }, { devices }: Addresses): number | Rejection {
  const answer = devices.get(directoryKey(message.site, message.device)) ?? 'unknownDevice';
  if (typeof answer === 'number') return answer;
  const detail =
    answer === 'unknownSite'
      ? `there is no site ${message.site}: create it first`
      : `no lamp of ${message.site} names ${message.device} as its device: import the inventory`;
  return { reason: answer, detail };
}

function refuse(plan: FlowPlan, message: Exclude<Inbound, { kind: 'rejected' }>, rejection: Rejection): void {
  const { topic, head, payloadBytes, receivedAtMs } = message;
  plan.rejected.push({ receivedAtMs, part: { rejection, topic, payload: head, payloadBytes } });
}

function toRow(
  lampId: number,
  times: Pick<TelemetryRow, 'timeMs' | 'clockOffsetMs' | 'madeAfterMs'>,
  { receivedAtMs, messageId }: { readonly receivedAtMs: number; readonly messageId: string },
  reading: Reading,
): TelemetryRow {
  return {
    lampId,
    ...times,
    receivedAtMs,
    messageId,
    sequence: reading.sequence,
    lightLevelPercent: reading.lightLevelPercent,
    activePowerW: reading.activePowerW,
    supplyVoltageV: reading.supplyVoltageV,
    supplyCurrentA: reading.supplyCurrentA,
    powerFactor: reading.powerFactor,
    activeEnergyWh: reading.activeEnergyWh,
    operatingHours: reading.operatingHours,
    switchOnCount: reading.switchOnCount,
    temperatureC: reading.temperatureC,
    events: reading.events,
    levelInEffectPercent: reading.levelInEffectPercent,
    levelReason: reading.levelReason,
  };
}
