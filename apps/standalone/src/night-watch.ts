import { nightEvents, type Crossing, type Place } from '#libs/astronomy';
import { dateOfNight } from '#libs/schedules';

/** Lamps that aim at one level for one reason. */
export interface LevelCount {
  readonly levelPercent: number;
  readonly reason: string;
  readonly lamps: number;
}

const WORDS = { sunset: 'sunset', civilDusk: 'civil dusk', civilDawn: 'civil dawn', sunrise: 'sunrise' } as const;
const REASONS: Readonly<Record<string, string>> = {
  calendar: 'by calendar',
  override: 'by override',
  default: 'by the controllers’ default',
  sensor: 'by sensor',
};

/** What the sun has done at a place since `sinceMs`, in words, in order. */
export function sunEventsBetween(
  place: Place,
  sinceMs: number,
  nowMs: number,
): { readonly ms: number; readonly words: string }[] {
  const dates = new Set([dateOfNight(sinceMs, place.timeZone), dateOfNight(nowMs, place.timeZone)]);
  return [...dates]
    .flatMap((date) => {
      const events = nightEvents(place, date);
      return (Object.keys(WORDS) as (keyof typeof WORDS)[]).map((name) => ({
        crossing: events[name],
        words: WORDS[name],
      }));
    })
    .flatMap(({ crossing, words }) => (hasPassed(crossing, sinceMs, nowMs) ? [{ ms: crossing.ms, words }] : []))
    .sort((a, b) => a.ms - b.ms);
}

function hasPassed(crossing: Crossing, sinceMs: number, nowMs: number): crossing is Crossing & { readonly kind: 'at' } {
  return crossing.kind === 'at' && sinceMs < crossing.ms && crossing.ms <= nowMs;
}

/** What most lamps do now, in words: `412 of 500 lamps at 50 % (by calendar)`. Undefined when none has said. */
export function mostLamps(
  counts: readonly LevelCount[],
): { readonly what: string; readonly words: string } | undefined {
  const total = counts.reduce((sum, { lamps }) => sum + lamps, 0);
  const most = [...counts].sort((a, b) => b.lamps - a.lamps)[0];
  if (most === undefined || 2 * most.lamps <= total) return undefined;
  const level = most.levelPercent === 0 ? 'off' : `at ${most.levelPercent} %`;
  const what = `${level} (${REASONS[most.reason] ?? most.reason})`;
  return { what, words: `${most.lamps} of ${total} lamps are ${what}` };
}
