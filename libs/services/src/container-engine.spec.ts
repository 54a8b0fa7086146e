import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineAddresses, engineAnswers } from './container-engine.js';

describe('engineAddresses', () => {
  it('asks the usual sockets', () => {
    expect(engineAddresses({}, '/home/ana', 1000)).toEqual([
      { socketPath: '/var/run/docker.sock' },
      { socketPath: '/run/user/1000/docker.sock' },
      { socketPath: '/home/ana/.docker/run/docker.sock' },
      { socketPath: '/home/ana/.docker/desktop/docker.sock' },
    ]);
  });

  it('asks only DOCKER_HOST when that is set', () => {
    expect(engineAddresses({ DOCKER_HOST: 'unix:///x/y.sock' }, '/', 0)).toEqual([{ socketPath: '/x/y.sock' }]);
    expect(engineAddresses({ DOCKER_HOST: 'tcp://builder:2376' }, '/', 0)).toEqual([{ host: 'builder', port: 2376 }]);
  });
});

describe('engineAnswers', () => {
  let directory: string;
  let socketPath: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'felinar-engine-'));
    socketPath = join(directory, 'docker.sock');
  });

  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('is false without a socket', async () => {
    expect(await engineAnswers([{ socketPath }])).toBe(false);
  });

  it('is true for an engine that answers its ping', async () => {
    const server = createHttpServer((_, response) => response.end('OK')).listen(socketPath);
    await new Promise((resolve) => server.once('listening', resolve));
    expect(await engineAnswers([{ socketPath: '/nowhere' }, { socketPath }])).toBe(true);
    server.close();
    server.closeAllConnections();
  });

  it('is false, within seconds, for something that accepts and says nothing', async () => {
    const server = createServer().listen(socketPath);
    await new Promise((resolve) => server.once('listening', resolve));
    const started = Date.now();
    expect(await engineAnswers([{ socketPath }])).toBe(false);
    expect(Date.now() - started).toBeLessThan(4_000);
    server.close();
  });
});
