import { describe, expect, it } from '@jest/globals';
import { upstreamVersion } from './debian-packages.js';
import { mosquittoConfiguration, mosquittoVersion } from './mosquitto-configuration.js';
import { defaultSettings, settingsFile } from './postgres-settings.js';

const base = { host: '127.0.0.1', port: 1884, persistenceDirectory: undefined };

describe('mosquittoConfiguration', () => {
  it('listens where told, keeps nothing on disk and drops nothing by default', () => {
    const lines = mosquittoConfiguration({ ...base, lines: [] }).split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        'listener 1884 127.0.0.1',
        'persistence false',
        'allow_anonymous true',
        'max_queued_messages 0',
      ]),
    );
  });

  it('lets a line of the caller replace our default for the same option', () => {
    const text = mosquittoConfiguration({ ...base, lines: ['max_inflight_messages 20', 'allow_anonymous false'] });
    expect(text.match(/max_inflight_messages .*/g)).toEqual(['max_inflight_messages 20']);
    expect(text.match(/allow_anonymous .*/g)).toEqual(['allow_anonymous false']);
  });

  it('keeps sessions in the given directory', () => {
    const text = mosquittoConfiguration({ ...base, persistenceDirectory: '/srv/city lights/store', lines: [] });
    expect(text).toContain('persistence true\npersistence_location /srv/city lights/store/\n');
  });
});

describe('mosquittoVersion', () => {
  it('reads what the program prints', () => {
    expect(mosquittoVersion('mosquitto version 2.0.11\n\nmosquitto is an MQTT broker.')).toEqual({
      major: 2,
      text: '2.0.11',
    });
    expect(mosquittoVersion('')).toBeUndefined();
  });
});

describe('settingsFile', () => {
  it('quotes values', () => {
    expect(settingsFile({ application_name: "it's" })).toContain("application_name = 'it''s'\n");
  });

  it('never weakens durability and loads TimescaleDB only where it is', () => {
    expect(defaultSettings(true)).toMatchObject({ synchronous_commit: 'on', shared_preload_libraries: 'timescaledb' });
    expect(defaultSettings(false)).not.toHaveProperty('shared_preload_libraries');
  });
});

describe('upstreamVersion', () => {
  it.each([
    ['2.19.3+dfsg-1+deb13u1', '2.19.3'],
    ['1:4.4.38-1', '4.4.38'],
    [undefined, 'unknown'],
  ])('of %s is %s', (version, expected) => {
    expect(upstreamVersion(version)).toBe(expected);
  });
});
