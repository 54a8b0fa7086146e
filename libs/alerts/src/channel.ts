import type { Severity } from '#libs/faults';

/** What can be told of a fault. */
export const ALERT_EVENTS = ['opened', 'reopened', 'cleared', 'escalated'] as const;
export type AlertEvent = (typeof ALERT_EVENTS)[number];

/** The least first. */
export const SEVERITIES = ['warning', 'minor', 'major', 'critical'] as const satisfies readonly Severity[];

/** Whether a severity is at least another. */
export function isAtLeast(severity: Severity, least: Severity): boolean {
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(least);
}

/** Whether nobody needs to be woken for it: it may wait for hours and for a digest. */
export function mayWait(severity: Severity): boolean {
  return !isAtLeast(severity, 'major');
}

/** Hours on some days of the week, on the clocks of the site. */
export interface HoursWindow {
  /** Days on which it begins, Monday 1 to Sunday 7. */
  readonly weekdays: readonly number[];
  /** `HH:MM`. */
  readonly from: string;
  /** `HH:MM`, or 24:00; not after `from`: on the next day. */
  readonly to: string;
}

/** Which faults of its site a channel is about. */
export type ChannelArea =
  | { readonly kind: 'site' }
  | { readonly kind: 'listed'; readonly groupIds: readonly number[]; readonly cabinetIds: readonly number[] };

/** What deciding needs to know of a way to a crew. */
export interface AlertChannel {
  readonly id: string;
  readonly minimumSeverity: Severity;
  readonly events: readonly AlertEvent[];
  readonly area: ChannelArea;
  /** When low severities may come; none: always. */
  readonly hours: readonly HoursWindow[];
  /** `HH:MM` on the clocks of the site at which low severities come together; null: each when it happens. */
  readonly digestAt: string | null;
}
