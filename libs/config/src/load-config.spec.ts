import { describe, expect, it } from '@jest/globals';
import { configurationTable, environmentExample } from './config-table.js';
import { configSchema } from './config.schema.js';
import { ConfigError, loadConfig } from './load-config.js';

const minimal = { FELINAR_DATABASE_URL: 'postgres://localhost/felinar', FELINAR_MQTT_URL: 'mqtt://localhost' };

describe('loadConfig', () => {
  it('fills in the defaults', () => {
    expect(loadConfig(minimal)).toMatchObject({
      FELINAR_HTTP_PORT: 3000,
      FELINAR_MQTT_PROTOCOL: 5,
      FELINAR_LOG_PRETTY: false,
    });
  });

  it('takes empty variables for absent ones, and leaves alone what is not Felinar’s', () => {
    const config = loadConfig({ ...minimal, FELINAR_HTTP_PORT: '', PATH: '/bin', FELINAR_TEST_SOMETHING: 'x' });
    expect(config.FELINAR_HTTP_PORT).toBe(3000);
  });

  it('reports every problem at once, each with its name', () => {
    const wrong = {
      FELINAR_DATABASE_URL: 'mysql://x',
      FELINAR_HTTP_PORT: '99999',
      FELINAR_HTTP_PROT: '1',
      FELINAR_LOG_LEVEL: 'loud',
    };
    let problems: readonly string[] = [];
    try {
      loadConfig(wrong);
    } catch (error) {
      problems = error instanceof ConfigError ? error.problems : [];
    }
    for (const name of [
      'FELINAR_DATABASE_URL',
      'FELINAR_MQTT_URL',
      'FELINAR_HTTP_PORT',
      'FELINAR_HTTP_PROT',
      'FELINAR_LOG_LEVEL',
    ]) {
      expect(problems.filter((line) => line.startsWith(`${name}:`))).toHaveLength(1);
    }
    expect(problems).toHaveLength(5);
  });
});

describe('how long tiers are kept', () => {
  const problemsOf = (own: Record<string, string>): readonly string[] => {
    try {
      loadConfig({ ...minimal, ...own });
      return [];
    } catch (error) {
      return error instanceof ConfigError ? error.problems : [String(error)];
    }
  };

  it.each([
    [{ FELINAR_KEEP_READINGS_DAYS: '400', FELINAR_KEEP_HOURLY_DAYS: '400' }, []],
    [{ FELINAR_KEEP_HOURLY_DAYS: '0' }, []],
    [{ FELINAR_KEEP_READINGS_DAYS: '39' }, ['FELINAR_KEEP_READINGS_DAYS: must be 0 (for ever) or at least 40']],
    [
      { FELINAR_KEEP_READINGS_DAYS: '0' },
      ['FELINAR_KEEP_HOURLY_DAYS: must not be less than FELINAR_KEEP_READINGS_DAYS (0)'],
    ],
    [
      { FELINAR_KEEP_DAILY_DAYS: '1000' },
      ['FELINAR_KEEP_DAILY_DAYS: must not be less than FELINAR_KEEP_HOURLY_DAYS (1100)'],
    ],
  ])('%j gives %j', (own, problems) => {
    expect(problemsOf(own)).toEqual(problems);
  });
});

describe('the pages made from the schema', () => {
  it('name every setting', () => {
    for (const name of Object.keys(configSchema.shape)) {
      expect(configurationTable()).toContain(`| \`${name}\``);
      expect(environmentExample()).toMatch(new RegExp(`^(# )?${name}=`, 'm'));
    }
  });
});
