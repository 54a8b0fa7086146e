/**
 * Distribution of one site's programs, as a list of steps: read what is to run and what is known -> work out what each device shall run
 * -> note what changed -> publish it retained, paced, devices that are online first -> note what the broker has -> raise programMismatch.
 * A pass that breaks off anywhere is made good by the next one.
 */
import type { Clock } from '#libs/kernel';
import { NotPublished, type Publisher } from '#libs/mqtt';
import { topicOf } from '#libs/protocol';
import {
  forgetDevicePrograms,
  markPublished,
  raiseMismatches,
  readDevicePrograms,
  readScheduledLamps,
  readSiteSchedules,
  writeDesiredPrograms,
  type DeviceProgramRow,
  type Pool,
  type SiteSchedules,
} from '#libs/storage';
import type { Pace } from '../pace.js';
import { DesiredPrograms, type DeviceProgram } from './desired-programs.js';
import { publishReason } from './drift.js';

/** Programs on their way at the same time. */
const CONCURRENT = 100;
/** What the broker has taken is noted after so many. */
const NOTE_EVERY = 200;

export interface DistributorParts {
  readonly pool: Pool;
  readonly clock: Clock;
  readonly publisher: Publisher;
  readonly pace: Pace;
  readonly mismatchAfterMs: number;
  readonly isStopping: () => boolean;
}

export interface DistributionReport {
  readonly published: number;
  readonly resent: number;
  /** Devices that have just been raised as programMismatch. */
  readonly mismatched: readonly string[];
}

interface Due {
  readonly program: DeviceProgram;
  readonly again: boolean;
}

export class Distributor {
  constructor(private readonly parts: DistributorParts) {}

  /** One pass over a site. Rejects with NotPublished when the broker is away: the next pass goes on from there. */
  async pass(siteId: number): Promise<DistributionReport> {
    const { pool, clock, mismatchAfterMs } = this.parts;
    const nowMs = clock.nowMs();
    const schedules = await readSiteSchedules(pool, siteId);
    if (schedules === undefined) return { published: 0, resent: 0, mismatched: [] };
    const rows = new Map((await readDevicePrograms(pool, siteId)).map((row) => [row.device, row]));
    const lamps = await readScheduledLamps(pool, siteId);
    const desired = new DesiredPrograms(schedules, nowMs);
    const programs = desired.of(lamps, new Set(rows.keys()));
    await this.note(siteId, programs, rows, nowMs);
    const due = this.due(programs, rows, nowMs);
    await this.publish(schedules, desired, due);
    await this.withdraw(
      schedules,
      [...rows.keys()].filter((device) => !programs.has(device)),
    );
    const mismatched = await raiseMismatches(pool, siteId, clock.nowMs(), mismatchAfterMs);
    const resent = due.filter(({ again }) => again).length;
    return { published: due.length - resent, resent, mismatched };
  }

  private async note(
    siteId: number,
    programs: ReadonlyMap<string, DeviceProgram>,
    rows: ReadonlyMap<string, DeviceProgramRow>,
    nowMs: number,
  ): Promise<void> {
    const changed = [...programs.values()].filter(({ device, hash }) => rows.get(device)?.desiredHash !== hash);
    await writeDesiredPrograms(this.parts.pool, siteId, changed, nowMs);
  }

  private due(
    programs: ReadonlyMap<string, DeviceProgram>,
    rows: ReadonlyMap<string, DeviceProgramRow>,
    nowMs: number,
  ): Due[] {
    const isAway = (device: string) => (rows.get(device)?.online === false ? 1 : 0);
    return [...programs.values()]
      .flatMap((program): Due[] => {
        const reason = publishReason(rows.get(program.device), program.hash, nowMs, this.parts.clock.speed);
        return reason === undefined ? [] : [{ program, again: reason === 'drifted' }];
      })
      .sort((a, b) => isAway(a.program.device) - isAway(b.program.device));
  }

  private async publish({ site, siteId }: SiteSchedules, desired: DesiredPrograms, due: readonly Due[]): Promise<void> {
    const { pool, clock, publisher, pace, isStopping } = this.parts;
    let taken: { device: string; hash: string; again: boolean }[] = [];
    const noteTaken = async () => {
      const batch = taken;
      taken = [];
      await markPublished(pool, siteId, batch, clock.nowMs());
    };
    const waiting = due.values();
    const work = async () => {
      for (const { program, again } of waiting) {
        if (isStopping()) return;
        await pace.turn();
        await publisher.publish(topicOf(site, program.device, 'program'), desired.payload(program), { retain: true });
        taken.push({ device: program.device, hash: program.hash, again });
        if (taken.length >= NOTE_EVERY) await noteTaken();
      }
    };
    const outcomes = await Promise.allSettled(Array.from({ length: Math.min(CONCURRENT, due.length) }, work));
    await noteTaken();
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  /** Devices that speak for no lamp any more, or cannot store a program: the broker shall not keep one for them. */
  private async withdraw({ site, siteId }: SiteSchedules, devices: readonly string[]): Promise<void> {
    const { pool, publisher } = this.parts;
    for (const device of devices) await publisher.publish(topicOf(site, device, 'program'), '', { retain: true });
    await forgetDevicePrograms(pool, siteId, devices);
  }
}

/** Whether a pass broke off only because the broker is away. */
export function isBrokerAway(error: unknown): boolean {
  return error instanceof NotPublished;
}
