import type { CalendarCondition, CalendarRule } from '#libs/schedules';
import { monthNameOf } from '../programs/picture/dates.js';

const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const NTH = { 1: 'first', 2: 'second', 3: 'third', 4: 'fourth', 5: 'fifth', last: 'last' } as const;

/** A rule as people would say it: `Friday, Saturday; and 15 November to 15 February`. */
export function ruleInWords({ conditions }: Pick<CalendarRule<string>, 'conditions'>): string {
  return conditions.map(conditionInWords).join('; and ');
}

function conditionInWords(condition: CalendarCondition): string {
  switch (condition.kind) {
    case 'dateRange':
      return `${dayInWords(condition.from)} to ${dayInWords(condition.to)}`;
    case 'weekdays':
      return condition.weekdays.map(weekdayName).join(', ');
    case 'nthWeekday':
      return `the ${NTH[condition.nth]} ${weekdayName(condition.weekday)} of the month`;
    case 'yearly':
      return dayInWords(condition.date);
    case 'easter':
      return easterInWords(condition);
    case 'dates': {
      const [first = '', ...rest] = condition.dates;
      return rest.length === 0
        ? first
        : rest.length > 3
          ? `${first} and ${rest.length} more dates`
          : condition.dates.join(', ');
    }
  }
}

function easterInWords({ offsetDays, church }: Extract<CalendarCondition, { kind: 'easter' }>): string {
  const easter = `${church === 'western' ? 'Western' : 'Orthodox'} Easter Sunday`;
  if (offsetDays === 0) return easter;
  const days = Math.abs(offsetDays);
  return `${days} ${days === 1 ? 'day' : 'days'} ${offsetDays < 0 ? 'before' : 'after'} ${easter}`;
}

const weekdayName = (weekday: number): string => WEEKDAYS[weekday - 1] ?? String(weekday);
const dayInWords = (monthDay: string): string => `${Number(monthDay.slice(3))} ${monthNameOf(monthDay)}`;
