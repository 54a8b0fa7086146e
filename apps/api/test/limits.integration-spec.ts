import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ANONYMOUS, ApiUnderTest } from './support/api-under-test.js';
import { createUser, everywhere, PASSWORD, signInAs } from './support/people.js';

describe('who guess passwords', () => {
  let api: ApiUnderTest;
  const user = (username: string) => createUser(api, username);
  const signIn = (username: string, password: string, headers: Record<string, string>) =>
    signInAs(api, username, password, headers);

  beforeAll(async () => {
    // Behind a proxy of the same machine, so that tests can come from several addresses.
    api = await ApiUnderTest.start({ FELINAR_TRUSTED_PROXIES: 'loopback' });
  });
  afterAll(() => api.stop());

  const from = (address: string) => ({ 'x-forwarded-for': address, authorization: '' });

  it('wait longer and longer, each from their own address', async () => {
    await user('ion');
    const attacker = from('192.0.2.1');
    const statuses: number[] = [];
    for (let n = 0; n < 5; n += 1) statuses.push((await signIn('ion', 'guess', attacker)).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401]);
    const waits: string[] = [];
    for (let n = 0; n < 6; n += 1) {
      const refused = await signIn('ion', PASSWORD, attacker);
      expect([refused.status, refused.body.detail]).toEqual([429, expect.stringContaining('try again in')]);
      waits.push(refused.headers.get('retry-after') ?? '');
      api.wallMs += Number(waits.at(-1)) * 1000;
      expect((await signIn('ion', 'guess', attacker)).status).toBe(401);
    }
    expect(waits).toEqual(['1', '2', '4', '8', '16', '32']);
    // The owner is somewhere else, and comes in at once.
    expect((await signIn('ion', PASSWORD, from('198.51.100.7'))).status).toBe(201);
  });

  it('from many addresses at once do not keep the owner out, nor get many tries', async () => {
    await user('ana');
    const home = from('203.0.113.5');
    expect((await signIn('ana', PASSWORD, home)).status).toBe(201);
    const tries = await Promise.all(
      Array.from({ length: 60 }, (_, n) => signIn('ana', 'guess', from(`198.51.100.${n + 1}`))),
    );
    const looked = tries.filter(({ status }) => status === 401).length;
    expect(looked).toBeLessThanOrEqual(21);
    expect((await signIn('ana', PASSWORD, from('192.0.2.99'))).status).toBe(429);
    expect((await signIn('ana', PASSWORD, home)).status).toBe(201);
    // Where she never was she waits for half a minute at the most.
    api.wallMs += 31_000;
    expect((await signIn('ana', PASSWORD, from('192.0.2.99'))).status).toBe(201);
  });

  it('of many accounts from one address are slowed down too', async () => {
    const tries = await Promise.all(
      Array.from({ length: 40 }, (_, n) => signIn(`nobody${n}`, 'guess', from(`2001:db8::${n + 1}`))),
    );
    expect(tries.filter(({ status }) => status === 429).length).toBeGreaterThanOrEqual(9);
  });
});

describe('requests', () => {
  it('beyond the limit are answered with 429, each asker by itself', async () => {
    const api = await ApiUnderTest.start({ FELINAR_HTTP_REQUESTS_PER_MINUTE: '40' });
    try {
      const other = await api.as('other', [everywhere('viewer')]);
      const mine: number[] = [];
      for (let n = 0; n < 45; n += 1) mine.push((await api.get('/me')).status);
      expect(mine.at(-1)).toBe(429);
      const refused = await api.get('/me');
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '2']);
      expect((await api.get('/me', other)).status).toBe(200);
      const anonymous: number[] = [];
      for (let n = 0; n < 8; n += 1) anonymous.push((await api.get('/me', ANONYMOUS)).status);
      expect(anonymous).toContain(429);
      expect((await api.get('//health/live', ANONYMOUS)).status).toBe(200);
      expect((await api.get('//metrics', ANONYMOUS)).status).toBe(200);
      api.wallMs += 60_000;
      expect((await api.get('/me')).status).toBe(200);
    } finally {
      await api.stop();
    }
  });
});
