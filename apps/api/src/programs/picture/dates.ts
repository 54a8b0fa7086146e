import { addDays } from '#libs/kernel';

const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June'],
  ...['July', 'August', 'September', 'October', 'November', 'December'],
];

export function monthName(date: string): string {
  return monthNameOf(date.slice(5));
}

/** Of a day of the year, `MM-DD`. */
export function monthNameOf(monthDay: string): string {
  return MONTHS[Number(monthDay.slice(0, 2)) - 1] ?? '';
}

/** `24 November 2026`. */
export function dateInWords(date: string): string {
  return `${Number(date.slice(8))} ${monthName(date)} ${date.slice(0, 4)}`;
}

/** `night of 24 to 25 November 2026`. */
export function nightInWords(date: string): string {
  const next = addDays(date, 1);
  const begin =
    next.slice(0, 4) !== date.slice(0, 4)
      ? dateInWords(date)
      : next.slice(5, 7) !== date.slice(5, 7)
        ? `${Number(date.slice(8))} ${monthName(date)}`
        : String(Number(date.slice(8)));
  return `night of ${begin} to ${dateInWords(next)}`;
}
