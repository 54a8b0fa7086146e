import type { Place } from '#libs/astronomy';
import { addDays, weekdayOf } from '#libs/kernel';
import { holds, programOfNight, type Calendar } from '../calendar.js';
import type { ControlProgram } from '../control-program.js';
import { curveOf, darkSpans } from '../night-curve.js';
import { nightOf } from '../resolve-anchor.js';
import { Findings, type ProgramWarning } from './warning.js';

const WEEKDAYS = ['', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/**
 * Walks a calendar through the nights of `days` dates at a place and says what may not be meant: rules that never decide, weekdays that
 * no rule covers, programs that do not exist, and nights that are dark with the program that the calendar gives them.
 */
export function reviewCalendar(
  calendar: Calendar<string>,
  programs: ReadonlyMap<string, ControlProgram>,
  place: Place,
  firstDate: string,
  days = 366,
): ProgramWarning[] {
  const findings = new Findings();
  const dates = Array.from({ length: days }, (_, day) => addDays(firstDate, day));
  reviewPrograms(calendar, programs, findings, days);
  reviewRules(calendar, dates, findings);
  reviewWeekdays(calendar, dates, findings);
  reviewDarkness(calendar, programs, place, dates, findings);
  return findings.list();
}

function reviewPrograms(
  calendar: Calendar<string>,
  programs: ReadonlyMap<string, ControlProgram>,
  findings: Findings,
  days: number,
): void {
  const named = [
    ...calendar.rules.map(({ program }, index) => ({ program, at: `/rules/${index}/program` })),
    { program: calendar.defaultProgram, at: '/defaultProgram' },
  ];
  for (const { program, at } of named) {
    if (!programs.has(program))
      findings.addAll('programUnknown', at, days, `There is no program ${program}: create it first, or name another`);
  }
}

function reviewRules({ rules, defaultProgram }: Calendar<string>, dates: readonly string[], findings: Findings): void {
  const winners = dates.map((date) => programOfNight({ rules, defaultProgram }, date).rule);
  rules.forEach(({ conditions }, index) => {
    if (winners.includes(index)) return;
    const own = dates
      .map((date, day) => (conditions.every((condition) => holds(condition, date)) ? day : -1))
      .filter((day) => day >= 0);
    const before = [...new Set(own.map((day) => (winners[day] ?? 0) + 1))].sort((a, b) => a - b);
    const why =
      own.length === 0
        ? 'holds on no date of the period: check its conditions, all of which have to hold together'
        : `never decides, because rule ${before.join(', rule ')} goes before it on each of its dates: put it above`;
    findings.addAll('ruleNeverWins', `/rules/${index}`, dates.length, `Rule ${index + 1} ${why}`);
  });
}

/** Where rules go by weekday, a weekday without any may have been forgotten. */
function reviewWeekdays(
  { rules, defaultProgram }: Calendar<string>,
  dates: readonly string[],
  findings: Findings,
): void {
  const byWeekday = rules.filter(({ conditions }) => conditions.length === 1 && conditions[0]?.kind === 'weekdays');
  const covered = new Set(
    byWeekday.flatMap(({ conditions: [only] }) => (only?.kind === 'weekdays' ? only.weekdays : [])),
  );
  if (covered.size < 4 || covered.size === 7) return;
  for (let weekday = 1; weekday <= 7; weekday += 1) {
    if (covered.has(weekday)) continue;
    const message = `No rule covers ${WEEKDAYS[weekday]}s, while rules cover most other days: they have the default program ${defaultProgram}`;
    for (const date of dates)
      if (weekdayOf(date) === weekday) findings.add('weekdayUncovered', '/rules', date, message);
  }
}

function reviewDarkness(
  calendar: Calendar<string>,
  programs: ReadonlyMap<string, ControlProgram>,
  place: Place,
  dates: readonly string[],
  findings: Findings,
): void {
  for (const date of dates) {
    const { program: address, rule } = programOfNight(calendar, date);
    const program = programs.get(address);
    if (program === undefined) continue;
    const night = nightOf(place, date);
    if (darkSpans(curveOf(program, night), night).length === 0) continue;
    const at = rule < 0 ? '/defaultProgram' : `/rules/${rule}`;
    findings.add(
      'darkAtNight',
      at,
      date,
      `Program ${address} leaves the street dark between civil dusk and civil dawn on these nights: see its own warnings`,
    );
  }
}
