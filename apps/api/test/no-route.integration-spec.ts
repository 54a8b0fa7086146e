import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { problemSchema } from '../src/http/problem.js';
import { ApiUnderTest } from './support/api-under-test.js';

describe('what has no route', () => {
  let api: ApiUnderTest;

  beforeAll(async () => {
    api = await ApiUnderTest.start();
  });
  afterAll(() => api.stop());

  it('is answered, for a method that a path does not have, by what it has', async () => {
    const answer = await api.call('DELETE', '/sites/BT/lamps');
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST']);
    expect(answer.body).toMatchObject({
      detail: 'DELETE is not possible at this path, only GET, HEAD, POST: the API is described at /docs',
    });
  });

  it('is answered by a problem document beside the API, too', async () => {
    for (const path of ['/api/v2/sites', '/health', '/favicon.ico']) {
      const answer = await fetch(`${api.url}${path}`);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([
        404,
        'application/problem+json; charset=utf-8',
      ]);
      expect(problemSchema.parse(await answer.json()).detail).toContain('/docs');
    }
  });

  it('is not the root: it leads to the documentation', async () => {
    const answer = await fetch(api.url, { redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/docs']);
  });
});
