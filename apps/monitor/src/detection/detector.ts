/**
 * One look at a site, as a list of steps: read what is to run -> judge the lamps that have reported since (page by page) -> who is not heard
 * -> what devices say of their programs -> what makes one fault of many -> close what has been gone for long -> tell what is left to tell.
 * Every step writes what it found in one transaction; a look that breaks off is taken again, and finds the same.
 */
import {
  advanceFault,
  FAULTS,
  membersOf,
  policyOf,
  REPORTED_FAULTS,
  SILENCE_RULES,
  silencesOf,
  type FaultKind,
  type HeardLamp,
  type Silence,
} from '#libs/faults';
import type { Clock } from '#libs/kernel';
import type { SitePrograms } from '#libs/schedules';
import {
  adoptMembers,
  clearedFaults,
  countSilent,
  faultsOfRemovedLamps,
  hasOverridesSince,
  inTransaction,
  liveFaultsOfKinds,
  liveFaultsOfLamps,
  readAroundSilence,
  readCabinetVoltages,
  readDeviceClocks,
  readHearing,
  readLampOverrides,
  readLostSupply,
  readMismatches,
  readReportedFaults,
  readSiteSchedules,
  readWatchedLamps,
  sitePrograms,
  unjudgedLampIds,
  writeAlerts,
  writeFaultChanges,
  writeMemories,
  type FaultChange,
  type HeardLampRow,
  type LampOverride,
  type Pool,
  type WatchedLamp,
} from '#libs/storage';
import {
  CLOCK_TOLERANCE_MS,
  clockChanges,
  mismatchChanges,
  reportedChanges,
  voltageChanges,
} from './device-changes.js';
import { judgeLamps } from './judge-lamps.js';
import { SILENCE_KINDS, silenceChanges } from './silence-changes.js';

const PAGE = 5_000;
/** Overrides that ended longer ago than this do not matter to a reading, ms. */
const OVERRIDE_MEMORY_MS = 2 * 86_400_000;
/** Without a sign of ingest for so long, of wall time, it is Felinar itself that does not hear. */
const DEAF_AFTER_WALL_MS = 60_000;
const DAY_MS = 86_400_000;
/** Networks and queues take wall time, however fast the city's clock runs, ms. */
const CLOCK_TOLERANCE_WALL_MS = 15_000;
/** Readings received earlier say nothing of a device's clock now, ms. */
const CLOCK_LOOK_BACK_MS = 3_600_000;

/** What has become of a fault, and by which reading. */
export interface FaultEventSeen {
  readonly kind: string;
  readonly event: string;
  /** Key of what it is about: lamp:17. */
  readonly subject: string;
  readonly evidence: string;
  readonly reading: FaultChange['reading'];
}

export interface LookReport {
  readonly judged: number;
  readonly events: readonly FaultEventSeen[];
  readonly alerts: number;
}

export class Detector {
  constructor(
    private readonly pool: Pool,
    private readonly clock: Clock,
  ) {}

  /** One look at a site. */
  async look(siteId: number): Promise<LookReport> {
    const schedules = await readSiteSchedules(this.pool, siteId);
    if (schedules === undefined) return { judged: 0, events: [], alerts: 0 };
    const programs = sitePrograms(schedules);
    const lamps = await this.judgeReadings(siteId, programs);
    const silent = await this.judgeSilence(siteId, programs);
    const devices = await this.judgeDevices(siteId);
    const closed = await this.closeOld(siteId);
    const alerts = await inTransaction(this.pool, async (client) => {
      await adoptMembers(client, siteId, this.clock.nowMs());
      return writeAlerts(client, siteId, this.clock.nowMs());
    });
    const events = [...lamps.changes, ...silent, ...devices, ...closed].flatMap(
      ({ kind, event, subject, evidence, reading }) =>
        event === undefined ? [] : [{ kind, event, subject: subject.key, evidence, reading }],
    );
    return { judged: lamps.judged, events, alerts };
  }

  private async judgeReadings(
    siteId: number,
    programs: SitePrograms,
  ): Promise<{ judged: number; changes: FaultChange[] }> {
    const sinceMs = this.clock.nowMs() - OVERRIDE_MEMORY_MS;
    const hasOverrides = await hasOverridesSince(this.pool, siteId, sinceMs);
    const eventful: FaultChange[] = [];
    const ids = await unjudgedLampIds(this.pool, siteId);
    const read = (first: number) => readWatchedLamps(this.pool, ids.slice(first, first + PAGE));
    let lamps = await read(0);
    for (let first = 0; first < ids.length; first += PAGE) {
      // The next page is read while this one is judged and written.
      const [changes, next] = await Promise.all([
        this.judgePage(siteId, lamps, programs, hasOverrides ? sinceMs : undefined),
        read(first + PAGE),
      ]);
      eventful.push(...changes.filter(({ event }) => event !== undefined));
      lamps = next;
    }
    return { judged: ids.length, changes: eventful };
  }

  private async judgePage(
    siteId: number,
    lamps: readonly WatchedLamp[],
    programs: SitePrograms,
    overridesSinceMs: number | undefined,
  ): Promise<readonly FaultChange[]> {
    const ids = lamps.map(({ lampId }) => lampId);
    const live = await liveFaultsOfLamps(this.pool, ids);
    const overrides = new Map<number, LampOverride[]>(
      overridesSinceMs === undefined
        ? []
        : Map.groupBy(await readLampOverrides(this.pool, siteId, ids, overridesSinceMs), ({ lampId }) => lampId),
    );
    const { changes, memories } = judgeLamps(lamps, live, overrides, programs);
    await inTransaction(this.pool, async (client) => {
      await writeFaultChanges(client, siteId, changes);
      await writeMemories(client, memories);
    });
    return changes;
  }

