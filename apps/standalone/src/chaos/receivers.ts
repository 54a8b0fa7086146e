import { createServer as createHttpServer, type IncomingMessage, type Server } from 'node:http';
import { createServer, type Server as TcpServer } from 'node:net';
import { once } from 'node:events';
import { verifySignature } from '#libs/alerts';
import { SMTPServer } from 'smtp-server';

/** A message that a receiver has taken. */
export interface Receipt {
  /** Of the delivery, as its headers say. */
  readonly deliveryId: string;
  readonly atMs: number;
}

/** How a mail server can be of no use. */
export const MAIL_TROUBLES = ['refuses', 'hangs', 'defers'] as const;
export type MailTrouble = (typeof MAIL_TROUBLES)[number];

/** A mail server on one port, which can be put out of order. */
export class MailReceiver {
  readonly receipts: Receipt[] = [];
  /** Taken, and told from others by nothing. */
  unnamed = 0;
  private smtp: SMTPServer | undefined;
  private silent: TcpServer | undefined;
  private defers = false;

  constructor(readonly port: number) {}

  async start(): Promise<void> {
    this.defers = false;
    await this.closeAll();
    const smtp = new SMTPServer({
      authOptional: true,
      disabledCommands: ['AUTH', 'STARTTLS'],
      disableReverseLookup: true,
      closeTimeout: 200,
      onRcptTo: (_, __, answer) =>
        answer(this.defers ? Object.assign(new Error('try again later'), { responseCode: 451 }) : null),
      onData: (stream, _, answer) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          this.take(Buffer.concat(chunks).toString());
          answer();
        });
      },
    });
    smtp.on('error', () => undefined);
    smtp.listen(this.port, '127.0.0.1');
    await once(smtp.server, 'listening');
    this.smtp = smtp;
  }

  async break(trouble: MailTrouble): Promise<void> {
    if (trouble === 'defers') {
      this.defers = true;
      return;
    }
    await this.closeAll();
    if (trouble === 'refuses') return;
    this.silent = createServer((socket) => socket.on('error', () => undefined).resume());
    this.silent.listen(this.port, '127.0.0.1');
    await once(this.silent, 'listening');
  }

  async stop(): Promise<void> {
    await this.closeAll();
  }

  private async closeAll(): Promise<void> {
    const { smtp, silent } = this;
    this.smtp = undefined;
    this.silent = undefined;
    if (smtp !== undefined) await new Promise<void>((resolve) => smtp.close(() => resolve()));
    // Who hangs on it still is let hang.
    if (silent !== undefined) silent.close();
  }

  private take(message: string): void {
    const head = message.split(/\r?\n\r?\n/, 1)[0] ?? '';
    const id = /^felinar-delivery:\s*(\S+)/im.exec(head)?.[1];
    const messageId = /^message-id:\s*<([^@>]+)@/im.exec(head)?.[1];
    if (id === undefined || id !== messageId) this.unnamed += 1;
    else this.receipts.push({ deliveryId: id, atMs: Date.now() });
  }
}

/** Takes signed webhooks. */
export class WebhookReceiver {
  readonly receipts: Receipt[] = [];
  /** Whose signature is not right. */
  unsigned = 0;
  secret = '';
  private readonly server: Server;

  constructor(readonly port: number) {
    this.server = createHttpServer((request, response) => {
      void this.take(request).finally(() => response.writeHead(204).end());
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/felinar`;
  }

  async start(): Promise<void> {
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async take(request: IncomingMessage): Promise<void> {
    const chunks: Buffer[] = [];
    // A sender that dies meanwhile has not told anything.
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return;
    }
    const header = (name: string) => String(request.headers[name] ?? '');
    const signed = {
      body: Buffer.concat(chunks).toString(),
      timestamp: header('felinar-timestamp'),
      signature: header('felinar-signature'),
    };
    if (!verifySignature(this.secret, signed, Date.now()).ok) this.unsigned += 1;
    else this.receipts.push({ deliveryId: header('felinar-delivery'), atMs: Date.now() });
  }
}
