import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Environment } from '#libs/config';
import { isReady, Readiness, type Registry } from '#libs/observability';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { CONFIG, METRICS, POOL } from './tokens.js';
import type { Pool } from '#libs/storage';

/** Health and metrics of a process that has no API: /health/live, /health/ready, /metrics. Listens only where a port is configured. */
@Injectable()
export class OperationsServer implements OnApplicationBootstrap, OnApplicationShutdown {
  private server: Server | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Environment,
    @Inject(METRICS) private readonly metrics: Registry,
    @Inject(POOL) pool: Pool,
    private readonly readiness: Readiness,
  ) {
    readiness.add('database', async () => {
      await pool.query('SELECT 1');
      return undefined;
    });
  }

  /** The port it listens on; undefined when it does not. */
  get port(): number | undefined {
    const address = this.server?.address();
    return typeof address === 'object' ? address?.port : undefined;
  }

  async onApplicationBootstrap(): Promise<void> {
    const { FELINAR_OPERATIONS_PORT: port, FELINAR_HTTP_HOST: host } = this.config;
    if (port === undefined) return;
    this.server = createServer((request, response) => void this.answer(request.method, request.url, response));
    this.server.listen(port, host);
    await once(this.server, 'listening');
  }

  async onApplicationShutdown(): Promise<void> {
    const { server } = this;
    if (server === undefined) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  private async answer(method: string | undefined, url: string | undefined, response: ServerResponse): Promise<void> {
    const path = method === 'GET' || method === 'HEAD' ? url?.split('?', 1)[0] : undefined;
    try {
      if (path === '/metrics') send(response, 200, this.metrics.contentType, await this.metrics.metrics());
      else if (path === '/health/live') sendJson(response, 200, { status: 'live' });
      else if (path === '/health/ready') {
        const checks = await this.readiness.run();
        const ready = isReady(checks);
        sendJson(response, ready ? 200 : 503, { status: ready ? 'ready' : 'not ready', checks });
      } else sendJson(response, 404, { title: 'Not found', detail: 'GET /health/live, /health/ready or /metrics' });
    } catch (error) {
      sendJson(response, 500, { title: 'Failed', detail: error instanceof Error ? error.message : 'failed' });
    }
  }
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  send(response, status, 'application/json', JSON.stringify(body));
}