  private async judgeSilence(siteId: number, programs: SitePrograms): Promise<readonly FaultChange[]> {
    const nowMs = this.clock.nowMs();
    const silences = await this.silences(siteId, programs, nowMs);
    if (silences === undefined) return [];
    const isPlatform = silences.some(({ kind }) => kind === 'platformOutage');
    // When nobody can be heard, nothing can be said of anybody: what was known of the others stays.
    const kinds = isPlatform ? (['platformOutage'] as const) : SILENCE_KINDS;
    const changes = silenceChanges(silences, await liveFaultsOfKinds(this.pool, siteId, kinds), nowMs);
    await inTransaction(this.pool, (client) => writeFaultChanges(client, siteId, changes));
    return changes;
  }

  /** Undefined: nothing can be said, because nobody has listened yet. */
  private async silences(siteId: number, programs: SitePrograms, nowMs: number): Promise<Silence[] | undefined> {
    const hearing = await readHearing(this.pool);
    if (hearing === undefined) return undefined;
    const { overdueIntervals, offlineGraceMs, platformShare, platformLamps } = SILENCE_RULES;
    const query = { siteId, nowMs, hearingSinceMs: hearing.sinceMs, overdueIntervals, offlineGraceMs };
    const platform = { kind: 'platformOutage', subject: { kind: 'site' }, lamps: [] } as const;
    if (nowMs - hearing.untilMs > DEAF_AFTER_WALL_MS * this.clock.speed) return [platform];
    const { watched, silent } = await countSilent(this.pool, query);
    if (silent === 0) return [];
    const around = await readAroundSilence(this.pool, query);
    const heard = around.map((row) => heardLamp(row, programs, nowMs));
    const missed = silent - heard.filter(({ mayBeSilent }) => mayBeSilent).length;
    if (watched >= platformLamps && missed >= platformShare * watched) return [platform];
    const lostSupply = new Set(await readLostSupply(this.pool, siteId, nowMs - DAY_MS));
    // The share of the city has been judged: what is read here is only what stands around the silent ones.
    const silences = silencesOf(heard, nowMs, lostSupply, {
      ...SILENCE_RULES,
      platformLamps: Number.POSITIVE_INFINITY,
    });
    return [...silences, ...silences.flatMap((silence) => membersOf(silence, heard))];
  }

  private async judgeDevices(siteId: number): Promise<readonly FaultChange[]> {
    const nowMs = this.clock.nowMs();
    const toleranceMs = Math.max(CLOCK_TOLERANCE_MS, CLOCK_TOLERANCE_WALL_MS * this.clock.speed);
    const live = await liveFaultsOfKinds(this.pool, siteId, [
      'programMismatch',
      'clockDrift',
      'supplyVoltageTooHigh',
      'supplyVoltageTooLow',
      ...REPORTED_FAULTS,
    ]);
    const of = (kind: FaultKind) => live.filter((fault) => fault.kind === kind);
    const clocks = await readDeviceClocks(this.pool, siteId, nowMs - CLOCK_LOOK_BACK_MS, CLOCK_TOLERANCE_MS);
    const changes = [
      ...mismatchChanges(await readMismatches(this.pool, siteId), of('programMismatch'), nowMs),
      ...clockChanges(clocks, of('clockDrift'), toleranceMs),
      ...reportedChanges(await readReportedFaults(this.pool, siteId, REPORTED_FAULTS), live, nowMs),
      ...voltageChanges(await readCabinetVoltages(this.pool, siteId), live, nowMs),
    ];
    await inTransaction(this.pool, (client) => writeFaultChanges(client, siteId, changes));
    return changes;
  }

  /** What has been gone for long enough is closed, also when its lamp says nothing more of it; what a removed lamp had is gone with it. */
  private async closeOld(siteId: number): Promise<readonly FaultChange[]> {
    const nowMs = this.clock.nowMs();
    const old = await clearedFaults(this.pool, siteId, nowMs - policyOf('lampFailure', 60).reopenWithinMs);
    const removed = await faultsOfRemovedLamps(this.pool, siteId);
    const changes = [...old, ...removed].map((fault): FaultChange => {
      const signal = fault.state.phase === 'cleared' ? 'unknown' : 'clear';
      const policy = { ...policyOf(fault.kind, 60), holdOffMs: 0 };
      const { state, event } = advanceFault(fault.state, signal, Math.max(nowMs, fault.state.seenLastMs), policy);
      const { severity } = FAULTS[fault.kind];
      const { lampCount, kind } = fault;
      return {
        subject: { kind: fault.subjectKind, key: fault.subject },
        kind,
        severity,
        priority: 0,
        state,
        event,
        evidence: '',
        lampCount,
      };
    });
    await inTransaction(this.pool, (client) => writeFaultChanges(client, siteId, changes));
    return changes;
  }
}

function heardLamp(row: HeardLampRow, programs: SitePrograms, nowMs: number): HeardLamp {
  const { isSwitchedByDay, calendarId, offlineSinceMs, ...rest } = row;
  const isOff = isSwitchedByDay && calendarId !== null && programs.levelAt(calendarId, 0, nowMs).levelPercent === 0;
  return { ...rest, offlineSinceMs: offlineSinceMs ?? undefined, mayBeSilent: isOff };
}
