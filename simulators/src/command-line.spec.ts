import { describe, expect, it } from '@jest/globals';
import { readCommandLine } from './command-line.js';

describe('the command line of the simulator', () => {
  it('has defaults for all but the broker', () => {
    expect(readCommandLine(['--broker', 'mqtt://localhost'])).toMatchObject({
      lamps: 500,
      seed: 1,
      speed: 1,
      reportingIntervalS: 300,
    });
    expect(readCommandLine(['--help'])).toBeUndefined();
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
    ];
    let message = '';
    try {
      readCommandLine(wrong);
    } catch (error) {
      message = String(error);
    }
    for (const name of ['--broker', '--lamps', '--speed', '--start', '--time-zone', '--inventory', '--site'])
      expect(message).toContain(`${name} wants`);
  });

  it('wants something to do', () => {
    expect(() => readCommandLine([])).toThrow('name a broker');
    expect(() => readCommandLine(['--brokr', 'x'])).toThrow('--broker URL');
  });
});
