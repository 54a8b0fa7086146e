/** From a request that fails to the smallest one that still does. */
import type { RestCase } from './rest-cases.js';

/** Whether the request still fails; asks the API. */
export type Fails = (candidate: RestCase) => Promise<boolean>;

/** Tries that a reduction may cost. */
const MAX_TRIES = 400;

/** Leaves out whatever can be left out: headers, parameters, members of the body, bytes. */
export async function smallest(failing: RestCase, fails: Fails): Promise<RestCase> {
  let best = failing;
  let tries = 0;
  for (let isSmaller = true; isSmaller;) {
    isSmaller = false;
    for (const candidate of smallerOnes(best)) {
      if ((tries += 1) > MAX_TRIES) return best;
      if (!(await fails(candidate))) continue;
      best = candidate;
      isSmaller = true;
      break;
    }
  }
  return best;
}

function* smallerOnes(request: RestCase): Generator<RestCase> {
  for (const name of Object.keys(request.headers)) {
    const { [name]: _, ...headers } = request.headers;
    yield { ...request, headers };
  }
  for (const index of request.query.keys()) yield { ...request, query: request.query.filter((_, at) => at !== index) };
  const { body } = request;
  if (body === undefined) return;
  yield { ...request, body: undefined };
  for (const smaller of smallerBodies(body)) if (smaller.length < body.length) yield { ...request, body: smaller };
}

function* smallerBodies(body: Buffer): Generator<Buffer> {
  const value = parsed(body);
  if (value !== undefined) {
    for (const smaller of smallerValues(value)) yield Buffer.from(JSON.stringify(smaller));
    return;
  }
  for (let size = Math.ceil(body.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < body.length; at += size)
      yield Buffer.concat([body.subarray(0, at), body.subarray(at + size)]);
  }
}

/** Values that are a step smaller, the boldest first. */
export function* smallerValues(value: unknown): Generator<unknown> {
  if (typeof value === 'string' && value.length > 0) {
    yield '';
    if (value.length > 1) {
      yield value.slice(0, Math.ceil(value.length / 2));
      yield value.slice(Math.ceil(value.length / 2));
    }
  }
  if (Array.isArray(value)) {
    if (value.length > 0) yield [];
    if (value.length > 3) yield value.slice(0, Math.ceil(value.length / 2));
    for (const index of value.keys()) if (value.length < 20) yield value.filter((_, at) => at !== index);
    for (const [index, each] of value.slice(0, 20).entries())
      for (const smaller of smallerValues(each)) yield value.map((old, at) => (at === index ? smaller : old));
  } else if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value);
    for (const [key] of entries) yield Object.fromEntries(entries.filter(([name]) => name !== key));
    for (const [key, each] of entries)
      for (const smaller of smallerValues(each))
        yield Object.fromEntries(entries.map(([name, old]) => [name, name === key ? smaller : old]));
  }
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch {
    return undefined;
  }
}
