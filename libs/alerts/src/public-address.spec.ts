import { describe, expect, it } from '@jest/globals';
import { isAllowedAddress, isNetwork, isPublicAddress, webhookUrlProblem } from './public-address.js';

describe('addresses', () => {
  it.each([
    '8.8.8.8',
    '193.226.5.1',
    '2a00:1450:4001:82b::200e',
    '[2606:4700::1111]',
    '::ffff:8.8.8.8',
    '64:ff9b::808:808',
  ])('%s is public', (address) => expect(isPublicAddress(address)).toBe(true));

  it.each([
    ...[
      '127.0.0.1',
      '10.1.2.3',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.1.1',
      '169.254.169.254',
      '100.64.0.1',
      '0.0.0.0',
    ],
    ...['224.0.0.1', '255.255.255.255', '192.0.2.7', '::1', '::', 'fe80::1', 'fe80::1%eth0', 'fc00::1', 'fd12:3456::1'],
    ...['::ffff:127.0.0.1', '::ffff:7f00:1', '64:ff9b::7f00:1', '2002:7f00:1::', '2001:db8::1', '2001::1', 'ff02::1'],
    ...['', 'localhost', '1.2.3', '256.1.1.1', '1::2::3', '12345::', ':::', '1:2:3:4:5:6:7:8:9', '::ffff:300.1.1.1'],
  ])('%s is not', (address) => expect(isPublicAddress(address)).toBe(false));
});

describe('the URL of a webhook', () => {
  it.each(['https://example.org/felinar', 'http://example.org:8080/?key=1', 'https://8.8.8.8/'])('may be %s', (url) => {
    expect(webhookUrlProblem(url, false)).toBeUndefined();
  });

  it.each([
    ...[
      'ftp://example.org',
      'file:///etc/passwd',
      'example.org',
      'https://user:pass@example.org/',
      'http://localhost:3000/',
    ],
    ...[
      'http://127.0.0.1/',
      'http://2130706433/',
      'http://0x7f.1/',
      'http://[::1]/',
      'http://printer.local/',
      'http://a.localhost/',
    ],
    ...['http://169.254.169.254/latest/meta-data'],
  ])('may not be %s', (url) => expect(webhookUrlProblem(url, false)).toEqual(expect.stringMatching(/^must/)));

  it('may lead into the networks that are allowed, and into no other', () => {
    const allowed = ['10.20.0.0/16', '192.168.7.5', 'fd00:1::/64'];
    for (const host of ['10.20.3.4', '192.168.7.5', '[fd00:1::9]', '[::ffff:10.20.3.4]', 'hooks.internal', '8.8.8.8'])
      expect([host, webhookUrlProblem(`http://${host}/`, allowed)]).toEqual([host, undefined]);
    for (const host of ['10.21.0.1', '192.168.7.6', '127.0.0.1', '[fd00:2::9]', '[::1]', '169.254.169.254'])
      expect([host, webhookUrlProblem(`http://${host}/`, allowed)]).toEqual([host, expect.stringMatching(/^must/)]);
    expect(isAllowedAddress('10.20.3.4', allowed)).toBe(true);
    expect(isAllowedAddress('10.21.3.4', allowed)).toBe(false);
    expect(isAllowedAddress('10.21.3.4', true)).toBe(true);
    expect(['10.0.0.0/8', '10.0.0.1', '::1', 'fd00::/8'].every(isNetwork)).toBe(true);
    expect(['10.0.0.0/33', 'x', '', '10.0/8', '10.0.0.0/', 'fd00::/129', '10.0.0.0/8/8'].some(isNetwork)).toBe(false);
  });

  it('may lead into the own network where that is allowed', () => {
    expect(webhookUrlProblem('http://127.0.0.1:9000/', true)).toBeUndefined();
    expect(webhookUrlProblem('ftp://127.0.0.1/', true)).toBeDefined();
  });
});
