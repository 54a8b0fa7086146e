import { describe, expect, it } from '@jest/globals';
import { readCommandLine, USAGE } from './command-line.js';

describe('readCommandLine', () => {
  it('has a city of 500 lamps in real time when nothing is said', () => {
    expect(readCommandLine([])).toMatchObject({
      lamps: 500,
      speed: 1,
      simulator: true,
      fresh: false,
      httpPort: 3000,
      mqttPort: 1883,
    });
  });

  it('takes every option of the usage', () => {
    const options = readCommandLine([
      '--fresh',
      '--lamps',
      '2000',
      '--speed',
      '0.5',
      '--no-simulator',
      '--seed=7',
      '--port',
      '0',
    ]);
    expect(options).toMatchObject({ fresh: true, lamps: 2000, speed: 0.5, simulator: false, seed: 7, httpPort: 0 });
    for (const [option] of USAGE.matchAll(/--[a-z-]+/g)) {
      if (!['--help', '--fresh', '--no-simulator'].includes(option))
        expect(() => readCommandLine([option, option === '--start' ? '2026-11-25T15:00:00Z' : '1'])).not.toThrow();
    }
  });

  it.each([
    [['--lamps', 'many'], '--lamps wants a whole number'],
    [['--lamps', '0'], '--lamps wants a whole number'],
    [['--speed=-1'], '--speed wants a number above 0'],
    [['--start', 'tonight'], '--start wants a time'],
    [['--lamp', '5'], '--lamps N'],
    [['extra'], '--fresh'],
  ])('refuses %j and says what it wants', (argv, message) => {
    expect(() => readCommandLine(argv)).toThrow(message);
  });
});
