import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { readTool } from './command-line.js';

const USAGE = 'npm run bench:lamps [-- options]\n\n  --lamps N   lamps (300)';
const OPTIONS = { lamps: { type: 'string', default: '300' }, write: { type: 'boolean', default: false } } as const;

class Ended extends Error {}

describe('the command line of a tool', () => {
  let said: string[];
  let code: number | undefined;

  beforeEach(() => {
    said = [];
    code = undefined;
    jest.spyOn(process, 'exit').mockImplementation((status) => {
      code = Number(status);
      throw new Ended();
    });
    for (const way of ['log', 'error'] as const)
      jest.spyOn(console, way).mockImplementation((line: string) => void said.push(line));
  });

  afterEach(() => void jest.restoreAllMocks());

  it('is read, with what it does not say', () => {
    const { values, whole } = readTool(USAGE, OPTIONS, ['--lamps', '20']);
    expect([whole('lamps'), values.write]).toEqual([20, false]);
    expect(readTool(USAGE, OPTIONS, []).whole('lamps')).toBe(300);
  });

  it.each(['--help', '-h'])('is explained on %s', (word) => {
    expect(() => readTool(USAGE, OPTIONS, ['--lamps', 'x', word])).toThrow(Ended);
    expect([code, said]).toEqual([0, [USAGE]]);
  });

  it.each([
    [['--nothing'], "Unknown option '--nothing'"],
    [['20'], 'Unexpected argument'],
    [['--lamps'], 'argument missing'],
    [['--lamps', ''], '--lamps wants a whole number from 1 on, not ""'],
    [['--lamps', '0'], '--lamps wants a whole number from 1 on, not "0"'],
    [['--lamps', '2.5'], '--lamps wants a whole number from 1 on, not "2.5"'],
    [['--lamps', 'many'], '--lamps wants a whole number from 1 on, not "many"'],
  ])('ends with what is wrong in %j, and the usage', (argv, message) => {
    expect(() => readTool(USAGE, OPTIONS, argv).whole('lamps')).toThrow(Ended);
    expect(code).toBe(2);
    expect(said.join('\n')).toContain(message);
    expect(said.join('\n')).toContain(USAGE);
  });
});
