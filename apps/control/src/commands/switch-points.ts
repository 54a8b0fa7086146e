import { LAMPS_PER_MESSAGE, type CommandedLamp, type ScheduledLamp, type SwitchCommand } from '#libs/storage';
import type { SitePrograms } from '#libs/schedules';

/** A level that was commanded holds this much longer than its switch point, so that it does not end before the next arrives, ms. */
const OVERLAP_MS = 15 * 60_000;
/** A level is commanded again when it would end within this, ms. */
const RENEW_MS = 5 * 60_000;

/**
 * The commands that bring the lamps of devices without a program store to what their calendars ask for now. Only the level that holds
 * now is commanded: switch points that passed while nobody was there are not made up for one by one.
 */
export function switchCommands(
  programs: SitePrograms,
  lamps: readonly ScheduledLamp[],
  commanded: ReadonlyMap<number, CommandedLamp>,
  nowMs: number,
): SwitchCommand[] {
  const parts = new Map<string, DeviceParts>();
  return lamps.flatMap(({ lampId, device, calendarId, floorPercent }) => {
    const told = commanded.get(lampId);
    if (calendarId === null || told?.isOverridden === true) return [];
    const { levelPercent, fadeS, untilMs } = programs.levelAt(calendarId, floorPercent, nowMs);
    if (told !== undefined && isTold(told, levelPercent, nowMs)) return [];
    const expiresAtMs = untilMs + OVERLAP_MS;
    const ofDevice = parts.get(device) ?? { count: 0, open: new Map() };
    parts.set(device, ofDevice);
    const part = partOf(ofDevice, `${levelPercent} ${fadeS} ${expiresAtMs}`);
    return [{ lampId, levelPercent, fadeS, expiresAtMs, part }];
  });
}

/** The messages to a device: a number for each, and the one that takes more lamps, by what it asks for. */
interface DeviceParts {
  count: number;
  readonly open: Map<string, { readonly part: number; lamps: number }>;
}

/** The message that takes another lamp; a full one is followed by a new one. */
function partOf(device: DeviceParts, same: string): number {
  const known = device.open.get(same);
  const current = known !== undefined && known.lamps < LAMPS_PER_MESSAGE ? known : { part: device.count++, lamps: 0 };
  current.lamps += 1;
  device.open.set(same, current);
  return current.part;
}

function isTold(told: CommandedLamp, levelPercent: number, nowMs: number): boolean {
  const lasts = told.expiresAtMs !== null && told.expiresAtMs > nowMs + RENEW_MS;
  // The database keeps a level in single precision.
  const isSame = told.levelPercent !== null && Math.fround(told.levelPercent) === Math.fround(levelPercent);
  return isSame && lasts && told.isOpenOrDone;
}
