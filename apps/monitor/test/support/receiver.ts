import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedCall {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A real HTTP server that keeps what it is sent, and answers what a test wants. */
export class Receiver {
  readonly calls: ReceivedCall[] = [];
  /** Answers in turn; 200 when there are none left. */
  answers: number[] = [];
  /** How long it takes to answer. */
  answerAfterMs = 0;
  /** Done before it answers. */
  onCall: (() => Promise<unknown>) | undefined;
  private server: Server | undefined;

  get url(): string {
    return `http://127.0.0.1:${(this.server?.address() as AddressInfo).port}/felinar`;
  }

  async start(): Promise<this> {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        this.calls.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
        const answer = () =>
          response.writeHead(this.answers.shift() ?? 200, { location: 'http://127.0.0.1:1/' }).end('{}');
        void (this.onCall?.() ?? Promise.resolve()).then(() => {
          if (this.answerAfterMs === 0) answer();
          else setTimeout(answer, this.answerAfterMs);
        });
      });
    });
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return this;
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve));
  }
}
