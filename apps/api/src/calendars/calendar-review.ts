import type { Place } from '#libs/astronomy';
import type { Calendar, ControlProgram, ProgramWarning } from '#libs/schedules';

/**
 * What may not be meant in a calendar, over the coming year at a place. The one place where a review of calendars is plugged in:
 * there is none in libs/schedules yet.
 */
export function reviewedCalendar(
  _calendar: Calendar<string>,
  _programs: ReadonlyMap<string, ControlProgram>,
  _place: Place,
  _firstDate: string,
): ProgramWarning[] {
  return [];
}
