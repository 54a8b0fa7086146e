import { describe, expect, it } from '@jest/globals';
import { readCommandLine } from './command-line.js';

describe('the command line of the simulator', () => {
  it('has defaults for all but the broker', () => {
    expect(readCommandLine(['--broker', 'mqtt://localhost'])).toMatchObject({
      lamps: 500,
      seed: 1,
      speed: 1,
      reportingIntervalS: 300,
      serverDrivenShare: 0,
      driftPpm: 0,
    });
    expect(readCommandLine(['--help'])).toBeUndefined();
  });

  it('sets the devices up', () => {
    const argv = ['--broker', 'mqtt://localhost', '--server-driven-share', '0.25', '--drift-ppm', '20'];
    expect(readCommandLine(argv)).toMatchObject({ serverDrivenShare: 0.25, driftPpm: 20 });
  });

  it('says everything that is wrong at once', () => {
    const wrong = [
      '--broker',
      'mqtt://localhost:99999',
      '--lamps',
      'x',
      '--speed',
      '0',
      '--start',
      'today',
      '--time-zone',
      'Europe/Oulu',
      '--inventory',
      'lamps.xlsx',
      '--site',
      'a b',
      '--server-driven-share',
      '1.5',
      '--drift-ppm=-3',
    ];
    let message = '';
    try {
      readCommandLine(wrong);
    } catch (error) {
      message = String(error);
    }
    const names = ['--broker', '--lamps', '--speed', '--start', '--time-zone', '--inventory', '--site'];
    for (const name of [...names, '--server-driven-share', '--drift-ppm']) expect(message).toContain(`${name} wants`);
  });

  it('wants something to do', () => {
    expect(() => readCommandLine([])).toThrow('name a broker');
    expect(() => readCommandLine(['--brokr', 'x'])).toThrow('--broker URL');
  });
});
