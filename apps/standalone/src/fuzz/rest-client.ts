import { Agent, request as httpRequest } from 'node:http';
import type { RestAnswer } from './judge-answer.js';
import type { RestCase } from './rest-cases.js';

const ANSWERS_WITHIN_MS = 60_000;

/** Sends requests as they are: also those that fetch would put right. */
export class RestClient {
  private readonly agent: Agent;

  constructor(
    private readonly url: string,
    connections: number,
  ) {
    this.agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  /** Rejects when there is no answer, or only a part of one. */
  send({ method, path, query, headers, body }: RestCase, authorization?: string): Promise<RestAnswer> {
    return new Promise((resolve, reject) => {
      const request = httpRequest(
        `${this.url}${path}${query.length === 0 ? '' : `?${query.join('&')}`}`,
        {
          ...{ method, agent: this.agent, timeout: ANSWERS_WITHIN_MS },
          headers: {
            ...headers,
            ...(authorization === undefined ? {} : { authorization }),
            ...(body === undefined ? {} : { 'content-length': body.length }),
          },
        },
        (response) => {
          const contentType = response.headers['content-type'] ?? '';
          const chunks: Buffer[] = [];
          const done = () =>
            resolve({ status: response.statusCode ?? 0, contentType, text: Buffer.concat(chunks).toString() });
          response.on('error', reject);
          if (contentType.startsWith('text/event-stream')) {
            // It has no end of its own.
            done();
            response.destroy();
            return;
          }
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', done);
        },
      );
      request.on('timeout', () => request.destroy(new Error(`no answer within ${ANSWERS_WITHIN_MS / 1000} s`)));
      request.on('error', reject);
      request.end(body);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}
