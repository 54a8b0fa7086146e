import { describe, expect, it } from '@jest/globals';
import { SitePrograms } from '#libs/schedules';
import { LAMPS_PER_MESSAGE, type CommandedLamp, type ScheduledLamp } from '#libs/storage';
import { switchCommands } from './switch-points.js';

const NOW_MS = Date.parse('2026-11-25T22:00:00Z');
const oulu = { latitude: 65.0121, longitude: 25.4651, timeZone: 'Europe/Helsinki' };
const off = { activePeriods: [], switchPoints: [], minimumLevelPercent: 0 };
const programs = new SitePrograms(oulu, new Map([['OFF', off]]), new Map([[1, { rules: [], defaultProgram: 'OFF' }]]));
const lampsOf = (count: number): ScheduledLamp[] =>
  Array.from({ length: count }, (_, index) => ({
    ...{ lampId: index + 1, lamp: `L-${index}`, device: 'GW-1', calendarId: 1, floorPercent: 0, storesProgram: false },
  }));

describe('commands of switch points', () => {
  it('put no more lamps into a message than it takes', () => {
    const commands = switchCommands(programs, lampsOf(2 * LAMPS_PER_MESSAGE + 1), new Map(), NOW_MS);
    const sizes = Map.groupBy(commands, ({ part }) => part);
    expect([...sizes].map(([part, own]) => [part, own.length])).toEqual([
      [0, LAMPS_PER_MESSAGE],
      [1, LAMPS_PER_MESSAGE],
      [2, 1],
    ]);
  });

  it('are not made again for a level that the database has rounded', () => {
    const levelPercent = 200 / 3;
    const program = {
      activePeriods: [],
      switchPoints: [],
      minimumLevelPercent: 0,
    };
    const at = { levelPercent, fadeS: 0, sinceMs: NOW_MS, untilMs: NOW_MS + 3_600_000, program: 'P', rule: -1 };
    const always = Object.assign(new SitePrograms(oulu, new Map([['P', program]]), new Map()), { levelAt: () => at });
    const told = (level: number): ReadonlyMap<number, CommandedLamp> =>
      new Map([
        [
          1,
          {
            ...{ lampId: 1, isOverridden: false, levelPercent: level, isOpenOrDone: true },
            expiresAtMs: NOW_MS + 4_000_000,
          },
        ],
      ]);
    // As `real` gives it back: in as few digits as tell it apart.
    expect(switchCommands(always, lampsOf(1), told(66.666664), NOW_MS)).toEqual([]);
    expect(switchCommands(always, lampsOf(1), told(66.7), NOW_MS)).toHaveLength(1);
  });
});
