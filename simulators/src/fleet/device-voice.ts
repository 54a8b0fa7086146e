import type { Ack, DeviceEventName, DeviceEventPayload, ProgramState, Status } from '#libs/protocol';
import type { DeviceClock } from './device-clock.js';
import type { DeviceLink } from './device-link.js';

/** What a device says beside its readings, at the time its own clock shows. */
export class DeviceVoice {
  constructor(
    private readonly link: DeviceLink,
    private readonly clock: DeviceClock,
  ) {}

  status(of: Pick<Status, 'model' | 'reportingIntervalS' | 'storesProgram'>): void {
    this.link.say('status', { v: 1, online: true, time: this.now(), firmware: '1.0.0', ...of } satisfies Status, true);
  }

  ack(commandId: string, result: Ack['result'], reason: string | undefined): void {
    this.link.say('ack', { v: 1, commandId, time: this.now(), result, reason } satisfies Ack);
  }

  programState(programHash: string | null): void {
    this.link.say('program-state', { v: 1, time: this.now(), programHash } satisfies ProgramState, true);
  }

  event(event: DeviceEventName, active: boolean, info?: string): void {
    this.link.tell(this.eventNow(event, active, info));
  }

  /** What an event of the device says now. */
  eventNow(event: DeviceEventName, active: boolean, info?: string): DeviceEventPayload {
    return { v: 1, time: this.now(), event, active, info };
  }

  /** Of a lamp, at a true instant. */
  lampEvent(lamp: string, event: DeviceEventName, active: boolean, atMs: number): void {
    const time = new Date(this.clock.at(atMs)).toISOString();
    this.link.tell({ v: 1, time, lamp, event, active });
  }

  private now(): string {
    return new Date(this.clock.nowMs()).toISOString();
  }
}
