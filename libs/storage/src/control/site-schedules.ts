import { SitePrograms, type Calendar, type CalendarRule, type ControlProgram } from '#libs/schedules';
import type { Pool } from '../pool.js';

/** A control program as it is stored. */
export interface StoredProgram {
  readonly address: string;
  readonly version: number;
  readonly definition: ControlProgram;
}

/** A calendar whose programs are named by address. */
export interface StoredCalendar {
  readonly id: number;
  readonly address: string;
  readonly version: number;
  readonly calendar: Calendar<string>;
}

/** What is to run in a site: its place, its programs and its calendars. */
export interface SiteSchedules {
  readonly siteId: number;
  readonly site: string;
  readonly place: { readonly latitude: number; readonly longitude: number; readonly timeZone: string };
  readonly programs: readonly StoredProgram[];
  readonly calendars: readonly StoredCalendar[];
}

/** What is to run in a site, as one snapshot. Undefined when there is no such site. */
export async function readSiteSchedules(pool: Pick<Pool, 'query'>, siteId: number): Promise<SiteSchedules | undefined> {
  const found = await pool.query<{
    site: string;
    latitude: number;
    longitude: number;
    timeZone: string;
    programs: StoredProgram[];
    calendars: {
      id: number;
      address: string;
      version: number;
      rules: CalendarRule<string>[];
      defaultProgram: string;
    }[];
  }>({
    name: 'read_site_schedules',
    text: `
      SELECT site.address AS site, latitude, longitude, time_zone AS "timeZone",
        (SELECT coalesce(json_agg(json_build_object('address', address, 'version', version, 'definition', definition)), '[]')
          FROM control_program WHERE site_id = site.id) AS programs,
        (SELECT coalesce(json_agg(json_build_object(
            'id', id, 'address', address, 'version', version, 'rules', rules, 'defaultProgram', default_program)), '[]')
          FROM calendar WHERE site_id = site.id) AS calendars
      FROM site WHERE site.id = $1`,
    values: [siteId],
  });
  const row = found.rows[0];
  if (row === undefined) return undefined;
  const { site, latitude, longitude, timeZone, programs, calendars } = row;
  return {
    siteId,
    site,
    place: { latitude, longitude, timeZone },
    programs,
    calendars: calendars.map(({ id, address, version, rules, defaultProgram }) => ({
      id,
      address,
      version,
      calendar: { rules, defaultProgram },
    })),
  };
}

/** The calendars of a site, ready to be asked. */
export function sitePrograms({ place, programs, calendars }: SiteSchedules): SitePrograms {
  return new SitePrograms(
    place,
    new Map(programs.map(({ address, definition }) => [address, definition])),
    new Map(calendars.map(({ id, calendar }) => [id, calendar])),
  );
}

/** What decides on a lamp's level: its calendar, and below which level it must not go. */
export interface ScheduledLamp {
  readonly lampId: number;
  readonly lamp: string;
  readonly device: string;
  readonly calendarId: number | null;
  /** The higher of what its driver can hold and what the lighting class of its road wants, percent. */
  readonly floorPercent: number;
  /** False: the server has to command every switch point. Null: the device has not said. */
  readonly storesProgram: boolean | null;
}

/** SQL for the lowest level above 0 that a lamp of `lamp_type` can have, percent. */
export const HELD_PERCENT = `CASE WHEN lamp_type.dimmable THEN lamp_type.min_level_percent ELSE 100 END`;

/** SQL for ScheduledLamp.floorPercent, of `lamp`, `lamp_type` and `site`; `effectiveMinimum` of libs/schedules, without the program's own. */
export const FLOOR_PERCENT = `greatest(${HELD_PERCENT}, coalesce((site.minimum_levels ->> lamp.road_class)::float8, 0))`;

/** The lamps of a site in service, by device and address. `serverDriven`: those of devices that cannot store programs only. */
export async function readScheduledLamps(
  pool: Pick<Pool, 'query'>,
  siteId: number,
  options: { readonly serverDriven?: boolean } = {},
): Promise<ScheduledLamp[]> {
  const found = await pool.query<ScheduledLamp>(
    `SELECT lamp.id AS "lampId", lamp.address AS lamp, lamp.device, lamp_calendar.calendar_id AS "calendarId",
       ${FLOOR_PERCENT} AS "floorPercent", device.stores_program AS "storesProgram"
     FROM lamp JOIN site ON site.id = lamp.site_id JOIN lamp_type ON lamp_type.id = lamp.lamp_type_id
     LEFT JOIN lamp_calendar ON lamp_calendar.lamp_id = lamp.id
     LEFT JOIN device ON device.site_id = lamp.site_id AND device.address = lamp.device
     WHERE lamp.site_id = $1 AND lamp.removed_at IS NULL ${options.serverDriven === true ? 'AND device.stores_program IS FALSE' : ''}
     ORDER BY lamp.device, lamp.address`,
    [siteId],
  );
  return found.rows;
}

/** Sites in which there is a calendar, or something has been published once. */
export async function scheduledSites(pool: Pick<Pool, 'query'>): Promise<number[]> {
  const found = await pool.query<{ id: number }>(
    `SELECT id FROM site WHERE EXISTS (SELECT FROM calendar_assignment WHERE site_id = site.id)
        OR EXISTS (SELECT FROM device_program WHERE site_id = site.id) ORDER BY id`,
  );
  return found.rows.map(({ id }) => id);
}
