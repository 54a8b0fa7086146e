import type { TrueFault, TrueFaultKind } from '#simulators';

/** What the lamp's program wants at an instant, percent. */
export type WantedLevel = (lamp: string, ms: number) => number;

/** When a fault shows in a reading. */
interface Shown {
  /** While the lamp should be dark, or lit at this level at least. */
  readonly while: 'dark' | { readonly levelPercent: number };
  /** And has been so for this long, ms. */
  readonly forMs: number;
}

const MINUTE_MS = 60_000;
const LIT: Shown = { while: { levelPercent: 1 }, forMs: 0 };
/** What a lamp draws is not judged while it warms up (warmUpS of the thresholds). */
const WARM: Shown = { ...LIT, forMs: 10 * MINUTE_MS };
const DARK: Shown = { while: 'dark', forMs: 0 };

/** All others show at once, at any time of the day. */
const SHOWN: Readonly<Partial<Record<TrueFaultKind, Shown>>> = {
  lampFailure: LIT,
  dimmingFailure: LIT,
  cyclingFailure: LIT,
  currentTooHigh: LIT,
  currentTooLow: LIT,
  lampPowerTooHigh: WARM,
  lampPowerTooLow: WARM,
  // Not judged below half of full level, where most drivers have a lower one.
  powerFactorTooLow: { ...LIT, while: { levelPercent: 50 } },
  // On a frosty night the housing of a dimmed lamp takes two of its time constants of half an hour to get hotter than it may.
  highTemperature: { ...LIT, forMs: 60 * MINUTE_MS },
  relayFailure: DARK,
  lampUnexpectedOn: DARK,
};

/**
 * The first instant, in steps of the reporting interval, at which a fault can show in a reading: a dead lamp is like any other by day, and a
 * stuck relay by night. Undefined when it is over before, or lasts until `endMs` without showing.
 */
export function visibleFromMs(
  { kind, fromMs, toMs, lamps }: TrueFault,
  wanted: WantedLevel,
  intervalS: number,
  endMs: number,
): number | undefined {
  const [lamp] = lamps;
  const shown = SHOWN[kind];
  if (lamp === undefined || shown === undefined) return fromMs;
  const shows = (ms: number) =>
    shown.while === 'dark' ? wanted(lamp, ms) === 0 : wanted(lamp, ms) >= shown.while.levelPercent;
  let sinceMs: number | undefined;
  for (let ms = fromMs - shown.forMs; ms < Math.min(toMs ?? endMs, endMs); ms += intervalS * 1000) {
    // A lamp that was warm already when it broke is seen at once; one that gets hot does so only from then on.
    const counts = kind !== 'highTemperature' || ms >= fromMs;
    sinceMs = counts && shows(ms) ? (sinceMs ?? ms) : undefined;
    if (ms >= fromMs && sinceMs !== undefined && ms - sinceMs >= shown.forMs) return ms;
  }
  return undefined;
}
