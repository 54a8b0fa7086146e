/** The four processes with what they need, the cases, and what came of them. */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '#libs/services';
import { createPool, type Pool } from '#libs/storage';
import { ROLES, type RoleName } from '../chaos/role.js';
import { MqttFuzz } from './fuzz-mqtt.js';
import { AT_ONCE, RestFuzz } from './fuzz-rest.js';
import type { FuzzOptions } from './options.js';
import type { FuzzReport, HeapRow } from './report.js';
import { RestCity } from './rest-city.js';
import { RestClient } from './rest-client.js';
import type { OpenApiDocument } from './rest-cases.js';
import { WatchedRole, type Heap } from './watched-role.js';

export interface FuzzServices {
  readonly databaseUrl: string;
  /** MQTT 5. */
  readonly brokerUrl: string;
  /** Where the processes write their logs. */
  readonly directory: string;
}

/** Caches, compiled code and label sets fill first: the heap is compared from there on. */
const WARM_UP_PART = 0.2;
/** A request takes about as long as ten messages: half of the time goes to each. */
const REQUESTS_PART = 0.1;
const STARTS_WITHIN_MS = 120_000;

type Roles = Readonly<Record<RoleName, WatchedRole>>;

/** Runs it against servers that stand already. */
export async function runFuzz(
  options: FuzzOptions,
  services: FuzzServices,
  say: (line: string) => void,
): Promise<FuzzReport> {
  const roles = await startRoles(services);
  const pool = createPool(services.databaseUrl, 3);
  try {
    await allReady(roles);
    return await inProcesses(options, services, roles, pool, say);
  } finally {
    await pool.end();
    await Promise.all(ROLES.map((name) => roles[name].stop()));
  }
}

async function inProcesses(
  { cases, seed, only }: FuzzOptions,
  services: FuzzServices,
  roles: Roles,
  pool: Pool,
  say: (line: string) => void,
): Promise<FuzzReport> {
  const startedMs = performance.now();
  const seconds = () => Math.round((performance.now() - startedMs) / 1000);
  const failures = () => ROLES.flatMap((name) => roles[name].failures);
  const isAlive = () => failures().length === 0;
  const client = new RestClient(roles.api.url, AT_ONCE);
  // Monitor sends to the webhooks that are made: to nobody.
  const served = await (await fetch(`${roles.api.url}/docs/openapi.json`)).text();
  const document = JSON.parse(served.replace(/[\w.-]*example\.(org|com)/g, 'hooks.invalid')) as OpenApiDocument;
  const rest = new RestFuzz(document, client, new RestCity(client, pool), seed, isAlive);
  const mqtt = await MqttFuzz.start(services.brokerUrl, pool, seed, isAlive);
  const countUnusable = () => roles.control.counted('felinar_control_unusable_answers_total').catch(() => -1);
  const requests = only === 'mqtt' ? 0 : only === 'rest' ? cases : Math.ceil(cases * REQUESTS_PART);
  const messages = cases - requests;
  const part = async (share: number) => {
    if (requests > 0) await rest.run(Math.round(requests * share));
    if (requests > 0) say(`${seconds()} s: ${sum(rest.statuses.values())} requests answered`);
    if (messages > 0) await mqtt.run(Math.round(messages * share));
    const books = messages > 0 ? await mqtt.books(countUnusable) : [];
    if (messages > 0) say(`${seconds()} s: ${mqtt.sent} messages sent, and looked for`);
    return books;
  };
  try {
    await part(WARM_UP_PART);
    const before = await heaps(roles);
    const books = await part(1 - WARM_UP_PART);
    const after = await heaps(roles);
    return {
      ...{ seed, requests: sum(rest.statuses.values()), messages, seconds: (performance.now() - startedMs) / 1000 },
      statuses: Object.fromEntries(
        [...rest.statuses].sort(([a], [b]) => a - b).map(([status, count]) => [String(status), count]),
      ),
      operations: rest.operations.length,
      notReached: requests === 0 ? [] : rest.operations.filter((operation) => !rest.reached.has(operation)),
      restFailures: rest.failures,
      books,
      heaps: ROLES.flatMap((name): HeapRow[] => {
        const [first, last] = [before.get(name), after.get(name)];
        return first === undefined || last === undefined ? [] : [{ process: name, before: first, after: last }];
      }),
      processFailures: failures(),
    };
  } finally {
    client.close();
    await mqtt.stop();
  }
}

/** Of those that still live. */
async function heaps(roles: Roles): Promise<Map<RoleName, Heap>> {
  const found = new Map<RoleName, Heap>();
  for (const name of ROLES) if (roles[name].failures.length === 0) found.set(name, await roles[name].heap());
  return found;
}

async function startRoles({ databaseUrl, brokerUrl, directory }: FuzzServices): Promise<Roles> {
  const start = async (name: RoleName): Promise<[RoleName, WatchedRole]> => {
    const port = String(await freePort());
    const environment = {
      FELINAR_DATABASE_URL: databaseUrl,
      FELINAR_MQTT_URL: brokerUrl,
      FELINAR_LOG_LEVEL: 'warn',
      FELINAR_HTTP_REQUESTS_PER_MINUTE: '0',
      ...(name === 'api' ? { FELINAR_HTTP_PORT: port } : { FELINAR_OPERATIONS_PORT: port }),
    };
    return [name, new WatchedRole(name, `http://127.0.0.1:${port}`, environment, join(directory, `${name}.log`))];
  };
  return Object.fromEntries(await Promise.all(ROLES.map(start))) as Record<RoleName, WatchedRole>;
}

async function allReady(roles: Roles): Promise<void> {
  const deadline = performance.now() + STARTS_WITHIN_MS;
  for (const name of ROLES) {
    while (!(await roles[name].isReady())) {
      if (performance.now() > deadline || roles[name].failures.length > 0)
        throw new Error(`${name} did not start: ${roles[name].failures.join('\n')}`);
      await delay(100);
    }
  }
}

function sum(values: Iterable<number>): number {
  return [...values].reduce((total, value) => total + value, 0);
}
