import type { Severity } from '#libs/faults';
import { isAtLeast, mayWait, type AlertChannel, type AlertEvent } from './channel.js';
import { isWithinHours, nextAt, nextBegin } from './hours.js';

/** What deciding needs to know of one thing to be told. */
export interface AlertToRoute {
  readonly event: AlertEvent;
  readonly severity: Severity;
  /** About the whole site: it lies in every area. */
  readonly isWholeSite: boolean;
  /** Cabinets and groups of its lamps. */
  readonly cabinetIds: readonly number[];
  readonly groupIds: readonly number[];
  /** A part of a larger fault, which is told instead. */
  readonly isPart: boolean;
  /** An escalation goes to this channel, and to no other. */
  readonly onlyChannelId: string | null;
}

/** `atMs`: when it is to be told; a digest collects it until then. */
export interface Route {
  readonly channelId: string;
  readonly how: 'now' | 'digest';
  readonly atMs: number;
}

/** To which channels an alert goes, and when: each channel at most once. */
export function routeAlert(
  alert: AlertToRoute,
  channels: readonly AlertChannel[],
  nowMs: number,
  timeZone: string,
): Route[] {
  if (alert.isPart) return [];
  return channels
    .filter((channel) => wants(channel, alert))
    .map((channel) => ({ channelId: channel.id, ...whenToTell(channel, alert.severity, nowMs, timeZone) }));
}

function wants(channel: AlertChannel, alert: AlertToRoute): boolean {
  // It has been chosen for this channel already.
  if (alert.onlyChannelId !== null) return channel.id === alert.onlyChannelId;
  return (
    channel.events.includes(alert.event) &&
    isAtLeast(alert.severity, channel.minimumSeverity) &&
    isInArea(channel, alert)
  );
}

function isInArea({ area }: AlertChannel, { isWholeSite, cabinetIds, groupIds }: AlertToRoute): boolean {
  if (area.kind === 'site' || isWholeSite) return true;
  return area.cabinetIds.some((id) => cabinetIds.includes(id)) || area.groupIds.some((id) => groupIds.includes(id));
}

function whenToTell(
  channel: AlertChannel,
  severity: Severity,
  nowMs: number,
  timeZone: string,
): Omit<Route, 'channelId'> {
  if (!mayWait(severity)) return { how: 'now', atMs: nowMs };
  if (channel.digestAt !== null) return { how: 'digest', atMs: nextAt(channel.digestAt, nowMs, timeZone) };
  if (isWithinHours(channel.hours, nowMs, timeZone)) return { how: 'now', atMs: nowMs };
  return { how: 'digest', atMs: nextBegin(channel.hours, nowMs, timeZone) };
}
