import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { ApiUnderTest } from './support/api-under-test.js';

interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly responses: Record<string, { content?: Record<string, unknown> }>;
}

describe('the OpenAPI document', () => {
  let api: ApiUnderTest;
  let document: { openapi: string; paths: Record<string, Record<string, Operation>> };

  beforeAll(async () => {
    api = await ApiUnderTest.start();
    document = (await api.get('//docs/openapi.json')).body;
  });

  afterAll(() => api.stop());

  it('is valid OpenAPI 3.1', async () => {
    expect(document.openapi).toBe('3.1.0');
    const result = await new Validator().validate(structuredClone(document) as never);
    expect(result.valid ? [] : result.errors).toEqual([]);
  });

  it('names every operation, and says what it refuses', () => {
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, operation })),
    );
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(operations.length);
    for (const { name, operation } of operations) {
      expect([name, operation.summary]).toEqual([name, expect.any(String)]);
      if (!name.includes('/api/v1/')) continue;
      expect([name, Object.keys(operation.responses)]).toEqual([name, expect.arrayContaining(['400', '503'])]);
    }
  });

  it('is shown by Swagger UI', async () => {
    const page = await api.get('//docs');
    expect(page.status).toBe(200);
    expect(page.text).toContain('swagger-ui');
  });
});
