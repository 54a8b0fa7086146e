import { request } from 'node:http';
import { connect } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { GenericContainer, StartedTestContainer } from 'testcontainers';
import type { Progress } from './running-service.js';

const pingTimeoutMs = 2_000;
const pullTimeoutMs = 180_000;
const startTimeoutMs = 120_000;

/** A container that runs, with what a running service needs of it. */
export interface RunningContainer {
  stop(): Promise<void>;
  restart(): Promise<void>;
  kill(): Promise<void>;
}

export interface ContainerRequest {
  image: string;
  progress: Progress | undefined;
  /** Adds ports, environment and the like to a container of the image. */
  prepare(container: GenericContainer, module: typeof import('testcontainers')): GenericContainer;
}

/**
 * Starts a container; undefined, and no error, where no engine answers or the image is neither there nor can be
 * pulled. Every wait has an end: an engine that accepts connections and says nothing counts as none.
 */
export async function startContainer(wanted: ContainerRequest): Promise<RunningContainer | undefined> {
  if (!(await engineAnswers(engineAddresses(process.env, homedir(), process.getuid?.())))) return undefined;
  try {
    const module = await import('testcontainers');
    if (!(await haveImage(module, wanted))) return undefined;
    const started = await startWithOrWithoutReaper(module, wanted);
    return running(module, started);
  } catch (error) {
    wanted.progress?.(`Docker cannot run ${wanted.image} (${error instanceof Error ? error.message : String(error)}).`);
    return undefined;
  }
}

/** Where a container engine may listen: a socket file, or a host and port. */
export type EngineAddress = { socketPath: string } | { host: string; port: number };

/** The addresses at which to ask for an engine; DOCKER_HOST alone when it is set. */
export function engineAddresses(
  environment: Readonly<Record<string, string | undefined>>,
  home: string,
  uid: number | undefined,
): EngineAddress[] {
  const configured = environment['DOCKER_HOST'];
  if (configured) {
    if (configured.startsWith('unix://')) return [{ socketPath: configured.slice('unix://'.length) }];
    const url = URL.parse(configured);
    return url?.protocol === 'tcp:' ? [{ host: url.hostname, port: Number(url.port || 2375) }] : [];
  }
  const runtime = environment['XDG_RUNTIME_DIR'] ?? (uid === undefined ? undefined : `/run/user/${uid}`);
  return [
    '/var/run/docker.sock',
    ...(runtime ? [join(runtime, 'docker.sock')] : []),
    join(home, '.docker/run/docker.sock'),
    join(home, '.docker/desktop/docker.sock'),
  ].map((socketPath) => ({ socketPath }));
}

/** Whether an engine answers at one of the addresses, found out within seconds. */
export async function engineAnswers(addresses: readonly EngineAddress[]): Promise<boolean> {
  const answers = await Promise.all(
    addresses.map((address) => ('socketPath' in address ? pings(address.socketPath) : accepts(address))),
  );
  return answers.includes(true);
}

function pings(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ socketPath, path: '/_ping', signal: AbortSignal.timeout(pingTimeoutMs) }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.on('error', () => resolve(false));
    asked.end();
  });
}

function accepts(address: { host: string; port: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address);
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(pingTimeoutMs, () => settle(false));
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}

async function haveImage(module: typeof import('testcontainers'), wanted: ContainerRequest): Promise<boolean> {
  const client = await within(10_000, module.getContainerRuntimeClient(), 'the engine does not answer');
  const name = module.ImageName.fromString(wanted.image);
  if (await within(10_000, client.image.exists(name), 'the engine does not answer')) return true;
  wanted.progress?.(`Pulling ${wanted.image}…`);
  await within(pullTimeoutMs, client.image.pull(name), 'the image is not there and cannot be pulled');
  return true;
}

/** testcontainers removes containers of killed processes by a helper container, whose image may not be to be had. */
async function startWithOrWithoutReaper(
  module: typeof import('testcontainers'),
  wanted: ContainerRequest,
): Promise<StartedTestContainer> {
  const start = () => {
    const container = wanted.prepare(new module.GenericContainer(wanted.image), module);
    return within(startTimeoutMs, container.withStartupTimeout(startTimeoutMs).start(), 'it does not become ready');
  };
  try {
    return await start();
  } catch (error) {
    if (process.env['TESTCONTAINERS_RYUK_DISABLED'] === 'true' || !/ryuk|reaper|no such image/i.test(String(error)))
      throw error;
    process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
    return start();
  }
}

function running(module: typeof import('testcontainers'), started: StartedTestContainer): RunningContainer {
  let stopped: Promise<unknown> | undefined;
  const container = async () => (await module.getContainerRuntimeClient()).container.getById(started.getId());
  return {
    stop: async () => {
      stopped ??= started.stop({ timeout: 20_000 });
      await stopped;
    },
    restart: () => started.restart({ timeout: 20_000 }),
    kill: async () => (await container()).kill({ signal: 'SIGKILL' }),
  };
}

/** The promise's value, or an error with this reason once the time is up. */
export async function within<T>(milliseconds: number, promise: Promise<T>, reason: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(reason)), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
