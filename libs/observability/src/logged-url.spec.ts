import { describe, expect, it } from '@jest/globals';
import { loggedRequest, loggedUrl } from './logged-url.js';

describe('an address in the log', () => {
  it.each([
    ['/api/v1/sites/BT/lamps?limit=10', '/api/v1/sites/BT/lamps?limit=10'],
    ['/api/v1/acknowledge/MThi.fsUx', '/api/v1/acknowledge/[secret]'],
    [
      'https://felinar.example/api/v1/acknowledge/MThi.fsUx?x=1',
      'https://felinar.example/api/v1/acknowledge/[secret]?x=1',
    ],
    ['/api/v1/sites?key=felk_tfTq-Bq_C&limit=1', '/api/v1/sites?key=[secret]&limit=1'],
    ['/api/v1/sites/fela_tfTqBqC', '/api/v1/sites/[secret]'],
    [
      '/api/v1/sessions/oidc/callback?code=a%2Fb&state=c&iss=d',
      '/api/v1/sessions/oidc/callback?code=[secret]&state=[secret]&iss=d',
    ],
    ['https://felinar.example/docs#felinarCode=felc_a', 'https://felinar.example/docs#felinarCode=[secret]'],
    ['/api/v1/sites/felinar', '/api/v1/sites/felinar'],
  ])('%s is %s', (url, logged) => expect(loggedUrl(url)).toBe(logged));

  it('has no second copy in the request', () => {
    const request = {
      ...{ id: '1', method: 'GET', url: '/acknowledge/a.b', query: { x: 'felk_a' }, params: { token: 'a.b' } },
      headers: { host: 'h', referer: 'http://h/acknowledge/a.b' },
    };
    expect(loggedRequest(request)).toEqual({
      ...{ id: '1', method: 'GET', url: '/acknowledge/[secret]' },
      headers: { host: 'h', referer: 'http://h/acknowledge/[secret]' },
    });
  });
});
