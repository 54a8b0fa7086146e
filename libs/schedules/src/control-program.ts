/**
 * What a lamp does in a night: TALQ 2.7.1's control program with its active periods and switch points. A lamp is off outside the
 * active periods; within them the level of the last switch point holds. A program is for any night of any place: its times are
 * anchors, and become instants for a night of a place (resolve-anchor.ts, night-curve.ts).
 */

/** Something that happens once in a night. */
export type Anchor =
  /** Wall time of the place, `HH:MM` or `HH:MM:SS`; from 12:00 on the evening of the date, before 12:00 the morning after. */
  | { readonly kind: 'clock'; readonly time: string }
  | { readonly kind: 'sunset' }
  | { readonly kind: 'sunrise' }
  | { readonly kind: 'civilDusk' }
  | { readonly kind: 'civilDawn' }
  /** The sun's centre passes an altitude, degrees, without refraction; falling in the evening, rising in the morning. */
  | { readonly kind: 'sunAltitude'; readonly altitudeDeg: number; readonly half: 'evening' | 'morning' }
  /** When the sun is lowest. */
  | { readonly kind: 'solarMidnight' }
  /** The middle between sunset and sunrise: part-night dimming centred in the dark. */
  | { readonly kind: 'virtualMidnight' };

/** An anchor, moved: minutes after it, negative before. */
export interface AnchoredTime {
  readonly anchor: Anchor;
  readonly offsetMinutes: number;
}

/** From `at` on the lamp goes to `levelPercent`, taking `fadeS` seconds, until the next switch point. */
export interface SwitchPoint {
  readonly at: AnchoredTime;
  /** 0 to 100. */
  readonly levelPercent: number;
  readonly fadeS: number;
}

/** In which the lamp may be lit. Empty in a night in which its end is not after its start. */
export interface ActivePeriod {
  readonly from: AnchoredTime;
  readonly to: AnchoredTime;
}

export interface ControlProgram {
  /** None: active all the time. */
  readonly activePeriods: readonly ActivePeriod[];
  /** Of two at one instant, the later in the list wins. None: full level while active. */
  readonly switchPoints: readonly SwitchPoint[];
  /** Levels above 0 are raised to this: of the lamp type, or what the road class wants, percent. */
  readonly minimumLevelPercent: number;
}
