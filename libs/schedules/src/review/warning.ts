/** Dates that a warning names; `nights` has the count of all. */
const NAMED_DATES = 10;

/** What may be a mistake in a program or a calendar. None of it is forbidden. */
export type WarningCode =
  /** The lamp is off between civil dusk and civil dawn. */
  | 'darkAtNight'
  /** The lamp is lit while the sun is more than 6° up. */
  | 'litByDay'
  /** The end of an active period is not after its start, or what it is anchored to does not happen: it does nothing that night. */
  | 'periodEmpty'
  /** The point falls outside every active period, or does not happen, in every night. */
  | 'pointNeverFires'
  /** The point falls before the lamp is switched on: the evening begins with its level. */
  | 'pointBeforePeriod'
  /** Two points at one instant: the later in the list wins. */
  | 'pointsCoincide'
  /** The next point takes back within minutes what this one did. */
  | 'pointsCancel'
  /** Two points come in another order than in most nights. */
  | 'orderChanges'
  /** The point sets the level that holds already, in every night in which it fires. */
  | 'pointChangesNothing'
  /** Switches off what is off, or, where lamps are only on and off, on what is on. */
  | 'notAlternating'
  /** The wall time does not exist that night: the clocks jump over it. */
  | 'clockSkipped'
  /** The wall time comes twice that night: the first one counts. */
  | 'clockRepeated'
  /** The offset would move it out of the night: it is put at the night's edge. */
  | 'clipped'
  /** A rule holds on no date of the period, or earlier rules always go before it. */
  | 'ruleNeverWins'
  /** A weekday that no rule covers, while rules cover others. */
  | 'weekdayUncovered'
  /** A rule or the default names a program that does not exist. */
  | 'programUnknown';

/** A warning, with the dates on which it bites. */
export interface ProgramWarning {
  readonly code: WarningCode;
  /** JSON Pointer to the switch point, period or rule it concerns; empty for the whole. */
  readonly at: string;
  /** What it is and what to do about it. */
  readonly message: string;
  /** In how many of the nights looked at. */
  readonly nights: number;
  /** The first of them. */
  readonly dates: readonly string[];
}

/** Collects warnings by what they concern. */
export class Findings {
  private readonly found = new Map<
    string,
    { code: WarningCode; at: string; message: string; nights: number; dates: string[] }
  >();

  /** It bites on a date. */
  add(code: WarningCode, at: string, date: string, message: string): void {
    const warning = this.of(code, at, message);
    warning.nights += 1;
    if (warning.dates.length < NAMED_DATES) warning.dates.push(date);
  }

  /** It bites in all of so many nights, which need no dates. */
  addAll(code: WarningCode, at: string, nights: number, message: string): void {
    this.of(code, at, message).nights = nights;
  }

  list(): ProgramWarning[] {
    return [...this.found.values()];
  }

  private of(code: WarningCode, at: string, message: string) {
    const key = `${code} ${at}`;
    const known = this.found.get(key) ?? { code, at, message, nights: 0, dates: [] };
    this.found.set(key, known);
    return known;
  }
}
