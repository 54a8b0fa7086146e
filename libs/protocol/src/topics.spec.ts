import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DOWN_CHANNELS, parseTopic, topicFilter, topicOf, UP_CHANNELS } from './topics.js';

const addresses = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._~-]{0,63}$/);
const channels = fc.constantFrom(...UP_CHANNELS, ...DOWN_CHANNELS);

describe('topics', () => {
  it('come back from their parts', () => {
    fc.assert(
      fc.property(addresses, addresses, channels, (site, device, channel) => {
        expect(parseTopic(topicOf(site, device, channel))).toEqual({ site, device, channel });
      }),
    );
  });

  it('refuse addresses that a topic cannot hold', () => {
    for (const bad of ['', 'a/b', '+', '#', ' ', 'é', 'a'.repeat(65)]) {
      expect(() => topicOf('site', bad, 'telemetry')).toThrow(RangeError);
      expect(parseTopic(`felinar/v1/site/${bad}/telemetry`)).toBeUndefined();
    }
  });

  it('of another contract are not parsed', () => {
    for (const topic of [
      'felinar/v2/a/b/status',
      'felinar/v1/a/b',
      'felinar/v1/a/b/status/x',
      'x/v1/a/b/status',
      'felinar/v1/a/b/x',
      '',
    ]) {
      expect(parseTopic(topic)).toBeUndefined();
    }
  });

  it('have a filter for all sites or for one', () => {
    expect(topicFilter('telemetry')).toBe('felinar/v1/+/+/telemetry');
    expect(topicFilter('command', 'oulu')).toBe('felinar/v1/oulu/+/command');
  });
});
