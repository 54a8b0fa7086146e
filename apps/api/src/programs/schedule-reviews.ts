import { Inject, Injectable } from '@nestjs/common';
import type { Place } from '#libs/astronomy';
import { localDateOf, type Clock } from '#libs/kernel';
import { CLOCK } from '#libs/platform';
import {
  reviewCalendar,
  reviewProgram,
  specialNights,
  unlitNights,
  type Calendar,
  type ControlProgram,
  type ProgramWarning,
  type SpecialNight,
} from '#libs/schedules';

const REMEMBERED = 500;

/** What may not be meant in programs and calendars, over the coming year at a place. A review walks 366 nights: the newest are remembered. */
@Injectable()
export class ScheduleReviews {
  private readonly known = new Map<string, unknown>();

  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  ofProgram(program: ControlProgram, place: Place): readonly ProgramWarning[] {
    return this.remembered('program', program, place, (at, date) => reviewProgram(program, at, date));
  }

  ofCalendar(
    { rules, defaultProgram }: Calendar<string>,
    programs: ReadonlyMap<string, ControlProgram>,
    place: Place,
  ): readonly ProgramWarning[] {
    const calendar = { rules, defaultProgram };
    return this.remembered('calendar', [calendar, [...programs]], place, (at, date) =>
      reviewCalendar(calendar, programs, at, date),
    );
  }

  /** Dates of the coming year in whose nights there is no light at all. */
  unlitNights(program: ControlProgram, place: Place): readonly string[] {
    return this.remembered('unlit', program, place, (at, date) => unlitNights(program, at, date));
  }

  /** The nights that an engineer looks at first, of the calendar year. */
  specialNights(program: ControlProgram, place: Place): readonly SpecialNight[] {
    return this.remembered('special', program, place, (at, date) =>
      specialNights(program, at, Number(date.slice(0, 4))),
    );
  }

  private remembered<T>(
    what: string,
    input: unknown,
    { latitude, longitude, timeZone }: Place,
    make: (place: Place, date: string) => T,
  ): T {
    const date = localDateOf(this.clock.nowMs(), timeZone);
    const key = JSON.stringify([what, input, latitude, longitude, timeZone, date]);
    const made = (this.known.get(key) as T | undefined) ?? make({ latitude, longitude, timeZone }, date);
    // Put last again: what was not asked for the longest goes first.
    this.known.delete(key);
    this.known.set(key, made);
    const oldest = this.known.keys().next();
    if (this.known.size > REMEMBERED && oldest.done === false) this.known.delete(oldest.value);
    return made;
  }
}
