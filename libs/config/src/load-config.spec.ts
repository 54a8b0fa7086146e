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

  /** What some cannot be without. */
  const provider = {
    ...{ FELINAR_PUBLIC_URL: 'https://felinar.example.org', FELINAR_OIDC_ISSUER: 'https://login.example.org' },
    ...{ FELINAR_OIDC_CLIENT_ID: 'felinar', FELINAR_OIDC_CLIENT_SECRET: 'x' },
  };

  it.each(FILE_SETTINGS.filter((name) => name !== 'FELINAR_OIDC_ROLES').map((name) => [name]))(
    '%s is taken from one, without the line break of an editor',
    (name) => {
      const value = values[name] ?? 'a secret of 32 characters or more, ends with a blank ';
      const others = Object.fromEntries(
        Object.entries(name.startsWith('FELINAR_OIDC_') ? { ...minimal, ...provider } : minimal).filter(
          ([other]) => other !== name,
        ),
      );
      for (const ending of ['', '\n', '\r\n']) {
        const config = loadConfig({ ...others, [`${name}_FILE`]: file(value + ending) });
        expect(config[name]).toBe(value);
        expect(config).not.toHaveProperty(`${name}_FILE`);
      }
    },
  );

  it('may be of several lines, as certificates are', () => {
    const path = file('-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n');
    const config = loadConfig({ ...minimal, FELINAR_MQTT_CA_FILE: path });
    expect(config.FELINAR_MQTT_CA).toBe('-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----');
  });

  it('may be a list with a line for each', () => {
    const path = file('# who is who\noffice = engineer@BT\nit = administrator\n');
    const config = loadConfig({ ...minimal, ...provider, FELINAR_OIDC_ROLES_FILE: path });
    expect(config.FELINAR_OIDC_ROLES?.map(({ value }) => value)).toEqual(['office', 'it']);
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

describe('the provider of identities', () => {
  const provider = {
    ...minimal,
    FELINAR_PUBLIC_URL: 'https://felinar.example.org',
    FELINAR_OIDC_ISSUER: 'https://login.example.org/realms/city',
    FELINAR_OIDC_CLIENT_ID: 'felinar',
    FELINAR_OIDC_CLIENT_SECRET: 'secret',
  };
  const problemsOf = (environment: Record<string, string>): readonly string[] => {
    try {
      loadConfig(environment);
      return [];
    } catch (error) {
      return error instanceof ConfigError ? error.problems : [String(error)];
    }
  };

  it('is complete with what it gave, and has safe defaults', () => {
    expect(loadConfig({ ...provider, FELINAR_OIDC_ROLES: 'office = engineer@BT' })).toMatchObject({
      FELINAR_OIDC_ROLES: [{ value: 'office', grant: { role: 'engineer', site: 'BT', group: null } }],
      ...{ FELINAR_OIDC_SCOPES: 'openid email profile', FELINAR_OIDC_LINK_BY_EMAIL: false },
      ...{ FELINAR_OIDC_CREATE_USERS: true, FELINAR_OIDC_SESSION_HOURS: 12, FELINAR_PASSWORD_SIGN_IN: 'everybody' },
    });
    for (const issuer of ['http://127.0.0.1:8080', 'http://127.0.0.1:8080/'])
      expect(loadConfig({ ...provider, FELINAR_OIDC_ISSUER: issuer }).FELINAR_OIDC_ISSUER).toBe(
        'http://127.0.0.1:8080',
      );
  });

  it.each<[Record<string, string>, string]>([
    [{ FELINAR_OIDC_CLIENT_ID: '' }, 'FELINAR_OIDC_CLIENT_ID: must be set with FELINAR_OIDC_ISSUER'],
    [{ FELINAR_OIDC_CLIENT_SECRET: '' }, 'FELINAR_OIDC_CLIENT_SECRET: must be set with FELINAR_OIDC_ISSUER'],
    [{ FELINAR_PUBLIC_URL: '' }, 'FELINAR_PUBLIC_URL: must be set with FELINAR_OIDC_ISSUER'],
    [{ FELINAR_OIDC_ISSUER: '' }, 'FELINAR_OIDC_ISSUER: must be set, or FELINAR_OIDC_CLIENT_ID left away'],
    [{ FELINAR_OIDC_ISSUER: 'login.example.org' }, 'FELINAR_OIDC_ISSUER: must be a https:// URL'],
    [{ FELINAR_OIDC_ISSUER: 'http://login.example.org' }, 'FELINAR_OIDC_ISSUER: must be a https:// URL; http:// only'],
    [
      { FELINAR_OIDC_ISSUER: 'https://a.example/.well-known/openid-configuration' },
      'FELINAR_OIDC_ISSUER: must be the issuer alone',
    ],
    [{ FELINAR_OIDC_ISSUER: 'https://a.example/?x=1' }, 'FELINAR_OIDC_ISSUER: must have no user, query or fragment'],
    [
      { FELINAR_OIDC_ISSUER: 'https://login.microsoftonline.com/common/v2.0' },
      'FELINAR_OIDC_ISSUER: must name your own tenant',
    ],
    [{ FELINAR_OIDC_SCOPES: 'email profile' }, 'FELINAR_OIDC_SCOPES: must have openid among them'],
    [{ FELINAR_OIDC_ROLES: 'office = boss' }, 'FELINAR_OIDC_ROLES: "boss" must begin with a role: viewer'],
    [
      { FELINAR_OIDC_DEFAULT_ROLE: 'engineer@BT/CENTRE' },
      'FELINAR_OIDC_DEFAULT_ROLE: "engineer@BT/CENTRE" gives engineer for a group',
    ],
    [
      { FELINAR_OIDC_LINK_BY_EMAIL: 'true', FELINAR_OIDC_USERNAME_CLAIM: 'upn' },
      'FELINAR_OIDC_LINK_BY_EMAIL: must be false unless',
    ],
    [{ FELINAR_PASSWORD_SIGN_IN: 'nobody' }, 'FELINAR_PASSWORD_SIGN_IN: '],
  ])('is refused with %j, and told what to do', (change, problem) => {
    expect(problemsOf({ ...provider, ...change })).toEqual([expect.stringContaining(problem)]);
  });

  it('is what passwords for administrators only need', () => {
    expect(problemsOf({ ...minimal, FELINAR_PASSWORD_SIGN_IN: 'administrators' })).toEqual([
      expect.stringContaining('FELINAR_PASSWORD_SIGN_IN: must be everybody'),
    ]);
  });
});
