import type { TrueFault } from '#simulators';

/** What the lamp's program wants at an instant, percent. */
export type WantedLevel = (lamp: string, ms: number) => number;

/** Faults that show while the lamp should be lit, and those that show while it should be dark. */
const SHOWN_LIT: readonly string[] = [
  'lampFailure',
  'lampPowerTooHigh',
  'lampPowerTooLow',
  'dimmingFailure',
  'cyclingFailure',
  'currentTooHigh',
  'currentTooLow',
  'powerFactorTooLow',
  'highTemperature',
];
const SHOWN_DARK: readonly string[] = ['relayFailure', 'lampUnexpectedOn'];

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
  const isLit = SHOWN_LIT.includes(kind);
  if (lamp === undefined || (!isLit && !SHOWN_DARK.includes(kind))) return fromMs;
  for (let ms = fromMs; ms < Math.min(toMs ?? endMs, endMs); ms += intervalS * 1000) {
    if (wanted(lamp, ms) > 0 === isLit) return ms;
  }
  return undefined;
}
