import { describe, expect, it } from '@jest/globals';
import { createRandom } from '#simulators';
import { Ajv } from 'ajv';
import { readFileSync } from 'node:fs';
import { asyncApiDocument } from '#libs/protocol';
import { problemOf } from './judge-answer.js';
import { MqttCases, type AsyncApiMessages } from './mqtt-cases.js';
import { brokenText, mutated } from './mutations.js';
import { readOptions } from './options.js';
import { wrongs, type FuzzReport } from './report.js';
import { RestCases, type OpenApiDocument, type RestCase } from './rest-cases.js';
import { smallest } from './smallest.js';

const document = JSON.parse(readFileSync('docs/api/openapi.json', 'utf8')) as OpenApiDocument;
const request: RestCase = { operation: 'x', method: 'POST', path: '/x', query: [], headers: {}, body: undefined };

describe('an answer', () => {
  const problem = { type: 'urn:x', title: 'x', status: 400, detail: 'x', instance: '/x', correlationId: 'x' };
  const refused = (body: unknown, status = 400, contentType = 'application/problem+json; charset=utf-8') =>
    problemOf({ status, contentType, text: typeof body === 'string' ? body : JSON.stringify(body) }, 'GET');

  it('may be content or a problem document', () => {
    expect(problemOf({ status: 200, contentType: 'application/json', text: '{}' }, 'GET')).toBeUndefined();
    expect(problemOf({ status: 204, contentType: '', text: '' }, 'DELETE')).toBeUndefined();
    expect(problemOf({ status: 404, contentType: '', text: '' }, 'HEAD')).toBeUndefined();
    expect(refused(problem)).toBeUndefined();
  });

  it.each([
    ['a failure of the server', refused({ ...problem, status: 500 }, 500)],
    ['a refusal as a page', refused('<html>', 400, 'text/html')],
    ['a refusal without a word', refused('')],
    ['a refusal that does not say what to do', refused({ ...problem, detail: '' })],
    ['a refusal that says another status', refused({ ...problem, status: 404 })],
    ['half a document', problemOf({ status: 200, contentType: 'application/json', text: '{"items":[' }, 'GET')],
    ['a stack', refused({ ...problem, detail: 'Error: x\n    at Layer.handle (/app/x.js:1:2)' })],
    ['what the database says', refused({ ...problem, detail: 'syntax error at or near "DROP"' })],
  ])('may not be %s', (_, found) => expect(found).toEqual(expect.any(String)));
});

describe('cases', () => {
  const cases = new RestCases(document, () => undefined);

  it('are the same for the same seed', () => {
    for (let index = 0; index < 500; index += 1)
      expect(cases.at(index, createRandom(index))).toEqual(cases.at(index, createRandom(index)));
  });

  it('come to every operation, and ask for it as it is meant often enough to be carried out', () => {
    const validators = new Map<string, (body: unknown) => boolean>();
    const ajv = new Ajv({ strict: false, logger: false, validateFormats: false });
    ajv.addSchema({ $id: 'api', components: document.components });
    const withBody = cases.operations.filter(({ body }) => body !== undefined);
    for (const { id, body } of withBody) {
      const schema = JSON.parse(JSON.stringify(body).replaceAll('"#/', '"api#/')) as object;
      validators.set(id, ajv.compile(schema) as (value: unknown) => boolean);
    }
    const valid = new Map<string, number>();
    const rounds = 200;
    for (let index = 0; index < rounds * cases.operations.length; index += 1) {
      const { operation, body, headers } = cases.at(index, createRandom(index));
      const validate = validators.get(operation);
      if (validate === undefined || body === undefined || headers['content-type'] !== 'application/json') continue;
      if (validate(parsed(body))) valid.set(operation, (valid.get(operation) ?? 0) + 1);
    }
    expect(withBody.length).toBeGreaterThan(30);
    expect(withBody.filter(({ id }) => (valid.get(id) ?? 0) < rounds * 0.04).map(({ id }) => id)).toEqual([]);
    expect(withBody.filter(({ id }) => (valid.get(id) ?? 0) > rounds * 0.9).map(({ id }) => id)).toEqual([]);
  });

  it('of messages come to every channel, valid and not', () => {
    const messages = new MqttCases(
      asyncApiDocument() as unknown as AsyncApiMessages,
      Date.parse('2026-11-24T12:00:00Z'),
    );
    const found = Array.from({ length: 2_000 }, (_, index) => messages.at(index, createRandom(index)));
    const channels = new Set(found.map(({ topic }) => topic.split('/').at(-1)));
    expect([...channels].sort()).toEqual(['ack', 'event', 'program-state', 'status', 'telemetry']);
    const isJson = found.filter(({ payload }) => parsed(payload) !== undefined).length;
    expect(isJson).toBeGreaterThan(found.length * 0.6);
    expect(isJson).toBeLessThan(found.length * 0.95);
  });

  it('leave what they are made from as it is', () => {
    const value = { a: [1, { b: 'x' }], c: null };
    const before = JSON.stringify(value);
    for (let seed = 0; seed < 300; seed += 1) {
      mutated(value, createRandom(seed));
      brokenText(before, createRandom(seed));
    }
    expect(JSON.stringify(value)).toBe(before);
  });
});

