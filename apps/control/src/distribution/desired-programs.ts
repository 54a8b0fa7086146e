/** What every device of a site shall run: lamps by what decides on them -> nights -> switch points -> content hash. Pure but for sha256. */
import { createHash } from 'node:crypto';
import { addDays, localNoonMs } from '#libs/kernel';
import { dateOfNight, type SitePrograms } from '#libs/schedules';
import { MAX_READINGS_PER_MESSAGE, type Program } from '#libs/protocol';
import {
  sitePrograms,
  type DesiredProgram,
  type ProgramInUse,
  type ScheduledLamp,
  type SiteSchedules,
} from '#libs/storage';
import { NIGHTS, windowStart } from './program-window.js';

/** Lamps of a device that do the same. */
interface Variant {
  readonly calendarId: number;
  readonly floorPercent: number;
  readonly lamps: string[];
}

/** What a device shall run; `hash` names the content of the whole window. */
export interface DeviceProgram extends DesiredProgram {
  readonly firstNight: string;
  readonly variants: readonly Variant[];
}

/** The lamps' own program: of a device none of whose lamps has a calendar (any more). */
const NOTHING: readonly Variant[] = [];

/** Works out what the devices of a site shall run at an instant. Keep one for a pass: it remembers nights and hashes. */
export class DesiredPrograms {
  private readonly nights: SitePrograms;
  private readonly contents = new Map<string, { readonly hash: string; readonly programs: readonly string[] }>();
  private readonly versions: ReadonlyMap<string, number>;
  private readonly date: string;

  constructor(
    private readonly schedules: SiteSchedules,
    nowMs: number,
  ) {
    this.nights = sitePrograms(schedules);
    this.versions = new Map(schedules.programs.map(({ address, version }) => [address, version]));
    this.date = dateOfNight(nowMs, schedules.place.timeZone);
  }

  /** By device. Lamps of serverDriven devices have none; `known` devices get an empty one when no lamp of theirs has a calendar. */
  of(lamps: readonly ScheduledLamp[], known: ReadonlySet<string>): Map<string, DeviceProgram> {
    const devices = new Map<string, DeviceProgram>();
    for (const [device, own] of Map.groupBy(lamps, (lamp) => lamp.device)) {
      if (own.some(({ storesProgram }) => storesProgram === false)) continue;
      const variants = variantsOf(own);
      if (variants.length > 0 || known.has(device)) devices.set(device, this.program(device, variants));
    }
    return devices;
  }

  /** The message for a device: from the night before this one on, for a device whose clock is slow. */
  payload({ hash, firstNight, variants }: DeviceProgram): string {
    const yesterday = addDays(this.date, -1);
    const from = firstNight < yesterday ? yesterday : firstNight;
    const until = addDays(firstNight, NIGHTS);
    const nights = Math.round((Date.parse(until) - Date.parse(from)) / 86_400_000);
    const { timeZone } = this.schedules.place;
    const message: Program = {
      v: 1,
      programHash: hash,
      validFrom: new Date(localNoonMs(from, timeZone)).toISOString(),
      validUntil: new Date(localNoonMs(until, timeZone)).toISOString(),
      programs: variants.flatMap(({ calendarId, floorPercent, lamps }) => {
        const points = this.nights.pointsOfNights(calendarId, floorPercent, from, nights);
        const switchPoints = points.map(({ atS, levelPercent, fadeS }): [number, number, number] => [
          atS,
          levelPercent,
          fadeS,
        ]);
        return chunks(lamps, MAX_READINGS_PER_MESSAGE).map((some) => ({ lamps: some, switchPoints }));
      }),
    };
    return JSON.stringify(message);
  }

  private program(device: string, variants: readonly Variant[]): DeviceProgram {
    const firstNight = windowStart(device, this.date);
    const hash = createHash('sha256').update(firstNight);
    const lampsByProgram = new Map<string, number>();
    for (const { calendarId, floorPercent, lamps } of variants) {
      const content = this.content(calendarId, floorPercent, firstNight);
      hash.update(`\n${content.hash} ${lamps.join(' ')}`);
      for (const program of content.programs) {
        lampsByProgram.set(program, (lampsByProgram.get(program) ?? 0) + lamps.length);
      }
    }
    const programs = [...lampsByProgram].map(([program, lamps]): ProgramInUse => ({
      program,
      version: this.versions.get(program) ?? 0,
      lamps,
    }));
    return { device, hash: hash.digest('base64url').slice(0, 22), programs, firstNight, variants };
  }

  private content(calendarId: number, floorPercent: number, firstNight: string) {
    const key = `${calendarId} ${floorPercent} ${firstNight}`;
    const known = this.contents.get(key);
    if (known !== undefined) return known;
    const points = this.nights.pointsOfNights(calendarId, floorPercent, firstNight, NIGHTS);
    const programs = new Set<string>();
    for (let night = 0; night < NIGHTS; night += 1) {
      programs.add(this.nights.programOf(calendarId, addDays(firstNight, night)).program);
    }
    const hash = createHash('sha256').update(JSON.stringify(points)).digest('base64url');
    const content = { hash, programs: [...programs].sort() };
    this.contents.set(key, content);
    return content;
  }
}

function variantsOf(lamps: readonly ScheduledLamp[]): readonly Variant[] {
  const variants = new Map<string, Variant>();
  for (const { lamp, calendarId, floorPercent } of lamps) {
    if (calendarId === null) continue;
    const key = `${calendarId} ${floorPercent}`;
    const variant = variants.get(key) ?? { calendarId, floorPercent, lamps: [] };
    variant.lamps.push(lamp);
    variants.set(key, variant);
  }
  if (variants.size === 0) return NOTHING;
  return [...variants.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, variant]) => variant);
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  const parts: T[][] = [];
  for (let first = 0; first < items.length; first += size) parts.push(items.slice(first, first + size));
  return parts;
}
