import { describe, expect, it } from '@jest/globals';
import { readCommandLine, USAGE } from './command-line.js';

describe('the command line of the simulator', () => {
  it('has defaults for all but the broker', () => {
    expect(readCommandLine(['--broker', 'mqtt://localhost'])).toMatchObject({
      lamps: 500,
      seed: 1,
      speed: 1,
      reportingIntervalS: 300,
      serverDrivenShare: 0,
      driftPpm: 0,
      scenario: 'clean',
      faultsTruthFile: undefined,
    });
    expect(readCommandLine(['--help'])).toBeUndefined();
  });

  it('takes how many devices are driven by the server, and how wrong clocks go', () => {
    const argv = ['--broker', 'mqtt://localhost', '--server-driven-share', '0.25', '--drift-ppm', '20'];
    expect(readCommandLine(argv)).toMatchObject({ serverDrivenShare: 0.25, driftPpm: 20 });
  });

  it('takes what goes wrong, and where to write it down', () => {
    const argv = ['--broker', 'mqtt://localhost', '--scenario', 'lost-cabinet', '--faults-truth', 'faults.json'];
    expect(readCommandLine(argv)).toMatchObject({ scenario: 'lost-cabinet', faultsTruthFile: 'faults.json' });
    expect(USAGE).toContain('      lost-cabinet          a cabinet loses its supply');
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
      '1.1',
      '--drift-ppm',
      '1e6',
      '--scenario',
      'lost-cabinets',
    ];
    let message = '';
    try {
      readCommandLine(wrong);
    } catch (error) {
      message = String(error);
    }
    for (const name of wrong.filter((each) => each.startsWith('--'))) expect(message).toContain(`${name} wants`);
  });

  it('wants something to do', () => {
    expect(() => readCommandLine([])).toThrow('name a broker');
    expect(() => readCommandLine(['--brokr', 'x'])).toThrow('--broker URL');
  });
});
