import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configurationTable, environmentExample } from './config-table.js';
import { configSchema, FILE_SETTINGS } from './config.schema.js';
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

  it('lets webhooks lead nowhere inside, everywhere, or into networks', () => {
    const allowed = (text: string) =>
      loadConfig({ ...minimal, FELINAR_WEBHOOK_ALLOW_PRIVATE: text }).FELINAR_WEBHOOK_ALLOW_PRIVATE;
    expect([allowed(''), allowed('false'), allowed('true')]).toEqual([false, false, true]);
    expect(allowed('10.20.0.0/16, fd00:1::/64,192.168.7.5')).toEqual(['10.20.0.0/16', 'fd00:1::/64', '192.168.7.5']);
    for (const bad of ['yes', '10.20.0.0/33', 'hooks.internal', '10.0.0.0/8,', 'true,10.0.0.0/8'])
      expect(() => allowed(bad)).toThrow('FELINAR_WEBHOOK_ALLOW_PRIVATE');
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

describe('settings in files', () => {
  let directory: string;

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'felinar-config-'));
  });

  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const file = (text: string) => {
    const path = join(directory, 'secret');
    writeFileSync(path, text);
    return path;
  };
  const problemsOf = (own: Record<string, string>): readonly string[] => {
    try {
      loadConfig({ ...minimal, ...own });
      return [];
    } catch (error) {
      return error instanceof ConfigError ? error.problems : [String(error)];
    }
  };
  /** A value of each that is valid. */
  const values: Record<string, string> = {
    FELINAR_DATABASE_URL: 'postgres://felinar@db/felinar',
    FELINAR_SMTP_URL: 'smtps://user:secret@mail.example.org',
    FELINAR_MQTT_CA: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----',
  };

  it.each(FILE_SETTINGS.map((name) => [name]))('%s is taken from one, without the line break of an editor', (name) => {
    const value = values[name] ?? 'a secret of 32 characters or more, ends with a blank ';
    const others = Object.fromEntries(Object.entries(minimal).filter(([other]) => other !== name));
    for (const ending of ['', '\n', '\r\n']) {
      const config = loadConfig({ ...others, [`${name}_FILE`]: file(value + ending) });
      expect(config[name]).toBe(value);
      expect(config).not.toHaveProperty(`${name}_FILE`);
    }
  });

  it('may be of several lines, as certificates are', () => {
    const path = file('-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n');
    const config = loadConfig({ ...minimal, FELINAR_MQTT_CA_FILE: path });
    expect(config.FELINAR_MQTT_CA).toBe('-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----');
  });

  it('put a password into the URL of the database, whatever is in it', () => {
    const path = file('p@ss/w:rd%?#\n');
    const config = loadConfig({ ...minimal, FELINAR_DATABASE_PASSWORD_FILE: path });
    expect(decodeURIComponent(new URL(config.FELINAR_DATABASE_URL).password)).toBe('p@ss/w:rd%?#');
  });

  it('are refused when there is none to read, nothing in it, or the setting is there too', () => {
    const missing = join(directory, 'missing');
    expect(problemsOf({ FELINAR_LINK_SECRET_FILE: missing })).toEqual([
      `FELINAR_LINK_SECRET_FILE: ${missing} cannot be read (ENOENT)`,
    ]);
    expect(problemsOf({ FELINAR_MQTT_PASSWORD_FILE: directory })).toEqual([
      `FELINAR_MQTT_PASSWORD_FILE: ${directory} cannot be read (EISDIR)`,
    ]);
    const empty = file('\n');
    expect(problemsOf({ FELINAR_MQTT_PASSWORD_FILE: empty })).toEqual([
      `FELINAR_MQTT_PASSWORD_FILE: ${empty} is empty`,
    ]);
    const both = { FELINAR_MQTT_PASSWORD: 'a', FELINAR_MQTT_PASSWORD_FILE: file('b') };
    expect(problemsOf(both)).toEqual([
      'FELINAR_MQTT_PASSWORD_FILE: FELINAR_MQTT_PASSWORD is set too; leave one of them away',
    ]);
  });

  it('are held to the rules of their setting, and there is none for what is no secret', () => {
    expect(problemsOf({ FELINAR_LINK_SECRET_FILE: file('short') })).toEqual([
      'FELINAR_LINK_SECRET: must be 32 characters or more',
    ]);
    expect(problemsOf({ FELINAR_HTTP_PORT_FILE: file('3000') })).toEqual([
      'FELINAR_HTTP_PORT_FILE: no such setting; check the spelling',
    ]);
  });

  it('never show what is in a file', () => {
    const problems = problemsOf({ FELINAR_SMTP_URL_FILE: file('smtp:// user:TOPSECRET@x y') });
    expect(problems).toHaveLength(1);
    expect(problems.join()).not.toContain('TOPSECRET');
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
