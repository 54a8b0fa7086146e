import type { CommandedLamp, ScheduledLamp, SwitchCommand } from '#libs/storage';
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
  const parts = new Map<string, Map<string, number>>();
  return lamps.flatMap(({ lampId, device, calendarId, floorPercent }) => {
    const told = commanded.get(lampId);
    if (calendarId === null || told?.isOverridden === true) return [];
    const { levelPercent, fadeS, untilMs } = programs.levelAt(calendarId, floorPercent, nowMs);
    if (told !== undefined && isTold(told, levelPercent, nowMs)) return [];
    const expiresAtMs = untilMs + OVERLAP_MS;
    const ofDevice = parts.get(device) ?? new Map<string, number>();
    parts.set(device, ofDevice);
    const same = `${levelPercent} ${fadeS} ${expiresAtMs}`;
    const part = ofDevice.get(same) ?? ofDevice.size;
    ofDevice.set(same, part);
    return [{ lampId, levelPercent, fadeS, expiresAtMs, part }];
  });
}

function isTold(told: CommandedLamp, levelPercent: number, nowMs: number): boolean {
  const lasts = told.expiresAtMs !== null && told.expiresAtMs > nowMs + RENEW_MS;
  return told.levelPercent === levelPercent && lasts && told.isOpenOrDone;
}
