import { Inject, Injectable } from '@nestjs/common';
import type { Place } from '#libs/astronomy';
import { localDateOf, type Clock } from '#libs/kernel';
import { CLOCK } from '#libs/platform';
import { reviewProgram, type ControlProgram, type ProgramWarning } from '#libs/schedules';

const REMEMBERED = 500;

/** Reviews of programs over the coming year. A review walks 366 nights: the newest are remembered. */
@Injectable()
export class ProgramReviews {
  private readonly known = new Map<string, readonly ProgramWarning[]>();

  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  of(program: ControlProgram, { latitude, longitude, timeZone }: Place): readonly ProgramWarning[] {
    const date = localDateOf(this.clock.nowMs(), timeZone);
    const key = JSON.stringify([program, latitude, longitude, timeZone, date]);
    const warnings = this.known.get(key) ?? reviewProgram(program, { latitude, longitude, timeZone }, date);
    // Put last again: what was not asked for the longest goes first.
    this.known.delete(key);
    this.known.set(key, warnings);
    const oldest = this.known.keys().next();
    if (this.known.size > REMEMBERED && oldest.done === false) this.known.delete(oldest.value);
    return warnings;
  }
}
