/** Programs and calendars for tests. */
export const clock = (time: string, offsetMinutes = 0) => ({ anchor: { kind: 'clock', time }, offsetMinutes });
export const sun = (kind: string, offsetMinutes = 0) => ({ anchor: { kind }, offsetMinutes });

export const EVENING = {
  address: 'EVENING',
  name: 'Evening, dimmed after 23:00',
  activePeriods: [{ from: sun('civilDusk', -10), to: sun('civilDawn', 10) }],
  switchPoints: [
    { at: sun('civilDusk', -10), levelPercent: 100, fadeS: 30 },
    { at: clock('23:00'), levelPercent: 60, fadeS: 600 },
    { at: clock('05:00'), levelPercent: 100, fadeS: 60 },
  ],
  minimumLevelPercent: 20,
};
export const WEEKEND = { address: 'WEEKEND', name: 'Weekend', activePeriods: EVENING.activePeriods };
export const STREETS = {
  address: 'STREETS',
  name: 'Streets',
  rules: [{ conditions: [{ kind: 'weekdays', weekdays: [5, 6] }], program: 'WEEKEND' }],
  defaultProgram: 'EVENING',
};
