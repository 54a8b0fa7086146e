import { DomainError } from '#libs/kernel';
import { type ControlProgram, effectiveMinimum, type EffectiveMinimum, programOfNight } from '#libs/schedules';
import type { AssignmentOfLamp, Calendar, LampRow, LampType, ProgramOfCalendar, Site } from '#libs/storage';
import { ruleInWords } from '../calendars/rule-words.js';

/** Everything that decides what a lamp does. */
export interface LampPlan {
  readonly site: Site;
  readonly lamp: LampRow;
  readonly lampType: LampType;
  readonly assignments: readonly AssignmentOfLamp[];
  /** Undefined: nothing is assigned that speaks of the lamp. */
  readonly decided:
    | {
        readonly assignment: AssignmentOfLamp;
        readonly calendar: Calendar;
        readonly programs: ReadonlyMap<string, ProgramOfCalendar>;
      }
    | undefined;
}

export interface LampProgram {
  readonly program: ProgramOfCalendar;
  /** As the lamp runs it: with the minimum level that holds for it. */
  readonly effective: ControlProgram;
  readonly minimumLevel: EffectiveMinimum;
  /** Null: the default program. */
  readonly rule: number | null;
  readonly ruleWords: string;
}

/** The program of a lamp in the night of a date. */
export function lampProgramOf(
  { site, lamp, lampType }: LampPlan,
  { calendar, programs }: NonNullable<LampPlan['decided']>,
  date: string,
): LampProgram {
  const { program: address, rule } = programOfNight(calendar, date);
  const program = programs.get(address);
  if (program === undefined) throw justChanged(`program ${address}`);
  const minimumLevel = effectiveMinimum(program.definition, {
    lampType,
    roadClass: lamp.roadClass,
    minimumLevelPercentByRoadClass: site.minimumLevelPercentByRoadClass,
  });
  const found = calendar.rules[rule];
  return {
    program,
    effective: { ...program.definition, minimumLevelPercent: minimumLevel.levelPercent },
    minimumLevel,
    rule: found === undefined ? null : rule,
    ruleWords: found === undefined ? 'No rule holds: the default program' : ruleInWords(found),
  };
}

/** What is named cannot be deleted: only a change between two questions to the database can come between. */
export function justChanged(what: string): DomainError {
  return new DomainError('unavailable', `Somebody is changing ${what} at this very moment: try again`);
}