describe('a request that fails', () => {
  it('is made as small as it can be and still fail', async () => {
    const failing: RestCase = {
      ...request,
      query: ['a=1', 'b=2'],
      headers: { accept: '*/*', 'content-type': 'application/json' },
      body: Buffer.from(JSON.stringify({ x: 1, list: [{ y: 2 }, { name: 'long and bad, and more' }], z: {} })),
    };
    const fails = (candidate: RestCase) =>
      Promise.resolve(candidate.query.includes('b=2') && candidate.body?.includes('bad') === true);
    const found = await smallest(failing, fails);
    expect(found.query).toEqual(['b=2']);
    expect(found.headers).toEqual({});
    expect(found.body?.length).toBeLessThan(50);
    expect(await fails(found)).toBe(true);
  });

  it('of broken bytes too', async () => {
    const failing = { ...request, body: Buffer.from(`{"a":${'['.repeat(500)}BAD`) };
    const found = await smallest(failing, ({ body }) => Promise.resolve(body?.includes('BAD') === true));
    expect(found.body?.toString()).toBe('BAD');
  });
});

describe('a report', () => {
  const heap = (heapBytes: number) => ({ heapBytes, externalBytes: 0 });
  const well: FuzzReport = {
    ...{ seed: 7, requests: 1, messages: 1, seconds: 1, statuses: {}, notReached: [], operations: 1, restFailures: [] },
    books: [{ what: 'good readings', wanted: 5, found: 5 }],
    heaps: [{ process: 'api', before: heap(100), after: heap(109) }],
    processFailures: [],
  };

  it('says nothing when nothing is wrong', () => expect(wrongs(well)).toEqual([]));

  it('names a leak, a loss, a process that ended and a request with its seed', () => {
    const found = wrongs({
      ...well,
      heaps: [{ process: 'api', before: heap(100), after: heap(111) }],
      books: [{ what: 'good readings', wanted: 5, found: 4 }],
      processFailures: ['ingest ended with code 1'],
      restFailures: [{ case: 17, problem: 'answered 500', request, smallest: request }],
    });
    expect(found).toHaveLength(4);
    expect(found.join('\n')).toContain('request 17 of seed 7');
    expect(found.join('\n')).toContain('the heap of api has grown by 11.0 %');
  });
});

describe('options', () => {
  it('are a million cases of a drawn seed when nothing else is said', () => {
    expect(readOptions([], 5)).toEqual({ cases: 1_000_000, seed: 5, only: undefined, out: undefined });
    expect(readOptions(['--cases', '2000', '--seed', '1', '--only', 'mqtt'], 5)).toMatchObject({
      cases: 2_000,
      only: 'mqtt',
    });
    expect(readOptions(['--help'], 5)).toBeUndefined();
    for (const bad of [['--cases', 'x'], ['--only', 'x'], ['--nothing']]) expect(() => readOptions(bad, 5)).toThrow();
  });
});

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
