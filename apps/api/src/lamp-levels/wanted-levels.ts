import type { WantedLevel } from '#libs/commands';
import { DomainError } from '#libs/kernel';
import type { CalendarLevel } from '#libs/schedules';
import { sitePrograms, type LampLevelRow, type SiteSchedules } from '#libs/storage';
import type { LampLevelView } from './lamp-level-view.js';

type Commanded = LampLevelView['commanded'];

/** What is wanted of a lamp, in words for people and as a rule judges it. */
export interface Wanted {
  readonly commanded: Commanded;
  /** Undefined when nothing is wanted. */
  readonly level: WantedLevel | undefined;
}

const NOTHING: Commanded = {
  ...{ levelPercent: null, reason: 'default', since: null, until: null },
  ...{ override: null, calendar: null, program: null, rule: null },
};

/** What is wanted of the lamps of a site at an instant. Keep one for a request: it remembers what the calendars say. */
export class WantedLevels {
  private readonly programs: ReturnType<typeof sitePrograms>;
  private readonly calendars: ReadonlyMap<number, string>;
  private readonly levels = new Map<string, CalendarLevel>();

  constructor(
    schedules: SiteSchedules,
    private readonly nowMs: number,
  ) {
    this.programs = sitePrograms(schedules);
    this.calendars = new Map(schedules.calendars.map(({ id, address }) => [id, address]));
  }

  /** An override in force goes before the calendar. */
  of(lamp: LampLevelRow): Wanted {
    if (lamp.overrideId !== null) return byOverride(lamp);
    if (lamp.calendarId === null) return { commanded: NOTHING, level: undefined };
    return this.byCalendar(lamp, lamp.calendarId);
  }

  private byCalendar(lamp: LampLevelRow, calendarId: number): Wanted {
    const { levelPercent, fadeS, sinceMs, untilMs, program, rule } = this.calendarLevel(calendarId, lamp.floorPercent);
    const calendar = this.calendars.get(calendarId) ?? null;
    return {
      commanded: {
        ...NOTHING,
        ...{ levelPercent, program, rule, calendar },
        reason: 'calendar',
        ...period(sinceMs, untilMs),
      },
      level: { levelPercent, fadeS, sinceMs: settlesSince(lamp, sinceMs) },
    };
  }

  private calendarLevel(calendarId: number, floorPercent: number): CalendarLevel {
    const key = `${calendarId} ${floorPercent}`;
    const known = this.levels.get(key);
    if (known !== undefined) return known;
    if (!this.calendars.has(calendarId)) {
      throw new DomainError('unavailable', 'Somebody is changing the calendars of the site: try again');
    }
    const level = this.programs.levelAt(calendarId, floorPercent, this.nowMs);
    this.levels.set(key, level);
    return level;
  }
}

function byOverride(lamp: LampLevelRow): Wanted {
  const { overrideId, overridePriority, overrideLevelPercent, overrideFadeS } = lamp;
  const sinceMs = lamp.overrideStartsAtMs ?? 0;
  const levelPercent = overrideLevelPercent ?? 0;
  return {
    commanded: {
      ...NOTHING,
      ...{ levelPercent, reason: 'override', ...period(sinceMs, lamp.overrideExpiresAtMs ?? 0) },
      override: { id: overrideId ?? '', priority: overridePriority ?? 'manual' },
    },
    level: { levelPercent, fadeS: overrideFadeS ?? 0, sinceMs: settlesSince(lamp, sinceMs) },
  };
}

/** A lamp that was told, released or let go later than its level began settles from then on. */
function settlesSince({ toldAtMs }: LampLevelRow, sinceMs: number): number {
  return Math.max(sinceMs, toldAtMs ?? 0);
}

function period(sinceMs: number, untilMs: number) {
  return { since: new Date(sinceMs).toISOString(), until: new Date(untilMs).toISOString() };
}
